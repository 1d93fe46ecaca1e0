#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A user's kernel library is checked and raced like ours: tests/kernels/good.c is built by the two
# lines that stand at its own head, in a compiler's hands alone.
set -u
[ -z "${QS_SANITIZE:-}" ] || { echo "# SKIP under a sanitizer: the release build tests it"; exit 0; }
qs=$QS_BUILD/quantsweep
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
wrong() { printf 'not ok - %s\n' "$*"; failures=$((failures + 1)); }

cd "$QS_SOURCE" || exit 1
command=$(sed -n '/^ \*  *cc /,/good\.c$/s/^ \* *//p' tests/kernels/good.c)
[ "$(wc -l <<<"$command")" = 2 ] || wrong "the head of good.c has no command of two lines: $command"
command=${command/-o good.so/-o $folder/good.so}
bash -c "${command/#cc/${CC:-cc}}" >"$folder/out" 2>&1 || wrong "it does not build: $(cat "$folder/out")"

"$qs" check --kernels "$folder/good.so" --kernel '*__good' >"$folder/out" 2>&1 ||
	wrong "check: $(cat "$folder/out")"
grep -q '^ok - gemm_u8s8s32__good (' "$folder/out" || wrong "check does not name it: $(cat "$folder/out")"

cat >"$folder/mine.json" <<'END'
{ "name": "mine",
  "subjects": [{ "op": "gemm", "m": 8, "n": 64, "k": 128 }],
  "sweep": { "weights": {}, "activations": {}, "kernel": ["good.so", "best"], "threads": [1, 2] } }
END
"$qs" run "$folder/mine.json" --store "$folder/mine.db" --kernels "$folder/good.so" --launches 2 \
	--progress none >"$folder/out" 2>&1 || wrong "run: $(cat "$folder/out")"
rows=$("$qs" show "$folder/mine.db" --view throughput --where kernel=gemm_u8s8s32__good --json)
for word in '"library": *"good.so"' '"verdict": *"exact"' '"threads": *2' '"launches": *2'; do
	grep -qE "$word" <<<"$rows" || wrong "view throughput has no $word: $rows"
done
for column in median_ns gops ratio_to_reference ratio_to_float roofline_fraction; do
	grep -qE "\"$column\": *[0-9]" <<<"$rows" || wrong "view throughput has no $column: $rows"
done
[ $failures -eq 0 ] && echo "ok - a user's library"
exit $((failures > 0))
