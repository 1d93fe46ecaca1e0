#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Garbage is answered, not obeyed.  tests/garbage/KIND/ holds cases, each with NAME.expect, a glob
# that the one sentence on standard error must match; the exit status is the kind's own, and a store
# that was there before is the same in every row.
set -u
. "$(dirname "$0")/support.sh"
garbage=$QS_SOURCE/tests/garbage
cases=0

"$qs" run "$QS_SOURCE/tests/studies/tiny.json" --store "$folder/good.db" --progress none >"$folder/out" 2>&1 ||
	{ cat "$folder/out"; wrong "the good run failed"; exit 1; }
dump() {
	for view in choice error throughput skip warning; do
		"$qs" show "$1" --view $view --csv
	done
}
dump "$folder/good.db" >"$folder/before"
[ -s "$folder/before" ] || { wrong "nothing is in the good store"; exit 1; }

check() { # check NAME STATUS EXPECT COMMAND ...
	local name=$1 status=$2 expect got text
	expect=$(cat "$3")
	shift 3
	cases=$((cases + 1))
	(cd "$folder" && timeout 20 "$@") >"$folder/out" 2>"$folder/err" </dev/null
	got=$?
	text=$(cat "$folder/err")
	if [ $got -ne "$status" ]; then
		echo "not ok - $name: exit status $got, expected $status: $text"
	elif [ "$(wc -l <"$folder/err")" -ne 1 ]; then
		echo "not ok - $name: $(wc -l <"$folder/err") lines, expected one sentence: $text"
	elif [[ $text != quantsweep:\ $expect && $text != quantsweep:\ */$expect ]]; then
		printf 'not ok - %s\n  found    %s\n  expected quantsweep: %s\n' "$name" "$text" "$expect"
	else
		return
	fi
	failures=$((failures + 1))
}

count() { # each kind has at least ten cases
	[ $((cases - $2)) -ge 10 ] || wrong "$1 has only $((cases - $2)) cases"
}

for kind in config_syntax config_meaning; do
	before=$cases
	for file in "$garbage/$kind"/*.json; do
		check "$kind/$(basename "$file")" 2 "${file%.json}.expect" \
			"$qs" run "$file" --store good.db --progress none
	done
	count $kind $before
done

for kind in tensor model; do
	before=$cases
	for expect in "$garbage/$kind"/*.expect; do
		for file in "${expect%.expect}".*; do
			[ "$file" = "$expect" ] && continue
			check "$kind/$(basename "$file")" 2 "$expect" "$qs" inspect "$file"
			printf '{"name":"x","subjects":[{"tensor":"%s"}],"sweep":{"weights":{"bits":8}}}' "$file" >"$folder/x.json"
			check "$kind/$(basename "$file") in a study" 2 "$expect" \
				"$qs" run x.json --store good.db --progress none
		done
	done
	count $kind $before
done

before=$cases
cp "$QS_SOURCE/tests/studies/tiny.json" "$folder/tiny.json"
for file in "$garbage/command_line"/*.args; do
	mapfile -t words <"$file"
	check "command_line/$(basename "$file")" 2 "${file%.args}.expect" "$qs" "${words[@]}"
done
count command_line $before

before=$cases
version=$(sed -n 's/^PRAGMA user_version = \([0-9]*\);.*/\1/p' "$QS_SOURCE/results/schema.sql")
for expect in "$garbage/database"/*.expect; do
	for file in "${expect%.expect}".*; do
		[ "$file" = "$expect" ] && continue
		name=database/$(basename "$file")
		cp "$file" "$folder/bad.db" && chmod u+w "$folder/bad.db"
		# bytes 60 to 63 are the user_version; SELF there stands for the schema's own
		if [ "$(dd if="$file" bs=1 skip=60 count=4 2>/dev/null | tr -d '\0')" = SELF ]; then
			printf "\\000\\000\\000\\$(printf %03o "$version")" |
				dd of="$folder/bad.db" bs=1 seek=60 conv=notrunc 2>/dev/null
		fi
		sum=$(cksum <"$folder/bad.db")
		check "$name" 4 "$expect" "$qs" show bad.db
		check "$name as a store" 4 "$expect" "$qs" run tiny.json --store bad.db --progress none
		[ "$(cksum <"$folder/bad.db")" = "$sum" ] ||
			wrong "$name was changed"
		rm -rf "$folder"/bad.db*
	done
done
count database $before

dump "$folder/good.db" >"$folder/after"
cmp "$folder/before" "$folder/after" || wrong "the store changed"
finish "$cases cases"
