#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run --model: a config is made, run, and gives the same cells when it is run again; what was changed
# by hand is not written over; what lacks or does not go together is one sentence.
set -u
. "$(dirname "$0")/support.sh"
model=$QS_SOURCE/datasets/networks/glyphs.onnx
cd "$folder" || exit 1
refused() {     # SENTENCE ARGUMENT...
	local sentence=$1
	shift
	status_is 2 "$qs" run "$@"
	[ "$(wc -l <err)" -eq 1 ] && grep -q -- "$sentence" err || wrong "$*: $(cat err)"
}
keys() { "$qs" show "$1" --view planned --csv | cut -d, -f2 | sort -u; }

# 32 samples of 16 x 16 bytes: a NumPy header, then bytes of the model's file
header="{'descr': '|u1', 'fortran_order': False, 'shape': (32, 1, 16, 16), }"
{ printf '\223NUMPY\001\000\166\000'; printf '%-117s\n' "$header"; head -c 8192 "$model"; } >x.npy

fast="--quick --progress none --no-limits --launches 1"
"$qs" run --model "$model" --calibration x.npy $fast >out 2>err || wrong "run: $(cat out err)"
grep -q '0 reused, 0 skipped, 0 failed; stored in results/glyphs.db' out || wrong "run: $(tail -2 out)"
"$qs" show results/glyphs.db --view warning | grep -q 'calibration' ||
	wrong "no warning that it was judged on what calibrated it"
"$qs" run results/glyphs.json --progress none --no-limits --launches 1 >out 2>err
grep -q '^0 cells measured' out || wrong "its config again: $(tail -2 out)"
"$qs" run results/glyphs.json --store other.db --progress none --no-limits --launches 1 >out 2>err
[ "$(keys results/glyphs.db)" = "$(keys other.db)" ] && [ -n "$(keys other.db)" ] ||
	wrong "its config gives other cells"

sed -i 's|// Written by.*|// mine|' results/glyphs.json
cp results/glyphs.json kept
refused 'was not written by' --model "$model" --calibration x.npy $fast
cmp -s results/glyphs.json kept || wrong "a config changed by hand was written over"
refused 'wants --calibration FILE' --model "$model"
refused 'go with --model FILE' --calibration x.npy
refused 'choose one' --model "$model" --calibration x.npy --quick --full
refused 'give one of the two' results/glyphs.json --model "$model" --calibration x.npy
refused 'goes with a config' --model "$model" --calibration x.npy --data .
refused 'no such file' --model none.onnx --calibration x.npy

# four samples whose floats are all NaN (0xff bytes)
header="{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1, 16, 16), }"
{ printf '\223NUMPY\001\000\166\000'; printf '%-117s\n' "$header"; head -c 4096 /dev/zero | tr '\0' '\377'; } >nan.npy
rm results/glyphs.json
"$qs" run --model "$model" --calibration nan.npy --store nan.db $fast >out 2>err
[ $? -eq 1 ] || wrong "NaN samples: exit status $?"
"$qs" show nan.db --view failed | grep -q "the samples hold NaN or infinite values" || wrong "NaN samples: $(cat err)"

finish 'a model in one command'
