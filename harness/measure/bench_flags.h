/* SPDX-License-Identifier: MIT
 *
 * Google Benchmark 1.7.1's own flags, and what each may say.  It ends the program by itself on a
 * value that it does not like, so every value is checked here before it sees one.
 */
#ifndef QS_BENCH_FLAGS_H
#define QS_BENCH_FLAGS_H

#include "../env.h"

enum bench_flag_kind {
	FLAG_BOOL,              /* may stand alone: true                                 */
	FLAG_WHOLE,             /* a whole number from least to most                     */
	FLAG_REAL,              /* a number from least to most                           */
	FLAG_WORD,              /* one of the argument's words: a|b|c                    */
	FLAG_TEXT,
	FLAG_REGEX,             /* POSIX extended; a '-' before it: what does not match  */
	FLAG_CONTEXT            /* KEY=VALUE,...                                         */
};

/* X(flag, name, argument, kind, least, most, help), in the order of --help. */
#define BENCH_FLAGS(X)                                                                             \
	X(LIST_TESTS, "--benchmark_list_tests", "[=BOOL]", FLAG_BOOL, 0, 0,                        \
	  "print the names of the benchmarks, time nothing")                                       \
	X(FILTER, "--benchmark_filter", "REGEX", FLAG_REGEX, 0, 0,                                 \
	  "only names that match (-REGEX: that do not)")                                           \
	X(MIN_TIME, "--benchmark_min_time", "SECONDS", FLAG_REAL, 0, 3600,                         \
	  "least time of a repetition (default 0.5)")                                              \
	X(MIN_WARMUP_TIME, "--benchmark_min_warmup_time", "SECONDS", FLAG_REAL, 0, 3600,           \
	  "untimed calls before (default 0)")                                                      \
	X(REPETITIONS, "--benchmark_repetitions", "N", FLAG_WHOLE, 1, 10000,                       \
	  "repetitions of each benchmark (default 1)")                                             \
	X(INTERLEAVING, "--benchmark_enable_random_interleaving", "[=BOOL]", FLAG_BOOL, 0, 0,      \
	  "repetitions in random order (default false)")                                           \
	X(REPORT_AGGREGATES, "--benchmark_report_aggregates_only", "[=BOOL]", FLAG_BOOL, 0, 0,     \
	  "no single repetitions (default false)")                                                 \
	X(DISPLAY_AGGREGATES, "--benchmark_display_aggregates_only", "[=BOOL]", FLAG_BOOL, 0, 0,   \
	  "no single repetitions on the screen (default false)")                                   \
	X(FORMAT, "--benchmark_format", "console|json|csv", FLAG_WORD, 0, 0,                       \
	  "of standard output (default console)")                                                  \
	X(OUT, "--benchmark_out", "FILE", FLAG_TEXT, 0, 0, "write the results there too")          \
	X(OUT_FORMAT, "--benchmark_out_format", "json|console|csv", FLAG_WORD, 0, 0,               \
	  "of that file (default json)")                                                           \
	X(COLOR, "--benchmark_color", "auto|true|false", FLAG_WORD, 0, 0,                          \
	  "colours on the screen (default auto)")                                                  \
	X(TABULAR, "--benchmark_counters_tabular", "[=BOOL]", FLAG_BOOL, 0, 0,                     \
	  "counters as columns (default false)")                                                   \
	X(CONTEXT, "--benchmark_context", "KEY=VALUE,...", FLAG_CONTEXT, 0, 0,                     \
	  "more lines of the context")                                                             \
	X(TIME_UNIT, "--benchmark_time_unit", "ns|us|ms|s", FLAG_WORD, 0, 0,                       \
	  "unit of the times (default ns)")                                                        \
	X(VERBOSITY, "--v", "N", FLAG_WHOLE, 0, 9, "Google Benchmark's own log (default 0)")

#define BENCH_FLAG_NAME(flag, ...) BENCH_##flag,
enum bench_flag { BENCH_FLAGS(BENCH_FLAG_NAME) BENCH_FLAG_COUNT };

/* What a run under Google Benchmark says of itself; a --benchmark_context may not say it again. */
enum bench_context {
	CONTEXT_QUANTSWEEP,     /* version and build                                     */
	CONTEXT_RACE, CONTEXT_LIBRARIES, CONTEXT_CPU_FEATURES, CONTEXT_SEED,
	BENCH_CONTEXT_COUNT
};
extern const char *const bench_context_keys[BENCH_CONTEXT_COUNT];

/* The flag as Google Benchmark takes it, "--name=value", for the caller to free; NULL with a
 * sentence where it would not take it.  value NULL: the flag stood alone. */
char *bench_flag_text(const struct env *env, enum bench_flag flag, const char *value,
		      struct error *error);
/* Whether a flag that stands for true or false, and was checked, stands for true. */
int bench_flag_is_true(const char *value);
/* 1: the filter (NULL or "all": every name) lets the name through, 0, or -1 with *error. */
int bench_filter_takes(const char *filter, const char *name, struct error *error);
/* The library reads its flags' defaults from variables BENCHMARK_... before main: none may be
 * set. */
int bench_environment_check(struct error *error);

#endif
