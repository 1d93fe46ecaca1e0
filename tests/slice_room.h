/* SPDX-License-Identifier: MIT
 *
 * The one room for slices of a test program: of ROOM_FOR values, which is defined before this header
 * is included; set up and freed with the group of tests.
 */
#ifndef QS_TEST_SLICE_ROOM_H
#define QS_TEST_SLICE_ROOM_H

#include "support.h"

#include "../harness/calibrate/slice.h"

static struct env env;
static struct slice_room room;

static inline int setup_room(void **state)
{
	struct error error;

	(void)state;
	env = env_system();
	return slice_room_new(&room, &env, ROOM_FOR, &error);
}

static inline int free_room(void **state)
{
	(void)state;
	slice_room_free(&room);
	return 0;
}

#endif
