# Is the simulation true, and where does it part from integer arithmetic?
# Each integer layer is fed the codes that the simulated run has there, so that what differs was
# born in this layer.  Left: the share of its output codes that differ, on a scale of tens with none
# at the bottom.  Right: by how many steps the worst differs.  A line a requantization mode, the way
# from an integer sum to an output code: `float` differs at ties alone, the modes of integer
# hardware also where their own rounding does.

array TOP[PANELS + 1]
TOP[1] = HEAD
do for [p = 1:PANELS] {
	eval measure_layers(FIRST[p])
	TOP[p + 1] = TOP[p] + 28 + 190 + NAMES
}
legend = legend_height(SERIES_COUNT)
height = TOP[PANELS + 1] + legend
eval canvas(900, int(height))

# None stands at the bottom of the scale of tens, one decade below the least share.
least = 100.0
most_steps = 1
do for [b = 1:BLOCKS] {
	stats DATA index b - 1 using (column("percent") > 0 ? column("percent") : 100) nooutput
	least = STATS_min < least ? STATS_min : least
	stats DATA index b - 1 using "steps" nooutput
	most_steps = STATS_max > most_steps ? STATS_max : most_steps
}
least = least > 0.1 ? 0.1 : least
none = 10.0 ** (floor(log10(least)) - 1)
array MARK[6] = [7, 5, 9, 13, 6, 4]
mark(name) = MARK[(place(name) - 1) % 6 + 1]
# lines that fall together stand side by side
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
		set lmargin at screen (84 + right * 430.0) / 900
		set rmargin at screen (84 + right * 430.0 + 370) / 900
		set label 1 (right ? "" : PANEL[p]) at graph 0,1 offset 0,1 noenhanced \
			textcolor rgb INK font ",12"
		set ylabel (right ? "largest gap, steps" : "codes that differ, %") \
			offset (right ? 1.2 : 0.4),0
		if (right) {
			unset logscale y
			set yrange [-0.1:most_steps * 1.1]
			set ytics autofreq
			if (most_steps <= 8) { set ytics 1 }
			set format y "%g"
		} else {
			set logscale y
			set yrange [none / 1.6:100]
			set ytics 10
			set format y "%g"
			set ytics add ("none" none)
		}
		plot for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
			using (column("layer_index") + beside(BLOCK_SERIES[b])) \
			:(!right && column("percent") > 0 ? column("percent") : NaN) \
			with lines linewidth 1 linecolor rgb colour(place(BLOCK_SERIES[b])), \
		     for [b = FIRST[p]:LAST[p]] DATA index b - 1 \
			using (column("layer_index") + beside(BLOCK_SERIES[b])) \
			:(right ? column("steps") \
			  : column("percent") > 0 ? column("percent") : none) \
			with points pointtype mark(BLOCK_SERIES[b]) pointsize 0.7 \
			linecolor rgb colour(place(BLOCK_SERIES[b])), \
		     DATA index FIRST[p] - 1 using "layer_index":(NaN) \
			:xtic(layer_name(column("layer_index"), stringcolumn("layer"), 22))
	}
}

set tmargin at screen legend / height
set bmargin at screen 0
set lmargin at screen 0
set rmargin at screen 1
unset border; unset tics; unset grid; unset label; unset ylabel; unset logscale
set xrange [0:1]; set yrange [0:1]
set key at screen 0.5,(legend - 4) / height center top horizontal maxcols LEGEND width 2
plot for [s = 1:SERIES_COUNT] NaN with linespoints linewidth 1 pointtype mark(SERIES[s]) \
	pointsize 0.8 linecolor rgb colour(s) title SERIES[s]
unset multiplot
