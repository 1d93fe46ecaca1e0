#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The stored numbers are the same to the last bit for any --jobs and any --isa that this CPU has:
# errors, the drift through two networks, their tasks, the hash of all integer outputs.
# $QS_OTHER (a build folder of another compiler) adds that build to the comparison.
set -u
. "$(dirname "$0")/support.sh"
study=$QS_SOURCE/tests/studies/small.json

rows() { # rows NAME PROGRAM OPTION ...
	local name=$1 program=$2
	shift 2
	"$program" run "$study" --store "$folder/$name.db" --progress none "$@" >"$folder/out" 2>&1 &&
		"$program" gate --remake "$folder/$name.csv" "$folder/$name.db" >>"$folder/out" 2>&1 ||
		{ cat "$folder/out"; wrong "$name: the run failed"; exit 1; }
	[ "$name" = first ] && return
	if cmp -s "$folder/first.csv" "$folder/$name.csv"; then
		echo "ok - $name"
	else
		diff "$folder/first.csv" "$folder/$name.csv" | head -5
		wrong "$name: other rows"
	fi
}

rows first "$qs" --jobs 4
for kind in ',layer:fc1,' ',layer:block2_conv1,' ',task:mse:integer,' ',task:top1:simulated,' \
	',fc1.weight,' ',network,.*,[0-9a-f]\{32\}$'; do
	grep -q "$kind" "$folder/first.csv" || wrong "no row like $kind"
done
rows jobs-1 "$qs" --jobs 1
rows jobs-3-small-memory "$qs" --jobs 3 --memory 1M
isas=$("$qs" list isa | sed -n 's/^ *this CPU runs: //p')
[ -n "$isas" ] || { wrong "list isa names none that this CPU runs"; exit 1; }
for isa in $isas; do
	rows "isa-$isa" "$qs" --isa "$isa"
done
[ -z "${QS_OTHER:-}" ] || rows other-compiler "$QS_OTHER/quantsweep"
finish 'the same rows'
