#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The machine's limits from outside: what `limits` prints and stores, that `run` measures what its
# races lack and no more, and the roofs that come of it.  Speed is never asserted.
set -u
. "$(dirname "$0")/support.sh"
cd "$folder" || exit 1
fails() { # fails STATUS WORDS ARGUMENTS...
	local status=$1 words=$2
	shift 2
	status_is "$status" "$qs" "$@"
	grep -qE -- "$words" out err || wrong "quantsweep $*: $(cat out err), expected $words"
}
count() { "$qs" show "$1" --view "$2" --csv "${@:3}" | tail -n +2 | wc -l; }

fails 2 "'0': expected a whole number from 1 to 1024" limits --threads 0
fails 2 "'x': expected a whole number" limits --threads x
fails 2 "unexpected word 'now'" limits now
fails 2 "did you mean '--quick'" limits --quik
fails 2 "wants a value" limits --store
fails 2 "'1023': expected a whole number from 1024" limits --read 1023
fails 2 '2048 is given twice' limits --read 2048 --read 2048
fails 0 'usage: quantsweep limits' limits --help
fails 2 'standard input:1: ends without' worker limits
fails 2 "'limit' was given" worker limit

"$qs" limits --quick --store two.db --threads 2 --read 65536 >table 2>said || wrong "limits ends with $?: $(cat said)"
has '^measuring, about [0-9]+ s' said
has '^limits of .*, 2 threads, in ' table
for name in int8_dot int16 f32; do
	has "^$name +[0-9.e+]+ GOPS +[0-9.]+ % +2  " table
done
for access in read write copy; do
	has "^l1_$access +[0-9.e+]+ GB/s +[0-9.]+ % +2  .* KiB$" table
	has "^(dram_$access .* MiB$|skipped: ${access}__.* as dram_$access)" table
done
has '^read_65536 .* GB/s .* 64 KiB$' table
has '^stored in two.db$' table
[ "$(grep -c '^int16 ' table)" = 1 ] || wrong "int16 stands in several lines"
[ "$(count two.db limit --where 'threads=2')" -ge 6 ] || wrong "limits of two threads are not stored"
[ "$(count two.db limit --where 'threads=1')" = 0 ] || wrong "limits of one thread are stored too"
"$qs" show two.db --view limit --csv | head -1 | grep -q '^machine_id,name,threads,value,unit,run_id,' ||
	wrong "view limit has other columns"

cat >study.json <<'E'
{ "name": "study",
  "subjects": [{ "op": "gemm", "m": 4, "n": 8, "k": 16 }, { "op": "gemm", "m": 1, "n": 64, "k": 128 }, { "op": "quantize", "m": 8, "k": 64 }],
  "sweep": { "weights": { "bits": 8 }, "activations": { "bits": 8, "scheme": "asymmetric" },
             "kernel": ["ref", "best"] } }
E
"$qs" plan study.json >plan || wrong "plan fails"
has ", the machine's limits \(.* s\)" plan
"$qs" run study.json --isa ref --launches 1 --progress none >ran 2>&1 || wrong "run fails: $(cat ran)"
rows=$(count results/study.db limit)
[ "$rows" -ge 6 ] || wrong "run stored $rows limits"
[ "$(count results/study.db limit --where 'threads=1')" = "$rows" ] || wrong "limits of other threads"
"$qs" show results/study.db --view limit --csv >before
# --isa masks kernels, not the machine
grep -qw avx2 /proc/cpuinfo && has ',int8_dot__avx' before
[ "$(count results/study.db throughput --where 'roofline_fraction>0')" = "$(count results/study.db throughput)" ] ||
	wrong "a timing has no share of a roof"
"$qs" show results/study.db --view throughput --csv >throughput
has 'l1_copy' throughput
# of the gemm with one row: weights in codes and in floats
[ "$(count results/study.db limit --where 'kind=read_loop')" = 2 ] || wrong "read loops are missing"
[ "$(count results/study.db throughput --where 'read_loop_fraction>0,shape=1x*')" = "$(count results/study.db throughput --where 'shape=1x*')" ] ||
	wrong "a gemm of one row has no share of its read loop"
[ "$(count results/study.db throughput --where 'read_loop_fraction>0,shape=4x*')" = 0 ] || wrong "a read loop of four rows"
has 'int8_dot|l1_read' throughput
has ' of roof' ran
"$qs" plan study.json >plan
grep -q "machine's limits" plan && wrong "plan measures what is stored"
"$qs" run study.json --again --launches 1 --progress none >/dev/null 2>&1 || wrong "run --again fails"
"$qs" show results/study.db --view limit --csv >after
cmp -s before after || wrong "limits that were stored were measured again"
# by hand they take the place of the run's
"$qs" limits --quick --store results/study.db >/dev/null 2>&1 || wrong "limits into a study's file"
"$qs" show results/study.db --view limit --csv >after
cmp -s before after && wrong "limits did not take the place of the old ones"
[ "$(count results/study.db limit)" = "$rows" ] || wrong "limits stand twice"
[ "$(count results/study.db limit --where 'run_id=*')" = 2 ] || wrong "limits by hand have a run, or read loops none"

"$qs" run study.json --no-limits --store without.db --launches 1 --progress none >ran 2>&1 || wrong "run --no-limits fails"
[ "$(count without.db limit)" = 0 ] || wrong "--no-limits measures limits"
[ "$(count without.db throughput --where 'roofline_fraction>0')" = 0 ] || wrong "a roof without limits"
[ "$(count without.db throughput)" -ge 2 ] || wrong "--no-limits measures no races"
finish 'limits'
