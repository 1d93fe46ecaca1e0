/* SPDX-License-Identifier: MIT
 *
 * The first transaction of a run: the machine, the run, and every cell of its plan.
 */
#include "store_internal.h"

#include "../../datasets/data_file.h"
#include "../../datasets/networks/network.h"
#include "../version.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* 128 bits from the system, so that two machines never give one run_id. */
static int draw_run_id(char id[KEY_SIZE], struct error *error)
{
	unsigned char bits[16];

	if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
		return fail(error, STATUS_MACHINE, "the system gave no random bits for a run_id");
	for (size_t i = 0; i < sizeof bits; i++)
		snprintf(id + 2 * i, 3, "%02x", bits[i]);
	return 0;
}

int store_put_machine(struct store *store, const struct machine *machine, struct error *error)
{
	const struct field fields[] = {
		field_text("machine_id", machine->id),
		field_text("cpu", machine->cpu),
		field_text("features", machine->features),
		field_text("microcode", machine->microcode),
		field_whole("cores", machine->cores),
		field_text("kernel", machine->kernel),
	};

	return store_run(store, PUT_MACHINE, fields, sizeof fields / sizeof *fields, error);
}

static int put_run(struct store *store, const struct run_info *run, const struct plan *plan,
		   struct error *error)
{
	const struct field fields[] = {
		field_text("run_id", store->run_id),
		field_text("machine_id", run->machine->id),
		field_whole("started", (long long)time(NULL)),
		field_text("state", "running"),
		field_text("name", plan->config->name),
		field_text("config", run->config_path),
		field_text("data", run->data),
		field_text("command", run->command),
		field_whole("jobs", run->jobs),
		field_text("isa", run->isa && *run->isa ? run->isa : NULL),
		field_text("version", version_number),
		field_text("compiler", version_compiler),
		field_text("build", version_build),
		field_whole("arithmetic", ARITHMETIC_VERSION),
		field_text("config_text", run->config_text),
	};

	if (store_run(store, PUT_RUN, fields, sizeof fields / sizeof *fields, error))
		return -1;
	store->run_number = sqlite3_last_insert_rowid(store->db);
	return 0;
}

static const char *name_of(const struct value *value)
{
	return value ? value->name : NULL;
}

static const char *subject_kind_name(enum subject_kind kind)
{
	static const char *const names[] = {
		[SUBJECT_TENSOR] = "tensor", [SUBJECT_OP] = "op", [SUBJECT_NETWORK] = "network"
	};

	return names[kind];
}

/* A rule's columns; the names of calibration and granularity need room that outlives the fields. */
struct rule_words {
	char granularity[64], calibration[CALIBRATION_NAME_SIZE];
};

static int rule_fields(struct field *out, const struct rule *rule, const char *const names[7],
		       struct rule_words *words)
{
	const bool absent = !rule->format;

	if (rule->granularity.value)
		granularity_name(words->granularity, sizeof words->granularity, &rule->granularity);
	if (rule->calibration)
		calibration_name(words->calibration, sizeof words->calibration, rule);
	out[0] = field_text(names[0], name_of(rule->format));
	out[1] = absent ? field_null(names[1]) : field_whole(names[1], rule->bits);
	out[2] = field_text(names[2], name_of(rule->scheme));
	out[3] = field_text(names[3], name_of(rule->scale));
	out[4] = field_text(names[4], rule->granularity.value ? words->granularity : NULL);
	out[5] = field_text(names[5], rule->calibration ? words->calibration : NULL);
	out[6] = rule->calibration ? field_whole(names[6], rule_is_in_order(rule))
				   : field_null(names[6]);
	return 7;
}

/* 3+7: the classes whose bits are set. */
static void classes_text(char *out, size_t size, uint64_t classes)
{
	size_t length = 0;

	*out = '\0';
	for (int i = 0; i < 64 && length < size; i++)
		if (classes >> i & 1)
			length += (size_t)snprintf(out + length, size - length, "%s%d",
						   length ? "+" : "", i);
}

/* Room that outlives the fields. */
struct network_words {
	char name[4200], dropped[200];
	struct text calibration, evaluation;     /* of files                             */
};

static const char *data_words(struct text *text, const struct env *env,
			      const struct data_spec *spec)
{
	*text = (struct text){ .env = env };
	if (spec->file)
		data_file_write(text, spec, true);
	return text->bytes;
}

/* What a generator was told: NULL of files. */
static struct field field_drawn(const struct data_spec *spec, struct field field)
{
	return spec->file ? field_null(field.name) : field;
}

/* Of other subjects all are NULL: the cells share one statement. */
static int network_fields(struct field *out, const struct env *env, const struct subject *subject,
			  struct network_words *words)
{
	const struct data_spec *calibration = &subject->calibration;
	const struct data_spec *evaluation = &subject->evaluation;
	const long long calibration_seed = (long long)calibration->seed;
	const long long evaluation_seed = (long long)evaluation->seed;
	const struct field fields[] = {
		field_text("network", words->name),
		field_text("calibration_data", data_words(&words->calibration, env, calibration)),
		field_whole("calibration_samples", calibration->samples),
		field_drawn(calibration, field_whole("calibration_seed", calibration_seed)),
		field_drawn(calibration, field_real("calibration_scale", calibration->scale)),
		field_drawn(calibration, field_real("calibration_shift", calibration->shift)),
		field_drawn(calibration, field_text("calibration_dropped", words->dropped)),
		field_text("evaluation_data", data_words(&words->evaluation, env, evaluation)),
		field_whole("evaluation_samples", evaluation->samples),
		field_drawn(evaluation, field_whole("evaluation_seed", evaluation_seed)),
	};
	const int count = sizeof fields / sizeof *fields;

	if (subject->network) {
		snprintf(words->name, sizeof words->name, "%s%s",
			 network_prefix(subject->network), subject->network->value.name);
		classes_text(words->dropped, sizeof words->dropped, calibration->dropped);
	}
	for (int i = 0; i < count; i++)
		out[i] = subject->network ? fields[i] : field_null(fields[i].name);
	return count;
}

static int put_accuracy_cell(struct store *store, const struct plan *plan,
			     const struct accuracy_cell *cell, const char *content,
			     struct error *error)
{
	static const char *const weight_names[] = {
		"weight_format",      "weight_bits",        "weight_scheme",         "weight_scale",
		"weight_granularity", "weight_calibration", "weight_order_dependent"
	};
	static const char *const activation_names[] = {
		"activation_format",      "activation_bits",          "activation_scheme",
		"activation_scale",       "activation_granularity",   "activation_calibration",
		"activation_order_dependent"
	};
	const struct subject *subject = &plan->subjects.subjects[cell->subject];
	const struct recipe *recipe = &cell->recipe;
	struct rule_words weight_words, activation_words;
	struct network_words network_words;
	struct field fields[48];
	char shape[CONV_TEXT_SIZE], types[32], policy[POLICY_NAME_SIZE];
	int n = 0;

	fields[n++] = field_text("cell_key", cell->key);
	fields[n++] = field_text("kind", "accuracy");
	fields[n++] = field_text("label", cell->label);
	fields[n++] = field_whole("run_number", store->run_number);
	fields[n++] = field_whole("arithmetic", ARITHMETIC_VERSION);
	fields[n++] = field_text("subject_kind", subject_kind_name(subject->kind));
	fields[n++] = field_text("subject", subject->name);
	fields[n++] = field_text("content", content);
	fields[n++] = field_whole("seed", (long long)recipe->seed);
	n += network_fields(fields + n, plan->env, subject, &network_words);
	n += rule_fields(fields + n, &recipe->weights, weight_names, &weight_words);
	n += rule_fields(fields + n, &recipe->activations, activation_names, &activation_words);
	fields[n++] = field_text("activation_range", name_of(recipe->activations.range));
	fields[n++] = recipe->calibration_batch
			      ? field_whole("calibration_batch", recipe->calibration_batch)
			      : field_null("calibration_batch");
	fields[n++] = field_text("rounding", name_of(recipe->rounding));
	fields[n++] = field_text("requantization", name_of(recipe->requantization));
	if (recipe->policy)
		policy_name(policy, sizeof policy, recipe);
	fields[n++] = field_text("policy", recipe->policy ? policy : NULL);
	fields[n++] = field_text("recovery", name_of(recipe->recovery));
	*shape = '\0';
	if (subject->operation)
		shape_print(shape, sizeof shape, true, subject->m, subject->n, subject->k,
			    &subject->conv);
	subject_types(types, sizeof types, plan->libraries, subject, recipe);
	fields[n++] =
		field_text("operation", subject->operation ? subject->operation->value.name : NULL);
	fields[n++] = field_text("shape", *shape ? shape : NULL);
	fields[n++] = field_text("types", *types ? types : NULL);
	int failed = network_words.calibration.failed || network_words.evaluation.failed
			     ? fail_memory(error, sizeof fields, "the words of a network's data")
			     : store_run(store, PUT_CELL, fields, n, error);

	text_free(&network_words.calibration);
	text_free(&network_words.evaluation);
	if (failed)
		return -1;
	return store_outcome(store, PUT_PLANNED, cell->key, "",
			     cell->outcome == OUTCOME_REUSED ? "reused" : "planned", NULL, error);
}

/* Of a network its input's. */
static void timing_shape(char *out, size_t size, const struct race *race)
{
	if (race_is_of_network(race)) {
		const struct edge *in = &race->layers->edges[0];

		snprintf(out, size, "%lldx%lldx%lld", (long long)in->height, (long long)in->width,
			 (long long)in->channels);
		return;
	}
	shape_print(out, size, true, race->m, race->n, race->k, &race->conv);
}

int store_put_timing_cell(struct store *store, const struct plan *plan, const struct run_info *run,
			  const struct timing_cell *cell, struct error *error)
{
	const struct race *race = &plan->races[cell->race];
	const bool network = race_is_of_network(race);
	const bool multiplies = network ? race->k > 0 : op_is_product(cell->kernel->op);
	struct field fields[24];
	char shape[CONV_TEXT_SIZE], types[32];
	int n = 0;

	timing_shape(shape, sizeof shape, race);
	kernel_types(types, sizeof types, cell->kernel);
	fields[n++] = field_text("cell_key", cell->key);
	fields[n++] = field_text("kind", "timing");
	fields[n++] = field_text("label", cell->label);
	fields[n++] = field_whole("run_number", store->run_number);
	fields[n++] = field_whole("arithmetic", ARITHMETIC_VERSION);
	fields[n++] = field_text("operation", race->operation->value.name);
	fields[n++] = field_text("shape", shape);
	fields[n++] = field_text("types", types);
	fields[n++] = field_text("kernel", runner_name(cell->kernel));
	fields[n++] = field_text("library", library_of_kernel(cell->library, cell->kernel));
	fields[n++] = field_text("peer", cell->kernel->peer);
	fields[n++] = field_text("library_hash", cell->library->hash);
	fields[n++] = field_whole("threads", race->threads);
	fields[n++] = field_whole("batch", race->batch);
	fields[n++] = field_text("cache", name_of(race->cache));
	fields[n++] = field_text("machine_id", run->machine->id);
	fields[n++] = multiplies ? field_whole("work_ops", 2 * race->m * race->n * race->k)
				 : field_null("work_ops");
	fields[n++] = field_whole("work_bytes", race_bytes(race, cell->kernel));
	fields[n++] = multiplies
			      ? field_whole("weight_bytes", race_weight_bytes(race, cell->kernel))
			      : field_null("weight_bytes");
	fields[n++] = network ? field_whole("peak_bytes",
					    network_work_of(race, cell->kernel)->peak_bytes)
			      : field_null("peak_bytes");
	if (store_run(store, PUT_TIMING_CELL, fields, n, error))
		return -1;
	return store_outcome(store, PUT_PLANNED, cell->key, race->name,
			     cell->outcome == OUTCOME_REUSED ? "reused" : "planned", NULL, error);
}

static int put_skip(struct store *store, const struct skip *skip, struct error *error)
{
	const struct field fields[] = {
		field_text("cell_key", skip->key),
		field_text("label", skip->label),
		field_whole("run_number", store->run_number),
		field_whole("arithmetic", ARITHMETIC_VERSION),
	};

	if (store_run(store, PUT_SKIP_CELL, fields, sizeof fields / sizeof *fields, error))
		return -1;
	return store_outcome(store, PUT_PLANNED, skip->key, "", "skipped", skip->reason, error);
}

static int put_choice(struct store *store, const struct plan *plan, const struct choice *choice,
		      struct error *error)
{
	const struct timing_cell *timing =
		choice->timing == NO_TIMING ? NULL : &plan->timings[choice->timing];
	char *label = choice_label(plan, choice, error);
	int result;

	if (!label)
		return -1;
	const struct field fields[] = {
		field_text("accuracy_key", plan->accuracies[choice->accuracy].key),
		field_text("timing_key", timing ? timing->key : ""),
		field_text("race", timing ? plan->races[timing->race].name : ""),
		field_whole("run_number", store->run_number),
		field_text("label", label),
		field_text("skip", choice->skip),
	};

	result = store_run(store, PUT_CHOICE, fields, sizeof fields / sizeof *fields, error);
	env_free(plan->env, label);
	return result;
}

static int put_plan(struct store *store, const struct run_info *run, const struct plan *plan,
		    struct error *error)
{
	size_t subject = SIZE_MAX;
	char content[KEY_SIZE];
	int result = 0;

	for (size_t i = 0; i < plan->accuracy_count && !result; i++) {
		const struct accuracy_cell *cell = &plan->accuracies[i];

		if (cell->subject != subject)
			result = subject_hash(content, &plan->subjects.subjects[cell->subject],
					      plan->env, error);
		subject = cell->subject;
		if (!result)
			result = put_accuracy_cell(store, plan, cell, content, error);
	}
	for (size_t i = 0; i < plan->timing_count && !result; i++)
		result = store_put_timing_cell(store, plan, run, &plan->timings[i], error);
	for (size_t i = 0; i < plan->skip_count && !result; i++)
		result = put_skip(store, &plan->skips[i], error);
	for (size_t i = 0; i < plan->choice_count && !result; i++)
		result = put_choice(store, plan, &plan->choices[i], error);
	return result;
}

int store_put_run(struct store *store, const struct run_info *run, const struct plan *plan,
		  struct error *error)
{
	return store_put_machine(store, run->machine, error) || put_run(store, run, plan, error)
		       ? -1
		       : 0;
}

int store_take_run_id(struct store *store, const struct run_info *run, struct error *error)
{
	if (!*run->id)
		return draw_run_id(store->run_id, error);
	memcpy(store->run_id, run->id, sizeof store->run_id);
	return 0;
}

int store_begin_run(struct store *store, const struct run_info *run, const struct plan *plan,
		    struct error *error)
{
	int result;

	if (store_take_run_id(store, run, error) || store_begin(store, error))
		return -1;
	result = store_put_run(store, run, plan, error) || put_plan(store, run, plan, error) ? -1
											     : 0;
	result = store_commit(store, result, error);
	if (result)
		store->run_number = 0;
	return result;
}

const char *store_run_id(const struct store *store)
{
	return store->run_id;
}
