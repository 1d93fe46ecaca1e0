#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# quantsweep choosing: a line for each calibration; on a long slice a pass for each candidate would
# read at least 100 times what is read.
set -u
qs=$QS_BUILD/quantsweep
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
wrong() { printf 'not ok - %s\n' "$*"; failures=$((failures + 1)); }

"$qs" choosing --length 1048576 >out 2>err || wrong "exit status $?: $(cat err)"
for name in $("$qs" list calibration | awk '/^  [a-z]/ { print $1 }'); do
	[ "$name" = fixed ] || grep -q "^$name " out || wrong "no line of $name"
done
grep -q '^sorting, .* 1048576 elements read' out || wrong "sorting reads the slice once: $(head -1 out)"
times=$(sed -n 's/.* elements: \([0-9]*\) times as many/\1/p' out)
echo "# a pass for each candidate: $times times as many elements"
[ "${times:-0}" -ge 100 ] || wrong "$times times as many elements"
grep -Eq '^peak memory of the process [0-9.]+ MiB: [0-9.]+ times the 4.0 MiB of values$' out ||
	wrong "no peak memory: $(tail -1 out)"

"$qs" choosing --slices 3 --length 500 --values outliers --calibration 'm*e' >out || wrong "a glob: $?"
grep -q '^mse ' out || wrong "no mse"
grep -q '^minmax ' out && wrong "minmax was not asked for"
"$qs" choosing --length 100 --any-order >out || wrong "--any-order: $?"
grep -q '^mse ' out || wrong "mse is in any order"
grep -q '_as_in_' out && wrong "an order-dependent one"
# several slices are channels: what a project has for tensors alone is left out, and why is said
"$qs" choosing --slices 2 --length 100 >out || wrong "two slices: $?"
for name in $("$qs" list calibration | awk '/^  [a-z]/ { print $1 }'); do
	note=$("$qs" list calibration | sed -n "/^  $name /,/source: /s/^ *per tensor alone: //p")
	line=$(grep "^$name " out)
	case $name:$note:$line in
	fixed::) ;;
	*::*' elements read '*) ;;
	histogram_as_in_pytorch:*NotImplementedError*:*" left out: $note") ;;
	entropy_as_in_tensorrt:*NotImplementedError*:*" left out: $note") ;;
	*_as_in_onnxruntime:*per_channel*:*" left out: $note") ;;
	*_as_in_vitis:*per_channel*:*" left out: $note") ;;
	*) wrong "a line of channels: $name, $note: $line" ;;
	esac
done
[ "$(grep -c ' left out: ' out)" -eq 6 ] || wrong "what is left out: $(cat out)"
for bad in '--slices 0' '--length x' '--values nothing' '--calibration nothing' '--calibration fixed' \
	'--any-order --calibration *_as_in_*' 'word' '--nothing'; do
	"$qs" choosing $bad >out 2>err
	status=$?
	[ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] || wrong "$bad: exit status $status: $(cat err)"
done
"$qs" choosing --calibration minmx 2>&1 | grep -q "did you mean 'minmax'" || wrong "the nearest calibration"
"$qs" choosing --values outlier 2>&1 | grep -q "did you mean 'outliers'" || wrong "the nearest tensor"
exit $((failures > 0))
