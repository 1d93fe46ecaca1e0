# What happens to the error on its way through a network?
# Each layer's output against float: left the signal over the error (dB, higher is better), right
# the error as a share of the signal.  Dotted: the layer alone is quantized and reads float inputs
# (isolated), which is what the layer itself costs.  Full: it reads what the quantized layers before
# it wrote (cumulative), which is what has gathered.  Circles: the same in integer arithmetic; a
# circle beside its line is a simulation that is not true.  Where the full line falls away from the
# dotted one, the error of earlier layers weighs more than the layer's own.  A layer left in float
# has no dotted line.

# Panels are two pictures wide; below each stand the names of its layers.
array TOP[PANELS + 1]
TOP[1] = HEAD
do for [p = 1:PANELS] {
	eval measure_layers(FIRST[p])
	TOP[p + 1] = TOP[p] + 28 + 190 + NAMES
}
legend = 22 * ((SERIES_COUNT + 4) / 2) + 14
height = TOP[PANELS + 1] + legend
eval canvas(900, int(height))

set multiplot title QUESTION noenhanced font ",15"
unset key
larger(a, b) = a > b ? a : b             # b where there is no a
hue(b) = colour(place(BLOCK_SERIES[b]))
do for [p = 1:PANELS] {
	set xrange [*:*]; set yrange [*:*]
	eval measure_layers(FIRST[p])
	eval layer_tics
	set xrange [-0.4:LAYERS - 0.6]
	set tmargin at screen 1 - (TOP[p] + 28) / height
	set bmargin at screen 1 - (TOP[p] + 28 + 190) / height
	do for [right = 0:1] {
		kind = right ? "percent" : "sqnr_db"
		low = 0; high = 10
		set yrange [*:*]
		do for [b = FIRST[p]:LAST[p]] {
			stats DATA index b - 1 using "cumulative_" . kind nooutput
			low = STATS_min < low ? STATS_min : low
			stats DATA index b - 1 using (larger(column("isolated_" . kind), \
				column("cumulative_" . kind))) nooutput
			high = STATS_max > high ? STATS_max : high
		}
		high = right && high > 150 ? 150 : high
		set yrange [10 * floor(low / 10.0):10 * ceil(high / 10.0)]
		set lmargin at screen (62 + right * 440.0) / 900
		set rmargin at screen (62 + right * 440.0 + 382) / 900
		set label 1 (right ? "" : PANEL[p]) at graph 0,1 offset 0,1 noenhanced \
			textcolor rgb INK font ",12"
		set ylabel (right ? "error, % of the signal" : "SQNR (dB)") offset 1.2,0
		plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
			using "layer_index":"isolated_" . kind with lines linewidth 1.6 \
			dashtype 3 linecolor rgb hue(b), \
		     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
			using "layer_index":"cumulative_" . kind with lines linewidth 2 \
			linecolor rgb hue(b), \
		     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
			using "layer_index":"integer_" . kind with points pointtype 6 \
			pointsize 0.7 linewidth 1.2 linecolor rgb hue(b), \
		     DATA index FIRST[p] - 1 using "layer_index":(NaN) \
			:xtic(layer_name(column("layer_index"), stringcolumn("layer"), 22))
	}
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset label; unset ylabel
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols 2 width 2
plot for [s = 1:SERIES_COUNT] NaN with lines linewidth 2 linecolor rgb colour(s) title SERIES[s], \
     NaN with lines linewidth 1.6 dashtype 3 linecolor rgb INK title "isolated", \
     NaN with lines linewidth 2 linecolor rgb INK title "cumulative", \
     NaN with points pointtype 6 pointsize 0.7 linewidth 1.2 linecolor rgb INK \
	title "cumulative, in integers"
unset multiplot
