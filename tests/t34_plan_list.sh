#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# quantsweep plan and list as a user sees them: counts, skips with their reasons, every label, what
# a store leaves to do, the estimate's origin; every axis with every value, every kernel.
set -u
. "$(dirname "$0")/support.sh"
cd "$folder" || exit 1

cat >study.json <<'END'
{
  "name": "study",
  "subjects": [
    { "tensor": "synthetic:gaussian", "shape": [4, 64] },
    { "tensor": "nothing*.npy" },
    { "op": "gemm", "m": 4, "n": 16, "k": 32 }
  ],
  "sweep": { "weights": { "bits": [7, 8] },
             "activations": { "granularity": ["tensor", { "group": 7 }] },
             "kernel": ["best", "neon"] },
  "exclude": "subject=gemm:*,weight_bits=7,activation_granularity=group7"
}
END
"$qs" plan study.json >out || wrong "plan: status $?"
has '^plan of study: 5 accuracy cells, [0-9]+ rows of choice$'
has '^  tensor +1 subjects +2 accuracy cells$'
has '^  op +1 subjects +3 accuracy cells$'
has '^excluded: 1 rows$'
has '^skipped: 3$'
has '^ +1   the CPU lacks neon$'
has '^ +1   group scales on activations and scales along the reduction are simulated, no kernel'
has "^ +1   no file 'nothing\*\.npy' in \.\$"
has '^races: 1$'
has '^  gemm:4x16x32 u8s8s32 t1 warm, [0-9]+ kernels, .*: .*gemm_u8s8s32__ref'
has '^to measure: 5 of 5 accuracy cells .*, 1 of 1 races'
has '^estimate: .*, by a trial of a quarter second$'
[ -e results ] && wrong "plan wrote something"

"$qs" plan study.json --cells >out || wrong "plan --cells: status $?"
has '^synthetic:gaussian:4x64 w=int7\.symmetric\.real\.channel\.minmax half_even s1$'
has '^gemm:4x16x32 \| gemm_u8s8s32__ref t1 b1 warm$'
has '^skipped: gemm:4x16x32 \| gemm_u8s8s32__neon t1 b1 warm: the CPU lacks neon$'
[ "$(grep -c ' s1$' out)" -eq 5 ] || wrong "not every accuracy cell has its label once: $(cat out)"

"$qs" plan study.json --only 'weight_bits=8,subject=synthetic:*' --seed 9 --cells >out ||
	wrong "plan --only: status $?"
has '^plan of study: 1 accuracy cells, 1 rows of choice$'
has '^synthetic:gaussian:4x64 w=int8\.symmetric\.real\.channel\.minmax half_even s9$'

"$qs" plan study.json --isa ref >out || wrong "plan --isa: status $?"
has '^  gemm:4x16x32 u8s8s32 t1 warm, [0-9]+ kernels,'
has ': gemm_u8s8s32__ref gemm_f32f32f32__ref \(guest\)$'

cat >networks.json <<'END'
{
  "name": "networks",
  "subjects": [
    { "network": "builtin:arm", "calibration_data": { "samples": [16, 64] } },
    { "op": "gemm", "m": 4, "n": 16, "k": 32 }
  ],
  "sweep": { "weights": { "bits": [4, 8] }, "activations": {}, "policy": ["all", { "skip": "fc1" }],
             "requantization": ["float", "q31_double", "shift"] },
  "exclude": "weight_bits=4,policy=all", "measure": ["error", "drift"]
}
END
"$qs" plan networks.json --cells >out || wrong "plan of networks: status $?"
has '^plan of networks: 13 accuracy cells, 13 rows of choice$'
has '^  op +1 subjects +1 accuracy cells$'
has '^  network +2 subjects +12 accuracy cells$'
has '^excluded: 7 rows$'
has '^skipped: 6$'
has '^ +6   this requantization needs scale power_of_two of weights and activations$'
has '^builtin:arm:cal16:eval1000 w=int4.* half_even q31_double skip\(fc1\) none s1$'
has '^skipped: builtin:arm:cal64:eval1000 w=int8.* half_even shift all none s1: this requant'
has '^to measure: 13 of 13 accuracy cells'
label=$(grep -m1 '^builtin:arm:cal64.* skip' out)
"$qs" plan networks.json --only "label=$label" >out || wrong "plan of a label: status $?"
has '^plan of networks: 1 accuracy cells, 1 rows of choice$'

"$qs" run study.json --store s.db --progress none >run.out 2>&1 || wrong "run: $(cat run.out)"
"$qs" plan study.json --store s.db >out || wrong "plan after a run: status $?"
has '^to measure: 0 of 5 accuracy cells .*, 0 of 1 races'

# a run that is long enough to tell gives the rate for the next plan
more='"bits": [2, 3, 4, 5, 6, 8], "scheme": "asymmetric", "calibration": "mse"'
sed "s/4, 64/512, 2048/; s/\"bits\": \[7, 8\]/$more/" study.json >longer.json
"$qs" run longer.json --store s.db --progress none --jobs 1 --only 'subject=synthetic:*' \
	>run.out 2>&1 || wrong "run: $(cat run.out)"
"$qs" plan longer.json --store s.db --seed 2 >out || wrong "plan by a stored rate: status $?"
has "^estimate: .*, by this machine's runs in s\.db\$"

"$qs" list >whole || wrong "list: status $?"
axes=$(grep -oE '^[a-z]+:' whole | tr -d :)
[ "$(printf '%s\n' $axes | wc -l)" -ge 16 ] || wrong "too few axes: $axes"
for axis in $axes; do
	"$qs" list "$axis" >out || wrong "list $axis: status $?"
	while IFS= read -r line; do
		grep -qxF -- "$line" whole || wrong "list $axis: '$line' is not in list"
	done <out
	# each value has its line of help and its source
	[ "$axis" = kernel ] || [ "$(grep -cE '^  [a-z0-9_.]+ +[^ ]' out)" -eq \
		$(($(grep -cE '^ +source: [^ ]' out) + $(grep -c '^  this CPU runs:' out))) ] ||
		wrong "list $axis: a value without help or source: $(cat out)"
done
"$qs" list isa >out
has '^  this CPU runs: ref'
"$qs" list kernel >out
for kernel in gemm_u8s8s32__ref gemm_u8s8s32__avx512vnni quantize_f32u8__avx2; do
	has "^  $kernel +quantsweep +needs "
done
has '^  gemm_u8s8s32__ref .*needs plain C; this CPU runs it$'

finish 'plan and list'
