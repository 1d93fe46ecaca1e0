#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Would a test notice?  Breaks one constant at a time in a copy of the tree, by the rows of
# tests/mutations.txt, and demands that a test then fails:
#
#   tests/mutate.sh           all rows
#   tests/mutate.sh REGEX     the rows that match
#
# Exit status 0: every mutation was caught; 1: one survived, changed nothing or does not compile.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
rows=$(grep -vE '^[[:space:]]*(#|$)' "$root/tests/mutations.txt" | grep -E -- "${1:-}")
[ -n "$rows" ] || { echo "no row of tests/mutations.txt matches '${1:-}'" >&2; exit 1; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/qs-mutate-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
tree=$folder/tree build=$folder/tree/build
# the tests run in the copy: what a caller has set for another tree must not reach them
unset QS_SOURCE QS_BUILD QUANTSWEEP_KERNELS

mkdir "$tree"
(cd "$root" && git ls-files -z | xargs -0 tar -cf - --) | tar -xf - -C "$tree" || exit 1

field() { awk -F' [|] ' -v n="$1" '{ gsub(/^ +| +$/, "", $n); print $n }' <<<"$2"; }
names_of() { (cd "$build" && ctest -N -R "$1" | sed -n 's/^ *Test *#[0-9]*: //p'); }
# programs and the library that the named tests run
make_tests() {
	local name targets=(quantsweep)
	for name in $(names_of "$1"); do
		[ -f "$tree/tests/$name.c" ] && targets+=("$name")
	done
	cmake --build "$build" --target "${targets[@]}" >"$folder/log" 2>&1
}
run_tests() { (cd "$build" && ctest -R "$1" --timeout 120 >"$folder/log" 2>&1); }

# -O1: built in a few seconds, and the kernels are the same arithmetic
cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 -DQS_WERROR=OFF \
	>"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
whole=$(while IFS= read -r row; do field 3 "$row"; done <<<"$rows" | sort -u | paste -sd'|')
[ -n "$(names_of "$whole")" ] || { echo "no test matches '$whole'" >&2; exit 1; }
make_tests "$whole" || { tail -40 "$folder/log" >&2; exit 1; }
run_tests "$whole" || { echo "a test fails before anything is broken:" >&2
	tail -20 "$folder/log" >&2; exit 1; }

count=0 caught=0
while IFS= read -r row; do
	file=$(field 1 "$row") expression=$(field 2 "$row") tests=$(field 3 "$row")
	what=$(field 4 "$row")
	count=$((count + 1))
	if [ -z "$what" ] || [ ! -f "$tree/$file" ]; then
		echo "not ok - a row wants FILE | SED | TESTS | WHAT and a file that is there: $row"
		continue
	fi
	if [ -z "$(names_of "$tests")" ]; then
		echo "not ok - $file: no test matches '$tests'"
		continue
	fi
	cp "$tree/$file" "$folder/kept"
	sed -i "$expression" "$tree/$file"
	if cmp -s "$tree/$file" "$folder/kept"; then
		echo "not ok - $file: '$expression' changes nothing"
	elif ! make_tests "$tests"; then
		echo "not ok - $file: $what: does not compile"
		grep -m3 'error' "$folder/log" | sed 's/^/# /'
	elif run_tests "$tests"; then
		echo "not ok - $file: $what: survived $tests"
	else
		caught=$((caught + 1))
		echo "ok - $file: $what"
	fi
	cp "$folder/kept" "$tree/$file"
done <<<"$rows"
echo "$count mutations, $caught caught"
[ $count -eq $caught ]
