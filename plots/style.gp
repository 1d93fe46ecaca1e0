# What all figures share: the data's format, the paper, colours, words.  Read before each NAME.gp.

set encoding utf8
set datafile separator "\t"
set datafile missing "?"
set datafile commentschars ""
set datafile columnheaders

# eval canvas(900, 560): opens OUT with this many pixels.  PNG has two dots a pixel.
paper = "noenhanced background '#ffffff' "
png_kind = strstrt(GPVAL_TERMINALS, "pngcairo") ? "pngcairo" : "png truecolor"
png_letters = "font 'sans-serif,11' fontscale 1.55 linewidth 2 pointscale 2"
png_canvas(w, h) = sprintf("set terminal %s size %d,%d ", png_kind, 2 * int(w), 2 * int(h)) \
	. paper . png_letters
svg_canvas(w, h) = sprintf("set terminal svg size %d,%d ", int(w), int(h)) \
	. paper . "font 'sans-serif,13'"
canvas(w, h) = (FORMAT eq "png" ? png_canvas(w, h) : svg_canvas(w, h)) . "; set output OUT"

# Okabe and Ito's palette: told apart with any colour vision (2008, jfly.uni-koeln.de/color).
array COLOUR[8] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", \
	"#E69F00", "#56B4E9", "#000000", "#8A8A8A"]
INK = "#222222"
FAINT = "#d9d9d9"

place(name) = (sum [i = 1:SERIES_COUNT] (SERIES[i] eq name ? i : 0))
colour(i) = COLOUR[(i - 1) % 8 + 1]
starts(name, with) = substr(name, 1, strlen(with)) eq with

# These calibrations have one colour in all figures; up to four others differ.
own_colour(name) = name eq "minmax" ? COLOUR[7] : name eq "mse" ? COLOUR[1] \
	: name eq "entropy" ? COLOUR[2] : ""
others(name) = (sum [i = 1:place(name)] (own_colour(SERIES[i]) eq "" ? 1 : 0))
calibration_colour(name) = own_colour(name) eq "" ? COLOUR[3 + others(name) % 4] : own_colour(name)

# A subject in at most n letters: its end tells more than its start.
bare(name) = starts(name, "synthetic:") ? substr(name, 11, strlen(name)) : name
short(name, n) = strlen(bare(name)) > n \
	? "…" . substr(bare(name), strlen(bare(name)) - n + 2, strlen(bare(name))) : bare(name)

# Pixels above the panels: a picture without its question needs few.
HEAD = QUESTION eq "" ? 6.0 : 44.0
# A legend below the panels: three names beside each other, two where they are long; the pixels it
# needs.
longest = 0
do for [s = 1:SERIES_COUNT] { if (strlen(SERIES[s]) > longest) { longest = strlen(SERIES[s]) } }
LEGEND = longest > 20 ? 2 : 3
legend_height(n) = 22 * ((n + LEGEND - 1) / LEGEND) + 14

set border 3 linecolor rgb INK linewidth 1
set tics nomirror textcolor rgb INK scale 0.6
set grid linetype 1 linecolor rgb FAINT linewidth 0.6
set key textcolor rgb INK samplen 2 spacing 1.15 noautotitle
set title textcolor rgb INK

# Layers along an axis, of block b, which has the columns layer_index and layer.  eval
# measure_layers(b) sets LAYERS, how many there are, and NAMES, the pixels that their names need
# below the axis.  Of more than `most` layers each n-th is written, the last 14 letters of it.
measure_layers(b) = sprintf("stats DATA index %d using 'layer_index' nooutput; ", b - 1) \
	. "LAYERS = STATS_max + 1; " \
	. sprintf("stats DATA index %d using (strlen(short(stringcolumn('layer'), 14))) ", b - 1) \
	. "nooutput; NAMES = 22 + 4.7 * STATS_max"
layer_name(i, name, most) = int(i) % int(ceil(LAYERS / (1.0 * most))) ? "" : short(name, 14)
layer_tics = "set xtics rotate by -40 left font ',10' offset 0,0.2"
