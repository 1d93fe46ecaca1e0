/* SPDX-License-Identifier: MIT
 *
 * Keys: XXH3 128-bit of bytes, as 32 hex digits.
 */
#ifndef QS_HASH_H
#define QS_HASH_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

enum { KEY_SIZE = 33 };         /* 32 hex digits and the end                             */

void hash_bytes(char key[KEY_SIZE], const void *bytes, size_t count);
void hash_text(char key[KEY_SIZE], const char *text);
/* Over the file's bytes. */
int hash_file(char key[KEY_SIZE], const char *path, struct error *error);

/* A hash of pieces that come one after the other; starts as {0}.  It depends on where a piece ends
 * and the next begins. */
struct hash_chain {
	uint64_t low, high;
};
void hash_chain_add(struct hash_chain *chain, const void *bytes, size_t count);
void hash_chain_key(char key[KEY_SIZE], const struct hash_chain *chain);

#endif
