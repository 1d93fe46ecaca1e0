/* SPDX-License-Identifier: MIT */
#include "hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static void write_key(char key[KEY_SIZE], XXH128_hash_t hash)
{
	snprintf(key, KEY_SIZE, "%016llx%016llx", (unsigned long long)hash.high64,
		 (unsigned long long)hash.low64);
}

void hash_bytes(char key[KEY_SIZE], const void *bytes, size_t count)
{
	write_key(key, XXH3_128bits(bytes, count));
}

void hash_text(char key[KEY_SIZE], const char *text)
{
	hash_bytes(key, text, strlen(text));
}

void hash_chain_add(struct hash_chain *chain, const void *bytes, size_t count)
{
	const XXH128_hash_t piece = XXH3_128bits(bytes, count);
	const uint64_t link[4] = { chain->low, chain->high, piece.low64, piece.high64 };
	const XXH128_hash_t next = XXH3_128bits(link, sizeof link);

	*chain = (struct hash_chain){ .low = next.low64, .high = next.high64 };
}

void hash_chain_key(char key[KEY_SIZE], const struct hash_chain *chain)
{
	write_key(key, (XXH128_hash_t){ .low64 = chain->low, .high64 = chain->high });
}

int hash_file(char key[KEY_SIZE], const char *path, struct error *error)
{
	unsigned char block[1 << 16];
	XXH3_state_t *state = XXH3_createState();
	FILE *file;
	size_t count;
	int failed;

	if (!state)
		return fail_memory(error, sizeof block, "a hash");
	file = fopen(path, "rb");
	if (!file) {
		XXH3_freeState(state);
		return fail(error, STATUS_INPUT, "%s: cannot be read: %s", path, strerror(errno));
	}
	XXH3_128bits_reset(state);
	while ((count = fread(block, 1, sizeof block, file)) > 0)
		XXH3_128bits_update(state, block, count);
	failed = ferror(file);
	fclose(file);
	write_key(key, XXH3_128bits_digest(state));
	XXH3_freeState(state);
	return failed ? fail(error, STATUS_MACHINE, "%s: reading it failed", path) : 0;
}
