/* SPDX-License-Identifier: MIT
 *
 * The values of one edge over all calibration samples, and the ranges that rules choose on them.
 *
 * Up to STREAM_KEPT values are kept and sorted.  More are counted in bins: which it is hangs on
 * samples and elements alone, never on memory, threads or batches, and so does every range.  Rules
 * of exact_ends (percentiles) then ask for a second pass, in which the bins that hold their bounds
 * are looked at float by float: what they choose is what they would choose on sorted values.
 *
 * Order-dependent rules are given whole batches of their own, in the order of the samples; one
 * batch of each size is held at a time.
 *
 * Memory of a stream: 4 bytes a value, 4 MiB at most, where kept; else BINS_BYTES_MOST a thread, of
 * which what came is touched; and the batches of order-dependent rules.
 */
#ifndef QS_NETWORK_STREAM_H
#define QS_NETWORK_STREAM_H

#include "../calibrate/bins.h"
#include "../calibrate/observe.h"
#include "network_job.h"

enum { STREAM_KEPT = 1 << 20 };

struct stream_batch {           /* of all order-dependent rules of one batch             */
	int64_t samples, filled;
	float *values;          /* [samples][elements]                                   */
};

struct stream {
	struct network_job *job;
	size_t edge;
	int64_t elements, samples;
	float *kept;            /* [samples][elements]; NULL: binned                     */
	int lanes;              /* threads that may add at once                          */
	struct bins *bins;      /* [lanes]                                               */
	struct closer closer;
	struct stream_batch *batches;    /* distinct                                      */
	size_t batch_count;
	struct observing *observing;     /* [rules], where the rule is order-dependent    */
};

struct stream_room {            /* of one thread                                         */
	struct slice_room sorted;
	struct bins_room binned;
};

static inline bool stream_is_kept(int64_t values)
{
	return values <= STREAM_KEPT;
}

/* Bytes that it takes at most with one lane. */
size_t stream_bytes(const struct network_job *job, size_t edge, int64_t samples);
int stream_new(struct stream *stream, struct network_job *job, size_t edge, int64_t samples,
	       int lanes, struct error *error);
void stream_free(struct stream *stream);
/* A lane's share of `count` samples from `first` on: x[count][elements].  Samples come in order. */
int stream_add(struct stream *stream, int lane, int64_t first, int64_t count, const float *x,
	       struct error *error);
/* After all samples: job->chosen and visits of this edge. */
int stream_choose(struct stream *stream, struct stream_room *room, struct error *error);
/* Where that is true, all samples once more, in any order, then the choice. */
static inline bool stream_wants_more(const struct stream *stream)
{
	return stream->closer.count > 0;
}
void stream_add_again(struct stream *stream, int64_t count, const float *x);
int stream_choose_again(struct stream *stream, struct stream_room *room, struct error *error);

#endif
