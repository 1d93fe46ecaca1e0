/* SPDX-License-Identifier: MIT
 *
 * Foreign texts (names of tensors, sentences from a database) put where they cannot be read as
 * anything but themselves, and numbers as people read them.
 *
 * What is not UTF-8 becomes U+FFFD, a control character a space (U+FFFD in HTML).
 */
#ifndef QS_WORDS_H
#define QS_WORDS_H

#include "../text.h"

/* One line for a terminal: no control character gets through. */
void add_plain(struct text *out, const char *words);
/* Text or an attribute's value in double quotes. */
void add_html(struct text *out, const char *words);
/* A cell of a figure's data: no tab, no double quote (gnuplot would join cells in it). */
void add_cell(struct text *out, const char *words);
/* A gnuplot string in single quotes, quotes included. */
void add_gnuplot(struct text *out, const char *words);

/* 1234567 -> "1,234,567" */
void print_count(char out[32], long long count);
/* "412 ns", "12.3 µs", "1.20 ms" */
void print_time(char out[32], double ns);

#endif
