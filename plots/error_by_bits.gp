# How much accuracy does each bit buy, and what do scheme and granularity add?
# Signal over quantization error in dB (higher is better; 6 dB halve the error), with the
# calibration named above, else with the best of those that all lines have.  A line a scheme and
# granularity; lines far apart mean that the choice matters, lines that fall together mean that
# the cheaper one will do.

# Colour is the granularity, dash and mark are the scheme.
granularity(name) = substr(name, strstrt(name, ", ") + 2, strlen(name))
scheme(name) = substr(name, 1, strstrt(name, ", ") - 1)
hue(name) = granularity(name) eq "tensor" ? COLOUR[2] \
	: granularity(name) eq "channel" ? COLOUR[1] : COLOUR[3]
array SCHEME[5] = ["symmetric", "asymmetric", "symmetric_restricted", \
	"symmetric_full", "symmetric_unsigned"]
kind(name) = (sum [i = 1:5] (SCHEME[i] eq scheme(name) ? i : 0))
array MARK[6] = [13, 7, 6, 2, 4, 8]
mark(name) = MARK[kind(name) + 1]
dash(name) = kind(name) ? kind(name) : 6

across = PANELS < 3 ? PANELS : 3
rows = (PANELS + across - 1) / across
legend = legend_height(SERIES_COUNT)
tall = rows == 1 ? 400 : 210
eval canvas(900, HEAD + rows * tall + legend)
height = HEAD + rows * tall + legend

stats DATA using "bits" nooutput
low = STATS_min; high = STATS_max
stats DATA using "sqnr_db" nooutput
floor_db = STATS_min < 0 ? 10 * floor(STATS_min / 10) : 0

set multiplot title QUESTION noenhanced font ",15"
set xrange [low - 0.3:high + 0.3]
set yrange [floor_db:10 * ceil(STATS_max / 10)]
set xtics 1
set ytics 10
unset key
do for [p = 1:PANELS] {
	col = (p - 1) % across
	row = (p - 1) / across
	top = 1 - (HEAD + row * tall + 24) / height
	set tmargin at screen top
	set bmargin at screen top - (tall - 24 - 40) / height
	set lmargin at screen (62 + col * (850.0 / across)) / 900
	set rmargin at screen (62 + col * (850.0 / across) + 850.0 / across - 44) / 900
	set title short(PANEL[p], across == 3 ? 32 : 60) noenhanced offset 0,-0.6 font ",12"
	set ylabel (col ? "" : "SQNR (dB)") offset 1.2,0
	set xlabel (p + across > PANELS ? "bits" : "") offset 0,0.6
	plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "bits":"sqnr_db" with linespoints \
		linewidth 1.8 dashtype dash(BLOCK_SERIES[b]) linecolor rgb hue(BLOCK_SERIES[b]) \
		pointtype mark(BLOCK_SERIES[b]) pointsize 0.55
}

# The legend: a plot of nothing below the panels.
set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with linespoints linewidth 1.8 dashtype dash(SERIES[s]) \
	linecolor rgb hue(SERIES[s]) pointtype mark(SERIES[s]) pointsize 0.8 title SERIES[s]
unset multiplot
