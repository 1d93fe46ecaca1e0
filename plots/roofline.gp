# Which limit binds each kernel?
# Operations a byte of the operands (two for each multiply-add; weights as they are packed, with
# their scales) against billions of operations a second, both axes logarithmic.  Level lines are the
# measured peaks of this machine, slanted ones what reading from each level of memory allows: nothing
# that reads its operands once can lie above.  Blue is ours, green and violet are our few-bit and float
# kernels, grey the plain C reference, triangles are libraries that people use.  A hollow mark: outputs
# were wrong.

tall = 460
roof(name) = starts(name, "roof ")
kinds = 0
do for [s = 1:SERIES_COUNT] { if (!roof(SERIES[s])) { kinds = kinds + 1 } }
legend = 22 * ((kinds + 3) / 4) + 14
height = HEAD + PANELS * tall + legend
eval canvas(900, int(height))

hue(name) = name eq "ours, 8 bits and more" ? COLOUR[1] : name eq "ours, 2 to 4 bits" ? COLOUR[3] \
	: name eq "ours, f32" ? COLOUR[4] : name eq "reference" ? COLOUR[8] : name eq "onednn" ? COLOUR[2] \
	: name eq "xnnpack" ? COLOUR[5] : name eq "gemmlowp" ? COLOUR[6] \
	: name eq "wrong" ? COLOUR[2] : COLOUR[7]
mark(name) = name eq "wrong" ? 6 : starts(name, "ours") ? 7 : name eq "reference" ? 2 : 9

set multiplot title QUESTION noenhanced font ",15"
unset key
set logscale xy
set format "%g"
set lmargin at screen 76.0 / 900
set rmargin at screen 870.0 / 900
do for [p = 1:PANELS] {
	set xrange [*:*]; set yrange [*:*]
	left = 1e9; right = 0; low = 1e9; high = 0
	do for [b = FIRST[p]:LAST[p]] {
		stats DATA index b - 1 using "intensity":"gops" nooutput
		left = STATS_min_x < left ? STATS_min_x : left
		right = STATS_max_x > right ? STATS_max_x : right
		low = STATS_min_y < low ? STATS_min_y : low
		high = STATS_max_y > high ? STATS_max_y : high
	}
	# without roofs kernels may stand in one line
	set xrange [left < right ? left : left / 1.6:left < right ? right : right * 1.6]
	set yrange [low / 1.5:high * 2]
	top = 1 - (HEAD + (p - 1) * tall + 26) / height
	set tmargin at screen top
	set bmargin at screen top - (tall - 26 - 56) / height
	set title PANEL[p] noenhanced offset 0,-0.6 font ",12"
	set xlabel "operations a byte" offset 0,0.5
	set ylabel "GOPS" offset 1.5,0
	plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (roof(BLOCK_SERIES[b]) ? column("intensity") : NaN):"gops" \
		with lines linewidth 1.1 linecolor rgb "#6b6b6b", \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using "intensity":"gops" \
		:(roof(BLOCK_SERIES[b]) && column("line") == 2 ? stringcolumn("name") : "") \
		with labels right offset -0.4,0.6 font ",10" textcolor rgb "#6b6b6b", \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using "intensity":"gops" \
		:(roof(BLOCK_SERIES[b]) && column("line") == 1 ? stringcolumn("name") : "") \
		with labels left offset 0.8,-0.5 font ",10" textcolor rgb "#6b6b6b", \
	     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
		using (roof(BLOCK_SERIES[b]) ? NaN : column("intensity")):"gops" \
		with points pointtype mark(BLOCK_SERIES[b]) pointsize 0.7 \
		linecolor rgb hue(BLOCK_SERIES[b])
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel; unset logscale
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols 4 width 2
plot for [s = 1:SERIES_COUNT] NaN with points pointtype mark(SERIES[s]) pointsize 0.9 \
	linecolor rgb hue(SERIES[s]) title (roof(SERIES[s]) ? "" : SERIES[s])
unset multiplot
