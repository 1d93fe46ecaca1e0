# What does it cost to calibrate on too few samples, or on the wrong ones?
# The task's value of one recipe a line, its ranges of activations chosen from other samples each
# time.  Left: from more and more samples like those of the task.  Right: the largest of these sets,
# then sets unlike it: every input times a factor, a constant added, classes left out.  The black
# line is float; a bar is the interval (95 %) against float, and where it holds the line these
# samples cannot tell the difference.

least(a, b) = a < b ? a : b
most(a, b) = a > b ? a : b
stats DATA using "row" nooutput
ROWS_OF_PANELS = STATS_max
array LOW[ROWS_OF_PANELS]
array HIGH[ROWS_OF_PANELS]
array SIGN[ROWS_OF_PANELS]
array FLOAT[ROWS_OF_PANELS]
# one scale for both panels of a network; its error's interval may go below 0, where no log is
do for [r = 1:ROWS_OF_PANELS] {
	of(y) = column("row") == r ? y : NaN
	stats DATA using (of(column("sign"))) nooutput
	SIGN[r] = STATS_max
	stats DATA using (of(column("value_float"))) nooutput
	FLOAT[r] = STATS_max
	LOW[r] = STATS_max; HIGH[r] = STATS_max
	stats DATA using (of(column("value"))) nooutput
	LOW[r] = least(LOW[r], STATS_min)
	stats DATA using (of(column("high"))) nooutput
	HIGH[r] = most(HIGH[r], STATS_max)
	if (SIGN[r] > 0) {
		stats DATA using (of(column("low"))) nooutput
		LOW[r] = floor(most(0, STATS_min - 1))
		HIGH[r] = least(101, HIGH[r] + 1)
	} else {
		LOW[r] = LOW[r] / 1.6
		HIGH[r] = HIGH[r] * 1.6
	}
}

tall = 330
legend = legend_height(SERIES_COUNT + 1)
height = HEAD + ROWS_OF_PANELS * tall + legend
eval canvas(900, int(height))

array MARK[6] = [7, 5, 9, 13, 6, 4]
mark(b) = MARK[(place(BLOCK_SERIES[b]) - 1) % 6 + 1]
hue(b) = colour(place(BLOCK_SERIES[b]))

set multiplot title QUESTION noenhanced font ",15"
unset key
do for [p = 1:PANELS] {
	set xrange [*:*]; set yrange [*:*]; unset logscale
	stats DATA index FIRST[p] - 1 using "row" nooutput
	r = int(STATS_max)
	stats DATA index FIRST[p] - 1 using "right" nooutput
	right = int(STATS_max)
	fewest = 1e9; largest = 1
	do for [b = FIRST[p]:LAST[p]] {
		stats DATA index b - 1 using "x" nooutput
		fewest = least(fewest, STATS_min)
		largest = most(largest, STATS_max)
	}
	set tmargin at screen 1 - (HEAD + (r - 1) * tall + 28) / height
	set bmargin at screen 1 - (HEAD + r * tall - 92) / height
	set lmargin at screen (right ? 500.0 : 74.0) / 900
	set rmargin at screen (right ? 880.0 : 420.0) / 900
	set label 1 PANEL[p] at graph 0,1 offset 0,1 noenhanced textcolor rgb INK font ",12"
	if (SIGN[r] < 0) { set logscale y }
	set format y "%g"
	low = LOW[r]
	set yrange [low:HIGH[r]]
	clip(y) = y < low ? low : y
	# bars of several recipes stand beside each other
	beside(b) = right ? (place(BLOCK_SERIES[b]) - (SERIES_COUNT + 1) / 2.0) * 0.12 : 0
	if (right) {
		set xrange [0.5:largest + 0.5]
		set xlabel ""
		set xtics rotate by -25 left offset 0,0.2 font ",11"
	} else {
		set logscale x 2
		set xrange [fewest / 1.3:largest * 1.3]
		set xlabel "calibration samples" offset 0,0.3
		set xtics norotate center offset 0,0 font ",11"
	}
	plot FLOAT[r] with lines linewidth 1.6 linecolor rgb INK, \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (column("x") + beside(b)):"value":(clip(column("low"))):"high" \
		with yerrorbars pointtype 0 linewidth 1 linecolor rgb hue(b), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (right ? NaN : column("x")):"value" with lines linewidth 1.6 \
		linecolor rgb hue(b), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (column("x") + beside(b)):"value" with points pointtype mark(b) \
		pointsize 0.8 linecolor rgb hue(b), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "x":(NaN) \
		:xtic(stringcolumn("words"))
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset label; unset logscale; unset xlabel
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with linespoints linewidth 1.6 \
	pointtype MARK[(s - 1) % 6 + 1] pointsize 0.8 linecolor rgb colour(s) title SERIES[s], \
     NaN with lines linewidth 1.6 linecolor rgb INK title "float"
unset multiplot
