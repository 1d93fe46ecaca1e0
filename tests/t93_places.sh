#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Where results go: closed and full streams, devices, links, folders and disks that refuse; names
# that move a cursor; a filter that names nothing; more memory than there is.
set -u
. "$(dirname "$0")/support.sh"
cd "$folder" || exit 1
cp "$QS_SOURCE/tests/studies/tiny.json" .
expect() { # expect STATUS WORDS COMMAND ...: WORDS stand in standard error
	local status=$1 words=$2
	shift 2
	status_is "$status" "$@"
	if [ -n "$words" ]; then
		grep -qF -- "$words" err || wrong "$*: found '$(cat err)', expected '$words'"
	else
		[ -s err ] && wrong "$*: no word was expected on standard error: $(cat err)"
	fi
	[ "$(wc -l <err)" -le 1 ] || wrong "$*: not one sentence: $(cat err)"
}

expect 0 '' "$qs" run tiny.json --store a.db --progress none

# a closed stream does not hand its number to a file that is opened later
"$qs" run tiny.json --store closed.db <&- >&- 2>&-
[ $? -eq 4 ] || wrong "all streams closed: exit status is not 4"
expect 0 '' "$qs" show closed.db
"$qs" report a.db --out closed.html >&- 2>/dev/null
[ "$(tail -n 1 closed.html)" = '</html>' ] || wrong 'standard output closed: the report has another end'
"$qs" show a.db 2>err | head -n 1 >out
[ -s err ] && wrong "a reader that went away: $(cat err)"

# what is no regular file is written to, not replaced; a link stays one
expect 4 '/dev/full: cannot be written: No space left' "$qs" gate --remake /dev/full a.db
[ -c /dev/full ] || wrong '/dev/full is no device any more'
"$qs" gate --remake /dev/stdout a.db | grep -q '^label,tensor,' || wrong '--remake /dev/stdout'
echo old >target.csv && ln -s target.csv link.csv
expect 0 '' "$qs" gate --remake link.csv a.db
[ -L link.csv ] && grep -q '^label,tensor,' target.csv || wrong '--remake through a link'

# a full disk, as a limit on the size of files: the old file stays, no half a picture is left
echo old >old.csv
(trap '' XFSZ; ulimit -f 1; exec "$qs" gate --remake old.csv a.db) >out 2>err
[ $? -eq 4 ] && [ "$(cat old.csv)" = old ] || wrong "--remake on a full disk: $(cat err)"
if command -v gnuplot >/dev/null; then
	(trap '' XFSZ; ulimit -f 4; exec "$qs" plot a.db --figure sqnr_by_bytes --out figures) >out 2>err
	[ $? -eq 4 ] && grep -q 'is the disk full' err || wrong "plot on a full disk: $(cat out err)"
	[ -z "$(ls -A figures)" ] || wrong "plot on a full disk left $(ls -A figures)"
fi

# stores that cannot be
ln -s nowhere.db dangling.db
expect 4 'symbolic link to a file that is not there' "$qs" run tiny.json --store dangling.db
expect 4 '/proc/a.db: cannot be made; check the rights on its folder' \
	"$qs" run tiny.json --store /proc/a.db
mkdir locked && cp a.db locked && chmod 755 . && chmod a-w locked locked/a.db
user=
[ "$(id -u)" -eq 0 ] && user='setpriv --reuid=65534 --clear-groups'    # rights do not stop root
if $user test -x "$qs"; then
	expect 0 '' $user "$qs" show locked/a.db
	expect 4 'locked/new.db: cannot be made' $user "$qs" run tiny.json --store locked/new.db
	expect 4 'locked/a.html: cannot be written: Permission denied' $user "$qs" report locked/a.db
fi

# a file's name moves no cursor
printf '%s' '{ "name": "odd", "subjects": [ { "tensor": "no\u001b[2J\nfile.npy" } ], "sweep": {} }' >odd.json
expect 0 '' "$qs" plan odd.json --cells
grep -q "$(printf '\033')" out && wrong 'plan prints an escape sequence'
sed 's/"sweep"/"\\u001b[2J"/' odd.json >escape.json
expect 2 "unknown key '?[2J'" "$qs" plan escape.json
grep -q "$(printf '\033')" err && wrong 'an error prints an escape sequence'

expect 2 "--data 'nowhere': is no folder" "$qs" run tiny.json --store b.db --data nowhere
expect 2 "--data 'tiny.json': is no folder" "$qs" plan tiny.json --data tiny.json

# a filter without a match is a mistake
expect 2 "--only: no cell of tiny.json matches" "$qs" run tiny.json --store b.db --only weight_bits=7
expect 2 "--only: no cell of tiny.json matches" "$qs" plan tiny.json --only weight_bits=7

# 2^31 values in one slice: the cell fails, the process lives
cat >huge.json <<'JSON'
{ "name": "huge", "subjects": [ { "tensor": "synthetic:gaussian", "shape": [2147483648] } ],
  "sweep": { "weights": { "granularity": "tensor" } } }
JSON
if [ "$(awk '/^MemTotal/ { print int($2 / 1048576) }' /proc/meminfo)" -lt 80 ]; then
	"$qs" run huge.json --store huge.db --progress none >out 2>err
	[ $? -eq 1 ] && grep -q 'GiB of memory, and this machine has' err || wrong "2^31 values: $(cat err)"
else
	echo "# skip: this machine has the memory for 2^31 values"
fi

finish 'places'
