/* SPDX-License-Identifier: MIT
 *
 * What a worker is told on its standard input: one race, as lines of text in this order,
 *
 *         quantsweep-race 1
 *         cpu 1d                          QS_CPU_* bits that may be used, hexadecimal
 *         op gemm                         or network
 *         shape 64 1024 1024              m n k, each 1 .. 2^31; of conv2d a line in its place:
 *         conv 1x56x56x64-64k3s1p1        see ../conv.h
 *         threads 1                       1 .. 1024
 *         batch 1                         1 .. 2^20: m, or conv's batch, is taken so many times
 *         seed 1                          of the operands
 *         repetitions 9                   1 .. REPETITIONS
 *         ms 10                           of one repetition, 1 .. 60000
 *         duel 0                          1: runner 0 against runner 1, in single calls (duel.h);
 *                                         2: these two are checked and nothing is timed
 *         handicap 0                      of a duel: per mille of the units that run twice, of the
 *                                         runner of library 0
 *         requantize float                of sums that become codes
 *         zeros 0                         1: weights have zero points
 *         w_bits 8                        2 .. 8: weights' codes are those of so many bits
 *         w_values uniform                how they are distributed
 *         network 0123...cdef builtin:arm of a network alone: content hash and name or path
 *         recipe w=float a=float s1       of a network alone: the race's plain recipe
 *         library 0123...cdef /a/path     content hash and path; ours first; 1 or more
 *         runner 0 gemm_u8s8s32__avx2     index of its library, full name; 1 or more; or
 *         named 0 gemm_u8s8s32__avx2      the same, timed though it is wrong
 *         end
 *
 * A number is decimal without a sign; a path goes to the end of its line.
 */
#ifndef QS_RACE_SPEC_H
#define QS_RACE_SPEC_H

#include "race.h"

enum { SPEC_LIBRARIES_MAX = RUNNERS_MAX + 1, SPEC_BYTES_MAX = 1 << 20 };

struct spec_library {
	const char *hash, *path;
};

struct spec_runner {
	int library;            /* index into libraries                                  */
	const char *kernel;
	bool named;             /* asked for by its name: timed though it is wrong       */
};

enum duel_kind { DUEL_NONE, DUEL_TIMED, DUEL_CHECKED };

struct race_spec {
	uint64_t cpu, seed;
	enum qs_op op;
	int64_t m, n, k;
	struct qs_conv conv;    /* batch 0: the operation is none                        */
	int threads, batch, repetitions, repetition_ms;
	enum duel_kind duel;
	int handicap;           /* 0 .. 1000                                             */
	struct race_detail detail;
	const char *network, *content, *recipe;  /* NULL: of an op                       */
	int library_count, runner_count;
	struct spec_library library[SPEC_LIBRARIES_MAX];
	struct spec_runner runner[RUNNERS_MAX];
};

/* Appends the text.  A path that holds a line's end is an error. */
int race_spec_write(struct text *out, const struct race_spec *spec, struct error *error);
/* Cuts `text` into pieces, which the spec then points to.  The sentence names the line. */
int race_spec_read(struct race_spec *spec, char *text, struct error *error);

#endif
