#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A wrong peer is shown, and fails nothing: without VNNI (--isa avx2 tells other people's libraries)
# oneDNN's sums saturate; its row says wrong, with the share, and has no time unless the config
# names it; then nobody is measured by it.  A peer that cannot be held to an ISA has no row under
# it, one that is not there is a skip with its reason.
set -u
[ -z "${QS_SANITIZE:-}" ] || { echo "# SKIP peers are not built under a sanitizer"; exit 0; }
qs=$QS_BUILD/quantsweep
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
wrong() { printf 'not ok - %s\n' "$*"; failures=$((failures + 1)); }
has() { "$qs" list kernel | grep -q "$1"; }
runs() { "$qs" list isa | grep 'this CPU runs' | grep -qw "$1"; }

cat >s.json <<'END'
{ "name": "s", "subjects": [{ "op": "gemm", "m": 4, "n": 64, "k": 128 }],
  "sweep": { "weights": {}, "activations": {}, "kernel": ["onednn", "gemmlowp", "ref"] } }
END
run() { "$qs" run s.json --progress none --no-limits --launches 1 "$@" >out 2>&1; }
# value COLUMN of the row of kernel $2 in file $1
value() { "$qs" show "$1" --view throughput --json --where "kernel=$2" | grep -oE "\"$3\": *(\"[^\"]*\"|[^,}]*)" |
	sed 's/^[^:]*: *//; s/"//g' | head -1; }

QUANTSWEEP_PEERS='' "$qs" list kernel | grep -q 'no peers: QUANTSWEEP_PEERS is empty' || wrong "list kernel does not say that there are none"
QUANTSWEEP_PEERS='' run --store none.db || wrong "without peers the run fails: $(cat out)"
"$qs" show none.db --view skip --csv | grep -q 'onednn is not here' || wrong "an absent peer is no skip with a reason"
QUANTSWEEP_PEERS=/nowhere.so run --store none.db
[ $? = 4 ] || wrong "a peers library that was named and is not there: $(cat out)"

runs avx2 || { echo "# SKIP this CPU has no AVX2"; exit $((failures > 0)); }
has gemm_u8s8s32__onednn || { echo "# SKIP oneDNN is not in this build (Debian: libdnnl-dev)"; exit $((failures > 0)); }

run --store named.db --isa avx2 || wrong "a wrong peer that was named fails a run: $(cat out)"
[ "$(value named.db gemm_u8s8s32__onednn median_ns)" != null ] || wrong "a wrong peer that was named has no time"
[ "$(value named.db gemm_u8s8s32__onednn verdict)" = wrong ] || wrong "a wrong peer that was named is $(value named.db gemm_u8s8s32__onednn verdict)"
case $(value named.db gemm_u8s8s32__ref best_peer) in *onednn*) wrong "the best peer is wrong" ;; esac
sed -i 's/"onednn", "gemmlowp", "ref"/"ref"/' s.json
run --store avx2.db --isa avx2 || wrong "a wrong peer fails a run: $(cat out)"
[ "$(value avx2.db gemm_u8s8s32__onednn verdict)" = wrong ] || wrong "oneDNN without VNNI is $(value avx2.db gemm_u8s8s32__onednn verdict)"
share=$(value avx2.db gemm_u8s8s32__onednn wrong_fraction)
awk -v share="$share" 'BEGIN { exit !(share > 0.5 && share <= 1) }' || wrong "its share of wrong sums is $share"
[ "$(value avx2.db gemm_u8s8s32__onednn median_ns)" = null ] || wrong "a wrong peer has a time"
[ "$(value avx2.db gemm_u8s8s32__onednn library)" = onednn ] || wrong "its library is $(value avx2.db gemm_u8s8s32__onednn library)"
value avx2.db gemm_u8s8s32__onednn reason | grep -q 'reference .* (.* % of outputs)' || wrong "its reason is $(value avx2.db gemm_u8s8s32__onednn reason)"
if has gemm_u8s8s32__gemmlowp; then
	[ "$(value avx2.db gemm_u8s8s32__gemmlowp verdict)" = exact ] || wrong "gemmlowp is $(value avx2.db gemm_u8s8s32__gemmlowp verdict)"
fi
"$qs" check --isa avx2 --kernel 'gemm_u8s8s32__onednn' >out 2>&1 || wrong "a wrong peer fails check"
grep -q '^peer wrong - gemm_u8s8s32__onednn: .* cases, first .* % of outputs)$' out || wrong "check --isa avx2 says $(cat out)"
if runs avx512bw && has quantize_f32s8__xnnpack; then
	"$qs" check --isa avx2 --kernel 'quantize_f32s8__xnnpack' >out 2>&1
	grep -q 'SKIP it uses what' out || wrong "XNNPACK cannot be held to AVX2, and: $(cat out)"
fi

if runs avx512vnni || runs avxvnni; then
	run --store full.db || wrong "with VNNI: $(cat out)"
	[ "$(value full.db gemm_u8s8s32__onednn verdict)" = exact ] || wrong "oneDNN with VNNI is $(value full.db gemm_u8s8s32__onednn verdict)"
else
	echo "# SKIP this CPU has no VNNI: oneDNN is wrong at best"
fi
[ $failures -eq 0 ] && echo "ok - what is wrong is shown"
exit $((failures > 0))
