#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every number of view drift, and of a network's rows in view choice, against
# tests/golden/networks_drift.csv and networks_choice.csv (see make/network_rows.py): the same rows;
# counts, shares, gaps and extremes to the last bit, sums to 1e-12 of their size.
set -u
. "$(dirname "$0")/support.sh"
golden=$QS_SOURCE/tests/golden

"$qs" run "$QS_SOURCE/tests/studies/networks.json" --store "$folder/networks.db" \
	--progress none >"$folder/out" 2>&1 || { cat "$folder/out"; exit 1; }
for view in drift choice; do
	"$qs" show "$folder/networks.db" --view $view --csv >"$folder/$view.csv" || exit 1
done

# compare ROWS GOLDEN KEYS: KEYS columns of each row say which it is.  Labels and names hold no
# comma, and no column that is compared stands behind one that does.
compare() {
	awk -F, -v rows="$1" -v keys="$3" '
	function wrong(text) { if (wrongs++ < 20) print "not ok - " text }
	function near(name, found, want, size) {
		if ((found == "") != (want == "") || found - want > size || want - found > size)
			wrong(key ": " name " " found " instead of " want)
	}
	BEGIN {
		getline < rows
		for (i = 1; i <= NF; i++)
			column[$i] = i
		count_keys = split(keys, key_names, " ")
		while ((getline < rows) > 0) {
			key = ""
			for (i = 1; i <= count_keys; i++)
				key = key " " $column[key_names[i]]
			for (name in column)
				value[key, name] = $column[name]
			have[key]
			count++
		}
	}
	NR == 1 { for (i = 1; i <= NF; i++) title[i] = $i; next }
	{
		key = ""
		for (i = 1; i <= count_keys; i++)
			key = key " " $i
		if (!(key in have)) { wrong(key ": no such row"); next }
		for (i = count_keys + 1; i <= NF; i++) {
			name = title[i]
			size = $i < 0 ? -$i : $i
			if (name !~ /rmse|sqnr_db|cosine|^value_/)
				size = 0
			near(name, value[key, name], $i, size * 1e-12)
		}
		compared++
	}
	END {
		if (compared < 19 || compared != count)
			wrong(compared " rows compared, " count " stored")
		print compared " rows"
		exit wrongs > 0
	}' "$2"
}

status=0
compare "$folder/drift.csv" "$golden/networks_drift.csv" "label layer" || status=1
compare "$folder/choice.csv" "$golden/networks_choice.csv" "label" || status=1
exit $status
