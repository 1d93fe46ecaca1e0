#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The speed gate from end to end, on libraries that are built here from a part of our kernels: equal
# code passes, also built in another folder; one dependent instruction more in an inner loop fails
# and is named; wrong, crashing, new and gone kernels; another interface; a killed worker.  Speed is
# asserted by the gate's own rule alone, on a kernel that takes at least half as long again.
set -u
. "$(dirname "$0")/support.sh"
[ -z "${QS_SANITIZE:-}" ] || skip 'under a sanitizer: the release build tests it'
grep -qw avx2 /proc/cpuinfo || skip 'without AVX2'
cd "$folder" || exit 1
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$QS_BUILD/CMakeCache.txt")

# compile NAME FILE ...: kernels of NAME.d
compile() {
	local name=$1 file flags
	shift
	for file in "$@"; do
		flags=
		case $file in *__avx2.c) flags='-mavx2 -mfma -mf16c' ;; esac
		"$compiler" -std=c11 -D_GNU_SOURCE -O3 -fPIC -fvisibility=hidden -ffp-contract=off -falign-functions=64 \
			-ffile-prefix-map="$PWD/$name.d/=" $flags -c "$name.d/kernels/$file" \
			-o "$name.d/$(basename "$file" .c).o" || wrong "$name: $file does not compile"
	done
	"$compiler" -shared -o "$name.so" "$name.d"/*.o -lm || wrong "$name.so does not link"
}

# whole NAME: some of our quantize and gemm kernels in a folder of this name, as NAME.so
whole() {
	mkdir "$1.d" && cp -r "$QS_SOURCE/kernels" "$1.d/"
	sed -i -E '/^#define KERNELS/,/[^\\]$/c\
#define KERNELS(X) \\\
	X(quantize_f32u8__ref) \\\
	X(quantize_f32u8__avx2) \\\
	X(gemm_u8s8s32__ref) \\\
	X(gemm_u8s8s32__avx2) \\\
	X(gemm_f32f32f32__ref)' "$1.d/kernels/kernels.c"
	compile "$1" kernels.c $(cd "$1.d/kernels" && ls {quantize,gemm_int8}/*__{ref,avx2}.c gemm/*f32f32f32__ref.c)
}

# changed NAME SED-SCRIPT FILE KERNEL: today's with FILE changed, which KERNEL is made of
changed() {
	cp -r today.d "$1.d"
	sed -i -E "$2" "$1.d/kernels/$3"
	cmp -s "$1.d/kernels/$3" "today.d/kernels/$3" && wrong "$1: '$2' changes nothing in $3"
	compile "$1" "$4"
}

cat >study.json <<'END'
{ "name": "study",
  "subjects": [ { "op": "gemm", "m": 24, "n": 64, "k": 512 }, { "op": "quantize", "m": 32, "k": 1024 } ],
  "sweep": { "weights": { "bits": 8 }, "activations": { "bits": 8 }, "kernel": "avx2" } }
END

# gate STATUS NEW OLD OPTION ...: the gate's exit status; its words are in out and err
gate() {
	local expected=$1 new=$2 old=$3 status
	shift 3
	QUANTSWEEP_KERNELS=$PWD/$new.so "$qs" gate --against "$old.so" study.json --progress none "$@" >out 2>err </dev/null
	status=$?
	[ "$status" = "$expected" ] || wrong "gate of $new against $old $*: status $status, expected $expected: $(cat out err)"
}
says() { grep -qE -- "$1" out err || wrong "expected '$1', found: $(cat out err)"; }
silent() { grep -qE -- "$1" out err && wrong "did not expect '$1': $(cat out err)"; }

whole today
whole a-folder-of-another-length
changed slow 's/^(\t\t\tsum\[i\]\[1\] \+= .*)$/\1\n__asm__ volatile("vpsubd %1, %0, %0\\n\\tvpaddd %1, %0, %0" : "+x"(sum[i][0]) : "x"(e0));/' \
	gemm_int8/int8_words_run.h gemm_int8/int8__avx2.c
changed false 's/_mm256_permutevar8x32_epi32\(codes, order\)/_mm256_xor_si256(_mm256_set1_epi8(1), codes)/' \
	quantize/quantize__avx2.c quantize/quantize__avx2.c
changed crash 's/^(\tto_wholes\(whole.*)$/\1\n\t__builtin_trap();/' \
	quantize/quantize__avx2.c quantize/quantize__avx2.c
changed less 's/X\(gemm_u8s8s32__avx2\)//' kernels.c kernels.c
changed future 's/interface = QS_INTERFACE/interface = QS_INTERFACE + 1/' kernels.c kernels.c
cp today.so copy.so

# equal code; chance gets one more try
for old in copy a-folder-of-another-length; do
	gate 0 today $old || true
	grep -q '^REGRESSED' out && gate 0 today $old --seed 2
	says '^2 benches: '
	silent '^(WRONG|REGRESSED)'
done

# a slower kernel is named, with the command that repeats it alone; the others are not
gate 1 slow today --markdown m/gate.md --junit gate.xml --json gate.json
says '^REGRESSED +gemm:24x64x512 \| gemm_u8s8s32__avx2 t1 b1 warm  \+'
sed -n 's/^REGRESSED.* warm  /# the slowed kernel: /p' out
[ "$(grep -c '^REGRESSED' out)" -eq 1 ] || wrong "other than one kernel regressed: $(cat out)"
again=$(sed -n '/^REGRESSED/{n;s/^ *quantsweep //p}' out)
eval "QUANTSWEEP_KERNELS=\$PWD/slow.so \"$qs\" $again --progress none" >out 2>err
[ $? -eq 1 ] || wrong "'$again' does not repeat it: $(cat out err)"
says '^1 bench: 1 regressed'
grep -q '| \*\*regressed\*\* | `gemm_u8s8s32__avx2` | gemm:24x64x512 u8s8s32 | +' m/gate.md || wrong "Markdown: $(cat m/gate.md)"
grep -q 'tests="2" failures="1" errors="0"' gate.xml || wrong "JUnit: $(cat gate.xml)"
grep -q '<failure message="regressed: +' gate.xml || wrong "JUnit: $(cat gate.xml)"
grep -q '"counts": {"regressed": 1, ' gate.json || wrong "JSON: $(cat gate.json)"
"$qs" show results/study.db --view gate --csv >out
[ "$(grep -c regressed out)" -eq 2 ] || wrong "view gate: $(cat out)"

# the other way round it is faster
gate 0 today slow
says '^improved +gemm:'

# accepted on purpose, up to a limit
head=label,metric,allowed,commit,reason
label='gemm:24x64x512 | gemm_u8s8s32__avx2 t1 b1 warm'
printf '%s\n%s,time,1000%%,1a2b3c4,"a test, no more"\nnone,time,1%%,1a2b3c4,why\n' $head "$label" >accepted.csv
gate 0 slow today --accepted accepted.csv
says "^accepted +gemm:.*1e\+03 % are accepted: a test, no more|^accepted +gemm:.*1000 % are accepted: a test, no more"
says "^unused: accepted.csv:3: no bench here is 'none'"
printf '%s\n%s,time,2%%,1a2b3c4,too little\n' $head "$label" >accepted.csv
gate 1 slow today --accepted accepted.csv
says '^REGRESSED +gemm:.*more than the 2 % that are accepted'

# kernels that are wrong or die have no speed; the old one's fault is none of the new one's
gate 1 false today
says '^WRONG +quantize:.*the new kernel: wrong: y\['
gate 0 today false
says '^new +quantize:.*the old kernel: wrong'
gate 1 crash today
says '^WRONG +quantize:.*the worker was killed by signal [0-9]+ .* while quantize_f32u8__avx2 was checked'
gate 0 today crash
says '^new +quantize:.*killed by signal'

# what one side lacks fails nothing
gate 0 today less
says '^new +gemm:.*the older library has no such kernel'
gate 0 less today
says '^gone +gemm_u8s8s32__avx2'

gate 0 today future
says 'warning: the interface differs: future.so speaks kernel interface [0-9]+, ours [0-9]+'
gate 2 today today
says 'is the very file that is gated'
gate 2 today none
says 'none.so: the kernel library cannot be read'
gate 2 today copy --handicap 7
says "'.*' has [0-9]+ units, and 7 per mille of them is no whole number"
gate 1 today copy --handicap 1000
[ "$(grep -c '^REGRESSED' out)" -eq 2 ] || wrong "a handicap of 1000 per mille: $(cat out)"
gate 0 today copy --budget 0.01
says '^2 benches: 2 inconclusive'
gate 3 today copy --budget 0.01 --inconclusive fail

# a worker that somebody kills is started once more; SIGINT keeps what was measured
QUANTSWEEP_KERNELS=$PWD/today.so "$qs" gate --against copy.so study.json --progress none >out 2>err </dev/null &
gate=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	sleep 0.02
	worker=$(cat /proc/$gate/task/$gate/children 2>/dev/null)
	[ -n "$worker" ] && kill -KILL ${worker%% *} 2>/dev/null && break
done
wait $gate
status=$?
[ $status -eq 0 ] || grep -q '^REGRESSED' out || wrong "a killed worker: status $status: $(cat out err)"
silent '^(WRONG|INCONCLUSIVE)'
QUANTSWEEP_KERNELS=$PWD/today.so "$qs" gate --against copy.so study.json --store cut.db --progress none >out 2>err </dev/null &
gate=$!
sleep 0.3
kill -INT $gate 2>/dev/null
wait $gate
case $? in
130) says 'interrupted after [0-9]+ launches, which are stored in cut.db' ;;
0 | 1) echo '# the gate had ended before SIGINT came' ;;
*) wrong "SIGINT: $(cat out err)" ;;
esac

finish 'verdicts on speed'
