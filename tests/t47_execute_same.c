/* SPDX-License-Identifier: MIT
 *
 * Float and simulated execution give the same bits for any batch, ISA and number of threads, and those
 * that were written down once.
 */
#include "support.h"

#include "hand_network.h"

#include <pthread.h>

/* Bytes of all edges of a run. */
static void edges_key(const struct hand *h, const struct hand_edges *all, int64_t samples,
		      char key[KEY_SIZE])
{
	char keys[HAND_LAYERS + 1][3][KEY_SIZE];

	memset(keys, 0, sizeof keys);
	for (size_t i = 1; i <= h->layers.count; i++) {
		const struct edge_values *edge = &all->edges[i];
		const size_t count = (size_t)(samples * h->edges[i].elements);

		if (edge->state == EDGE_CODED)
			hash_bytes(keys[i][0], edge->codes, count);
		else
			hash_bytes(keys[i][1], edge->values, count * sizeof(float));
		if (edge->state != EDGE_RAW)
			hash_bytes(keys[i][2], edge->grids, (size_t)samples * sizeof *edge->grids);
	}
	hash_bytes(key, keys, sizeof keys);
}

static void run_key(struct hand *h, enum hand_kind kind, int64_t batch, int64_t samples,
		    char key[KEY_SIZE])
{
	struct hand_edges all;

	if (kind == HAND_FLOAT) {
		all = hand_float(h, samples, batch);
	} else {
		struct execution execution = hand_execution(h, batch);

		all = hand_edges_new(h, samples);
		hand_inputs(h, &all, samples);
		hand_run(h, &execution, kind, &all, samples);
		execution_free(&execution);
	}
	edges_key(h, &all, samples, key);
	hand_edges_free(&all);
}

/* What gcc 12 on x86-64 gave once: another compiler, processor or C library gives it, too. */
#define FLOAT_KEY "fd2e7a61615cc7be771dee9ce8a2ee01"

static const struct {
	const char *granularity;
	int64_t group;
	const char *range;
	int island;             /* this one, too; -1: none                               */
	const char *keys[HAND_KINDS];
} sameness_cases[] = {
	{ "channel", 0, "static", -1, { FLOAT_KEY,
	  "85c4bdb3abd46db9b5aa9733a4fe689a",
	  "b6444ac65fedf57ac173f1c3f92cc525" } },
	{ "tensor", 0, "static", 4, { FLOAT_KEY,
	  "ba677d037af3b0f85c76c8ab9ff1083d",
	  "02c4d3d0cf9a70cb71fc0d6a15bb1211" } },
	{ "group", 8, "static", -1, { FLOAT_KEY,
	  "298d94ede40814479297935a0c86fcfb",
	  "c40d6132a640ee966faf67c42ee8c084" } },
	{ "channel", 0, "dynamic", -1, { FLOAT_KEY,
	  "9daf54e27f9850b8ba6e4185bf0a558d",
	  "f0a8d97bc478bb63f592be3a1c8ee15a" } },
	{ "group", 32, "dynamic", 0, { FLOAT_KEY,
	  "c68bc6245d56d92a5687bab1d4d44c5e",
	  "e3b95be4c18d776d5f94623529f2e625" } },
};

/* Batches that divide the samples and batches that do not, every ISA: the same bytes. */
static void test_batch_and_isa(void **state)
{
	enum { SAMPLES = 67 };
	static const int64_t batches[] = { 1, 7, 64 };
	const uint64_t cpu = env_system().cpu;

	(void)state;
	for (size_t i = 0; i < sizeof sameness_cases / sizeof *sameness_cases; i++) {
		const char *const *expected = sameness_cases[i].keys;
		char key[KEY_SIZE];
		struct hand h;

		hand_residual(&h, 9, 7);
		hand_quantize(&h, hand_rule(8, "symmetric", "real", sameness_cases[i].group,
					    sameness_cases[i].granularity, NULL),
			      hand_rule(8, "asymmetric", "real", 0, "tensor",
					sameness_cases[i].range));
		if (sameness_cases[i].island >= 0)
			h.islands[sameness_cases[i].island] = true;
		for (int kind = 0; kind < HAND_KINDS; kind++) {
			for (const struct value *const *isa = isa_values; *isa; isa++) {
				h.env.cpu = cpu & ((const struct isa *)*isa)->features;
				for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
					run_key(&h, (enum hand_kind)kind, batches[b], SAMPLES, key);
					if (strcmp(key, expected[kind]))
						fail_msg("case %zu, execution %d, %s, batch %lld: "
							 "%s", i, kind, (*isa)->name,
							 (long long)batches[b], key);
				}
			}
		}
		hand_close(&h);
	}
}

struct worker {
	struct hand *h;
	const struct execution *execution;
	char key[KEY_SIZE];
};

static void *work(void *self)
{
	struct worker *worker = self;
	struct hand_edges all = hand_edges_new(worker->h, 8);

	hand_inputs(worker->h, &all, 8);
	hand_run(worker->h, worker->execution, HAND_INTEGER, &all, 8);
	edges_key(worker->h, &all, 8, worker->key);
	hand_edges_free(&all);
	return NULL;
}

/* One execution, a room for each thread. */
static void test_threads(void **state)
{
	struct hand h;
	struct worker workers[3];
	pthread_t threads[3];

	(void)state;
	hand_residual(&h, 9, 7);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "dynamic"));
	struct execution execution = hand_execution(&h, 4);
	for (int i = 0; i < 3; i++) {
		workers[i] = (struct worker){ .h = &h, .execution = &execution };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_string_equal(workers[0].key, workers[1].key);
	assert_string_equal(workers[0].key, workers[2].key);
	execution_free(&execution);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch_and_isa),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
