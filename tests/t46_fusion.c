/* SPDX-License-Identifier: MIT
 *
 * Lowering: what is fused, how often a constant is copied, which layers a policy leaves in float.
 */
#include "graphs.h"
#include "plain_layers.h"

#include "../harness/recipe.h"

/* The layers in words: name:operation(inputs), with + for a ReLU. */
static void write_layers(const struct layers *layers, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer *layer = &layers->layers[i];

		used += (size_t)snprintf(out + used, size - used, "%s%s:%s(%zu", i ? " " : "",
					 layer->name, layer->operation->value.name,
					 layer->inputs[0]);
		if (layer->input_count == 2)
			used += (size_t)snprintf(out + used, size - used, ",%zu",
						 layer->inputs[1]);
		used += (size_t)snprintf(out + used, size - used, ")%s", layer->relu ? "+" : "");
	}
}

#define IMAGE "in x N 2 4 4; f w 2 2 3 3; f v 2; "
#define NORM(from, to) "BatchNormalization " from " v v v v > " to "; "

static void fusion(void **state)
{
	static const struct { const char *graph, *layers; } cases[] = {
		{ IMAGE "Conv x w > a; " NORM("a", "b") "Relu b > c; Conv c w > d pads=1,1,1,1; out d",
		  "a:conv(0)+ d:conv(1)" },
		{ IMAGE "Conv x w > a; Relu a > b; Relu b > c; out c", "a:conv(0)+" },
		/* the sum may be of the same edge, and takes the relu behind it */
		{ IMAGE "Conv x w > a pads=1,1,1,1; Conv a w > b pads=1,1,1,1; Add a b > c;"
			"Relu c > d; Add d d > e; out e",
		  "a:conv(0) b:conv(1) c:add(1,2)+ e:add(3,3)" },
		{ IMAGE "GlobalAveragePool x > a; Relu a > b; out b", "a:average_pool(0)+" },
		/* behind a view, which alone is read */
		{ IMAGE "Conv x w > a; Flatten a > b; Relu b > c; out c", "a:conv(0)+ b:move(1)" },
		{ IMAGE "Conv x w > a; Identity a > b; Dropout b > c; " NORM("c", "d") "out d",
		  "a:conv(0)" },
		/* what nobody needs is not there, known or not, and nobody reads it */
		{ IMAGE "Conv x w > a; Magic a > z; Relu a > u; Conv x w > t; out a",
		  "a:conv(0)" },
		{ IMAGE "Conv x w > a; Dropout a > b mask; Relu b > c; out c", "a:conv(0)+" },
		/* what is read under two names stays as it is */
		{ IMAGE "Conv x w > a; Identity a > b; Identity a > c; Relu b > d; Add d c > e;"
			"out e",
		  "a:conv(0) d:activation(1) e:add(2,1)" },
		/* a layer that is finished behind the one after it */
		{ IMAGE "Conv x w > a; Conv x w > b; Relu a > c; Add c b > d; out d",
		  "a:conv(0)+ b:conv(0) d:add(1,2)" },
		/* sums of vectors that lie in the same order */
		{ "in x N 4 1 1; f w 4 4; Flatten x > a; MatMul a w > b; Add a b > c; out c",
		  "b:gemm(0) c:add(0,1)" },
		{ "in x N 2 2 2; f w 8 3; Flatten x > a; Flatten x > b; Add a b > c;"
		  "MatMul c w > d; out d",
		  "c:add(0,0) d:gemm(1)" },
		/* batches of one, or of a number, are batches */
		{ "in x 1 4; f w 4 2; i s = 1 4; Reshape x s > a; MatMul a w > b; out b",
		  "b:gemm(0)" },
		{ "in x 3 4; f w 4 2; i s = 3 4; Reshape x s > a; MatMul a w > b; out b",
		  "b:gemm(0)" },
		{ "in x N 4; f w 4 2; f v 1 8; i s = 4 -1; Reshape v s > u; Identity u > t;"
		  "MatMul x t > b; out b",
		  "b:gemm(0)" },
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct layers layers;
		char words[500];

		hand_layers(&layers, &env, cases[i].graph);
		write_layers(&layers, words, sizeof words);
		if (strcmp(words, cases[i].layers))
			fail_msg("%s\nfound    %s\nexpected %s", cases[i].graph, words,
				 cases[i].layers);
		layers_free(&layers);
	}
}

/* A constant that many layers read is not copied without limit. */
static void shared_weights(void **state)
{
	const struct env env = env_system();
	char text[1000] = "in x N 4; f w 4 4; ";

	(void)state;
	for (int layers = 1; layers <= 5; layers++) {
		char whole[1100];
		struct graph graph;
		struct layers made;
		struct error error;

		sprintf(text + strlen(text), "MatMul %c w > %c; ", 'w' + layers, 'x' + layers);
		snprintf(whole, sizeof whole, "%s out %c", text, 'x' + layers);
		hand_graph(&graph, &env, whole);
		if (layers <= 4) {
			assert_int_equal(layers_make(&made, &graph, &env, &error), 0);
			layers_free(&made);
		} else {
			assert_int_equal(layers_make(&made, &graph, &env, &error), -1);
			assert_non_null(strstr(error.text, "four times the elements"));
		}
		graph_free(&graph);
	}
}

struct island_case {
	const char *policy, *patterns;
	double parameter;
	bool float_activations;
	const char *islands;    /* of each layer; or what a refusal says                 */
};

/* Weights of 72, 72, 0 (a sum), 0 (a pool), 24 bytes. */
static void islands(void **state)
{
	static const struct island_case cases[] = {
		{ "all", NULL, 0, false, "00000" },
		{ NULL, NULL, 0, false, "00000" },
		{ "skip_first_last", NULL, 0, false, "10001" },
		{ "skip_smaller_than", NULL, 25, false, "00001" },
		{ "skip_smaller_than", NULL, 24, false, "00000" },
		{ "skip_smaller_than", NULL, 1000, false, "11001" },
		/* then nothing is left of which weights are quantized */
		{ "skip_smaller_than", NULL, 1000, true, "leaves no layer" },
		{ "skip_residual", NULL, 0, false, "00100" },
		{ "skip", "first", 0, false, "10000" },
		{ "skip", "f*", 0, false, "10001" },
		{ "skip", "fc;sum", 0, false, "00101" },
		{ "skip", "fc;summe", 0, false, "pattern 'summe' fits no layer" },
		{ "skip", "*", 0, false, "leaves no layer" },
		{ "only", "fc", 0, false, "11110" },
		{ "only", "fc;second", 0, false, "10110" },
		{ "only", "sum", 0, false, "11011" },
		{ "only", "sum", 0, true, "leaves no layer" },
		{ "only", "*x", 0, false, "pattern '*x' fits no layer" },
	};
	const struct env env = env_system();
	struct layers layers;

	(void)state;
	hand_layers(&layers, &env,
		    "in x N 2 2 2; f w 2 2 3 3; f v 2 3; Conv x w > first pads=1,1,1,1;"
		    "Relu first > r; Conv r w > second pads=1,1,1,1; Add r second > sum;"
		    "GlobalAveragePool sum > pool; Flatten pool > flat; MatMul flat v > fc;"
		    "out fc");
	assert_int_equal(layers.count, 5);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct island_case *one = &cases[i];
		const struct value *policy =
			one->policy ? value_find(policy_values, one->policy) : NULL;
		const struct recipe recipe = {
			.policy = policy,
			.policy_parameter = one->parameter,
			.policy_patterns = one->patterns,
			.activations.format = value_find(format_values, one->float_activations
										? "float" : "int"),
		};
		char words[160] = "";
		bool found[5];
		bool expected;

		assert_true(policy || !one->policy);
		if (layers_islands(&layers, &recipe, found, words, sizeof words)) {
			for (size_t j = 0; j < 5; j++)
				words[j] = found[j] ? '1' : '0';
			expected = !strcmp(words, one->islands);
		} else {
			expected = strstr(words, one->islands) != NULL;
		}
		if (!expected)
			fail_msg("%s %s %g: found '%s', expected '%s'", one->policy,
				 one->patterns, one->parameter, words, one->islands);
	}
	layers_free(&layers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fusion),
		cmocka_unit_test(shared_weights),
		cmocka_unit_test(islands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
