#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Hostile models end with one sentence and status 2, within a second (of a release build) and
# 256 MiB.  tests/garbage/hostile/ holds them, each with NAME.expect, a glob for the sentence.
set -u
. "$(dirname "$0")/support.sh"
cases=0

printf '0,0\n' >"$folder/x.csv"
for model in "$QS_SOURCE"/tests/garbage/hostile/*.onnx; do
	name=$(basename "$model" .onnx)
	expect=$(cat "${model%.onnx}.expect")
	cases=$((cases + 1))
	cp "$model" "$folder/$name.onnx"
	# sanitizers reserve all memory there is and are slow
	limit=262144 seconds=1
	[ -z "${QS_SANITIZE:-}" ] || { limit=unlimited seconds=20; }
	(cd "$folder" && ulimit -v $limit && timeout $seconds "$qs" run --model "$name.onnx" \
		--calibration x.csv --progress none) >"$folder/out" 2>"$folder/err" </dev/null
	status=$?
	[ $status -eq 2 ] || wrong "$name: status $status: $(cat "$folder/err")"
	[ "$(wc -l <"$folder/err")" -eq 1 ] || wrong "$name: not one sentence: $(cat "$folder/err")"
	[[ $(cat "$folder/err") == quantsweep:\ $expect ]] ||
		wrong "$name: $(cat "$folder/err"); expected $expect"
done
[ $cases -ge 20 ] || wrong "$cases models, at least 20 are meant"
finish "$cases models"
