# What is the best accuracy for each size?
# A point a recipe: bits an element, scales and zero points counted, against SQNR in dB.  Upper
# left is better.  The line joins the recipes that no other beats in both size and accuracy;
# whatever lies below it can be replaced by something smaller or more exact.

across = PANELS < 3 ? PANELS : 3
rows = (PANELS + across - 1) / across
tall = rows == 1 ? 470 : 210
legend = legend_height(SERIES_COUNT)
height = HEAD + rows * tall + legend
eval canvas(900, int(height))

FRONT = "not beaten in both"
granularity(name) = substr(name, 5, strlen(name))
hue(name) = granularity(name) eq "tensor" ? COLOUR[2] \
	: granularity(name) eq "channel" ? COLOUR[1] : COLOUR[3]
mark(name) = granularity(name) eq "tensor" ? 7 : granularity(name) eq "channel" ? 5 : 9

stats DATA using "size" nooutput
low = floor(STATS_min); high = ceil(STATS_max)
stats DATA using "sqnr_db" nooutput
floor_db = STATS_min < 0 ? 10 * floor(STATS_min / 10) : 0
high_db = 10 * ceil((STATS_max + 1) / 10)

set multiplot title QUESTION noenhanced font ",15"
set xrange [low - (across < 3 ? 1.4 : 0.3):high + 0.3]
set yrange [floor_db:high_db]
set ytics 10
if (high - low <= 10) { set xtics 1 }
unset key
do for [p = 1:PANELS] {
	col = (p - 1) % across
	row = (p - 1) / across
	top = 1 - (HEAD + row * tall + 24) / height
	set tmargin at screen top
	set bmargin at screen top - (tall - 24 - 40) / height
	set lmargin at screen (62 + col * (850.0 / across)) / 900
	set rmargin at screen (62 + (col + 1) * (850.0 / across) - 44) / 900
	set title short(PANEL[p], across == 3 ? 32 : 60) noenhanced offset 0,-0.6 font ",12"
	set ylabel (col ? "" : "SQNR (dB)") offset 1.2,0
	set xlabel (p + across > PANELS ? "bits an element" : "") offset 0,0.6
	# the last block of a panel is the line
	plot for [b = FIRST[p]:LAST[p] - 1] DATA index b - 1 using "size":"sqnr_db" with points \
		pointtype mark(BLOCK_SERIES[b]) pointsize (across == 3 ? 0.3 : 0.5) \
		linecolor rgb hue(BLOCK_SERIES[b]), \
	     DATA index LAST[p] - 1 using "size":"sqnr_db" with steps linewidth 1.4 \
	       linecolor rgb INK, \
	     '' index LAST[p] - 1 using "size":"sqnr_db":(across < 3 ? stringcolumn("label") : "") \
	       with labels right offset -0.6,0.7 font ",11"
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel
set key at screen 0.5,(legend - 6) / height center top horizontal maxcols LEGEND width 2
set xrange [0:1]; set yrange [0:1]
plot for [s = 1:SERIES_COUNT] NaN with points \
	pointtype mark(SERIES[s]) pointsize (SERIES[s] eq FRONT ? 0 : 0.8) \
	linecolor rgb hue(SERIES[s]) title (SERIES[s] eq FRONT ? "" : SERIES[s]), \
     NaN with lines linewidth 1.4 linecolor rgb INK title FRONT
unset multiplot
