#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Does the interval of a ratio hold?  One race (gemm 64x512x512, integers against the best float
# kernel) is run 10 times, each time 7 launches into a file of its own.  The truth is taken to be the
# median of the ten ratios: at least 9 of the 10 intervals must hold it.  Beside it stands what
# timing each kernel in one process of its own would have said: the quotient of the medians of two
# different launches, with the least and greatest quotient that their repetitions allow.
#
#   tests/acceptance/races.sh [BUILD [RUNS [LAUNCHES]]]      about 10 s a run on an idle machine
#
# Not among the tests: it needs minutes, the sqlite3 shell, and says how good this machine is.
# Status 1: fewer than 9 of 10 hold it.
set -eu
build=${1:-build} runs=${2:-10} launches=${3:-7}
qs=$build/quantsweep
command -v sqlite3 >/dev/null || { echo "races.sh: the sqlite3 shell is missing" >&2; exit 4; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/race.json" <<'END'
{ "name": "race",
  "subjects": [{ "op": "gemm", "m": 64, "n": 512, "k": 512 }],
  "sweep": { "weights": {}, "activations": {}, "kernel": "best" } }
END
printf 'load before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
for run in $(seq "$runs"); do
	"$qs" run "$folder/race.json" --store "$folder/$run.db" --launches "$launches" --seed "$run" \
		--progress none >/dev/null
	# the launches of one process: one for each kernel, 9 repetitions
	sqlite3 -separator ' ' "$folder/$run.db" "
		WITH own AS (SELECT * FROM throughput WHERE NOT guest AND kernel NOT LIKE '%\_\_ref' ESCAPE '\'),
		floats AS (SELECT * FROM throughput WHERE race = (SELECT race FROM own) AND types = 'f32f32f32'),
		a AS (SELECT l.* FROM launch l JOIN own USING (cell_key, race) WHERE launch = 0),
		b AS (SELECT l.* FROM launch l JOIN floats USING (cell_key, race) WHERE launch = 1),
		x AS (SELECT min(value) AS low, max(value) AS high FROM a, json_each(a.samples)),
		y AS (SELECT min(value) AS low, max(value) AS high FROM b, json_each(b.samples))
		SELECT own.kernel, own.ratio_to_float, own.ratio_low, own.ratio_high,
			b.median_ns / a.median_ns, y.low / x.high, y.high / x.low, own.median_ns, own.spread
		FROM own, a, b, x, y"
done >"$folder/rows"
printf 'load after:  %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"

awk -v launches="$launches" '
function median(values, n,   i, j, t, s) {
	for (i = 1; i <= n; i++) s[i] = values[i]
	for (i = 2; i <= n; i++) for (j = i; j > 1 && s[j] < s[j - 1]; j--) { t = s[j]; s[j] = s[j - 1]; s[j - 1] = t }
	return (s[int((n + 1) / 2)] + s[int(n / 2) + 1]) / 2
}
{ n++; kernel = $1; r[n] = $2; low[n] = $3; high[n] = $4; s[n] = $5; slow[n] = $6; shigh[n] = $7; ns[n] = $8; spread[n] = $9 }
END {
	truth = median(r, n)
	printf "%s against float: median of %d ratios %.3f\n\n", kernel, n, truth
	printf "run   ratio of %2d launches [interval]      off   holds | one process each [range]         off   holds |  median us  spread\n", launches
	for (i = 1; i <= n; i++) {
		a = low[i] <= truth && truth <= high[i]; b = slow[i] <= truth && truth <= shigh[i]
		held += a; single += b
		off = 100 * (r[i] / truth - 1); soff = 100 * (s[i] / truth - 1)
		worst = off * off > worst * worst ? off : worst; sworst = soff * soff > sworst * sworst ? soff : sworst
		printf "%3d   %6.3f [%6.3f, %6.3f]        %+6.1f %%   %-5s | %6.3f [%6.3f, %6.3f]   %+6.1f %%   %-5s | %9.1f  %5.1f %%\n",
			i, r[i], low[i], high[i], off, a ? "yes" : "no", s[i], slow[i], shigh[i], soff, b ? "yes" : "no", ns[i] / 1000, 100 * spread[i]
	}
	printf "\nintervals of launches that hold it: %d of %d; worst ratio off by %+.1f %%\n", held, n, worst
	printf "ranges of one process each that hold it: %d of %d; worst ratio off by %+.1f %%\n", single, n, sworst
	exit held * 10 < 9 * n
}' "$folder/rows"
