// SPDX-License-Identifier: MIT
#include "gemmlowp.h"

#include <gemmlowp/public/gemmlowp.h>

#include <new>
#include <tuple>

namespace {

using A = gemmlowp::MatrixMap<const std::uint8_t, gemmlowp::MapOrder::RowMajor>;
using W = gemmlowp::MatrixMap<const std::uint8_t, gemmlowp::MapOrder::ColMajor>;
using Y = gemmlowp::MatrixMap<std::int32_t, gemmlowp::MapOrder::RowMajor>;
using Rows = gemmlowp::VectorMap<const std::int32_t, gemmlowp::VectorShape::Col>;
using Columns = gemmlowp::VectorMap<const std::int32_t, gemmlowp::VectorShape::Row>;

template <typename Pipeline>
void multiply(gemmlowp::GemmContext *context, const gemmlowp_product *p, const Pipeline &pipeline)
{
	const A a(p->a, p->m, p->k, p->stride_a);
	const W w(p->w, p->k, p->n, p->stride_w);
	Y y(p->y, p->m, p->n, p->stride_y);

	gemmlowp::GemmWithOutputPipelinePC<std::uint8_t, std::int32_t,
					   gemmlowp::DefaultL8R8BitDepthParams>(
		context, a, w, &y, Rows(p->add_a, p->m), Columns(p->add_w, p->n), pipeline);
}

} // namespace

void *gemmlowp_context_new(void)
{
	auto *context = new (std::nothrow) gemmlowp::GemmContext;

	if (context)
		context->set_max_num_threads(1);
	return context;
}

void gemmlowp_context_free(void *context)
{
	delete static_cast<gemmlowp::GemmContext *>(context);
}

int gemmlowp_multiply(void *context, const gemmlowp_product *product)
{
	auto *const own = static_cast<gemmlowp::GemmContext *>(context);

	try {
		if (product->bias) {
			gemmlowp::OutputStageBiasAddition<Columns> stage{
				Columns(product->bias, product->n)};

			multiply(own, product, std::make_tuple(stage));
		} else {
			multiply(own, product, std::tuple<>());
		}
	} catch (...) {
		return -1;
	}
	return 0;
}
