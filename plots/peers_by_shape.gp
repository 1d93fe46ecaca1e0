# How near are our kernels to this machine's limits, and how fast beside the libraries that people use?
# A line a shape (m x n x k), a panel an operation and types.  The blue bar is the kernel that `best`
# means, the thin one below it the fastest peer whose outputs are not wrong, each as the share of a
# limit that it reaches: of the peak of its types; of a gemm with one row that of a loop that only
# reads as many bytes as its weights have; of other operations that of copying.  Beside them: how
# many times as fast as the peer, the median over launches with its interval (95 % or more).

bar = 26
most = 1.2  # of a bar: some have the cache that a limit's loop has not
array LINES[PANELS]
total = 0
do for [p = 1:PANELS] {
	stats DATA index p - 1 using "line" nooutput
	LINES[p] = int(STATS_max)
	total = total + LINES[p]
}
height = HEAD + PANELS * 50 + total * bar + 24
eval canvas(900, int(height))

set multiplot title QUESTION noenhanced font ",15"
unset key
set border 1
unset ytics
set style fill solid 1.0 border
used = HEAD
set lmargin at screen 150.0 / 900
set rmargin at screen 560.0 / 900
set xrange [0:most]
set label 1 "ours" at screen 150.0 / 900, screen 1 - (HEAD + 2) / height \
	textcolor rgb COLOUR[1] font ",12"
set label 2 "the fastest peer" at screen 200.0 / 900, screen 1 - (HEAD + 2) / height \
	textcolor rgb COLOUR[2] font ",12"
set xtics 0.2 format ""
do for [p = 1:PANELS] {
	set yrange [LINES[p] + 0.6:0.4]
	set tmargin at screen 1 - (used + 26) / height
	set bmargin at screen 1 - (used + 26 + LINES[p] * bar) / height
	used = used + 50 + LINES[p] * bar
	set title PANEL[p] noenhanced offset 0,-0.7 font ",12"
	set format x (p == PANELS ? "%g" : "")
	plot DATA index p - 1 using (0):"line":(0):(column("share") > most ? most : column("share")) \
		:(column("line") - 0.36):(column("line") + 0.12) \
		with boxxyerror fillstyle solid 1.0 noborder linecolor rgb COLOUR[1], \
	     '' index p - 1 using (0):"line":(0) \
		:(column("peer_share") > most ? most : column("peer_share")) \
		:(column("line") + 0.16):(column("line") + 0.36) \
		with boxxyerror fillstyle solid 1.0 noborder linecolor rgb COLOUR[2], \
	     '' index p - 1 using (0):"line":(stringcolumn("shape")) \
	       with labels right offset -0.6,0 font ",12", \
	     '' index p - 1 using (most):"line":(stringcolumn("caption")) \
	       with labels left offset 0.6,0 font ",12"
	unset label
}
unset multiplot
