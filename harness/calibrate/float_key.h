/* SPDX-License-Identifier: MIT
 *
 * A float's bits as a number that orders as the float does (-0 before +0), and back; the float
 * after one.
 */
#ifndef QS_FLOAT_KEY_H
#define QS_FLOAT_KEY_H

#include <float.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t float_key(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

static inline float float_of_key(uint32_t key)
{
	const uint32_t bits = key & 0x80000000U ? key & 0x7fffffffU : ~key;
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* The next greater one; of both zeros the least above 0, of infinity itself. */
static inline float float_after(float x)
{
	return x == 0 ? 0x1p-149F : x <= FLT_MAX ? float_of_key(float_key(x) + 1) : x;
}

#endif
