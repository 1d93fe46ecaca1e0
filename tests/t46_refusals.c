/* SPDX-License-Identifier: MIT
 *
 * Lowering: what cannot become layers is one sentence that names the node.
 */
#include "graphs.h"

#include "../harness/text.h"

#define IMAGE "in x N 2 4 4; f w 2 2 3 3; f v 2; "
#define NORM(from, to) "BatchNormalization " from " v v v v > " to "; "

struct refusal {
	const char *graph, *sentence;
};

static void check_refusals(const struct refusal *cases, size_t count)
{
	const struct env env = env_system();

	for (size_t i = 0; i < count; i++) {
		struct graph graph;
		struct layers layers;
		struct error error;

		hand_graph(&graph, &env, cases[i].graph);
		if (!layers_make(&layers, &graph, &env, &error))
			fail_msg("%s became layers", cases[i].graph);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("%s\nfound    %s\nexpected %s", cases[i].graph, error.text,
				 cases[i].sentence);
		graph_free(&graph);
	}
}

static void constants_of_other_shapes(void **state)
{
	static const struct refusal cases[] = {
		{ IMAGE "Conv x w > a; f c 3 1 1; Add a c > d; out d",
		  "hand: node 'd' (Add): its constant has 3 numbers along an axis of 2" },
		{ IMAGE "Conv x w > a; f c 1 1 2 1 1; Add a c > d; out d",
		  "*node 'd' (Add): its constant has an axis for the batch, which parts samples" },
		{ IMAGE "Conv x w > a; f c 2 2 1 1; Mul a c > d; out d", "*(Mul): its constant has an "
								      "axis for the batch*" },
		{ IMAGE "f c 2; Div c x > d; out d", "*(Div): it divides a constant by what the*" },
		{ IMAGE "Mul x x > d; out d", "*(Mul): its input 'x' is made by the network; a*" },
		{ "in x N 4; f w 4 2; MatMul x w > a; f c 2 1; Add a c > d; out d",
		  "*its constant has an axis for the batch*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

static void refusals_of_operations(void **state)
{
	static const struct refusal cases[] = {
		{ IMAGE "Magic x > a; out a", "hand: node 'a' (Magic): this operation is not "
						"known; `quantsweep list layer` names those*" },
		{ IMAGE "Conv x > a; out a", "*'a' (Conv): it has no input 1, which it needs" },
		{ IMAGE "Conv - w > a; out a", "*'a' (Conv): it has no input 0, which it needs" },
		{ IMAGE "Conv w x > a; out a", "*its input 'w' is a constant; the network's*" },
		{ IMAGE "Conv x x > a; out a", "*its input 'x' is made by the network; a constant*" },
		{ IMAGE "i s = 1 2; Conv x s > a; out a", "*its input 's' is one of whole numbers*" },
		{ IMAGE "Conv x w > a group=2; out a", "*of 2 groups, its input has 2 channels" },
		{ IMAGE "Conv x w > a group=-1; out a", "*of -1 groups, its input has 2*" },
		{ IMAGE "Conv x w > a group=0.5; out a", "*its attribute 'group' is 0.5; a whole*" },
		{ IMAGE "Conv x w > a group=nan; out a", "*of 0 groups, its input*" },
		{ IMAGE "Conv x w > a group=1e300; out a", "*'group' is 1e+300; a whole number*" },
		{ IMAGE "Conv x w > a pads=1,1; out a", "*'pads' has 2 numbers; 4 are expected" },
		{ IMAGE "Conv x w > a pads=1; out a", "*'pads' has 0 numbers; 4 are expected" },
		{ IMAGE "Conv x w > a pads=-1,0,0,0; out a", "*it has pads below 0*" },
		{ IMAGE "Conv x w > a strides=0,1; out a", "*a stride, a dilation or a kernel is below 1*" },
		{ IMAGE "Conv x w > a dilations=1,-1; out a", "*a stride, a dilation or a kernel is below 1*" },
		{ IMAGE "Conv x w > a kernel_shape=3,2; out a", "*'kernel_shape' says 2, its "
								"weights 3" },
		{ IMAGE "Conv x w > a auto_pad=SAME; out a", "*'auto_pad' is 'SAME'; NOTSET,*" },
		{ IMAGE "Conv x w > a dilations=2,2; out a",
		  "*its output has the shape 1 x 2 x 0 x 0; 1 to 2^31 - 1 elements*" },
		{ IMAGE "Conv x w > a pads=2147483647,2147483647,2147483647,2147483647; out a",
		  "*its output has the shape 1 x 2 x 4294967296 x 4294967296; 1 to 2^31 - 1*" },
		{ IMAGE "f u 2 3 1 1; Conv x u > a; out a", "*are ?2??3??1??1? of 1 groups, its "
							    "input has 2 channels" },
		{ IMAGE "f u 0 2 1 1; Conv x u > a; out a", "*are ?0??2??1??1? of 1 groups, its input*" },
		{ IMAGE "f u 2 2 3; Conv x u > a; out a", "*its weights have 3 axes, its input 4*" },
		{ "in x N 2; f u 2 2 1 1; Conv x u > a; out a", "*weights have 4 axes, its input 2*" },
		{ IMAGE "Conv x w w > a; out a", "*its bias is not one number for each of the 2*" },
		{ IMAGE "f b 3; Conv x w b > a; out a", "*its bias is not one number for each*" },
		{ IMAGE "Gemm x w > a; out a", "*its weights have 4 axes, its input 4; products*" },
		{ "in x N 4; f w 3 4; Gemm x w > a; out a", "*weights take 3 numbers, its input*4" },
		{ "in x N 4; f w 4 4; Gemm x w > a transA=1; out a", "*(transA), which is not*" },
		{ "in x N 4; f w 4 4; f b 4 1; Gemm x w b > a; out a", "*its bias is not one number*" },
		{ "in x N 4; f w 4 0; Gemm x w > a; out a", "*its output has the shape 1 x 0; 1 to*" },
		{ "in x N 4; f w 4 4; MatMul w x > a; out a", "*(MatMul): it sums over the batch, which*" },
		{ "in x N 4; f w 4; MatMul x w > a; out a", "*its weights have 1 axes, its input 2*" },
		{ "in x N 4; f w 4 1 = 1 inf 1 1; MatMul x w > a; out a",
		  "hand: layer 'a': a weight is infinite or no number" },
		{ "in x N 2; f w 2 1; f b 1 = nan; Gemm x w b > a; out a",
		  "hand: layer 'a': a bias is infinite or no number" },
		/* a variance below 0 */
		{ "in x N 2; f w 2 1; f b 1 = -1; MatMul x w > a; "
		  "BatchNormalization a b b b b > c; out c", "*'a': a weight is infinite or no*" },
		{ IMAGE "Conv x w > a; BatchNormalization a v v v > b; out b", "*no input 4, which*" },
		{ IMAGE "Conv x w > a; f u 3; BatchNormalization a v v u v > b; out b",
		  "*its input 3 is not one number for each of the 2 channels" },
		{ IMAGE "Conv x w > a; BatchNormalization a v v v v > b training_mode=1; out b",
		  "*it normalizes by its batch*" },
		{ IMAGE "Conv x w > a; BatchNormalization a v v v v > b spatial=0; out b",
		  "*each place by itself*" },
		{ IMAGE "Conv x w > a; Add x a > b; out b",
		  "*its inputs have the shapes 1 x 2 x 4 x 4 and 1 x 2 x 2 x 2; equal*" },
		{ "in x N 2; f w 2; Add w w > y; out y", "*output 'y' is made by no layer" },
		{ "in x N 4; GlobalAveragePool x > a; out a", "*its input has 2 axes; an image is expected*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

static void refusals_of_views(void **state)
{
	static const struct refusal cases[] = {
		{ IMAGE "Flatten x > a axis=2; out a", "*it flattens at axis 2 of 4; samples are*" },
		{ IMAGE "Flatten x > a axis=-1; out a", "*it flattens at axis -1 of 4; samples*" },
		{ IMAGE "i s = -1 1 1 1 1 1 1 1 1; Reshape x s > a; out a", "*has 9 axes; 1 to 8 are made" },
		{ IMAGE "i s = -1; Reshape x s > a; out a", "*does not have the elements of its*" },
		{ IMAGE "f s 2; Reshape x s > a; out a", "*its input 's' is not what is expected*" },
		{ IMAGE "Reshape x x > a; out a", "*its input 'x' is not what is expected*" },
		{ IMAGE "i s = 2 16; Reshape x s > a; out a", "*begins with 2, which is not the*" },
		{ IMAGE "i s = 0 32; Reshape x s > a allowzero=1; out a", "*begins with 0, which*" },
		{ IMAGE "i s = 0 33; Reshape x s > a; out a", "*does not have the elements of its*" },
		{ IMAGE "i s = 0 -1 -1; Reshape x s > a; out a", "*does not have the elements*" },
		{ IMAGE "i s = 0 -1 5; Reshape x s > a; out a", "*does not have the elements*" },
		{ IMAGE "i s = 0 -2 16; Reshape x s > a; out a", "*does not have the elements*" },
		{ IMAGE "i s = 0 9223372036854775807 9223372036854775807; Reshape x s > a; out a",
		  "*does not have the elements*" },
		{ IMAGE "i t = 1; Dropout x - t > a; out a", "*it drops values as in training" },
		{ IMAGE "Dropout x - x > a; out a", "*it drops values as in training" },
		{ IMAGE "Conv x w > a; Dropout a > b m; Conv m w > c; out c",
		  "*node 'c' (Conv): it reads 'm', a further output of a node*" },
		{ IMAGE "Conv x w > - b; out b", "*node 'b' (Conv): its first output is left out" },
		{ IMAGE "Conv x w > -; out x", "*output 'x' is made by no layer" },
		{ IMAGE "Transpose x > a perm=1,0,2,3; out a", "*it moves axis 0, the batch*" },
		{ IMAGE "Transpose x > a perm=0,1,2,2; out a", "*is no permutation of 4 axes" },
		{ IMAGE "Transpose x > a perm=0,1,2; out a", "*'perm' has 3 numbers; 4 are*" },
		{ IMAGE "Squeeze x > a axes=1,2; out a", "*its axis 1 has 2 numbers, not 1" },
		{ IMAGE "Unsqueeze x > a axes=0,1; out a", "*along axis 0, the batch*" },
		{ IMAGE "DepthToSpace x > a blocksize=2; out a", "*blocks of 2 do not part*" },
		{ IMAGE "SpaceToDepth x > a blocksize=3; out a", "*blocks of 3 do not part*" },
		{ IMAGE "Split x > a b axis=0; Add a b > c; out c", "*along axis 0, the batch*" },
		{ IMAGE "i s = 1 2; Split x s > a b axis=1; Add a b > c; out c",
		  "*its parts have 3 numbers together, its input 2" },
		{ IMAGE "i s = 3; i e = 3; i n = 2; Slice x s e n > a; out a", "*nothing of axis 2" },
		{ IMAGE "i s = 0; i e = 1; i n = 0; Slice x s e n > a; out a", "*axis 0, the batch*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

static void refusals_of_networks(void **state)
{
	static const struct refusal cases[] = {
		{ "in x N 2; in y N 2; Add x y > z; out z", "hand: has 2 inputs and 1 outputs;*" },
		{ "in x N 2; Add x x > z; Add x x > y; out z; out y", "*has 1 inputs and 2 outputs;*" },
		{ "f w 2; Identity w > y; out y", "hand: has 0 inputs*" },
		{ "in x N 2; out x", "hand: output 'x' is made by no layer" },
		{ "in x N 2; Identity x > y; out y", "hand: output 'y' is made by no layer" },
		{ "in x N 2; f w 2; Identity w > y; out y", "hand: output 'y' is made by no layer" },
		{ "in x N 3; out x; Add x x > y", "*output 'x' is made by no layer" },
		{ "in x N 3 N 4; Add x x > y; out y", "*the size of a sample is not known*" },
		{ "in x N 0; Add x x > y; out y", "*the size of a sample is not known, or is not 1*" },
		{ "in x N 4 65536 65536; Add x x > y; out y", "*input 'x'*2^31 - 1 elements*" },
		{ "in x 0 4; Add x x > y; out y", "*the size of a sample is not known*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_of_other_shapes),
		cmocka_unit_test(refusals_of_operations),
		cmocka_unit_test(refusals_of_views),
		cmocka_unit_test(refusals_of_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
