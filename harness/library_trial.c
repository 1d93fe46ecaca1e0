/* SPDX-License-Identifier: MIT
 *
 * A user's library may crash, hang or end the process as it is loaded, in its table's function or
 * in refuse(), all of which this process asks while it plans: a child asks first.
 */
#include "library_check.h"
#include "library_parts.h"
#include "text.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIAL_SECONDS = 20 };

struct trial {                  /* in memory that the child and its parent see           */
	const char *path, *shown;
	enum status status;
	const struct qs_kernel *kernel;  /* NULL: the library is loaded                  */
	const struct qs_task *task;
	bool finished, failed;
	struct error error;     /* of a library that failed                              */
	char refusal[REFUSAL_TEXT];
};

static void load(struct trial *trial)
{
	struct library library = { .path = (char *)trial->path };

	trial->failed = library_open_table(&library, trial->shown, trial->status, &trial->error) ||
			library_check_table(library.table, trial->shown, trial->status,
					    &trial->error);
	if (library.handle)
		dlclose(library.handle);
}

static void ask(struct trial *trial)
{
	const char *refused = trial->kernel->refuse(trial->task);

	copy_one_line(trial->refusal, sizeof trial->refusal, refused ? refused : "");
}

static _Noreturn void child(struct trial *trial)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM,
				       SIGTERM, SIGINT };
	const int nowhere = open("/dev/null", O_WRONLY);

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (nowhere >= 0) {
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
	}
	alarm(TRIAL_SECONDS);
	if (trial->kernel)
		ask(trial);
	else
		load(trial);
	trial->finished = true;
	_exit(0);
}

/* Makes the child and waits for its end; *how: wait's word. */
static int run_trial(struct trial *trial, int *how, struct error *error)
{
	const pid_t pid = fork();

	if (pid < 0)
		return fail(error, STATUS_MACHINE, "no process for trying a kernel library: %s",
			    strerror(errno));
	if (!pid)
		child(trial);
	while (waitpid(pid, how, 0) < 0)
		if (errno != EINTR)
			return fail(error, STATUS_MACHINE,
				    "the process that tried a kernel library was lost: %s",
				    strerror(errno));
	return 0;
}

static struct trial *trial_new(struct error *error)
{
	struct trial *trial = mmap(NULL, sizeof *trial, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (trial != MAP_FAILED)
		return trial;
	fail_memory(error, sizeof *trial, "a trial of a kernel library");
	return NULL;
}

static int say_death(const struct trial *trial, int how, struct error *error)
{
	const char *path = trial->shown;
	char end[80];

	if (WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM)
		snprintf(end, sizeof end, "did not come back within %d s", TRIAL_SECONDS);
	else if (WIFSIGNALED(how))
		snprintf(end, sizeof end, "was killed by signal %d (%s)", WTERMSIG(how),
			 strsignal(WTERMSIG(how)));
	else
		snprintf(end, sizeof end, "ended with status %d", WEXITSTATUS(how));
	return fail(error, trial->status,
		    "%s: the kernel library cannot be used: a process that loaded it and read its "
		    "table %s",
		    path, end);
}

int library_try(const struct env *env, const char *path, enum status status, struct error *error)
{
	char *file = library_path(env, path, error);
	struct trial *trial = file ? trial_new(error) : NULL;
	int how, failed;

	if (!trial) {
		env_free(env, file);
		return -1;
	}
	*trial = (struct trial){ .path = file, .shown = path, .status = status };
	failed = run_trial(trial, &how, error);
	if (!failed && !trial->finished) {
		failed = say_death(trial, how, error);
	} else if (!failed && trial->failed) {
		*error = trial->error;
		failed = -1;
	}
	munmap(trial, sizeof *trial);
	env_free(env, file);
	return failed;
}

int kernel_refusal(char out[REFUSAL_TEXT], const struct library *library,
		   const struct qs_kernel *kernel, const struct qs_task *task, struct error *error)
{
	struct trial *trial;
	int how, failed;

	if (!library->may_die) {
		const char *refused = kernel->refuse(task);

		copy_one_line(out, REFUSAL_TEXT, refused ? refused : "");
		return 0;
	}
	trial = trial_new(error);
	if (!trial)
		return -1;
	*trial = (struct trial){ .kernel = kernel, .task = task };
	failed = run_trial(trial, &how, error);
	/* what died is not refused: its check tells how it dies */
	copy_one_line(out, REFUSAL_TEXT, trial->finished ? trial->refusal : "");
	munmap(trial, sizeof *trial);
	return failed;
}
