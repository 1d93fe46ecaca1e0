#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Times of networks as a user asks for them: rows of choice, throughput and layers, what is measured
# again, --only.  No time is asserted.
set -u
. "$(dirname "$0")/support.sh"
cd "$folder" || exit 1
# rows VIEW WHERE COLUMN...: the columns of the rows, in lines; none of them holds a comma
rows() {
	local view=$1 where=$2
	shift 2
	"$qs" show net.db --view "$view" --csv ${where:+--where "$where"} | awk -F, -v names="$*" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; count = split(names, name, " "); next }
		{
			for (i = 1; i <= count; i++)
				printf("%s%s", (i > 1 ? " " : ""), ($at[name[i]] == "" ? "none" : $at[name[i]]))
			print ""
		}'
}

cat >net.json <<'END'
{ "name": "net",
  "subjects": [{ "network": "builtin:glyphs", "calibration_data": { "samples": 8 },
                 "evaluation_data": { "samples": 16 } }],
  "sweep": [{ "weights": { "bits": [4, 8, "float"] }, "activations": { "bits": [8, "float"] },
              "batch": [1, 8] }] }
END
"$qs" run net.json --store net.db --launches 2 --no-limits --progress none >out 2>err ||
	wrong "run: $(cat err)"

# 4 and 8 bits share a race, the float recipe has its own; each at two batches; no integer run: one row
[ "$(rows choice 'types=u8s8s32,median_ns>0,speedup_over_float>0' kernel batch threads | sort)" = \
	"$(printf 'best 1 1\nbest 1 1\nbest 8 1\nbest 8 1')" ] || wrong "choice of integers"
[ "$(rows choice 'types=f32f32f32,median_ns>0,speedup_over_float=1' kernel batch | sort)" = \
	"$(printf 'best 1\nbest 8')" ] || wrong "choice of floats"
[ "$(rows choice 'skip=*simulated alone' kernel median_ns | sort -u)" = "none none" ] ||
	wrong "choice without times"
# peak bytes of glyphs: tests/t61_network_timing.c counts them by hand
[ "$(rows throughput 'operation=network,types=u8s8s32' kernel batch shape verdict peak_bytes | sort)" = \
	"$(printf '%s\n' 'best 1 16x16x1 exact 5120' 'best 8 16x16x1 exact 40960' \
		'ref 1 16x16x1 exact 5120' 'ref 8 16x16x1 exact 40960')" ] || wrong "throughput"
[ "$(rows layers 'kernel=best,batch=8,types=u8s8s32' layer_index | sort -n | uniq | wc -l)" = 14 ] ||
	wrong "layers"
rows layers 'kernel=best,batch=8' types share layers_over_whole speedup_over_float | awk '
	{ sum[$1] += $2; over[$1] = $3; if (!($4 > 0)) bad = 1 }
	END {
		for (t in sum)
			if (sum[t] < 0.999 || sum[t] > 2.001 || !(over[t] > 0)) bad = 1
		exit bad || length(sum) != 2
	}' || wrong "the layers do not add up: $(rows layers batch=8 types layer share layers_over_whole)"

"$qs" run net.json --store net.db --launches 2 --no-limits --progress none >out 2>err
grep -q '^0 cells measured' out || wrong "measured again: $(tail -1 out)"
"$qs" plan net.json --store one.db --only 'kernel=best,batch=8,weight_bits=8' >out 2>err
grep -q '^races: 1$' out || wrong "--only: $(cat out err)"
# a label out of the views finds its row again
label=$(rows layers 'kernel=best,batch=8,types=u8s8s32' choice_label | head -1)
"$qs" plan net.json --store one.db --only "label=$label" >out 2>err
grep -q '^races: 1$' out || wrong "--only label=$label: $(cat out err)"

finish 'times of networks'
