#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The command line as a whole: help of every command, exit statuses, the straight line from a config
# to numbers, an interrupted run, a command that measures one cell again.
set -u
. "$(dirname "$0")/support.sh"
cd "$folder" || exit 1
cp "$QS_SOURCE/tests/studies/tiny.json" "$QS_SOURCE/tests/studies/small.json" .

status_is 0 "$qs" --help
commands=$(awk '/^  [a-z]+ / { print $1 }' out)
[ "$(printf '%s\n' $commands | wc -l)" -ge 6 ] || wrong "too few commands in --help: $commands"
for command in $commands; do
	status_is 0 "$qs" "$command" --help
	grep -q "^usage: quantsweep $command " out || wrong "$command --help has no usage line"
	grep -q -- '--help' out || wrong "$command --help does not name --help"
	status_is 2 "$qs" "$command" --no-such-option
	[ "$(wc -l <err)" -eq 1 ] || wrong "$command: not one sentence: $(cat err)"
	"$qs" "$command" --help >>all-help
done
# what does not work yet is not in the help
for word in worker advise merge --shard; do
	grep -qw -- "$word" all-help && wrong "the help speaks of $word"
done

status_is 2 "$qs"
status_is 2 "$qs" rnu
grep -q "did you mean 'run'" err || wrong "rnu: $(cat err)"
status_is 0 "$qs" --version

status_is 0 "$qs" run tiny.json --progress none
[ -s results/tiny.db ] || wrong "the default store is not results/tiny.db"
status_is 0 "$qs" run tiny.json --progress none
grep -q '^0 cells measured' out || wrong "a second run measured something: $(tail -1 out)"
status_is 0 "$qs" run tiny.json --progress none --again
status_is 0 "$qs" run tiny.json --progress none --store other.db
grep -q -- '--store other.db --again --only' out || wrong "the summary's commands do not name the store"
status_is 0 "$qs" show results/tiny.db
for view in choice error drift task throughput sensitivity limit skip warning trend run machine; do
	status_is 0 "$qs" show results/tiny.db --view $view --json
	[ "$(head -c 1 out)" = '[' ] || wrong "--view $view --json is no array"
done
status_is 0 "$qs" plan tiny.json
status_is 0 "$qs" list
status_is 0 "$qs" gate --remake b.csv results/tiny.db
status_is 0 "$qs" gate --baseline b.csv results/tiny.db
sed '5s/,[^,]*$/,12345/' b.csv >worse.csv
# a changed baseline
status_is 1 "$qs" gate --baseline worse.csv results/tiny.db

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
status_is 0 "$qs" run small.json --progress none

# a store in a file of text
status_is 4 sh -c "echo text >text.db && '$qs' run tiny.json --store text.db --progress none"
# standard output on a full disk
status_is 4 sh -c "'$qs' list >/dev/full"

finish 'the command line'
