#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Would a test notice?  Breaks one constant at a time in a copy of the tree, by the rows of
# tests/mutations.txt, and demands that a test then fails:
#
#   tests/mutate.sh                      all rows
#   tests/mutate.sh REGEX                the rows that match
#   tests/mutate.sh --every N [REGEX]    each Nth of all rows, where it matches
#
# The rows are shared out to copies of the tree, at most one for each processor.
# Exit status 0: every mutation was caught; 1: one survived, changed nothing or does not compile.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/qs-mutate-XXXXXX") || exit 1
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT
rows=$folder/rows
every=1
if [ "${1:-}" = --every ]; then
	every=${2:?"--every wants a number"}
	shift 2
fi
grep -vE '^[[:space:]]*(#|$)' "$root/tests/mutations.txt" | sed -n "0~${every}p" |
	grep -E -- "${1:-}" >"$rows"
count=$(wc -l <"$rows")
[ "$count" -gt 0 ] || { echo "no row of tests/mutations.txt matches '${1:-}'" >&2; exit 1; }
# the tests run in the copies: what a caller has set for another tree must not reach them
unset QS_SOURCE QS_BUILD QUANTSWEEP_KERNELS

field() { awk -F' [|] ' -v n="$1" '{ gsub(/^ +| +$/, "", $n); print $n }' <<<"$2"; }
names_of() { (cd "$build" && ctest -N -R "$1" | sed -n 's/^ *Test *#[0-9]*: //p'); }
# programs and the library that the named tests run
make_tests() {
	local name targets=(quantsweep)
	for name in $(names_of "$1"); do
		[ -f "$tree/tests/$name.c" ] && targets+=("$name")
	done
	cmake --build "$build" --target "${targets[@]}" >"$log" 2>&1
}
run_tests() { (cd "$build" && ctest -R "$1" --timeout 120 >"$log" 2>&1); }

# The tree, built as it is, with the tests of all rows passing.  -O1: built soon, and the kernels
# are the same arithmetic.
make_copy() {
	local whole row
	mkdir -p "$tree"
	(cd "$root" && git ls-files -z | xargs -0 tar -cf - --) | tar -xf - -C "$tree" || return 1
	cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 \
		-DQS_WERROR=OFF >"$log" 2>&1 || { cat "$log"; return 1; }
	whole=$(while IFS= read -r row; do field 3 "$row"; done <"$1" | sort -u | paste -sd'|')
	[ -n "$(names_of "$whole")" ] || { echo "no test matches '$whole'"; return 1; }
	make_tests "$whole" || { tail -40 "$log"; return 1; }
	run_tests "$whole" || { echo "a test fails before anything is broken:"; tail -20 "$log"; return 1; }
}

try() {
	local row=$1 file expression tests what
	file=$(field 1 "$row") expression=$(field 2 "$row") tests=$(field 3 "$row")
	what=$(field 4 "$row")
	if [ -z "$what" ] || [ ! -f "$tree/$file" ]; then
		echo "not ok - a row wants FILE | SED | TESTS | WHAT and a file that is there: $row"
		return
	fi
	if [ -z "$(names_of "$tests")" ]; then
		echo "not ok - $file: no test matches '$tests'"
		return
	fi
	cp "$tree/$file" "$tree.kept"
	sed -i "$expression" "$tree/$file"
	if cmp -s "$tree/$file" "$tree.kept"; then
		echo "not ok - $file: '$expression' changes nothing"
	elif ! make_tests "$tests"; then
		echo "not ok - $file: $what: does not compile"
		grep -m3 'error' "$log" | sed 's/^/# /'
	elif run_tests "$tests"; then
		echo "not ok - $file: $what: survived $tests"
	else
		echo "ok - $file: $what"
	fi
	cp "$tree.kept" "$tree/$file"
}

# One worker: every `workers`-th row, in a tree of its own.
work() {
	local tree=$folder/$1/tree build=$folder/$1/tree/build log=$folder/$1.log row
	sed -n "$(($1 + 1))~${workers}p" "$rows" >"$folder/$1.rows"
	make_copy "$folder/$1.rows" || return 1
	while IFS= read -r row; do
		try "$row"
	done <"$folder/$1.rows"
}

# a copy is built once, which takes as long as some rows do
workers=$(nproc)
[ "$workers" -le $((count / 6 + 1)) ] || workers=$((count / 6 + 1))
for ((i = 0; i < workers; i++)); do
	work $i >"$folder/$i.out" 2>&1 &
done
wait
cat "$folder"/*.out
caught=$(cat "$folder"/*.out | grep -c '^ok - ')
echo "$count mutations, $caught caught"
[ "$count" -eq "$caught" ]
