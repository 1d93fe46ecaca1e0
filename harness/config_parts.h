/* SPDX-License-Identifier: MIT
 *
 * What the files of the config reader share: config.c (the whole), config_sweep.c (blocks),
 * config_values.c (one axis),
 * config_patterns.c (patterns of one value), config_subject.c (one subject), config_conv.c (a
 * convolution's sizes), config_network.c (a network and its data), config_data.c (data of a file),
 * config_json.c (lines and keys),
 * config_scan.c (the text).
 */
#ifndef QS_CONFIG_PARTS_H
#define QS_CONFIG_PARTS_H

#include "config.h"
#include "config_json.h"

enum { AXIS_VALUES_MOST = 1024 };        /* on one list                                  */

struct config_reader {
	const struct env *env;
	const struct document *document;
	struct error *error;
};

/* Walks a list, or a scalar as a list of one. */
const cJSON *list_first(const cJSON *item);
const cJSON *list_next(const cJSON *item, const cJSON *element);
/* A list holds 1 .. AXIS_VALUES_MOST elements. */
int list_check(const struct config_reader *reader, const cJSON *item);

/* Each adds the values of one key to `list`, doubles once; item NULL: the default alone. */
int names_read(const struct config_reader *reader, const cJSON *item, const char *axis,
	       const struct value *const *values, const char *standard, struct setting_list *list);
int numbers_read(const struct config_reader *reader, const cJSON *item, double least, double most,
		 double standard, struct setting_list *list);
int reals_read(const struct config_reader *reader, const cJSON *item, double least, double most,
	       double standard, struct setting_list *list);
/* The list of {"skip": [PATTERN, ...]}, or its one string, as one text (see PATTERNS_MOST), which
 * the caller frees; NULL on a mistake. */
char *patterns_read(const struct config_reader *reader, const cJSON *item);
int kernels_read(const struct config_reader *reader, const cJSON *item, struct setting_list *list);
/* A FILTER, or a list of them joined by "or", of columns that a plan knows; item NULL: none. */
int filters_read(const struct config_reader *reader, const cJSON *item, struct filter *filter);
/* "format" and "bits" of a block; block NULL: float alone. */
int formats_read(const struct config_reader *reader, const cJSON *block, struct setting_list *list);
void settings_free(const struct env *env, struct setting_list *list);

/* A name of a table that is not there: the nearest, or where the known ones are listed. */
int unknown_name(const struct config_reader *reader, const cJSON *item, const char *axis,
		 const struct value *const *values, const char *name);

int sweep_read(const struct config_reader *reader, const cJSON *item, struct sweep *sweep);
void sweep_free(const struct env *env, struct sweep *sweep);
/* measure: what the config wants; the subject gets what it has of it. */
int subject_read(const struct config_reader *reader, const cJSON *item, unsigned measure,
		 struct subject_spec *subject);
/* The sizes of a convolution. */
int conv_read(const struct config_reader *reader, const cJSON *item, struct subject_spec *subject);
/* A list of sizes, 1 to RANK_MAX of them, whose product is at most 2^31. */
int shape_read(const struct config_reader *reader, const cJSON *item, int *rank, int64_t *shape);
/* A double of one that is there vanishes. */
int data_spec_add(const struct config_reader *reader, struct data_spec_list *list,
		  const struct data_spec *spec);
/* A block of data with the key "file". */
int data_file_read(const struct config_reader *reader, const cJSON *item, bool evaluation,
		   struct data_spec_list *list);
void data_file_free(const struct env *env, struct data_file *file);
/* The keys of a network subject; what is read is freed with the subject. */
int network_read(const struct config_reader *reader, const cJSON *item,
		 struct subject_spec *subject);
void subject_spec_free(const struct env *env, struct subject_spec *subject);

#endif
