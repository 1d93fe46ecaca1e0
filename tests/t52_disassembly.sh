#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# No kernel is quietly the reference: each kernel's own object holds an instruction of its ISA that
# does the work, and the reference objects hold none of a wide register.  So do the loops that measure
# the machine's limits.
set -u
. "$(dirname "$0")/support.sh"
cd "$QS_BUILD" || exit 1
[ -z "${QS_SANITIZE:-}" ] || skip 'a sanitizer is no build to be timed'
grep -q '^CMAKE_BUILD_TYPE:[A-Z]*=Release$' CMakeCache.txt || skip 'not a release build'
[ "$(uname -m)" = x86_64 ] || skip 'the table knows x86-64'
command -v objdump >/dev/null || skip 'there is no objdump (Debian: binutils)'

# The first row that fits counts; the last three are for a kernel of operations or types that have
# no row of their own.
# kernel (a glob) | it has | it has not (a saturating sum of 16 bits is not exact)
table='
quantize__avx2               | vcvtps2dq .*%ymm   | %zmm
quantize__avx512bw           | vcvtps2dq .*%zmm   | vpmaddubsw
dequantize__avx2             | vcvtdq2ps .*%ymm   | %zmm
dequantize__avx512bw         | vcvtdq2ps .*%zmm   | vpmaddubsw
s16__avx2                    | vpmaddwd .*%ymm    | vpmaddubsw|vpdp|%zmm
s16__avx512bw                | vpmaddwd .*%zmm    | vpmaddubsw|vpdp
s16__avx512vnni              | vpdpwssd .*%zmm    | vpmaddubsw|vpmaddwd|vpdpwssds
dynamicquantize__avx2        | vmaxps .*%ymm      | %zmm
dynamicquantize__avx512bw    | vmaxps .*%zmm      | vpmaddubsw
requantize__avx2             | vcvtps2dq .*%ymm   | %zmm
requantize__avx512bw         | vcvtps2dq .*%zmm   | vpmaddubsw
int8__avx2                   | vpmaddwd .*%ymm    | %zmm
int8__avx512bw               | vpmaddwd .*%zmm    | vpdp
int8__avxvnni                | vpdpbusd .*%ymm    | vpmaddubsw|vpdpbusds|%zmm
int8__avx512vnni_256         | vpdpbusd .*%ymm    | vpmaddubsw|vpdpbusds|vpdpbusd .*%zmm
int8__avx512vnni             | vpdpbusd .*%zmm    | vpmaddubsw|vpdpbusds
groups__avx2*                | vpmaddubsw .*%ymm  | vpdp|vphadd|%zmm
groups__avx512bw*            | vpmaddubsw .*%zmm  | vpdp|vphadd
groups__avxvnni              | vpdpbusd .*%ymm    | vpmaddubsw|vpdpbusds|%zmm
groups__avx512vnni_256       | vpdpbusd .*%ymm    | vpmaddubsw|vpdpbusds|vpdpbusd .*%zmm
groups__avx512vnni           | vpdpbusd .*%zmm    | vpmaddubsw|vpdpbusds
gemm_f32f32f32__avx2*        | vfmadd[0-9]+ps .*%ymm | vmulps|%zmm
gemm_f32f32f32__avx512*      | vfmadd[0-9]+ps .*%zmm | vmulps
conv2d_f32f32f32__avx2*      | vfmadd[0-9]+ps .*%ymm | vmulps|%zmm
conv2d_f32f32f32__avx512*    | vfmadd[0-9]+ps .*%zmm | vmulps
conv_int8__avx2*             | vpmaddwd .*%ymm    | vpdp|%zmm
conv_int8__avx512vnni*       | vpdpbusd .*%zmm    | vpmaddubsw|vpdpbusds
int8_dot__avx2               | vpmaddubsw .*%ymm  | %zmm
int8_dot__avxvnni            | vpdpbusd .*%ymm    | vpmaddubsw|vpdpbusds|%zmm
int8_dot__avx512vnni_256     | vpdpbusd .*%ymm    | vpmaddubsw|vpdpbusds|%zmm
int8_dot__avx512vnni         | vpdpbusd .*%zmm    | vpmaddubsw|vpdpbusds
int16__avx2                  | vpmaddwd .*%ymm    | %zmm
int16__avx512bw              | vpmaddwd .*%zmm    | vpdpwssd
int16__avx512vnni            | vpdpwssd .*%zmm    | vpmaddwd|vpdpwssds
f32__avx2                    | vfmadd[0-9]+ps .*%ymm | vmulps|%zmm
f32__avx512bw                | vfmadd[0-9]+ps .*%zmm | vmulps
bf16_dot__avx512bf16         | vdpbf16ps .*%zmm   | vfmadd
copy__avx2_stream            | vmovnt[dp][qs] +%ymm     | %zmm|vmov[da][qp][as] +%ymm[0-9]+,.*\(
copy__avx512bw_stream        | vmovnt[dp][qs] +%zmm     | vmov[da][qp][as][0-9]* +%zmm[0-9]+,.*\(
read__avx2                   | vpaddd +\(?.*\),%ymm | %zmm
read__avx512bw               | vpaddd +\(?.*\),%zmm | vmovnt
write__avx2                  | vmov[da][qp][as] +%ymm[0-9]+,.*\( | %zmm|vmovnt|call
write__avx512bw              | vmov[da][qp][as][0-9]* +%zmm[0-9]+,.*\( | vmovnt|call
copy__avx2                   | vmov[da][qp][as] +%ymm[0-9]+,.*\( | %zmm|vmovnt|call
copy__avx512bw               | vmov[da][qp][as][0-9]* +%zmm[0-9]+,.*\( | vmovnt|call
*__ref                       | ret                | %[yz]mm
*__avx2*                     | ^.*%ymm            | %zmm
*__avx512*                   | ^.*%zmm            | vpmaddubsw'

checked=0

row_of() { # sets $has and $has_not; false: the table has no row
	local pattern
	while IFS='|' read -r pattern rest; do
		pattern=${pattern// /}
		# shellcheck disable=SC2053
		[ -n "$pattern" ] && [[ $1 == $pattern ]] || continue
		has=$(sed 's/|.*//; s/^ *//; s/ *$//' <<<"$rest")
		has_not=$(sed 's/^[^|]*|//; s/^ *//; s/ *$//' <<<"$rest")
		return 0
	done <<<"$table"
	return 1
}

for source in $(find "$QS_SOURCE/kernels" "$QS_SOURCE/harness/measure/limits" -name '*__*.c' | sort); do
	name=$(basename "$source" .c)
	object=$(find . -path '*.dir/*' -name "$name.c.o")
	[ -n "$object" ] || { wrong "$name has no object"; continue; }
	row_of "$name" || { wrong "$name has no row in this test's table: which instruction is it?"; continue; }
	code=$(objdump -d --no-show-raw-insn "$object")
	grep -qE "$has" <<<"$code" || wrong "$name has no '$has'"
	grep -qE "$has_not" <<<"$code" &&
		wrong "$name has '$(grep -oE -m1 "($has_not).*" <<<"$code")'"
	checked=$((checked + 1))
done
[ $checked -gt 0 ] || wrong "no kernel was found"
finish "$checked kernels and loops"
