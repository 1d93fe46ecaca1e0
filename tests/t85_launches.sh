#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Launches: as many as asked for; a set that a killed run left is filled up, not begun anew; what
# kills a worker stays out of further launches and costs nobody else.  Speed is not looked at.
set -u
. "$(dirname "$0")/support.sh"
[ -z "${QS_SANITIZE:-}" ] || skip 'under a sanitizer: the release build tests it'

cat >"$folder/two.json" <<'END'
{ "name": "two",
  "subjects": [{ "op": "gemm", "m": 2, "n": 8, "k": 16 }, { "op": "gemm", "m": 3, "n": 8, "k": 16 }],
  "sweep": { "weights": {}, "activations": {}, "kernel": "ref" } }
END
db=$folder/two.db
run() { "$qs" run "$folder/two.json" --store "$db" --progress none "$@" >"$folder/out" 2>&1; }
# the values that columns of view throughput take, each once
column() { "$qs" show "$db" --view throughput --json |
	grep -oE "\"$1\": *[^,}]*" | sed 's/.*: *//' | sort -u | tr '\n' ' '; }

for word in 0 64 -1 2.5 many; do
	run --launches "$word"
	[ $? = 2 ] || wrong "--launches $word is not refused"
done
"$qs" plan "$folder/two.json" --store "$db" --launches 3 >"$folder/out" ||  wrong "plan --launches"
grep -q '2 of 2 races (.* for 6 launches)' "$folder/out" || wrong "plan: $(grep races "$folder/out")"

run --launches 2 || wrong "two launches: $(cat "$folder/out")"
[ "$(column launches)" = "2 " ] || wrong "launches are $(column launches)"
grep -q '^ *2 *2 launches$' "$folder/out" || wrong "nobody says that 2 launches are few"
"$qs" show "$db" --view warning --csv | grep -q few_launches || wrong "few_launches is not stored"

# killed three times somewhere on the way to 8
for after in 0.9 0.5 0.7; do
	"$qs" run "$folder/two.json" --store "$db" --progress none --launches 8 >/dev/null 2>&1 &
	sleep $after
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
done
run --launches 8 || wrong "eight launches: $(cat "$folder/out")"
[ "$(column launches)" = "8 " ] || wrong "after being killed launches are $(column launches)"
[ "$(column set_number)" = "1 " ] || wrong "sets are $(column set_number)"
"$qs" show "$db" --view warning --csv | grep -q few_launches && wrong "8 launches are few"
run --launches 8 || wrong "again eight"
grep -q '^0 cells measured' "$folder/out" || wrong "a whole set is measured again"
run --again --launches 1 || wrong "--again"
[ "$(column launches)" = "1 " ] || wrong "with --again launches are $(column launches)"
[ "$(column set_number)" != "1 " ] || wrong "--again goes on with the old set"

sed -i 's/"ref"/["ref", "*crash*"]/' "$folder/two.json"
db=$folder/crash.db
run --launches 3 --kernels "$QS_BUILD/tests/kernels/crash.so"
[ $? = 1 ] || wrong "a crash is no failure: $(cat "$folder/out")"
found=$("$qs" show "$db" --view throughput --csv | awk -F, '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ print ($at["verdict"] == "not_run") $at["launches"] }' | sort -u | tr '\n' ' ')
[ "$found" = "03 11 " ] || wrong "crash: not run and launches: $found"
grep -c '^failed: ' "$folder/out" | grep -qx 4 || wrong "deaths are told: $(cat "$folder/out")"

finish 'launches'
