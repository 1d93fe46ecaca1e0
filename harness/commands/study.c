/* SPDX-License-Identifier: MIT */
#include "study.h"

#include <sched.h>
#include <sys/stat.h>

static int default_jobs(void)
{
	cpu_set_t cores;

	return sched_getaffinity(0, sizeof cores, &cores) ? 1 : CPU_COUNT(&cores);
}

static int add_library(struct study_request *request, const char *path, struct error *error)
{
	if (request->kernel_count == STUDY_LIBRARIES_MOST)
		return fail(error, STATUS_INPUT, "--kernels: at most %d libraries",
			    STUDY_LIBRARIES_MOST);
	request->kernels[request->kernel_count++] = path;
	return 0;
}

int study_take_option(struct study_request *request, int option, const char *value,
		      struct error *error)
{
	long long number;

	switch (option) {
	case STUDY_DATA:
		request->data = value;
		return 0;
	case STUDY_STORE:
		request->store = value;
		return 0;
	case STUDY_JOBS:
		if (option_whole("--jobs", value, 1, STUDY_JOBS_MOST, &number, error))
			return -1;
		request->jobs = (int)number;
		return 0;
	case STUDY_ONLY:
		return filter_add(&request->only, &request->env, value, error);
	case STUDY_ISA:
		request->isa = value;
		return option_isa(&request->env, value, error);
	case STUDY_KERNELS:
		return add_library(request, value, error);
	case STUDY_LAUNCHES:
		if (option_whole("--launches", value, 1, LAUNCHES_MOST, &number, error))
			return -1;
		request->launches = (int)number;
		return 0;
	default:
		if (option_whole("--seed", value, 0, 1ll << 53, &number, error))
			return -1;
		request->seed = (uint64_t)number;
		request->has_seed = true;
		return 0;
	}
}

struct study_request study_request_start(const struct env *env)
{
	return (struct study_request){ .env = *env, .jobs = default_jobs() };
}

int study_request_read(struct study_request *request, const struct env *env,
		       const struct command *command, int argc, char **argv, study_own_option *own,
		       void *self, struct error *error)
{
	struct option_walk walk = { .command = command, .argc = argc, .argv = argv };
	const char *value;
	int option;

	*request = study_request_start(env);
	while ((option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OPTION_WORD
			    ? option_word(command, "config", &request->config, value, error)
		    : option < STUDY_OPTION_COUNT ? study_take_option(request, option, value, error)
						  : own(self, option, value, error))
			return -1;
	}
	if (!request->config && !request->makes_config)
		return fail(error, STATUS_INPUT, "%s: no config was given: quantsweep %s CONFIG",
			    command->name, command->name);
	return 0;
}

void study_request_free(struct study_request *request)
{
	filter_free(&request->only);
}

static int open_libraries(struct libraries *libraries, const struct study_request *request,
			  struct error *error)
{
	if (libraries_open(libraries, &request->env, error) ||
	    libraries_add_peers(libraries, error))
		return -1;
	for (int i = 0; i < request->kernel_count; i++)
		if (libraries_add(libraries, request->kernels[i], error))
			return -1;
	return 0;
}

static int check_data(const struct study_request *request, struct error *error)
{
	struct stat found;

	if (!request->data || (!stat(request->data, &found) && S_ISDIR(found.st_mode)))
		return 0;
	return fail(error, STATUS_INPUT,
		    "--data '%s': is no folder; name the one that the config's relative paths "
		    "start from",
		    request->data);
}

/* A mistyped --only is no study that ended well. */
static int check_not_empty(const struct study *study, const struct study_request *request,
			   struct error *error)
{
	const struct plan *plan = &study->plan;

	if (!request->only.count || plan->accuracy_count || plan->timing_count || plan->skip_count)
		return 0;
	return fail(error, STATUS_INPUT,
		    "--only: no cell of %s matches; `quantsweep plan %s --cells` prints their "
		    "labels",
		    request->config, request->config);
}

int study_open(struct study *study, const struct study_request *request, struct error *error)
{
	const struct env *env = &request->env;
	const struct plan_options options = { .data = request->data,
					      .only = &request->only,
					      .machine = study->machine.id,
					      .has_seed = request->has_seed,
					      .seed = request->seed,
					      .launches = request->launches };

	*study = (struct study){ .env = env };
	if (check_data(request, error) ||
	    config_read(&study->config, env, request->config, error))
		return -1;
	study->path = request->store
			      ? env_copy_text(env, request->store, error)
			      : env_print(env, error, "results/%s.db", study->config.name);
	if (study->path && !machine_read(&study->machine, env, error) &&
	    !open_libraries(&study->libraries, request, error) &&
	    !plan_make(&study->plan, &study->config, &study->libraries, &options, error) &&
	    !check_not_empty(study, request, error))
		return 0;
	study_close(study);
	return -1;
}

void study_close(struct study *study)
{
	plan_free(&study->plan);
	libraries_close(&study->libraries);
	config_free(&study->config);
	env_free(study->env, study->path);
	*study = (struct study){ 0 };
}
