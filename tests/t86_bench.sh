#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# quantsweep bench: Google Benchmark's flags and output, its JSON read by its compare.py, flags that
# it would end the program on, and kernels that are wrong, crash or print.
set -u
. "$(dirname "$0")/support.sh"
kernels=$QS_BUILD/tests/kernels
export QUANTSWEEP_PEERS=                # races without them: counts hang on what is installed
cd "$folder" || exit 1
hasnt() { grep -qE -- "$1" "$2" && wrong "$2 has '$1': $(head -c 2000 "$2")"; }
bench() { # bench STATUS ARGUMENTS...
	local status=$1
	shift
	status_is "$status" "$qs" bench "$@" --benchmark_min_time=0.001
}
refused() { # refused WORDS ARGUMENTS...
	local words=$1
	shift
	status_is 2 "$qs" bench "$@"
	[ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] || wrong "bench $*: not one sentence: $(cat out err)"
	grep -qE -- "$words" err || wrong "bench $*: $(cat err), expected $words"
}

# every operation with its usual types, each with its reference, gemm with the best float kernel
bench 0 gemm:3x5x7 --benchmark_list_tests
has '^gemm_u8s8s32__ref/3/5/7$' out
has '^gemm_f32f32f32__[a-z0-9_]+/3/5/7$' out
hasnt 'Benchmark|[0-9] ns' out
bench 0 quantize:3x7 --benchmark_list_tests=true
has '^quantize_f32u8__ref/3/7$' out
bench 0 dequantize:3x7 --benchmark_list_tests=1
has '^dequantize_u8f32__ref/3/7$' out
bench 0 dynamicquantize:3x7 --benchmark_list_tests
has '^dynamicquantize_f32u8__ref/3/7$' out
bench 0 requantize:3x7 --benchmark_list_tests --requantization rndnu
has '^requantize_s32u8__ref/3/7$' out
bench 0 gemm:3x5x7 f32f32f32 --benchmark_list_tests --threads 2 --isa ref
[ "$(cat out)" = gemm_f32f32f32__ref/3/5/7/threads:2 ] || wrong "float gemm on two threads: $(cat out)"
bench 0 gemm:3x5x7 --benchmark_list_tests --kernels "$kernels/good.so" --kernel good.so
has '^gemm_u8s8s32__good/3/5/7$' out
has '^gemm_u8s8s32__ref/3/5/7$' out
[ "$(wc -l <out)" -eq 3 ] || wrong "one kernel and two guests: $(cat out)"
bench 0 gemm:3x5x7 --benchmark_list_tests --benchmark_filter='s8s32__(ref|none)'
[ "$(cat out)" = gemm_u8s8s32__ref/3/5/7 ] || wrong "a filter: $(cat out)"
bench 0 gemm:3x5x7 --benchmark_list_tests --benchmark_filter=-s8s32
[ "$(grep -c . out)" = "$(grep -c f32f32f32 out)" ] && [ -s out ] || wrong "a filter with -: $(cat out)"
cp "$kernels/good.so" other.so
bench 0 gemm:3x5x7 --benchmark_list_tests --kernels "$kernels/good.so" --kernels ./other.so --kernel '*good'
[ "$(grep good out | sort -u | wc -l)" -eq 2 ] || wrong "equal names of two libraries: $(cat out)"

# formats
bench 0 gemm:4x8x16
has '^gemm_u8s8s32__ref/4/8/16 .* ns .*gops=' out
has '^race: gemm:4x8x16 u8s8s32 t1 warm$' err
bench 0 gemm:4x8x16 s8s8s8_channel --requantization rndnu --zeros --w-bits 6
has '^gemm_s8s8s8_channel__ref/4/8/16 .* ns ' out
has '^race: gemm:4x8x16:w6 s8s8s8_channel t1 warm rndnu zeros$' err
bench 0 gemm:4x8x16 s8s8s8 --w-values normal
has '^race: gemm:4x8x16:normal s8s8s8 t1 warm$' err
bench 0 gemm:4x8x16 s8s8s8 --requantization float --w-values uniform
has '^race: gemm:4x8x16 s8s8s8 t1 warm$' err
bench 0 gemm:4x8x16 --benchmark_format=csv --benchmark_time_unit=us --threads 2
has '^"gemm_u8s8s32__ref/4/8/16/threads:2",[0-9]+,[^,]*,[^,]*,us,' out
bench 0 gemm:4x8x16 --benchmark_color=true --benchmark_counters_tabular --isa ref
has "$(printf '\033')" out
has 'gbytes_per_s +gops' out
for file in a b; do
	bench 0 gemm:4x8x16 --benchmark_format=json --benchmark_out=$file.json --benchmark_repetitions=3 \
		--benchmark_enable_random_interleaving --benchmark_context=fruit=pear,tree=plum
	cp out $file.printed
done
bench 0 quantize:4x16 --benchmark_out=q.csv --benchmark_out_format=csv --benchmark_repetitions=2 --benchmark_report_aggregates_only
has '^"quantize_f32u8__ref/4/16_median"' q.csv
hasnt '^"quantize_f32u8__ref/4/16",' q.csv
if command -v python3 >/dev/null; then
	python3 - a.json a.printed <<-'P' || wrong "the JSON is not Google Benchmark's: $(head -c 3000 a.json)"
		import json, sys
		for path in sys.argv[1:]:
		    with open(path) as file:
		        found = json.load(file)
		    context = found["context"]
		    assert context["fruit"] == "pear" and context["tree"] == "plum"
		    assert context["race"] == "gemm:4x8x16 u8s8s32 t1 warm" and context["seed"] == "1"
		    assert context["libraries"].startswith("quantsweep:")
		    assert context["quantsweep"][0].isdigit() and "ref" in context["cpu_features"].split()
		    rows = [row for row in found["benchmarks"] if row["name"] == "gemm_u8s8s32__ref/4/8/16"]
		    assert len(rows) == 3
		    for row in rows:
		        assert row["gops"] > 0 and row["gbytes_per_s"] > 0 and row["real_time"] > 0
		        # 2 * 4 * 8 * 16 operations; 4 * 16 and 8 * 16 codes, 4 * 8 sums of 4 bytes
		        assert abs(row["gops"] / row["gbytes_per_s"] - 1024 / 320) < 1e-6
	P
else
	echo "# python3 is not there: the JSON is not read"
fi
compare=$(command -v compare.py || echo /usr/share/benchmark/compare.py)
if [ -f "$compare" ] && python3 -c 'import numpy, scipy' 2>/dev/null; then
	python3 "$compare" --no-color benchmarks a.json b.json >compared 2>&1 || wrong "compare.py: $(cat compared)"
	has '^gemm_u8s8s32__ref/4/8/16 +[-+][0-9.]+ +[-+][0-9.]+ ' compared
else
	echo "# skip: no compare.py of libbenchmark-tools with python3-numpy and python3-scipy"
fi

# kernels that may not be trusted
bench 1 gemm:4x8x16 --kernels "$kernels/wrong.so" --kernel 'gemm_u8s8s32__wrong'
has '^# not timed: gemm_u8s8s32__wrong: y\[0\]\[0\] is ' err
has '1 of 3 kernels cannot be trusted: gemm_u8s8s32__wrong: y\[0\]\[0\] is ' err
hasnt '__wrong' out
has '^gemm_u8s8s32__ref/4/8/16 .*gops=' out
# these fail after some calls: as many repetitions, each of one call or more, get there however slow
# the machine is
late=(--benchmark_repetitions=60)
bench 1 gemm:4x8x16 --kernels "$kernels/wrong.so" --kernel '*fails_late' "${late[@]}"
has 'gemm_u8s8s32__fails_late: it failed while it was timed' err
has "fails_late/4/8/16 .*ERROR OCCURRED: 'the kernel failed'" out
bench 1 gemm:4x8x16 --kernels "$kernels/crash.so" --kernel '*__crash'
has '^# not timed: gemm_u8s8s32__crash: killed by signal 11' err
has '^gemm_u8s8s32__ref/4/8/16 .*gops=' out
bench 1 gemm:4x8x16 --kernels "$kernels/crash.so" --kernel '*crash_late' "${late[@]}"
has 'gemm_u8s8s32__crash_late: killed by signal 11 .* while it was timed' err
bench 1 gemm:4x8x16 --kernels "$kernels/hang.so" --kernel '*__leave'
has '^# not timed: gemm_u8s8s32__leave: it ended the process with status 0' err
bench 1 gemm:4x8x16 --kernels "$kernels/wrong.so" --kernel '*__wrong' --benchmark_filter=__wrong
[ -s out ] && wrong "nothing was to be timed: $(cat out)"
bench 0 gemm:4x8x16 --kernels "$kernels/wrong.so" --benchmark_filter=-wrong --kernel '*__wrong'
bench 0 gemm:4x8x16 --kernels "$kernels/noise.so" --kernel '*prints' --benchmark_format=json
hasnt '^sample' out

# what Google Benchmark would end the program on
refused "did you mean '--benchmark_filter'" gemm:4x8x16 --benchmark_fliter=x
refused "'soon': expected a number from 0 to 3600" gemm:4x8x16 --benchmark_min_time=soon
refused "'nan': expected a number" gemm:4x8x16 --benchmark_min_time=nan
refused "'-1': expected a number" gemm:4x8x16 --benchmark_min_time=-1
refused "'0': expected a whole number from 1" gemm:4x8x16 --benchmark_repetitions=0
refused "'2.5': expected a whole number" gemm:4x8x16 --benchmark_repetitions=2.5
refused "'maybe': expected true or false" gemm:4x8x16 --benchmark_list_tests=maybe
refused "'xml': expected one of console\|json\|csv" gemm:4x8x16 --benchmark_format=xml
refused "'xml': expected one of" gemm:4x8x16 --benchmark_out_format=xml
refused "'weeks': expected one of ns\|us\|ms\|s" gemm:4x8x16 --benchmark_time_unit=weeks
refused "'blue': expected one of" gemm:4x8x16 --benchmark_color=blue
refused "no POSIX extended regular expression" gemm:4x8x16 --benchmark_filter='('
refused "lets no name through" gemm:4x8x16 --benchmark_filter=nothing
refused "did you mean 'float'" gemm:4x8x16 --requantization floaty
refused "--w-bits" gemm:4x8x16 --w-bits 8
refused "--w-bits 4: the weights of gemm_s8s4f32_g32 have 4 bits" gemm:4x8x16 s8s4f32_g32 --w-bits 4
refused "--w-bits: quantize_f32u8 has no weights that are codes" quantize:4x16 --w-bits 4
refused "--zeros: gemm_f32f32f32 has no weights that are codes" gemm:4x8x16 f32f32f32 --zeros
refused "no sum of gemm_u8s8s32 becomes a code" gemm:4x8x16 --requantization rndnu
refused "no sum of dynamicquantize_f32u8 becomes a code" dynamicquantize:4x16 --requantization shift
refused "expected KEY=VALUE" gemm:4x8x16 --benchmark_context=key
refused "expected KEY=VALUE" gemm:4x8x16 --benchmark_context=a=b,
refused "has a 'race' already" gemm:4x8x16 --benchmark_context=a=b,race=c
refused "'a' stands there twice" gemm:4x8x16 --benchmark_context=a=b,a=c
refused "'x': expected a whole number" gemm:4x8x16 --v=x
refused "given twice" gemm:4x8x16 --benchmark_min_time=1 --benchmark_min_time=1
refused "wants a value" gemm:4x8x16 --benchmark_out
refused 'no race was named' --benchmark_list_tests
refused "did you mean 'gemm'" gem:4x8x16
for shape in gemm gemm: gemm:4x8 gemm:4x8x16x2 gemm:0x8x16 gemm:4x-8x16 gemm:4x8x99999999999 gemm:4x8x16,; do
	refused 'expected gemm:MxNxK with sizes from 1' "$shape"
done
refused 'expected quantize:MxK' quantize:4x8x16
refused 'no kernel takes gemm_u8s8f64' gemm:4x8x16 u8s8f64
refused "one list of types at a time" gemm:4x8x16 u8s8s32 f32f32f32
refused "unknown kernel 'avx3'.*|did you mean 'avx2'" gemm:4x8x16 --kernel avx3
BENCHMARK_MIN_TIME=1 refused 'BENCHMARK_MIN_TIME is set in the environment; unset it and give --benchmark_min_time' gemm:4x8x16
bench 4 gemm:4x8x16 --benchmark_out=no/folder/a.json
has 'no/folder/a.json: cannot be written: No such file' err
bench 4 gemm:2000000x2000000x2000
has 'choose a smaller shape' err
"$qs" bench gemm:4x8x16 --benchmark_min_time=0.001 --isa ref >/dev/full 2>err
[ $? -eq 4 ] && grep -q 'standard output cannot be written' err || wrong "a full disk: $(cat err)"
finish 'bench'
