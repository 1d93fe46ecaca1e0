# SPDX-License-Identifier: MIT
#
# What shell tests share.  A test sources it first, before it changes its folder:
#
#   . "$(dirname "$0")/support.sh"
#
# It then has the program in $qs and an empty folder in $folder that is removed when the test ends.
qs=${QS_BUILD:-build}/quantsweep
folder=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
failures=0

# wrong WORDS ...: a failure that does not end the test
wrong() { printf 'not ok - %s\n' "$*"; failures=$((failures + 1)); }

# finish WORDS ...: ends the test, with these words where nothing was wrong
finish() { [ $failures -eq 0 ] && echo "ok - $*"; exit $((failures > 0)); }

# skip WORDS ...: ends the test here
skip() { echo "# SKIP $*"; exit $((failures > 0)); }

# status_is STATUS COMMAND ...: how it must end; what it prints is in the files out and err
status_is() {
	local status=$1 got
	shift
	"$@" >out 2>err </dev/null
	got=$?
	[ $got -eq "$status" ] || wrong "$*: exit status $got, expected $status: $(cat out err)"
}

# has WORDS [FILE]: an extended regular expression that the file, or out, must hold
has() {
	local file=${2:-out}
	grep -qE -- "$1" "$file" || wrong "$file has no '$1': $(head -c 2000 "$file")"
}
