#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The layout is the data flow: a file includes headers of its own stage and earlier ones, never of
# later ones; each library has one home; each value's file stands in its folder's table.
set -u
. "$(dirname "$0")/support.sh"
cd "$QS_SOURCE" || exit 1

# The stages, early to late.  The first pattern that fits a path is its rank.
stages='
kernels/
harness/(error|env|cpu|text|conv|quote|files|hash|random|fixed_math|sums|center|parallel|version)\.
harness/loops/
harness/axes/
harness/(recipe|filter)
harness/config
datasets/
harness/library
harness/calibrate/
harness/formats/
harness/network/
harness/measure/metrics/
harness/(plan|label|estimate)
harness/measure/
harness/store/
harness/(report|gate)/
harness/progress\.
harness/commands/
harness/main\.
tests/'

sources=$(find kernels harness datasets tests -name '*.c' -o -name '*.h' -o -name '*.cc' | sort)
[ -n "$sources" ] || wrong "no source was found"

order=$(printf '%s\n' $sources | xargs grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' |
awk -v stages="$stages" '
function rank(path,   i) {
	for (i = 1; i <= count; i++)
		if (path ~ "^" pattern[i])
			return i
	return 0
}
function normal(path,   parts, n, out, i, top, j) {
	n = split(path, parts, "/"); top = 0
	for (i = 1; i <= n; i++)
		if (parts[i] == "..") top--
		else if (parts[i] != "." && parts[i] != "") out[++top] = parts[i]
	path = ""
	for (j = 1; j <= top; j++) path = path (j > 1 ? "/" : "") out[j]
	return path
}
BEGIN { n = split(stages, lines, "\n"); for (i = 1; i <= n; i++) if (lines[i] != "") pattern[++count] = lines[i] }
{
	split($0, place, ":"); file = place[1]; line = place[2]
	target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
	folder = file; sub(/[^\/]*$/, "", folder)
	target = normal(folder target)
	if (!rank(file)) print file ": stands in no stage of the list"
	else if (!rank(target)) print file ":" line ": includes " target ", which stands in no stage"
	else if (rank(target) > rank(file)) print file ":" line ": includes " target " of a later stage"
}')
[ -z "$order" ] || wrong "$order"

home() { # home HEADER FOLDERS: only files under FOLDERS may include it
	local found
	found=$(grep -lE "#[[:space:]]*include[[:space:]]*<$1>" $sources | grep -vE "^($2)")
	[ -z "$found" ] || wrong "<$1> belongs to $2 alone: $found"
}
home 'sqlite3\.h' 'harness/store/|tests/'
home 'benchmark/benchmark\.h' 'harness/measure/benchmark_shim\.cc'
home 'cJSON\.h' 'harness/config|datasets/readers/|tests/'
home 'sleef\.h' 'harness/fixed_math\.c'
home 'xxhash\.h' 'harness/hash\.c'
home 'onnx/onnx\.pb-c\.h' 'datasets/readers/onnx'
grep -nE '\b(exit|_Exit|abort)\(' $(printf '%s\n' $sources | grep -vE '^tests/') |
	grep -vE '^harness/(main|measure/(race|worker))' | grep . && wrong "only main exits"

table() { # table FOLDER TABLE: each .c of the folder stands in the table's list
	local file name
	[ -d "$1" ] || return 0
	for file in $(find "$1" -name "*.c"); do
		name=$(basename "$file" .c)
		[ "$file" = "$2" ] && continue
		grep -qE "const struct [a-z_]+ [a-z]+_$name = " "$file" || continue
		grep -qE "X\($name\)" "$2" || wrong "$file has no line in $2"
	done
}
table harness/calibrate harness/calibrate/calibrations.c
table harness/formats harness/formats/formats.c
table datasets/synthetic datasets/synthetic/generators.c
table datasets/readers datasets/readers/readers.c
table harness/network/operations harness/network/operations/operations.c
table harness/measure/metrics harness/measure/metrics/metrics.c
table harness/measure/limits harness/measure/limits/limits.c
table harness/commands harness/commands/commands.c
for file in $(find kernels -name '*__*.c'); do
	name=$(basename "$file" .c) family=${name%%__*}
	grep -qF "X($name)" kernels/kernels.c ||
		sed -n "/^#define ${family^^}(/,/[^\\]\$/p" kernels/kernels.c | grep -qF "##__${name#*__})" ||
		wrong "$file has no line in kernels/kernels.c"
done

for file in $(printf '%s\n' $sources | grep -vE '^(kernels|tests)/'); do
	lines=$(wc -l <"$file")
	[ "$lines" -le 400 ] || wrong "$file has $lines lines, at most 400"
done
wide=$(printf '%s\n' $sources | grep -v '^tests/' | xargs expand -t8 | awk 'length > 100')
[ -z "$wide" ] || wrong "lines of more than 100 columns: $wide"
for file in $sources; do
	head -3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || wrong "$file has no SPDX line"
done
left=$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $sources)
[ -z "$left" ] || wrong "$left"

extra=$(git ls-files 2>/dev/null | sed 's#/.*##' | sort -u | grep -vxE \
	'CMakeLists.txt|CMakePresets.json|README.md|LICENSE|quickstart|harness|kernels|datasets|configs|results|plots|tests|\..*')
[ -z "$extra" ] || wrong "top level holds more than the README says: $extra"

finish "$(printf '%s\n' $sources | wc -l) files"
