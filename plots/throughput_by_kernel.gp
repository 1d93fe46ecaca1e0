# How fast is each kernel on this machine?
# A bar a kernel: billions of operations a second (GOPS; two for each multiply-add), or gigabytes
# a second where nothing is multiplied.  Blue is integer, yellow float, grey the plain C reference
# that defines the result; beside a bar stands how many times as fast as our best float kernel of
# the same shape it is.  A hollow bar or no bar: its outputs were wrong, and a wrong kernel has no
# speed.  Fewer than 5 launches cannot tell differences under 20 %.

bar = 24
array LINES[PANELS]
total = 0
do for [p = 1:PANELS] {
	stats DATA index p - 1 using "line" nooutput
	LINES[p] = int(STATS_max)
	total = total + LINES[p]
}
height = HEAD + PANELS * 66 + total * bar
eval canvas(900, int(height))

set multiplot title QUESTION noenhanced font ",15"
unset key
set border 1
unset ytics
set style fill solid 1.0 border
paint(kind) = kind eq "reference" ? 0x9a9a9a : kind eq "wrong" ? 0xffffff \
	: kind eq "float" ? 0xE69F00 : 0x0072B2
used = HEAD
set lmargin at screen 250.0 / 900
set rmargin at screen 735.0 / 900
do for [p = 1:PANELS] {
	set xrange [*:*]; set yrange [*:*]
	stats DATA index p - 1 using (column("rate")) nooutput
	most = STATS_max > 0 ? STATS_max : 1
	set xrange [0:most * 1.02]
	set yrange [LINES[p] + 0.6:0.4]
	set tmargin at screen 1 - (used + 28) / height
	set bmargin at screen 1 - (used + 28 + LINES[p] * bar) / height
	used = used + 66 + LINES[p] * bar
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	plot DATA index p - 1 using (0):"line":(0):"rate":(column("line") - 0.34) \
		:(column("line") + 0.34):(paint(stringcolumn("kind"))) \
		with boxxyerror fillstyle solid 1.0 noborder linecolor rgb variable, \
	     '' index p - 1 using (0):(stringcolumn("kind") eq "wrong" ? column("line") : NaN) \
	       :(0):"rate":(column("line") - 0.34):(column("line") + 0.34) \
	       with boxxyerror fillstyle empty linecolor rgb "#D55E00" linewidth 1.5, \
	     '' index p - 1 using (0):"line":(short(stringcolumn("name"), 34)) \
	       with labels right offset -0.6,0 font ",12", \
	     '' index p - 1 using "rate":"line":(stringcolumn("caption")) \
	       with labels left offset 0.6,0 font ",12"
}
unset multiplot
