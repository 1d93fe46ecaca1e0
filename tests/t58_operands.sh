#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every number of view error, of tensors and of the operands and outputs of operations, against
# tests/golden/operands.csv (see its make/operands.py): the same rows, counts and extremes to the
# last bit, sums to 1e-12 of their size, the mean error to 1e-12 of the largest, of a step for the
# bias in steps.
set -u
. "$(dirname "$0")/support.sh"
golden=$QS_SOURCE/tests/golden

"$qs" run "$QS_SOURCE/tests/studies/operands.json" --data "$golden" --store "$folder/operands.db" \
	--progress none >"$folder/out" 2>&1 || { cat "$folder/out"; exit 1; }
"$qs" show "$folder/operands.db" --view error --csv >"$folder/rows.csv" || exit 1

# labels and tensors hold no comma; what is quoted loses its own
awk -F, -v rows="$folder/rows.csv" '
function wrong(text) { if (wrongs++ < 20) print "not ok - " text }
function near(name, found, want, size) {
	if ((found == "") != (want == "") || found - want > size || want - found > size)
		wrong(key ": " name " " found " instead of " want)
}
function next_row(  parts, count, i) {
	if ((getline < rows) <= 0)
		return 0
	count = split($0, parts, "\"")
	$0 = parts[1]
	for (i = 2; i <= count; i++) {
		if (i % 2 == 0)
			gsub(",", "", parts[i])
		$0 = $0 parts[i]
	}
	return 1
}
BEGIN {
	next_row()
	for (i = 1; i <= NF; i++)
		column[$i] = i
	while (next_row()) {
		key = $column["label"] " " $column["tensor"]
		for (name in column)
			value[key, name] = $column[name]
		count++
	}
}
NR == 1 { for (i = 1; i <= NF; i++) title[i] = $i; next }
{
	key = $1 " " $2
	if (!((key, "mse") in value)) { wrong(key ": no such row"); next }
	for (i = 3; i <= NF; i++) {
		name = title[i]
		size = $i < 0 ? -$i : $i
		if (name == "mean_error")
			size = value[key, "max_abs"]
		else if (name == "bias_over_step")
			size = 1
		else if (name !~ /^(mse|rmse|rmse_over_step|sqnr_db|cosine|kl_divergence|output_.*)$/)
			size = 0
		near(name, value[key, name], $i, size * 1e-12)
	}
	compared++
}
END {
	if (compared < 200 || compared != count)
		wrong(compared " rows compared, " count " stored")
	print compared " rows"
	exit wrongs > 0
}' "$golden/operands.csv"
