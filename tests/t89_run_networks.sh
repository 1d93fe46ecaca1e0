#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Networks in `quantsweep run`: what is stored is reused, --again finds the same, a refusal is a
# skip, SIGINT ends between two batches and the next run goes on.
set -u
. "$(dirname "$0")/support.sh"
cd "$folder" || exit 1

# ends WORDS COMMAND ...: exit status 0 and a last line with these words
ends() {
	local words=$1
	shift
	"$@" --progress none >out 2>err || wrong "$*: $(cat err)"
	tail -1 out | grep -qF -- "$words" || wrong "$*: '$(tail -1 out)' without '$words'"
}

cat >arm.json <<'END'
{ "name": "arm",
  "subjects": [{ "network": "builtin:arm", "calibration_data": { "samples": 64 },
                 "evaluation_data": { "samples": 128 } }],
  "sweep": [{ "weights": { "bits": [4, 8] }, "activations": { "bits": [8, "float"] } },
            { "weights": { "bits": 8 }, "activations": { "calibration": "entropy",
              "range": "dynamic" } }],
  "measure": ["error", "drift", "task"] }
END
ends '4 cells measured, 0 reused, 1 skipped, 0 failed' "$qs" run arm.json --jobs 2
ends '0 cells measured, 4 reused, 1 skipped, 0 failed' "$qs" run arm.json
ends '4 cells measured, 0 reused, 1 skipped, 0 failed' "$qs" run arm.json --again --jobs 1 --memory 1K
"$qs" show results/arm.db --view skip --csv | grep -q 'no range for the 4 values of a sample' ||
	wrong "no skip of the dynamic range"
# float on 192 samples; on 128 both recipes isolated and cumulative, one also integer and local; on
# 64 the outputs of their weights, which are the same
ends '2 cells measured, 0 reused' "$qs" run arm.json --store four.db --only weight_bits=4
runs=$("$qs" show four.db --view run --json | grep -o '"layer_runs": *[0-9]*' | grep -o '[0-9]*$')
[ "$runs" = $((9 * (192 + 2 * 2 * 128 + 2 * 128 + 64))) ] || wrong "layer_runs is $runs"

sed 's/arm/glyphs/; s/: 128/: 20000/; s/\[4, 8\]/[2, 3, 4, 5, 6, 7, 8]/' arm.json |
	sed 's/"network": "builtin:arm"/"network": "builtin:glyphs"/' >glyphs.json
"$qs" run glyphs.json --jobs 2 --progress none >out 2>err &
pid=$!
sleep 1.5
start=$(date +%s)
kill -INT $pid
wait $pid
status=$?
[ $status -eq 130 ] && grep -q 'interrupted after' err || wrong "SIGINT: status $status: $(cat err)"
[ $(($(date +%s) - start)) -lt 20 ] || wrong "SIGINT: the run went on for long"
sed -i 's/: 20000/: 20/' glyphs.json
ends '14 cells measured, 0 reused, 1 skipped, 0 failed' "$qs" run glyphs.json --jobs 3

# the task alone: the same answers from one run of each recipe, under a key of its own
sed 's/\["error", "drift", "task"\]/"task"/' arm.json >task.json
"$qs" run arm.json --store results/arm.db --progress none >out 2>err
ends '4 cells measured, 0 reused, 1 skipped, 0 failed' "$qs" run task.json --store task.db
for db in results/arm.db task.db; do
	"$qs" show $db --view task --csv | awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["execution"] != "simulated" || $at["activation_bits"] == "" || $at["label"] ~ /a=float/ {
			print $at["label"], $at["execution"], $at["value"], $at["lost"], $at["low"] }' | sort
done >both
[ "$(sort both | uniq -d | wc -l)" = "$(sort both | uniq | wc -l)" ] && [ -s both ] ||
	wrong "the task alone: $(sort both | uniq -u)"
ends '2 cells measured' "$qs" run task.json --store two.db --only weight_bits=4
runs=$("$qs" show two.db --view run --json | grep -o '"layer_runs": *[0-9]*' | grep -o '[0-9]*$')
[ "$runs" = $((9 * (192 + 2 * 128))) ] || wrong "layer_runs of the task alone is $runs"
"$qs" show task.db --view drift --csv | grep -q arm && wrong "drift of the task alone"
ends '4 cells measured, 0 reused, 1 skipped, 0 failed' "$qs" run task.json --store results/arm.db

# of equal answers from equal bytes the recipe of the smaller error is recommended
sed 's/\[2, 3, 4, 5, 6, 7, 8\]/8/; s/"bits": \[8, "float"\]/"bits": [4, 6, 8]/' glyphs.json >equal.json
"$qs" run equal.json --store equal.db --progress none >out 2>err || wrong "equal.json: $(cat err)"
grep -q 'w int8 symmetric channel minmax, a int8' out || wrong "equal answers: $(cat out)"
grep -q 'minmax, a int[46]' out && wrong "a larger error is recommended: $(cat out)"

finish 'networks in a run'
