# What does a rule give up: the large values or the small ones?
# A point a tensor and scheme.  Right: more values are clipped because they lie outside the range;
# up: more values vanish because they are nearer to 0 than half a step.  A rule moves points from
# the upper left (min-max: nothing clipped, coarse steps) to the lower right.  The axes are
# logarithmic; what is exactly 0 stands at the mark 0, each rule in a lane of its own.

legend = legend_height(SERIES_COUNT)
height = HEAD + 24 + 330 + 50 + legend
eval canvas(900, int(height))

# Zero has no logarithm: it is drawn one and a half decades below the least other value.
# Where there is no other value, that is 0.1.
stats DATA using (column("saturated_percent") > 0 ? column("saturated_percent") : 100) nooutput
least_x = STATS_min < 100 ? 10 ** floor(log10(STATS_min)) : 0.1
stats DATA using (column("zero_percent") > 0 ? column("zero_percent") : 100) nooutput
least_y = STATS_min < 100 ? 10 ** floor(log10(STATS_min)) : 0.1
zero_x = least_x / 10
zero_y = least_y / 10
# Each rule has a lane of its own there, so that none hides another.
apart = SERIES_COUNT > 6 ? 0.8 / (SERIES_COUNT - 1) : 0.16
lane(rule) = 10 ** (apart * (rule - (SERIES_COUNT + 1) / 2.0))
x(value, rule) = value > 0 ? value : zero_x * lane(rule)
y(value, rule) = value > 0 ? value : zero_y * lane(rule)
size = ROWS > 300 ? 0.45 : 0.75

set multiplot title QUESTION noenhanced font ",15"
unset key
set logscale xy
set xrange [zero_x / 3:120]
set yrange [zero_y / 3:120]
set xtics ("0" zero_x)
set ytics ("0" zero_y)
do for [d = -7:2] {
	if (10 ** d >= least_x * 0.99) { set xtics add (sprintf("%g", 10 ** d) 10 ** d) }
	if (10 ** d >= least_y * 0.99) { set ytics add (sprintf("%g", 10 ** d) 10 ** d) }
}
set xlabel "saturated values (%)"
array MARK[5] = [7, 5, 9, 13, 11]
wide = 820.0 / PANELS
set tmargin at screen 1 - (HEAD + 24) / height
set bmargin at screen (legend + 50) / height
do for [p = 1:PANELS] {
	set lmargin at screen (66 + (p - 1) * wide) / 900
	set rmargin at screen (66 + p * wide - (p < PANELS ? 46 : 0)) / 900
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	set ylabel (p == 1 ? "values other than 0 that become 0 (%)" : "") offset 1,0
	plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (x(column("saturated_percent"), place(BLOCK_SERIES[b]))) \
		:(y(column("zero_percent"), place(BLOCK_SERIES[b]))) with points \
		pointtype MARK[(place(BLOCK_SERIES[b]) - 1) % 5 + 1] pointsize size \
		linecolor rgb calibration_colour(BLOCK_SERIES[b])
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel; unset logscale
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 6) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with points pointtype MARK[(s - 1) % 5 + 1] pointsize 1 \
	linecolor rgb calibration_colour(SERIES[s]) title SERIES[s]
unset multiplot
