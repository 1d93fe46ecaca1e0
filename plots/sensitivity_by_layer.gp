# Which layer costs the network most, and which is worth sparing?
# Left: signal over error of the network's output (dB, higher is better) where this layer alone is
# quantized, all others in float: the lowest is the most sensitive.  The dashed line is the output
# where all are quantized.  Right: by how many dB the output gains over that line where this layer
# alone is left in float; below 0 its error was making up for another's.  Only what such a recipe
# would leave in float is spared: an edge that two layers share stays quantized by the other one, so
# that sparing a layer's activations alone gains at most at the ends.  No mark: no error at all.

array TOP[PANELS + 1]
TOP[1] = HEAD
do for [p = 1:PANELS] {
	eval measure_layers(FIRST[p])
	TOP[p + 1] = TOP[p] + 28 + 190 + NAMES
}
legend = legend_height(SERIES_COUNT + 1)
height = TOP[PANELS + 1] + legend
eval canvas(900, int(height))

array MARK[3] = [5, 9, 7]
mark(name) = MARK[(place(name) - 1) % 3 + 1]
# marks that fall together stand side by side
beside(name) = (place(name) - (SERIES_COUNT + 1) / 2.0) * 0.6 / SERIES_COUNT

set multiplot title QUESTION noenhanced font ",15"
unset key
do for [p = 1:PANELS] {
	set xrange [*:*]; set yrange [*:*]
	eval measure_layers(FIRST[p])
	eval layer_tics
	set xrange [-0.5:LAYERS - 0.5]
	set tmargin at screen 1 - (TOP[p] + 28) / height
	set bmargin at screen 1 - (TOP[p] + 28 + 190) / height
	do for [right = 0:1] {
		kind = right ? "spared_gained_db" : "only_sqnr_db"
		set lmargin at screen (62 + right * 440.0) / 900
		set rmargin at screen (62 + right * 440.0 + 382) / 900
		set label 1 (right ? "" : PANEL[p]) at graph 0,1 offset 0,1 noenhanced \
			textcolor rgb INK font ",12"
		set ylabel (right ? "spared: output gains (dB)" : "alone: SQNR of the output (dB)") \
			offset 1.2,0
		set yrange [*:*]
		if (right) { set xzeroaxis linecolor rgb INK linewidth 1 } else { unset xzeroaxis }
		plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
			using (column("layer_index") + beside(BLOCK_SERIES[b])):kind \
			with points pointtype mark(BLOCK_SERIES[b]) pointsize 0.8 \
			linecolor rgb colour(place(BLOCK_SERIES[b])), \
		     DATA index LAST[p] - 1 using "layer_index" \
			:(right ? NaN : column("quantized_sqnr_db")) with lines linewidth 1.6 \
			dashtype 2 linecolor rgb INK, \
		     DATA index LAST[p] - 1 using "layer_index":(NaN) \
			:xtic(layer_name(column("layer_index"), stringcolumn("layer"), 22))
	}
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset label; unset ylabel; unset xzeroaxis
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with points pointtype mark(SERIES[s]) pointsize 0.9 \
	linecolor rgb colour(s) title SERIES[s], \
     NaN with lines linewidth 1.6 dashtype 2 linecolor rgb INK title "all layers quantized"
unset multiplot
