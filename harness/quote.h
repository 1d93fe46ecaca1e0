/* SPDX-License-Identifier: MIT
 *
 * A text as others read it: UTF-8, a shell's word, a field of CSV, a string of JSON.
 */
#ifndef QS_QUOTE_H
#define QS_QUOTE_H

#include "text.h"

#include <stdio.h>

/* Bytes of the UTF-8 character at `bytes`, of which `left` may be read (any number where a NUL
 * ends the text); 0 where there is none: no overlong forms, no surrogates, at most U+10FFFF.
 * Source: RFC 3629, section 4. */
size_t utf8_length(const char *bytes, size_t left);
/* Characters, not bytes: what a table's column counts. */
size_t utf8_width(const char *text);

/* Appends HEAD and TAIL as one word that a shell takes back: in quotes where either holds more
 * than plain characters. */
void text_add_shell(struct text *text, const char *head, const char *tail);
/* As RFC 4180: in quotes where it must be; an empty text is "", so that NULL may be nothing. */
void print_csv_text(FILE *out, const char *value);
/* The inverse: one field of the line that ends at `stop`, from *at into out, which has room for
 * stop - *at + 1 bytes; *more: a comma followed.  NULL, or what is wrong with it. */
const char *csv_take(const char **at, const char *stop, char *out, bool *more);
/* With its quotes (RFC 8259); a byte that is no UTF-8 becomes U+FFFD. */
void print_json_text(FILE *out, const char *value);

#endif
