# Which calibration suits which distribution?
# Each square is what a rule loses in SQNR (dB) against the best rule for the same tensor: 0.0 is
# the best, darker loses more, an empty square was not measured.  A row that is dark at minmax has
# values far out that waste the range; a column that is pale everywhere is a safe choice.

stats DATA using "line" nooutput
lines = int(STATS_max)
stats DATA using "loss_db" nooutput
worst = STATS_max > 1 ? STATS_max : 1

panel_height = 22 * lines
left = 236.0
gap = 26.0
# Of many rules one panel stands above the other.
across = SERIES_COUNT > 8 ? 1 : PANELS
rows = PANELS / across
most = SERIES_COUNT > 8 ? 648 : 420
wide = (900 - left - 16 - gap * (across - 1)) / across
wide = wide > most ? most : wide
# percentile(99.99) in two lines; at an angle where columns are narrow.
bracket(name) = strstrt(name, "(")
head(name) = bracket(name) ? substr(name, 1, bracket(name) - 1) : name
letters_most = 0
do for [s = 1:SERIES_COUNT] {
	if (strlen(head(SERIES[s])) > letters_most) { letters_most = strlen(head(SERIES[s])) }
}
narrow = wide / SERIES_COUNT < 6 * letters_most
names = narrow ? 22 + 3.7 * longest : 56
high = HEAD + 34 * rows + panel_height * rows + names
eval canvas(900, high)

set multiplot title QUESTION noenhanced font ",15"
unset key; unset colorbox; unset grid
set border 0
set format y ""
set palette defined (0 "#f4f7fb", 0.12 "#d4e3f1", 0.35 "#8fb8dc", 0.65 "#3c7fb6", 1 "#0b3d68")
# Steps near 0 matter more than those far off.
shade(loss) = sqrt(loss / worst)
letters(loss) = shade(loss) > 0.62 ? 0xffffff : 0x222222
set cbrange [0:1]
set xrange [0.5:SERIES_COUNT + 0.5]
set yrange [lines + 0.5:0.5]
set tics scale 0

NUMBER = wide / SERIES_COUNT < 34 ? ",9" : ",11"
folded(name) = head(name) . "\n" . substr(name, bracket(name), strlen(name))
two_lines(name) = bracket(name) && !narrow ? folded(name) : name
set xtics ("" 0) font ",11"
if (narrow) { set xtics rotate by 35 right }

do for [p = 1:PANELS] {
	c = (p - 1) % across
	r = (p - 1) / across
	top = HEAD + 34 + r * (34 + panel_height)
	set tmargin at screen 1 - top / high
	set bmargin at screen 1 - (top + panel_height) / high
	set lmargin at screen (left + c * (wide + gap)) / 900
	set rmargin at screen (left + c * (wide + gap) + wide) / 900
	if (p > PANELS - across) {
		do for [s = 1:SERIES_COUNT] { set xtics add (two_lines(SERIES[s]) s) }
	}
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 using "rule":"line":(0.5):(0.5) \
		:(shade(column("loss_db"))) with boxxyerror fillstyle solid 1.0 noborder \
		linecolor palette, \
	     for [b = FIRST[p]:LAST[p]] '' index b - 1 using "rule":"line" \
	       :(sprintf("%.1f", column("loss_db"))):(letters(column("loss_db"))) \
	       with labels font NUMBER textcolor rgb variable, \
	     for [b = 1:c ? 1 : BLOCKS] '' index b - 1 \
	       using (0.5):"line":(!c && column("first") == 1 ? short(stringcolumn("subject"), 29) : "") \
	       with labels right offset -0.6,0 font ",12"
}
unset multiplot
