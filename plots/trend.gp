# Did a kernel get faster or slower from run to run?
# The least time of a call over a run's launches, in % of the first run's: lower is faster.  A
# circle marks a change point, with the change: there the five runs before and the five from it on
# lie apart by more than they vary.  It is for looking: where all kernels of a race move together,
# the machine changed and not a kernel.

tall = 230
legend = legend_height(SERIES_COUNT)
height = HEAD + PANELS * tall + legend
eval canvas(900, int(height))

set multiplot title QUESTION noenhanced font ",15"
unset key
set lmargin at screen 84.0 / 900
set rmargin at screen 872.0 / 900
do for [p = 1:PANELS] {
	top = 1 - (HEAD + (p - 1) * tall + 28) / height
	set tmargin at screen top
	set bmargin at screen top - (tall - 28 - 42) / height
	set xrange [*:*]; set yrange [*:*]
	low = 100; high = 100; runs = 2
	do for [b = FIRST[p]:LAST[p]] {
		stats DATA index b - 1 using "place":"percent" nooutput
		low = STATS_min_y < low ? STATS_min_y : low
		high = STATS_max_y > high ? STATS_max_y : high
		runs = STATS_max_x > runs ? STATS_max_x : runs
	}
	room = 0.12 * (high - low) + 1
	set xrange [0.7:runs + 0.3]
	set yrange [low - room:high + 1.5 * room]
	if (runs <= 20) { set xtics 1 } else { set xtics autofreq }
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	set ylabel "least time, %" offset 0.6,0
	set xlabel (p == PANELS ? "run" : "") offset 0,0.6
	plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "place":"percent" with linespoints \
		linewidth 1.6 linecolor rgb colour(place(BLOCK_SERIES[b])) \
		pointtype 7 pointsize 0.4, \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 \
	       using "place":(column("marked") == 1 ? column("percent") : NaN) with points \
	       linewidth 1.8 linecolor rgb colour(place(BLOCK_SERIES[b])) pointtype 6 pointsize 1.6, \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 \
	       using "place":"percent":(column("marked") == 1 ? stringcolumn("caption") : "") with labels left offset 0.9,0.7 \
	       textcolor rgb colour(place(BLOCK_SERIES[b])) font ",11"
}

# The legend: a plot of nothing below the panels.
set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with linespoints linewidth 1.6 linecolor rgb colour(s) \
	pointtype 7 pointsize 0.6 title SERIES[s]
unset multiplot
