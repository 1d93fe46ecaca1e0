#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# configs/examples/ten-thousand-cells.json: it has as many cells as its name says, and those of one
# tensor, of the fewest values other than 0 in a channel, are all measured and stored.
set -u
qs=$QS_BUILD/quantsweep
config=$QS_SOURCE/configs/examples/ten-thousand-cells.json
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

"$qs" plan "$config" --store "$folder/a.db" >"$folder/plan" 2>&1
grep -q '^  tensor  *40 subjects  *10000 accuracy cells$' "$folder/plan" ||
	{ echo "not ok - the plan"; cat "$folder/plan"; failed=1; }
"$qs" run "$config" --store "$folder/a.db" --only 'subject=synthetic:relu:32x2048' --progress none \
	>"$folder/out" 2>&1
grep -q '^250 cells measured, 0 reused, 0 skipped, 0 failed' "$folder/out" ||
	{ echo "not ok - one tensor's cells"; cat "$folder/out"; failed=1; }
rows=$("$qs" show "$folder/a.db" --view error --csv | wc -l)
[ "$rows" = 251 ] || { echo "not ok - $rows lines of 251"; failed=1; }
[ $failed = 0 ] && echo "ok - ten thousand cells"
exit $failed
