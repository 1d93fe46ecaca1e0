/* SPDX-License-Identifier: MIT
 *
 * A set of keys: open addressing, linear steps.  A key is a hash itself, so its first digits are
 * the place to start.
 */
#include "plan_parts.h"

#include <string.h>

static size_t first_place(const char *key, size_t capacity)
{
	uint64_t hash = 0;

	for (int i = 0; i < 16; i++)
		hash = hash << 4 | (uint64_t)(key[i] <= '9' ? key[i] - '0' : key[i] - 'a' + 10);
	return (size_t)hash & (capacity - 1);
}

/* The slot of the key, or the free one where it belongs. */
static struct key_slot *find(struct key_slot *slots, size_t capacity, const char *key)
{
	size_t i = first_place(key, capacity);

	while (*slots[i].key && strcmp(slots[i].key, key))
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

static int grow(struct key_index *index, const struct env *env, struct error *error)
{
	const size_t capacity = index->capacity ? index->capacity * 2 : 64;
	struct key_slot *slots = env_new(env, capacity, sizeof *slots, "the plan's keys", error);

	if (!slots)
		return -1;
	for (size_t i = 0; i < index->capacity; i++)
		if (*index->slots[i].key)
			*find(slots, capacity, index->slots[i].key) = index->slots[i];
	env_free(env, index->slots);
	index->slots = slots;
	index->capacity = capacity;
	return 0;
}

int key_index_put(struct key_index *index, const struct env *env, const char key[KEY_SIZE],
		  size_t *place, bool *is_new, struct error *error)
{
	struct key_slot *slot;

	if (index->count * 2 >= index->capacity && grow(index, env, error))
		return -1;
	slot = find(index->slots, index->capacity, key);
	*is_new = !*slot->key;
	if (*is_new) {
		memcpy(slot->key, key, KEY_SIZE);
		slot->place = *place;
		index->count++;
	}
	*place = slot->place;
	return 0;
}

void key_index_free(struct key_index *index, const struct env *env)
{
	env_free(env, index->slots);
	*index = (struct key_index){ 0 };
}
