#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# No stored number may hang on the libc: our objects call no math function but those that C and
# IEEE 754 fix to the last bit, and SLEEF's plain C versions by name.
set -u
. "$(dirname "$0")/support.sh"
cd "$QS_BUILD" || exit 1
[ -z "${QS_SANITIZE:-}" ] || skip 'sanitizers add symbols of their own'

allowed='sqrt|fma|rint|nearbyint|lrint|llrint|floor|ceil|trunc|round|ldexp|scalbn|frexp|modf|fmod|remainder|copysign|fabs|fmin|fmax'
libm=$(ls /lib/x86_64-linux-gnu/libm.so.6 /usr/lib/x86_64-linux-gnu/libm.so.6 /lib*/libm.so.6 2>/dev/null | head -1)
[ -n "$libm" ] || skip 'no libm.so.6 was found to list its names'
math=$(nm -D --defined-only "$libm" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u)

objects=$(find . \( -path '*core.dir/harness/*.o' -o -path '*core.dir/datasets/*.o' -o -path '*quantsweep_kernels.dir/*.o' \) | sort)
[ -n "$objects" ] || { wrong "no object was found under $QS_BUILD"; exit 1; }
for object in $objects; do
	used=$(nm -u "$object" | awk '{ print $2 }' | sort -u)
	bad=$(comm -12 <(printf '%s\n' "$used") <(printf '%s\n' "$math") | grep -vxE "($allowed)f?" )
	sleef=$(printf '%s\n' "$used" | grep '^Sleef_' | grep -vxE 'Sleef_cinz_[a-z0-9]+d1_u10purec')
	if [ -n "$bad$sleef" ]; then
		wrong "$object calls" $bad $sleef
	fi
done
# the test can fail: the list does hold exp, and the objects do hold SLEEF's
printf '%s\n' "$math" | grep -qx exp || wrong "$libm seems to have no exp"
nm -u $objects | grep -q 'Sleef_cinz_expd1_u10purec' || wrong "SLEEF is not used at all"
finish "$(printf '%s\n' $objects | wc -l) objects"
