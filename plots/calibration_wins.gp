# Which calibration wins, and what do the others lose?
# A line a rule, and how far it is behind the best rule at the same place: the same tensor, bits,
# scheme, scale, granularity and rounding.  The dot is the middle place, the bar holds half of all
# places, the thin line ends at the worst.  A dot at 0 is a rule that cannot be beaten in half of
# the places; a long line to the right is one that fails somewhere.  At the right how many places it
# wins (equals win together).  * hangs on the order of the samples.  The axis is stretched near 0.

stats DATA using "line" nooutput
lines = int(STATS_max)
stats DATA using "worst" nooutput
worst = STATS_max > 1 ? STATS_max : 1
stats DATA using (strlen(stringcolumn("rule"))) nooutput
left = 26 + 7.2 * (STATS_max > 32 ? 32 : STATS_max)

columns = PANELS > 3 ? (PANELS == 4 ? 2 : 3) : PANELS
rows = (PANELS + columns - 1) / columns
panel_height = 22 * lines
between = 84
height = HEAD + 26 + rows * (panel_height + between) - 22
gap = 22.0
wide = (900 - left - 10 - gap * (columns - 1)) / columns
wide = wide > 520 ? 520 : wide
counts = 56.0
eval canvas(900, int(height))

x(db) = sqrt(db)
won(n, places) = sprintf("%d/%d", n, places)

set multiplot title QUESTION noenhanced font ",15"
unset key
set border 1
# beside the axis stand the places that were won
ends = -x(worst) * 0.03
edge = x(worst) * 1.04 / (1 - counts / wide)
set xrange [ends:edge]
set grid noytics
set yrange [lines + 0.5:0.5]
unset ytics
set xtics () font ",11"
TICS = worst < 8 ? "0 0.1 0.5 1 2 4 6" : worst < 50 ? "0 1 3 10 20 30" : "0 3 10 30 60 100 150"
do for [d = 1:words(TICS)] {
	tic = word(TICS, d) + 0
	if (tic <= worst) { set xtics add (sprintf("%g", tic) x(tic)) }
}
PALE = "#8fb8dc"
do for [p = 1:PANELS] {
	c = (p - 1) % columns
	r = (p - 1) / columns
	set lmargin at screen (left + c * (wide + gap)) / 900
	set rmargin at screen (left + c * (wide + gap) + wide) / 900
	set tmargin at screen 1 - (HEAD + 26 + r * (panel_height + between)) / height
	set bmargin at screen 1 - (HEAD + 26 + r * (panel_height + between) + panel_height) / height
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	set label 1 "won" at first edge, graph 1 right offset 0,0.4 font ",10" textcolor rgb INK
	set xlabel "dB behind the best" font ",11" offset 0,0.3
	plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (x(0)):"line":(x(column("worst"))):(0) with vectors nohead \
		linewidth 1.4 linecolor rgb PALE, \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 \
		using (x(column("middle"))):"line":(x(column("quarter"))) \
		:(x(column("three_quarters"))):(column("line") - 0.26):(column("line") + 0.26) \
		with boxxyerror fillstyle solid 1.0 noborder linecolor rgb PALE, \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 using (x(column("worst"))):"line" \
		with points pointtype 7 pointsize 0.35 linecolor rgb PALE, \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 using (x(column("middle"))):"line" \
		with points pointtype 7 pointsize 0.9 linecolor rgb COLOUR[1], \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 \
		using (edge):"line":(won(column("won"), column("places"))) \
		with labels right font ",10" textcolor rgb INK, \
	     for [b = 1:c ? 1 : BLOCKS] '' index b - 1 \
		using (ends):"line":(!c && column("first") == 1 ? short(stringcolumn("rule"), 32) : "") \
		with labels right offset -0.6,0 font ",12"
}
unset multiplot
