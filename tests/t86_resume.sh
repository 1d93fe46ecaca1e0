#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A run that SIGKILL ends at any moment and that is started again ends with the same rows as one
# that nobody disturbed.  The moments are drawn from a seed that is printed.
set -u
[ -z "${QS_SANITIZE:-}" ] || { echo "# SKIP under a sanitizer: the release build tests it"; exit 0; }
qs=$QS_BUILD/quantsweep
study=$QS_SOURCE/tests/studies/small.json
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
seed=${QS_SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
echo "# seed $seed"
rounds=6 failures=0

run() { "$qs" run "$study" --store "$1" --progress none --jobs 2 >"$folder/out" 2>&1; }

start=$(date +%s%N)
run "$folder/whole.db" || { cat "$folder/out"; echo "not ok - the undisturbed run failed"; exit 1; }
milliseconds=$((($(date +%s%N) - start) / 1000000))
"$qs" gate --remake "$folder/whole.csv" "$folder/whole.db" >/dev/null || { echo "not ok - remake"; exit 1; }
rows=$(grep -vc '^#' "$folder/whole.csv")
[ "$rows" -gt 500 ] || { echo "not ok - only $rows rows"; exit 1; }

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
	run "$folder/cut.db" || { cat "$folder/out"; echo "not ok - round $round: the last run failed"; failures=1; continue; }
	"$qs" gate --remake "$folder/cut.csv" "$folder/cut.db" >/dev/null
	if cmp -s "$folder/whole.csv" "$folder/cut.csv"; then
		echo "ok - round $round: $killed runs killed, $rows rows equal"
	else
		diff "$folder/whole.csv" "$folder/cut.csv" | head -5
		echo "not ok - round $round: other rows"
		failures=1
	fi
done
exit $failures
