/* SPDX-License-Identifier: MIT
 *
 * The parent sleeps while the worker times: it waits for the worker's end of the pipe to close
 * (poll with no event asked for is woken by a hang-up alone) and looks every quarter second what
 * stands in the pipes, so that they never fill.  Waking at each line would put this process on a
 * CPU in the middle of a timed loop.
 */
#include "race_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 250, SOON_MS = 1 };

extern char **environ;

struct process {
	pid_t id;
	int out, err;           /* our ends of its standard output and error             */
	char last[120];         /* the line of standard error that is being read         */
	size_t last_length;
	bool last_ended;
};

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* A file in memory that holds the spec: a pipe could fill while nobody reads it. */
static int spec_file(const char *spec, size_t bytes, struct error *error)
{
	const int file = memfd_create("quantsweep-race", MFD_CLOEXEC);
	size_t at = 0;

	while (file >= 0 && at < bytes) {
		const ssize_t wrote = write(file, spec + at, bytes - at);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			break;
		at += (size_t)wrote;
	}
	if (file < 0 || at < bytes || lseek(file, 0, SEEK_SET)) {
		fail(error, STATUS_MACHINE, "a worker's standard input cannot be made: %s",
		     strerror(errno));
		if (file >= 0)
			close(file);
		return -1;
	}
	return file;
}

/* The environment without BENCHMARK_*; the strings stay environ's. */
static char **worker_environment(const struct env *env, struct error *error)
{
	size_t count = 0, kept = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = env_new(env, count + 1, sizeof *copy, "a worker's environment", error);
	for (size_t i = 0; copy && i < count; i++)
		if (strncmp(environ[i], "BENCHMARK_", 10))
			copy[kept++] = environ[i];
	return copy;
}

/* posix_spawn with the three descriptors, its own group and plain signals. */
static int spawn(pid_t *id, const char *program, const char *task, const int fds[3],
		 char **environment)
{
	char worker[] = "worker", name[] = "quantsweep", what[16];
	char *const argv[] = { name, worker, task ? what : NULL, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int failed;

	snprintf(what, sizeof what, "%s", task ? task : "");
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	failed = posix_spawn_file_actions_adddup2(&files, fds[0], 0);
	failed = failed ? failed : posix_spawn_file_actions_adddup2(&files, fds[1], 1);
	failed = failed ? failed : posix_spawn_file_actions_adddup2(&files, fds[2], 2);
	failed = failed ? failed : posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	if (!failed)
		failed = posix_spawn(id, program, &files, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

static int start(struct process *process, const struct env *env, const char *program,
		 const char *task, const char *spec, size_t spec_bytes, struct error *error)
{
	/* its input; its output as read and write end; its errors likewise */
	int fds[5] = { -1, -1, -1, -1, -1 };
	char **environment = worker_environment(env, error);
	int failed;

	if (!environment)
		return -1;
	fds[0] = spec_file(spec, spec_bytes, error);
	if (fds[0] < 0)
		goto failed;
	if (pipe2(&fds[1], O_CLOEXEC) || pipe2(&fds[3], O_CLOEXEC) ||
	    fcntl(fds[1], F_SETFL, O_NONBLOCK) || fcntl(fds[3], F_SETFL, O_NONBLOCK)) {
		fail(error, STATUS_MACHINE, "a pipe to a worker cannot be made: %s",
		     strerror(errno));
		goto failed;
	}
	failed = spawn(&process->id, program, task, (const int[]){ fds[0], fds[2], fds[4] },
		       environment);
	if (failed) {
		fail(error, STATUS_MACHINE, "%s: a worker cannot be started: %s", program,
		     strerror(failed));
		goto failed;
	}
	env_free(env, environment);
	close(fds[0]);
	close(fds[2]);
	close(fds[4]);
	process->out = fds[1];
	process->err = fds[3];
	return 0;
failed:
	close_all(fds, sizeof fds / sizeof *fds);
	env_free(env, environment);
	return -1;
}

/* Keeps the start of the last line that was not empty. */
static void keep_last(struct process *process, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned char c = (unsigned char)bytes[i];

		if (c == '\n') {
			process->last_ended = true;
			continue;
		}
		if (process->last_ended)
			process->last_length = 0;
		process->last_ended = false;
		if (process->last_length + 1 < sizeof process->last)
			process->last[process->last_length++] = (char)(c < 32 || c > 126 ? '?' : c);
	}
	process->last[process->last_length] = '\0';
}

/* What stands in the pipes now; at most 1 MB, so that a worker that never ends to write does not
 * keep us here. */
static void drain(struct process *process, const struct worker_ear *ear)
{
	char bytes[4096];
	ssize_t got;

	for (int i = 0; i < 256 && (got = read(process->out, bytes, sizeof bytes)) > 0; i++)
		ear->hear(ear->self, bytes, (size_t)got);
	for (int i = 0; i < 256 && (got = read(process->err, bytes, sizeof bytes)) > 0; i++)
		keep_last(process, bytes, (size_t)got);
}

/* Whether it has ended; it stays a zombie, so that its group's number is not another's yet. */
static bool has_ended(pid_t id)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)id, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid == id;
}

/* Until it ends, its time is over or *stop. */
static enum worker_fate listen_to(struct process *process, const struct env *env, double limit_s,
				  const volatile sig_atomic_t *stop,
				  const struct worker_ear *ear)
{
	const uint64_t start = env->now_ns(env);
	struct pollfd pipe = { .fd = process->out };
	int wait_ms = LOOK_MS;

	for (;;) {
		const int woken = poll(&pipe, 1, wait_ms);

		drain(process, ear);
		if (has_ended(process->id))
			return FATE_EXITED;
		if (stop && *stop)
			return FATE_STOPPED;
		if (*ear->strange)
			return FATE_STRANGE;
		if ((double)(env->now_ns(env) - start) * 1e-9 > limit_s)
			return FATE_TIMED_OUT;
		if (woken > 0) {        /* it closed its output: the end is near */
			pipe.fd = -1;
			wait_ms = SOON_MS;
		}
	}
}

static void reap(struct process *process, const struct worker_ear *ear, struct worker_end *end)
{
	int status = 0;

	kill(-process->id, SIGKILL);
	while (waitpid(process->id, &status, 0) < 0 && errno == EINTR)
		;
	drain(process, ear);
	close(process->out);
	close(process->err);
	if (end->fate == FATE_EXITED && WIFSIGNALED(status))
		end->fate = FATE_SIGNALLED;
	end->number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	snprintf(end->last_words, sizeof end->last_words, "%s", process->last);
}

int worker_task(const struct env *env, const char *program, const char *task, const char *spec,
		size_t spec_bytes, double limit_s, const volatile sig_atomic_t *stop,
		const struct worker_ear *ear, struct worker_end *end, struct error *error)
{
	struct process process = { 0 };

	*end = (struct worker_end){ 0 };
	if (start(&process, env, program, task, spec, spec_bytes, error))
		return -1;
	end->fate = listen_to(&process, env, limit_s, stop, ear);
	reap(&process, ear, end);
	return 0;
}

static void hear_race(void *self, const char *bytes, size_t count)
{
	worker_words_hear(self, bytes, count);
}

int worker_process(const struct env *env, const char *program, const char *spec, size_t spec_bytes,
		   double limit_s, const volatile sig_atomic_t *stop, struct worker_words *words,
		   struct worker_end *end, struct error *error)
{
	const struct worker_ear ear = { hear_race, words, words->strange };

	return worker_task(env, program, NULL, spec, spec_bytes, limit_s, stop, &ear, end, error);
}
