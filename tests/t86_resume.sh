#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A run that SIGKILL ends at any moment and that is started again ends with the same rows as one
# that nobody disturbed.  The moments are drawn from a seed that is printed.
set -u
. "$(dirname "$0")/support.sh"
[ -z "${QS_SANITIZE:-}" ] || skip 'under a sanitizer: the release build tests it'
study=$QS_SOURCE/tests/studies/small.json
seed=${QS_SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
echo "# seed $seed"
rounds=6

run() { "$qs" run "$study" --store "$1" --progress none --jobs 2 >"$folder/out" 2>&1; }

start=$(date +%s%N)
run "$folder/whole.db" || { cat "$folder/out"; wrong "the undisturbed run failed"; exit 1; }
milliseconds=$((($(date +%s%N) - start) / 1000000))
"$qs" gate --remake "$folder/whole.csv" "$folder/whole.db" >/dev/null || { wrong "remake"; exit 1; }
rows=$(grep -vc '^#' "$folder/whole.csv")
[ "$rows" -gt 500 ] || { wrong "only $rows rows"; exit 1; }

for round in $(seq $rounds); do
	killed=0
	rm -f "$folder"/cut.db*
	for _ in 1 2 3; do
		"$qs" run "$study" --store "$folder/cut.db" --progress none --jobs 2 >/dev/null 2>&1 &
		pid=$!
		after=$((RANDOM % (milliseconds + 1)))
		sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
		kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
		wait $pid 2>/dev/null
	done
	run "$folder/cut.db" || { cat "$folder/out"; wrong "round $round: the last run failed"; continue; }
	"$qs" gate --remake "$folder/cut.csv" "$folder/cut.db" >/dev/null
	if cmp -s "$folder/whole.csv" "$folder/cut.csv"; then
		echo "ok - round $round: $killed runs killed, $rows rows equal"
	else
		diff "$folder/whole.csv" "$folder/cut.csv" | head -5
		wrong "round $round: other rows"
	fi
done
finish 'runs that were killed'
