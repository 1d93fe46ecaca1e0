/* SPDX-License-Identifier: MIT
 *
 * The worker's race of a network: each run is made ready and checked against that of the reference
 * kernels, layer by layer, by the hash of what each layer writes.
 *
 * The samples are random numbers in [-1, 1), the same in each launch of a seed.  A slice is as many
 * samples as keep all edges in a second-level cache, so that a layer reads what the one before left
 * there.
 */
#include "worker_parts.h"

#include "../files.h"
#include "../random.h"

#include <string.h>

enum {
	NETWORK_BYTES_MOST = 1 << 30,
	SLICE_BYTES = 1 << 19,  /* of all edges                                          */
	INPUT_STREAM = 7,       /* of the seed                                           */
	IN_INTEGERS = 0, IN_FLOATS = 1
};

static int parse_layers(struct network_race *race, const struct race_spec *spec,
			const char *bytes, size_t size, struct error *error)
{
	const struct env *env = &race->worker->env;
	struct graph graph;
	char content[KEY_SIZE];
	int failed;

	hash_bytes(content, bytes, size);
	if (strcmp(content, spec->content))
		return fail(error, STATUS_MACHINE, "%s: the network has changed since the plan was "
			    "made; run again", spec->network);
	if (graph_parse_onnx(&graph, env, spec->network, bytes, size, error))
		return -1;
	failed = layers_make(&race->layers, &graph, env, error);
	graph_free(&graph);
	return failed;
}

/* An embedded network, or else a file. */
static int open_layers(struct network_race *race, const struct race_spec *spec,
		       struct error *error)
{
	static const char builtin[] = "builtin:";
	const struct env *env = &race->worker->env;
	const struct value *value = NULL;
	size_t size;
	char *bytes;
	int failed;

	if (!strncmp(spec->network, builtin, strlen(builtin)))
		value = value_find(network_values, spec->network + strlen(builtin));
	if (value)
		return parse_layers(race, spec, network_of(value)->onnx,
				    *network_of(value)->onnx_size, error);
	bytes = file_read(env, spec->network, NETWORK_BYTES_MOST, &size, error);
	if (!bytes)
		return -1;
	failed = parse_layers(race, spec, bytes, size, error);
	env_free(env, bytes);
	return failed;
}

static int64_t all_elements(const struct layers *layers)
{
	int64_t sum = 0;

	for (size_t e = 0; e <= layers->count; e++)
		sum += layers->edges[e].elements;
	return sum;
}

/* Samples whose edges, `bytes` an element, stay in cache together: as equal slices as can be. */
static int64_t choose_slice(const struct network_race *race, int64_t bytes)
{
	const int64_t threads = race->worker->spec.threads;
	const int64_t share = (race->batch + threads - 1) / threads;
	const int64_t fitting = SLICE_BYTES / (all_elements(&race->layers) * bytes);
	const int64_t most = fitting < 1 ? 1 : fitting < share ? fitting : share;
	const int64_t slices = (share + most - 1) / most;

	return (share + slices - 1) / slices;
}

static int new_lanes(struct network_race *race, struct error *error)
{
	const struct env *env = &race->worker->env;
	const int threads = race->worker->spec.threads;

	race->lanes = env_new(env, (size_t)threads, sizeof *race->lanes, "threads", error);
	if (!race->lanes)
		return -1;
	for (int i = 0; i < threads; i++) {
		struct network_lane *lane = &race->lanes[i];

		lane->hash = env_new(env, race->layers.count, sizeof *lane->hash, "hashes", error);
		if (!lane->hash ||
		    execution_room_new(&lane->room, env, &race->layers, race->slice, error) ||
		    edge_set_new(&lane->edges, env, &race->layers, race->slice,
				 EDGE_SET_VALUES | EDGE_SET_CODES, error))
			return -1;
	}
	return 0;
}

static int draw_samples(struct network_race *race, uint64_t seed, struct error *error)
{
	const size_t count = (size_t)(race->batch * race->layers.edges[0].elements);

	race->x = env_new(&race->worker->env, count, sizeof *race->x, "samples", error);
	for (size_t i = 0; race->x && i < count; i++)
		race->x[i] = (float)(2 * random_uniform(seed, INPUT_STREAM, i) - 1);
	return race->x ? 0 : -1;
}

static void call_free(struct network_call *call)
{
	const struct env *env = &call->race->worker->env;

	execution_free(&call->execution);
	env_free(env, call->layer_ns);
	env_free(env, call->loop_ns);
	env_free(env, call);
}

/* All layers in floats, or as the recipe says; with the features of `cpu` alone. */
static struct network_call *call_new(struct network_race *race, bool floats, uint64_t cpu,
				     struct error *error)
{
	const struct env *env = &race->worker->env;
	const size_t count = race->layers.count;
	struct network_call *call = env_new(env, 1, sizeof *call, "a run", error);
	/* in floats each layer is an island, and nothing is read of the other lists */
	bool *all = env_new(env, count, sizeof *all, "a run", error);
	struct quantizer *none = env_new(env, count + 1, sizeof *none, "a run", error);
	struct quantized_weights *own = env_new(env, count, sizeof *own, "a run", error);
	enum qs_requantize *modes = env_new(env, count, sizeof *modes, "a run", error);
	int failed = call && all && none && own && modes ? 0 : -1;

	if (call)
		call->race = race;
	if (!failed) {
		memset(all, true, count);
		call->env = *env;
		call->env.cpu &= cpu;
		call->libraries = race->worker->libraries;
		call->libraries.env = &call->env;
		call->floats = floats;
		call->slice = floats ? choose_slice(race, sizeof(float)) : race->slice;
		call->layer_ns = env_new(env, count, sizeof *call->layer_ns, "a run", error);
		call->loop_ns = env_new(env, REPETITIONS * count, sizeof *call->loop_ns, "a run",
					error);
		const struct execution_spec spec = {
			.layers = &race->layers, .libraries = &call->libraries,
			.islands = floats ? all : race->islands,
			.edges = floats ? none : race->edges,
			.weights = floats ? own : race->weights,
			.modes = floats ? modes : race->modes,
			.round = QS_HALF_EVEN, .batch = call->slice,
		};

		failed = !call->layer_ns || !call->loop_ns ||
			 execution_make(&call->execution, env, &spec, error);
	}
	env_free(env, all);
	env_free(env, none);
	env_free(env, own);
	env_free(env, modes);
	if (failed && call)
		call_free(call);
	return failed ? NULL : call;
}

/* One call that leaves the lanes' hashes. */
static int run_hashed(struct network_call *call)
{
	struct network_race *race = call->race;
	int failed;

	for (int i = 0; i < race->worker->spec.threads; i++)
		memset(race->lanes[i].hash, 0, race->layers.count * sizeof *race->lanes->hash);
	race->checking = true;
	failed = network_call_run(call);
	race->checking = false;
	return failed;
}

/* The hashes that a run in integers, in floats, must have. */
static int expect(struct network_race *race, bool floats, struct error *error)
{
	struct worker *worker = race->worker;
	const size_t layers = race->layers.count, threads = (size_t)worker->spec.threads;
	struct network_call *call;
	int failed;

	if (race->expected[floats])
		return 0;
	call = call_new(race, floats, 0, error);
	if (!call)
		return -1;
	race->expected[floats] = env_new(&worker->env, threads * layers,
					 sizeof **race->expected, "hashes", error);
	failed = race->expected[floats] ? 0 : -1;
	if (!failed && !floats && *call->execution.no_integer)
		failed = fail(error, STATUS_FAILED, "%s", call->execution.no_integer);
	if (!failed && run_hashed(call))
		failed = fail(error, STATUS_FAILED, "the reference kernels' run failed");
	for (size_t t = 0; !failed && t < threads; t++)
		memcpy(race->expected[floats] + t * layers, race->lanes[t].hash,
		       layers * sizeof **race->expected);
	if (failed) {
		env_free(&worker->env, race->expected[floats]);
		race->expected[floats] = NULL;
	}
	call_free(call);
	return failed;
}

/* Layers whose outputs are not the reference's; *first: of these the first. */
static size_t count_wrong(const struct network_race *race, bool floats, size_t *first)
{
	const size_t layers = race->layers.count;
	size_t wrong = 0;

	for (size_t l = layers; l-- > 0;)
		for (int t = 0; t < race->worker->spec.threads; t++) {
			const struct hash_chain *is = &race->lanes[t].hash[l];
			const struct hash_chain *must =
				&race->expected[floats][(size_t)t * layers + l];

			if (is->low == must->low && is->high == must->high)
				continue;
			wrong++;
			*first = l;
			break;
		}
	return wrong;
}

/* Makes runner i and checks it; trouble with it is its verdict. */
static void check_run(struct worker *worker, int i)
{
	struct network_race *race = worker->network;
	struct runner *runner = &worker->runner[i];
	const char *name = worker->spec.runner[i].kernel;
	const struct isa *isa =
		(const struct isa *)value_find(isa_values, strstr(name, "__") + 2);
	const bool floats = strstr(name, "_f32f32f32__") != NULL;
	struct error error = { 0 };
	char words[240];
	size_t first = 0;

	worker_say(worker, "reference %d\n", i);
	if (expect(race, floats, &error)) {
		worker_verdict(worker, i, floats ? VERDICT_NOT_RUN : VERDICT_REFUSED, 0,
			       error.text);
		return;
	}
	worker_say(worker, "check %d\n", i);
	runner->network = call_new(race, floats, isa ? isa->features : UINT64_MAX, &error);
	if (!runner->network) {
		worker_verdict(worker, i, VERDICT_NOT_RUN, 0, error.text);
		return;
	}
	const uint64_t start = worker->env.now_ns(&worker->env);

	if (run_hashed(runner->network)) {
		worker_verdict(worker, i, VERDICT_NOT_RUN, 0, "its run failed");
		return;
	}
	runner->slow = worker->env.now_ns(&worker->env) - start >= SLOW_CALL_MS * UINT64_C(1000000);
	const size_t wrong = count_wrong(race, floats, &first);

	runner->ready = !wrong;
	if (!wrong) {
		worker_verdict(worker, i, VERDICT_EXACT, 0, "");
		return;
	}
	snprintf(words, sizeof words, "%zu of %zu layers differ from the reference kernels' run, "
		 "'%.100s' is the first", wrong, race->layers.count,
		 race->layers.layers[first].name);
	worker_verdict(worker, i, VERDICT_WRONG, (double)wrong / (double)race->layers.count, words);
}

static bool has_integer_run(const struct race_spec *spec)
{
	for (int i = 0; i < spec->runner_count; i++)
		if (!strstr(spec->runner[i].kernel, "_f32f32f32__"))
			return true;
	return false;
}

/* Quantized by a run in floats on our best kernels. */
static int quantize(struct network_race *race, struct error *error)
{
	struct network_call *floats = call_new(race, true, UINT64_MAX, error);
	int failed;

	if (!floats)
		return -1;
	failed = network_quantize(race, floats, error);
	call_free(floats);
	return failed;
}

int network_race_open(struct worker *worker, struct error *error)
{
	const struct race_spec *spec = &worker->spec;
	struct network_race *race = env_new(&worker->env, 1, sizeof *race, "a race", error);

	worker->network = race;
	if (!race)
		return -1;
	race->worker = worker;
	race->batch = spec->batch;
	for (int i = 0; i < spec->runner_count; i++) {
		worker->runner[i].worker = worker;
		if (!strstr(spec->runner[i].kernel, "__"))
			return fail(error, STATUS_INPUT, "'%s' is no run of a network",
				    spec->runner[i].kernel);
	}
	if (open_layers(race, spec, error) ||
	    recipe_read(&race->recipe, &worker->env, spec->recipe, error))
		return -1;
	race->slice = choose_slice(race, 1);
	if (new_lanes(race, error) || draw_samples(race, spec->seed, error) ||
	    (has_integer_run(spec) && quantize(race, error)))
		return -1;
	for (int i = 0; i < spec->runner_count; i++)
		check_run(worker, i);
	return 0;
}

void network_race_close(struct worker *worker)
{
	struct network_race *race = worker->network;
	const struct env *env = &worker->env;

	if (!race)
		return;
	for (int i = 0; i < worker->spec.runner_count; i++)
		if (worker->runner[i].network)
			call_free(worker->runner[i].network);
	for (int i = 0; race->lanes && i < worker->spec.threads; i++) {
		execution_room_free(race->lanes[i].room);
		edge_set_free(&race->lanes[i].edges);
		env_free(env, race->lanes[i].hash);
	}
	if (race->layers.env) {
		network_quantize_free(race);
		layers_free(&race->layers);
	}
	env_free(env, race->lanes);
	env_free(env, race->x);
	env_free(env, race->expected[IN_INTEGERS]);
	env_free(env, race->expected[IN_FLOATS]);
	recipe_free(&race->recipe, env);
	env_free(env, race);
}
