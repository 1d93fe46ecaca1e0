/* SPDX-License-Identifier: MIT
 *
 * The parts of the HTML report below its summary.  Each appends to the page; texts from the store
 * are escaped.
 */
#ifndef QS_PAGE_H
#define QS_PAGE_H

#include "figures.h"

/* CHOICES_MOST rows at most stand in the page: the best of each subject and size. */
enum { CHOICES_MOST = 2000, LIST_MOST = 500 };

/* Each figure as inline SVG with its question and how to read it. */
int page_figures(struct text *page, struct store *store, const struct env *env,
		 struct error *error);
int page_choices(struct text *page, struct store *store, const char *database,
		 struct error *error);
/* Skips and warnings, each with its command. */
int page_lists(struct text *page, struct store *store, const char *database,
	       struct error *error);
/* Runs and machines, and the last config as it was read. */
int page_facts(struct text *page, struct store *store, struct error *error);

/* Appends an SVG that gnuplot wrote, made fit to stand in a page beside others: ids get `name` in
 * front, the root no size but its viewBox and `title` for those who do not see it, and what only a
 * file of its own needs (declarations, namespaces, tooltips) goes. */
int svg_inline(struct text *page, const char *svg, const char *name, const char *title,
	       struct error *error);

#endif
