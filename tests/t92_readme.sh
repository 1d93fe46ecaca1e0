#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The README says what the program says: its tables of axes are those of `list --markdown`, its
# commands and options exist, its packages are those that ./quickstart installs, its study runs.
# So does the JSON Schema of configs.  `bash tests/t92_readme.sh --write` puts the tables into both.
set -u
. "$(dirname "$0")/support.sh"
cd "${QS_SOURCE:-$(dirname "$0")/..}" || exit 1

"$qs" list --markdown >"$folder/axes" || exit 1
awk -v tables="$folder/axes" '
	/^<!-- axes:/ { print; print ""; while ((getline line < tables) > 0) print line; hold = 1; next }
	/^<!-- axes end/ { hold = 0 }
	!hold' README.md >"$folder/README.md"
schema=harness/config_schema.json
"$qs" list --schema >"$folder/definitions" || exit 1
awk -v lines="$folder/definitions" '
	/^    "axes": / { print; while ((getline line < lines) > 0) print line; hold = 1; next }
	/^    "axes_end": / { hold = 0 }
	!hold' $schema >"$folder/schema.json"
if [ "${1:-}" = --write ]; then
	cp "$folder/README.md" README.md
	cp "$folder/schema.json" $schema
	exit
fi
cmp -s $schema "$folder/schema.json" ||
	wrong "$schema differs from \`quantsweep list --schema\`; mend: bash tests/t92_readme.sh --write"
cmp -s README.md "$folder/README.md" || {
	diff README.md "$folder/README.md" | head -20
	wrong "README.md differs from \`quantsweep list --markdown\`; mend: bash tests/t92_readme.sh --write"
}

for command in $(grep -oE 'quantsweep [a-z]+ ' README.md | awk '{ print $2 }' | sort -u); do
	"$qs" --help | grep -qE "^  $command " || { [ -f "harness/commands/$command.c" ] &&
		wrong "the README runs 'quantsweep $command', which --help does not list"; }
done
for option in $(sed 's/`bash [^`]*`//g' README.md | grep -oE '(^|[ `])--[a-z_-]+' | tr -d ' `' | sort -u); do
	for command in $("$qs" --help | awk '/^  [a-z]+ / { print $1 }'); do
		"$qs" $command --help | grep -q -- "$option " && continue 2
	done
	./quickstart | grep -q -- "\[$option " && continue
	wrong "the README names $option, which neither a command nor quickstart has"
done

for view in $(sed -n 's/^\t{ "\([a-z_]*\)".*/\1/p' harness/commands/show.c); do
	sed -n '/^## How to read the result/,/^## /p' README.md | grep -q "\`$view\`" ||
		wrong "the README does not name view $view"
	"$qs" show --help | grep -qw -- "$view" || wrong "show --help does not name view $view"
done
for stage in harness/*/ kernels/ datasets/ tests/; do
	sed -n '/^The folders are the data flow/,/^## /p' README.md | grep -q "\`$stage\`" ||
		wrong "the README does not say where $stage stands in the data flow"
done

packages=$(sed -n '/^packages=(/,/)/p' quickstart | sed 's/packages=(//; s/)//')
[ -n "$packages" ] || wrong "quickstart has no list of packages"
for package in $packages; do
	sed -n '/^## Dependencies/,$p' README.md | grep -qw -- "$package" || wrong "quickstart installs $package, which the README does not explain"
done

for picture in $(grep -oE '\]\([^)]*\.(svg|png)\)' README.md | tr -d '()]'); do
	[ -s "$picture" ] || wrong "the README shows $picture, which is not there"
done

cp datasets/samples/convnet.onnx "$folder/model.onnx"
cp datasets/samples/activations.npy "$folder/layer7.npy"
awk '/^```json/ { on = 1; next } /^```/ { on = 0 } on' README.md |
	sed 's/"m": 64, "n": 1024, "k": 1024/"m": 4, "n": 32, "k": 64/' >"$folder/study.json"
(cd "$folder" && "$qs" run study.json --launches 1 --no-limits --progress none >out 2>&1) || { cat "$folder/out"; wrong "the README's study does not run"; }
(cd "$folder" && "$qs" show results/mine.db --where 'subject=*conv*,weight_bits<=4' --sort bytes --csv | sed -n 2p | grep -q conv) ||
	wrong "the README's show finds nothing"
finish 'the README'
