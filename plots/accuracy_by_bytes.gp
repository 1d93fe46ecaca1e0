# How small can the network become before its task suffers?
# A point a recipe: its weights in kilobytes (scales and biases counted) against what the task is
# worth, in integer arithmetic where it ran so.  The line is float.  The best of each family and
# width has a bar: the interval (95 %) in which its true value lies where float's is taken as the
# line.  A full mark: the bar holds the float line, so that these samples cannot tell the recipe from
# float; a hollow one: they can.  Small points are the other recipes.  A triangle at the edge is a
# recipe that is worse than the picture shows.

tall = 330
legend = legend_height(SERIES_COUNT + 2)
height = HEAD + PANELS * tall + legend
eval canvas(900, int(height))

cut(name) = strstrt(name, ",") ? substr(name, 1, strstrt(name, ",") - 1) : name
hue(name) = cut(name) eq "per tensor" ? COLOUR[2] : cut(name) eq "per channel" ? COLOUR[1] \
	: COLOUR[3]
# marks: all layers, first and last spared, residual additions spared, other policies
policy(name) = cut(name) eq name ? 1 : strstrt(name, ", skip_first_last") ? 2 \
	: strstrt(name, ", skip_residual") ? 3 : 4
array FULL[4] = [7, 5, 9, 13]
full(name) = FULL[policy(name)]
hollow(name) = FULL[policy(name)] - 1

set multiplot title QUESTION noenhanced font ",15"
unset key
set lmargin at screen 84.0 / 900
set rmargin at screen 880.0 / 900
do for [p = 1:PANELS] {
	set xrange [*:*]; set yrange [*:*]; unset logscale
	stats DATA index FIRST[p] - 1 using "value_float" nooutput
	value_float = STATS_max
	stats DATA index FIRST[p] - 1 using "sign" nooutput
	sign = STATS_max
	least = value_float; most = value_float
	wide = 0
	do for [b = FIRST[p]:LAST[p]] {
		stats DATA index b - 1 using "value" nooutput
		least = STATS_min < least ? STATS_min : least
		most = STATS_max > most ? STATS_max : most
		stats DATA index b - 1 using "kilobytes" nooutput
		wide = STATS_max > wide ? STATS_max : wide
	}
	# right answers: what lies within 15 of float; an error has a scale of tens
	least = sign > 0 && least < value_float - 15 ? value_float - 15 : least
	most = sign > 0 ? (most + 2 > 100 ? 100.5 : most + 2) : most * 2
	top = 1 - (HEAD + (p - 1) * tall + 28) / height
	set tmargin at screen top
	set bmargin at screen top - (tall - 28 - 50) / height
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	set xlabel (p == PANELS ? "weights, kilobytes" : "") offset 0,0.5
	set xrange [0:wide * 1.08]
	edge = sign > 0 ? least - 1 : least / 2
	if (sign < 0) { set logscale y }
	set format y "%g"
	set yrange [edge:most]
	clip(y) = y < edge ? edge : y
	inside(y) = y < edge ? NaN : y
	other(y) = stringcolumn("kind") eq "other" ? inside(y) : NaN
	apart(y) = stringcolumn("kind") eq "apart" ? inside(y) : NaN
	open(y) = stringcolumn("kind") eq "open" ? inside(y) : NaN
	below(y) = stringcolumn("kind") ne "other" && y < edge ? edge : NaN
	plot value_float with lines linewidth 1.6 linecolor rgb INK, \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using "kilobytes":(other(column("value"))) \
		with points pointtype 7 pointsize 0.25 linecolor rgb hue(BLOCK_SERIES[b]), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "kilobytes":(below(column("value"))) \
		with points pointtype 11 pointsize 0.9 linecolor rgb hue(BLOCK_SERIES[b]), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (stringcolumn("kind") eq "other" ? NaN : column("kilobytes")) \
		:(inside(column("value"))):(clip(column("low"))):"high" \
		with yerrorbars pointtype 0 linewidth 1.2 linecolor rgb hue(BLOCK_SERIES[b]), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "kilobytes":(apart(column("value"))) \
		with points pointtype full(BLOCK_SERIES[b]) pointsize 0.8 \
		linecolor rgb "#ffffff", \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "kilobytes":(apart(column("value"))) \
		with points pointtype hollow(BLOCK_SERIES[b]) pointsize 0.8 linewidth 1.4 \
		linecolor rgb hue(BLOCK_SERIES[b]), \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "kilobytes":(open(column("value"))) \
		with points pointtype full(BLOCK_SERIES[b]) pointsize 0.9 \
		linecolor rgb hue(BLOCK_SERIES[b])
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset logscale
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with points pointtype full(SERIES[s]) pointsize 0.9 \
	linecolor rgb hue(SERIES[s]) title SERIES[s], \
     NaN with lines linewidth 1.6 linecolor rgb INK title "float", \
     NaN with points pointtype 6 pointsize 0.9 linewidth 1.4 linecolor rgb INK \
	title "told apart from float"
unset multiplot
