#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The command line as a whole: help of every command, exit statuses, the straight line from a config
# to numbers, an interrupted run, a command that measures one cell again.
set -u
qs=$QS_BUILD/quantsweep
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
cp "$QS_SOURCE/tests/studies/tiny.json" "$QS_SOURCE/tests/studies/small.json" .
failures=0
wrong() { printf 'not ok - %s\n' "$*"; failures=$((failures + 1)); }
expect() { # expect STATUS WHAT COMMAND ...
	local status=$1 what=$2 got
	shift 2
	"$@" >out 2>err </dev/null
	got=$?
	[ $got -eq "$status" ] || wrong "$what: exit status $got, expected $status: $(cat err)"
}

expect 0 help "$qs" --help
commands=$(awk '/^  [a-z]+ / { print $1 }' out)
[ "$(printf '%s\n' $commands | wc -l)" -ge 6 ] || wrong "too few commands in --help: $commands"
for command in $commands; do
	expect 0 "$command --help" "$qs" "$command" --help
	grep -q "^usage: quantsweep $command " out || wrong "$command --help has no usage line"
	grep -q -- '--help' out || wrong "$command --help does not name --help"
	expect 2 "$command with an unknown option" "$qs" "$command" --no-such-option
	[ "$(wc -l <err)" -eq 1 ] || wrong "$command: not one sentence: $(cat err)"
	"$qs" "$command" --help >>all-help
done
# what does not work yet is not in the help
for word in worker advise merge --shard; do
	grep -qw -- "$word" all-help && wrong "the help speaks of $word"
done

expect 2 'no command' "$qs"
expect 2 'a near command' "$qs" rnu
grep -q "did you mean 'run'" err || wrong "rnu: $(cat err)"
expect 0 version "$qs" --version

expect 0 run "$qs" run tiny.json --progress none
[ -s results/tiny.db ] || wrong "the default store is not results/tiny.db"
expect 0 'run again' "$qs" run tiny.json --progress none
grep -q '^0 cells measured' out || wrong "a second run measured something: $(tail -1 out)"
expect 0 'run --again' "$qs" run tiny.json --progress none --again
expect 0 'another store' "$qs" run tiny.json --progress none --store other.db
grep -q -- '--store other.db --again --only' out || wrong "the summary's commands do not name the store"
expect 0 show "$qs" show results/tiny.db
for view in choice error drift task throughput sensitivity limit skip warning trend run machine; do
	expect 0 "show --view $view" "$qs" show results/tiny.db --view $view --json
	[ "$(head -c 1 out)" = '[' ] || wrong "--view $view --json is no array"
done
expect 0 plan "$qs" plan tiny.json
expect 0 list "$qs" list
expect 0 remake "$qs" gate --remake b.csv results/tiny.db
expect 0 gate "$qs" gate --baseline b.csv results/tiny.db
sed '5s/,[^,]*$/,12345/' b.csv >worse.csv
expect 1 'a changed baseline' "$qs" gate --baseline worse.csv results/tiny.db

# each row prints the command that measures this cell alone
again=$("$qs" show results/tiny.db --view choice --csv | awk -F, 'NR == 2' | grep -o "quantsweep run .*'" | sed 's/""/"/g')
[ -n "$again" ] || wrong "a row of choice prints no command"
eval "${again/quantsweep/$qs} --store one.db --progress none" >out 2>err || wrong "$again: $(cat err)"
[ "$("$qs" show one.db --view choice --csv | wc -l)" -eq 2 ] || wrong "'$again' measured other than one cell"

# SIGINT ends the transaction and exits 130; the next run goes on from there
"$qs" run small.json --jobs 1 --progress none >out 2>err &
pid=$!
sleep 0.3
kill -INT $pid 2>/dev/null
wait $pid
status=$?
case $status in
130) grep -q interrupted err || wrong "SIGINT: no word of it: $(cat err)" ;;
0) echo "# the run had ended before SIGINT came" ;;
*) wrong "SIGINT: exit status $status: $(cat err)" ;;
esac
expect 0 'after SIGINT' "$qs" run small.json --progress none

expect 4 'a store in a file of text' sh -c "echo text >text.db && '$qs' run tiny.json --store text.db --progress none"
expect 4 'standard output on a full disk' sh -c "'$qs' list >/dev/full"

[ $failures -eq 0 ] && echo "ok"
exit $((failures > 0))
