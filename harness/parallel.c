/* SPDX-License-Identifier: MIT */
#include "parallel.h"

#include <pthread.h>
#include <stdbool.h>

struct team {
	pthread_mutex_t lock;
	size_t count, next;
	parallel_piece *piece;
	void *self;
	bool failed;
	size_t failed_piece;
	struct error *error;
};

struct member {
	struct team *team;
	int thread;
	pthread_t id;
};

static void *work(void *argument)
{
	const struct member *member = argument;
	struct team *team = member->team;
	struct error error;

	pthread_mutex_lock(&team->lock);
	while (team->next < team->count && !team->failed) {
		const size_t piece = team->next++;

		pthread_mutex_unlock(&team->lock);
		const int failed = team->piece(team->self, piece, member->thread, &error);

		pthread_mutex_lock(&team->lock);
		if (failed && (!team->failed || piece < team->failed_piece)) {
			team->failed = true;
			team->failed_piece = piece;
			*team->error = error;
		}
	}
	pthread_mutex_unlock(&team->lock);
	return NULL;
}

int parallel_for(const struct env *env, int jobs, size_t count, parallel_piece *piece, void *self,
		 struct error *error)
{
	struct team team = { .lock = PTHREAD_MUTEX_INITIALIZER, .count = count, .piece = piece,
			     .self = self, .error = error };
	const int wanted = count < (size_t)jobs ? (int)count : jobs;
	struct member *members;
	int started = 1;

	if (!count)
		return 0;
	members = env_new(env, (size_t)wanted, sizeof *members, "threads", error);
	if (!members)
		return -1;
	for (; started < wanted; started++) {
		members[started] = (struct member){ .team = &team, .thread = started };
		if (pthread_create(&members[started].id, NULL, work, &members[started]))
			break; /* those that run do the work */
	}
	members[0] = (struct member){ .team = &team };
	work(&members[0]);
	while (--started > 0)
		pthread_join(members[started].id, NULL);
	env_free(env, members);
	return team.failed ? -1 : 0;
}
