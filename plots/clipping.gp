# Where does each rule clip?
# The values of a tensor (grey, log scale: how many in each of 128 bins) and above them, as
# brackets, the range that each calibration chose.  What lies outside a bracket is clipped to its
# end; the narrower the bracket, the finer the steps inside.  min-max clips nothing.

across = PANELS < 2 ? 1 : 2
rows = (PANELS + across - 1) / across
tall = 250
legend = legend_height(SERIES_COUNT)
height = HEAD + rows * tall + legend
eval canvas(900, int(height))

set multiplot title QUESTION noenhanced font ",15"
unset key
set logscale y
array COUNT[9] = ["1", "10", "100", "1k", "10k", "100k", "1M", "10M", "100M"]
set xtics autofreq
set style fill solid 1.0 noborder
do for [p = 1:PANELS] {
	col = (p - 1) % across
	row = (p - 1) / across
	top = 1 - (HEAD + row * tall + 24) / height
	set tmargin at screen top
	set bmargin at screen top - (tall - 24 - 40) / height
	set lmargin at screen (64 + col * (836.0 / across)) / 900
	set rmargin at screen (64 + (col + 1) * (836.0 / across) - (across > 1 ? 30 : 0)) / 900
	set title short(PANEL[p], across == 2 ? 52 : 90) noenhanced offset 0,-0.6 font ",12"
	set ylabel (col ? "" : "values in a bin") offset 1,0
	set xlabel (p + across > PANELS ? "value" : "") offset 0,0.6
	values = FIRST[p]
	rules = LAST[p] - FIRST[p]
	set xrange [*:*]; set yrange [*:*]      # stats counts what is in range
	stats DATA index values - 1 using "x":"count" nooutput
	step = (STATS_max_x - STATS_min_x) / (STATS_records - 1)
	most = STATS_max_y
	decades = log10(most / 0.7)
	# brackets share the upper 40 % of the panel
	bracket(b) = 0.7 * 10 ** (decades * (1.10 + 0.62 * (b - values - 0.5) / rules))
	set xrange [STATS_min_x - 4 * step:STATS_max_x + 4 * step]
	set yrange [0.7:0.7 * 10 ** (decades * 1.72)]
	set boxwidth step
	set ytics ()
	do for [d = 0:8] { if (10 ** d <= most) { set ytics add (COUNT[d + 1] 10 ** d) } }
	plot DATA index values - 1 using "x":(column("count") > 0 ? column("count") : NaN) \
		with boxes linecolor rgb "#bdbdbd", \
	     for [b = values + 1:values + rules] '' index b - 1 using "low":(0.7):(0) \
	       :(bracket(b) - 0.7) with vectors nohead linewidth 1 dashtype 3 \
	       linecolor rgb calibration_colour(BLOCK_SERIES[b]), \
	     for [b = values + 1:values + rules] '' index b - 1 using "high":(0.7):(0) \
	       :(bracket(b) - 0.7) with vectors nohead linewidth 1 dashtype 3 \
	       linecolor rgb calibration_colour(BLOCK_SERIES[b]), \
	     for [b = values + 1:values + rules] '' index b - 1 using "low":(bracket(b)) \
	       :(column("high") - column("low")):(0) \
	       with vectors heads size graph 0.012,90 nofilled linewidth 2.5 \
	       linecolor rgb calibration_colour(BLOCK_SERIES[b])
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel; unset logscale
set key at screen 0.5,(legend - 6) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with lines linewidth (SERIES[s] eq "values" ? 8 : 3) \
	linecolor rgb (SERIES[s] eq "values" ? "#bdbdbd" : calibration_colour(SERIES[s])) \
	title SERIES[s]
unset multiplot
