/* SPDX-License-Identifier: MIT
 *
 * The rows of the small axes: what else a value means, beyond its words.
 */
#ifndef QS_TABLES_H
#define QS_TABLES_H

#include "../../kernels/kernel.h"
#include "axis.h"

#include <stdint.h>

struct scale_rule {
	struct value value;
	bool power_of_two;
	/* What a scale becomes before the zero point is taken from it: itself, or a power of 2. */
	double (*choose)(double scale);
	double bytes;           /* one stored scale takes this many                      */
};

/* How a range [low, high] becomes a scale and a zero point for b-bit codes. */
struct grid {
	double scale;           /* > 0; in double, before it is stored: see stored_scale */
	int32_t zero;           /* the code that means 0; from `scale`, in double         */
	int32_t low, high;      /* the code range                                        */
};

struct scheme {
	struct value value;
	bool symmetric;         /* the range is [-max|x|, max|x|]: one bound is chosen   */
	bool unsigned_codes;    /* codes 0 .. 2^b-1                                      */
	bool needs_nonnegative; /* only where the observed minimum is >= 0               */
	bool stores_zero;       /* a zero point is stored beside the scale                */
	/* low <= 0 <= high, |low| and |high| at most FLT_MAX; both 0 gives scale 1, zero 0.
	 * bits 2..16. */
	struct grid (*grid)(double low, double high, int bits, const struct scale_rule *scale);
};

/* The float32 that is stored for a grid's scale: the nearest (half to even), at least 2^-149, so
 * that a tensor of denormals has a scale above 0.  Below 2^-126 float32 is coarse: the stored scale
 * may be up to a third smaller than the exact one, and values then saturate. */
float stored_scale(double scale);

struct tally {                  /* of one slice                                          */
	uint64_t saturated;     /* rounded codes outside the code range before clipping  */
	uint64_t lost_zero;     /* values != 0 whose code means 0                        */
	uint64_t nonzero;
};

struct format {
	struct value value;     /* int, float, ...                                       */
	int bits_least, bits_most, bits_standard;
	bool is_float;          /* values stay as they are: no scheme, no scale          */
	/* Simulates: back[i] = value of the code of x[i]; tally is added to. count elements that
	 * share one grid.  scale is the stored float32.  back may be x. */
	void (*simulate)(const float *x, int64_t count, const struct grid *grid, float scale,
			 enum qs_round round, float *back, struct tally *tally);
	/* The codes themselves, one int32 each; NULL where is_float. */
	void (*encode)(const float *x, int64_t count, const struct grid *grid, float scale,
		       enum qs_round round, int32_t *codes);
	/* Bytes of `columns` packed codes of one row: ceil(columns * bits / 8). */
	int64_t (*row_bytes)(int64_t columns, int bits);
};

static inline const struct format *format_of(const struct value *value)
{
	return (const struct format *)value;
}

/* Then the bits are not written: float, fp16. */
static inline bool format_has_one_width(const struct value *value)
{
	return format_of(value)->bits_least == format_of(value)->bits_most;
}

enum granularity_kind { PER_TENSOR, PER_CHANNEL, PER_GROUP, GRANULARITIES };     /* to finer */

struct granularity_rule {
	struct value value;
	enum granularity_kind kind;
};

static inline enum granularity_kind granularity_kind_of(const struct value *value)
{
	return ((const struct granularity_rule *)value)->kind;
}

struct calibration_task;                 /* of calibrate/calibrate.h, as are these       */
struct range;
struct observer;

/* The finest granularity that a project has for its rule, and how it refuses finer ones.  Without
 * words it has all. */
struct finest {
	enum granularity_kind kind;
	const char *words;
};

/* Stands here, not beside its task, because an estimate asks a calibration for its cost. */
struct calibration {
	struct value value;
	/* A slice of fewer than values_a_code * 2^bits values other than 0 is a skip (of zeros
	 * alone they count); 0: none is. */
	int values_a_code;
	bool of_extremes;       /* the least and the greatest value alone decide          */
	bool of_values_alone;   /* and of what the scheme is, but neither bits nor scales    */
	bool of_rounding;       /* the choice hangs on how values become codes           */
	bool exact_ends;        /* the bounds are values: known exactly, not to a bin     */
	bool after_least_squares;        /* begins at the scale of least squared error    */
	/* NULL, or: order-dependent.  Then it chooses, from values as they come, and `choose` is
	 * NULL. */
	const struct observer *observer;
	struct finest finest;
	/* Units an element (see estimate.h) beyond sorting, by granularity: small slices cost more.
	 * Fitted to the measured seconds of configs/demo.json and of 102 weight tensors of real
	 * models; 0 for a look at a few sorted values. */
	double symmetric_cost[GRANULARITIES], asymmetric_cost[GRANULARITIES];
	/* What the user should know, or NULL: stored as the cell's warning.  May be NULL. */
	const char *(*warn)(const struct calibration_task *task);
	struct range (*choose)(const struct calibration_task *task);
};

static inline const struct calibration *calibration_of(const struct value *value)
{
	return (const struct calibration *)value;
}

/* In its project's words, or NULL. */
static inline const char *calibration_lacks(const struct calibration *calibration,
					    enum granularity_kind kind)
{
	return kind > calibration->finest.kind ? calibration->finest.words : NULL;
}

static inline bool calibration_has_too_few(const struct calibration *calibration, int bits,
					   double values)
{
	return values < (double)((int64_t)calibration->values_a_code << bits);
}

struct range_rule {
	struct value value;
	bool per_sample;        /* a range for each row of the tensor, which is a sample */
};

struct rounding {
	struct value value;
	enum qs_round round;
};

struct isa {
	struct value value;
	uint64_t features;      /* QS_CPU_* bits that --isa NAME leaves, subsets included */
};

struct requantization {
	struct value value;
	enum qs_requantize mode;
	bool needs_power_of_two;         /* of the scales of input, weights and output     */
};

static inline enum qs_requantize requantization_mode(const struct value *value)
{
	return value ? ((const struct requantization *)value)->mode : QS_REQUANTIZE_FLOAT;
}

/* What a policy may ask of a layer. */
struct policy_layer {
	const char *name;
	bool first, last;       /* of the layers with weights                            */
	bool weighted, residual;         /* residual: adds two edges                     */
	double weight_bytes;    /* as float32                                            */
};

/* Patterns of one value in one text: globs on layer names, in the order of strcmp, each once,
 * joined by ';', so that a set has one spelling.  At most PATTERNS_MOST bytes. */
enum { PATTERNS_MOST = 1000 };

/* Copies the first pattern to `one`; returns the place of the next, or NULL behind the last. */
const char *patterns_next(const char *patterns, char one[PATTERNS_MOST + 1]);
bool patterns_match(const char *patterns, const char *name);

struct policy {
	struct value value;
	/* The layer stays in float.  patterns: see above, or NULL where the value takes none. */
	bool (*spares)(const struct policy_layer *layer, double parameter, const char *patterns);
};

static inline const struct policy *policy_of(const struct value *value)
{
	return (const struct policy *)value;
}

/* What an op subject has.  Sizes that it has not are 1. */
struct operation {
	struct value value;
	enum qs_op op;
	bool has_n, has_weights;         /* keys "n"; "w", "y", "w_bits", "w_values"     */
	bool is_convolution;    /* its sizes are those of struct qs_conv                 */
	bool has_error;         /* else it has a speed alone                             */
	bool requantizes;       /* always; a product does where its "y" is a code        */
	bool always_dynamic;    /* the range of activations is not asked for             */
};

/* What a product's sums become: "y" of an op subject. */
struct result {
	struct value value;
	enum qs_type type;
	bool is_code;           /* requantized                                           */
};

static inline const struct result *result_of(const struct value *value)
{
	return (const struct result *)value;
}

/* Codes of weights that are drawn for a race: "w_values" of an op subject. */
struct weight_values {
	struct value value;
	int32_t (*code)(uint32_t word);  /* -127 .. 127 from random bits; NULL: uniform  */
};

static inline const struct weight_values *weight_values_of(const struct value *value)
{
	return (const struct weight_values *)value;
}

/* An embedded network: see datasets/networks/network.h.  Stands here because a config asks for its
 * classes. */
struct network {
	struct value value;
	const char *onnx;       /* the file's bytes, as embed_file() of CMakeLists.txt made them */
	const size_t *onnx_size;
	uint32_t version;       /* of the data: raised when a sample changes             */
	int classes;            /* 0: a regression                                       */
	int inputs, outputs;    /* elements of a sample; of a classifier outputs == classes */
	/* Fills x[inputs], NHWC order, and of a regression target[outputs].  Returns the class, of
	 * a regression 0. */
	int (*sample)(uint64_t seed, uint64_t index, float *x, float *target);
	/* of a file's network: its path as in labels (value.name too); classes, inputs, outputs
	 * and sample have no meaning there.  NULL: it is embedded                        */
	const char *path;
	const char *file;       /* the same to be opened from here                        */
};

/* What stands before the name in labels and columns: builtin:glyphs, models/net.onnx. */
static inline const char *network_prefix(const struct network *network)
{
	return network->path ? "" : "builtin:";
}

static inline const struct network *network_of(const struct value *value)
{
	return (const struct network *)value;
}

enum measure {
	MEASURE_ERROR = 1, MEASURE_DRIFT = 2, MEASURE_TASK = 4, MEASURE_THROUGHPUT = 8,
	MEASURE_SENSITIVITY = 16
};

struct measure_rule {
	struct value value;
	enum measure bit;
	bool asked;             /* measured only where the config names it               */
};

#endif
