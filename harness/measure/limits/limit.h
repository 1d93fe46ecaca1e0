/* SPDX-License-Identifier: MIT
 *
 * Loops that do one thing as fast as the CPU lets them: multiply and add in registers, or move
 * bytes.  The fastest of those that measure the same thing is that limit of the machine.
 *
 * A loop is one file, named THING__ISA as a kernel is, with one `const struct limit`, and one line
 * in limits.c.  Each gives a result that hangs on all its work, and says to the compiler in each
 * step that its operands may have changed, so that nothing is left out, merged or hoisted.
 */
#ifndef QS_LIMIT_H
#define QS_LIMIT_H

#include "../../../kernels/kernel.h"
#include "../../axes/axis.h"

enum limit_kind { LIMIT_ARITHMETIC, LIMIT_READ, LIMIT_WRITE, LIMIT_COPY };

enum {
	CHAINS = 12,            /* sums that do not wait for each other: latency x units */
	CHAINS_WIDE = 16,       /* with 32 registers: vdpbf16ps took 6 cycles, 2 a cycle  */
	CHAINS_SCALAR = 8,      /* of the references, which have fewer registers         */
	LANES_MOST = 16,        /* sums of 32 bits in the widest register                */
	MOVE_STEP = 512         /* what loops move in one step, bytes                    */
};

/* Registers' worth of factors and sums; a lane takes `macs` neighbours of a and b. */
struct limit_operands {
	_Alignas(64) unsigned char a[64], b[64];
	_Alignas(64) unsigned char sums[CHAINS_WIDE][4 * LANES_MOST];
};

struct limit {
	struct value value;     /* int8_dot__avx2, read__ref, ...                        */
	uint64_t needs;         /* QS_CPU_* bits; 0: plain C                             */
	enum limit_kind kind;
	/* Arithmetic: adds each lane's sum of products to each of its chains, `rounds` times. */
	int chains, lanes, macs;
	void (*multiply)(struct limit_operands *operands, int64_t rounds);
	/* Moves: `bytes` bytes, a multiple of MOVE_STEP, `passes` times; both places are aligned to
	 * 64.  Reading returns the sum of all 32-bit words, the others 0; write stores
	 * LIMIT_BYTE. */
	uint32_t (*move)(unsigned char *to, const unsigned char *from, int64_t bytes,
			 int64_t passes);
	bool past_cache;        /* its stores go around the caches: for DRAM alone       */
};

#define LIMIT_BYTE 0x5a

static inline const struct limit *limit_of(const struct value *value)
{
	return (const struct limit *)value;
}

/* Operations a round: a multiplication and an addition each. */
static inline int64_t limit_operations(const struct limit *limit)
{
	return 2ll * limit->chains * limit->lanes * limit->macs;
}

/* X(0) X(1) ...: sums in an array would go through memory. */
#define EACH_OF_8(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define EACH_CHAIN(X) EACH_OF_8(X) X(8) X(9) X(10) X(11)
#define EACH_WIDE(X) EACH_CHAIN(X) X(12) X(13) X(14) X(15)

/* The compiler may assume nothing about the value any more; it stays where it is. */
#define UNKNOWN_GENERAL(value) __asm__ volatile("" : "+r"(value))
#if defined __x86_64__
#define UNKNOWN_YMM(value) __asm__ volatile("" : "+x"(value))
#define UNKNOWN_ZMM(value) __asm__ volatile("" : "+v"(value))
#define UNKNOWN_FLOAT(value) __asm__ volatile("" : "+x"(value))
#else
#define UNKNOWN_FLOAT(value) __asm__ volatile("" : "+w"(value))
#endif
/* The memory behind the pointer may have changed, and may be read by somebody. */
#define UNKNOWN_MEMORY(pointer) __asm__ volatile("" : "+r"(pointer) : : "memory")

/* "avx2", the part of the name behind "__". */
const char *limit_isa(const struct limit *limit);
/* "int8_dot", the part before it, into out. */
void limit_thing(char *out, size_t size, const struct limit *limit);
/* "GOPS" (10^9 operations a second) or "GB/s" (10^9 bytes a second). */
const char *limit_unit(const struct limit *limit);

#endif
