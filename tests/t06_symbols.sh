#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# No stored number may hang on the libc: our objects call no math function but those that C and
# IEEE 754 fix to the last bit, and SLEEF's plain C versions by name.
set -u
cd "$QS_BUILD" || exit 1
[ -z "${QS_SANITIZE:-}" ] || { echo "# SKIP sanitizers add symbols of their own"; exit 0; }

allowed='sqrt|fma|rint|nearbyint|lrint|llrint|floor|ceil|trunc|round|ldexp|scalbn|frexp|modf|fmod|remainder|copysign|fabs|fmin|fmax'
libm=$(ls /lib/x86_64-linux-gnu/libm.so.6 /usr/lib/x86_64-linux-gnu/libm.so.6 /lib*/libm.so.6 2>/dev/null | head -1)
[ -n "$libm" ] || { echo "# SKIP no libm.so.6 was found to list its names"; exit 0; }
math=$(nm -D --defined-only "$libm" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u)

objects=$(find . \( -path '*core.dir/harness/*.o' -o -path '*core.dir/datasets/*.o' -o -path '*quantsweep_kernels.dir/*.o' \) | sort)
[ -n "$objects" ] || { echo "not ok - no object was found under $QS_BUILD"; exit 1; }
failures=0
for object in $objects; do
	used=$(nm -u "$object" | awk '{ print $2 }' | sort -u)
	bad=$(comm -12 <(printf '%s\n' "$used") <(printf '%s\n' "$math") | grep -vxE "($allowed)f?" )
	sleef=$(printf '%s\n' "$used" | grep '^Sleef_' | grep -vxE 'Sleef_cinz_[a-z0-9]+d1_u10purec')
	if [ -n "$bad$sleef" ]; then
		echo "not ok - $object calls" $bad $sleef
		failures=$((failures + 1))
	fi
done
# the test can fail: the list does hold exp, and the objects do hold SLEEF's
printf '%s\n' "$math" | grep -qx exp || { echo "not ok - $libm seems to have no exp"; failures=1; }
nm -u $objects | grep -q 'Sleef_cinz_expd1_u10purec' || { echo "not ok - SLEEF is not used at all"; failures=1; }
[ $failures -eq 0 ] && echo "ok - $(printf '%s\n' $objects | wc -l) objects"
exit $((failures > 0))
