/* SPDX-License-Identifier: MIT */
#include "onednn.h"

struct onednn *onednn_new(const struct qs_task *task, int64_t columns)
{
	const struct peer_cut cut = peer_cut(task, columns);
	struct onednn *onednn =
		calloc(1, sizeof *onednn + (size_t)cut.count * sizeof *onednn->piece);

	if (!onednn)
		return NULL;
	onednn->task = *task;
	onednn->cut = cut;
	for (int64_t i = 0; i < cut.count; i++)
		onednn->piece[i].part = peer_piece(&cut, task, columns, i);
	if (dnnl_engine_create(&onednn->engine, dnnl_cpu, 0) == dnnl_success)
		return onednn;
	free(onednn);
	return NULL;
}

void onednn_release(void *prepared)
{
	struct onednn *onednn = prepared;

	for (int64_t i = 0; i < onednn->cut.count; i++) {
		struct onednn_piece *piece = &onednn->piece[i];

		for (int j = 0; j < ONEDNN_MEMORIES; j++)
			if (piece->memory[j])
				dnnl_memory_destroy(piece->memory[j]);
		if (piece->primitive)
			dnnl_primitive_destroy(piece->primitive);
		if (piece->stream)
			dnnl_stream_destroy(piece->stream);
	}
	dnnl_engine_destroy(onednn->engine);
	free(onednn->added);
	free(onednn);
}

int64_t onednn_units(const void *prepared)
{
	return ((const struct onednn *)prepared)->cut.count;
}

static void add_to_sums(const struct onednn *onednn, const struct peer_piece *part, int32_t *y)
{
	for (int64_t i = part->row; i < part->row + part->rows; i++) {
		int32_t *const row = y + i * onednn->task.y.stride;

		for (int64_t j = part->column; j < part->column + part->columns; j++)
			row[j] = (int32_t)((uint32_t)row[j] + (uint32_t)onednn->added[j]);
	}
}

static int run_piece(const struct onednn *onednn, const struct onednn_piece *piece, const void *a,
		     void *y)
{
	static const int names[ONEDNN_MEMORIES] = { DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WEIGHTS,
						    DNNL_ARG_BIAS, DNNL_ARG_SCRATCHPAD };
	dnnl_exec_arg_t arguments[ONEDNN_MEMORIES];
	int count = 0;

	/* a handle is not const, but a source is only read */
	if (dnnl_memory_set_data_handle(piece->memory[ONEDNN_A],
					(char *)(uintptr_t)a + piece->a_at) ||
	    dnnl_memory_set_data_handle(piece->memory[ONEDNN_Y], (char *)y + piece->y_at))
		return -1;
	for (int i = 0; i < ONEDNN_MEMORIES; i++)
		if (piece->memory[i])
			arguments[count++] = (dnnl_exec_arg_t){ names[i], piece->memory[i] };
	if (dnnl_primitive_execute(piece->primitive, piece->stream, count, arguments) ||
	    dnnl_stream_wait(piece->stream))
		return -1;
	if (onednn->added)
		add_to_sums(onednn, &piece->part, y);
	return 0;
}

int onednn_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct onednn *onednn = prepared;

	for (int64_t i = first; i < last; i++)
		if (run_piece(onednn, &onednn->piece[i], a, y))
			return -1;
	return 0;
}

dnnl_data_type_t onednn_type(enum qs_type type)
{
	switch (type) {
	case QS_F32: return dnnl_f32;
	case QS_S32: return dnnl_s32;
	case QS_S8: return dnnl_s8;
	case QS_U8: return dnnl_u8;
	default: return dnnl_data_type_undef;
	}
}

bool onednn_matrix(dnnl_memory_desc_t *desc, enum qs_type type, int64_t rows, int64_t columns,
		   int64_t stride)
{
	/* one row is tight, whatever is said of the next: a part of it need not be slow for that */
	const dnnl_dims_t sizes = { rows, columns }, strides = { rows == 1 ? columns : stride, 1 };

	return !dnnl_memory_desc_init_by_strides(desc, 2, sizes, onednn_type(type), strides);
}

bool onednn_piece_make(struct onednn *onednn, struct onednn_piece *piece,
		       const_dnnl_primitive_desc_t desc, const dnnl_memory_desc_t *a,
		       const dnnl_memory_desc_t *y)
{
	const dnnl_memory_desc_t *scratch =
		dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);

	return !dnnl_primitive_create(&piece->primitive, desc) &&
	       !dnnl_stream_create(&piece->stream, onednn->engine, dnnl_stream_default_flags) &&
	       !dnnl_memory_create(&piece->memory[ONEDNN_A], a, onednn->engine,
				   DNNL_MEMORY_NONE) &&
	       !dnnl_memory_create(&piece->memory[ONEDNN_Y], y, onednn->engine,
				   DNNL_MEMORY_NONE) &&
	       (!scratch || !dnnl_memory_desc_get_size(scratch) ||
		!dnnl_memory_create(&piece->memory[ONEDNN_SCRATCH], scratch, onednn->engine,
				    DNNL_MEMORY_ALLOCATE));
}

bool onednn_put(struct onednn *onednn, struct onednn_piece *piece, enum onednn_memory which,
		const dnnl_memory_desc_t *from, const void *data, const dnnl_memory_desc_t *to)
{
	dnnl_primitive_desc_t desc = NULL;
	dnnl_primitive_t reorder = NULL;
	dnnl_memory_t source = NULL;
	bool done = false;

	if (!dnnl_memory_create(&source, from, onednn->engine, (void *)(uintptr_t)data) &&
	    !dnnl_memory_create(&piece->memory[which], to, onednn->engine,
				DNNL_MEMORY_ALLOCATE) &&
	    !dnnl_reorder_primitive_desc_create(&desc, from, onednn->engine, to, onednn->engine,
						NULL) &&
	    !dnnl_primitive_create(&reorder, desc)) {
		const dnnl_exec_arg_t arguments[] = { { DNNL_ARG_FROM, source },
						      { DNNL_ARG_TO, piece->memory[which] } };

		done = !dnnl_primitive_execute(reorder, piece->stream, 2, arguments) &&
		       !dnnl_stream_wait(piece->stream);
		onednn->packed += dnnl_memory_desc_get_size(to);
	}
	if (reorder)
		dnnl_primitive_destroy(reorder);
	if (desc)
		dnnl_primitive_desc_destroy(desc);
	if (source)
		dnnl_memory_destroy(source);
	return done;
}

bool onednn_is_reference(const_dnnl_primitive_desc_t desc)
{
	const char *name = NULL;

	return !dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &name) && name &&
	       !strncmp(name, "ref", 3);
}
