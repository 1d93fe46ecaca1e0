/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on a config's bytes: no crash, no leak; what is refused has a sentence that names the
 * file; what is taken is taken again, and plans (with synthetic subjects alone, and within bounds).
 */
#include "../../harness/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

/* A library without kernels: words name nothing, types have no kernel. */
static const struct qs_library no_kernels = { .interface = QS_INTERFACE, .name = "quantsweep" };

static bool is_small(const struct config *config)
{
	for (size_t i = 0; i < config->subject_count; i++) {
		const struct subject_spec *spec = &config->subjects[i];

		if (spec->tensor && strncmp(spec->tensor, "synthetic:", 10))
			return false;
		if ((spec->a && strncmp(spec->a, "synthetic:", 10)) ||
		    (spec->w && strncmp(spec->w, "synthetic:", 10)))
			return false;
	}
	return config->subject_count < 20 && config->sweep_count < 20;
}

static void make_plan(const struct env *env, const struct config *config)
{
	struct library library = { .name = (char[]){ "quantsweep" }, .table = &no_kernels };
	const struct libraries libraries = { .env = env, .count = 1, .libraries = &library };
	struct plan plan;
	struct error error;

	if (plan_make(&plan, config, &libraries, &(struct plan_options){ 0 }, &error)) {
		if (error.status != STATUS_INPUT)
			abort();
		return;
	}
	for (size_t i = 0; i < plan.accuracy_count && i < 100; i++) {
		struct label label;

		if (label_read(&label, env, plan.accuracies[i].label, &error))
			abort();
		label_free(&label, env);
	}
	plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	const struct env env = env_system();
	struct config config, again;
	struct error error = { 0 };

	if (config_parse(&config, &env, "fuzz.json", (const char *)bytes, size, &error)) {
		if (error.status != STATUS_INPUT || strncmp(error.text, "fuzz.json:", 10))
			abort();
		return 0;
	}
	if (config_parse(&again, &env, "fuzz.json", config.text, strlen(config.text), &error) ||
	    again.subject_count != config.subject_count || again.sweep_count != config.sweep_count)
		abort();
	config_free(&again);
	if (is_small(&config))
		make_plan(&env, &config);
	config_free(&config);
	return 0;
}
