/* SPDX-License-Identifier: MIT
 *
 * The report: one HTML file that opens without a network.  No address stands in it but those
 * inside the page; the policy at its head forbids the browser to fetch anything.
 */
#include "page.h"

#include "../files.h"
#include "summary.h"
#include "words.h"

extern const char embedded_page_css[], embedded_page_js[];

static int take_title(void *self, const struct row *row)
{
	struct text *page = self;

	text_add(page, "<h1>");
	add_html(page, row->values[0] ? row->values[0] : "");
	text_add(page, "</h1>\n<p class=facts>quantsweep ");
	for (int i = 1; i < row->columns; i++) {
		if (i > 1)
			text_add(page, " · ");
		add_html(page, row->values[i] ? row->values[i] : "");
	}
	text_add(page, "</p>\n");
	return 0;
}

static int add_head(struct text *page, struct store *store, const char *database,
		    struct error *error)
{
	text_add(page, "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
		       "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		       "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
		       "<title>quantsweep: ");
	add_html(page, database);
	text_add(page, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", embedded_page_css);
	if (store_query(
		    store,
		    "SELECT r.name, r.version, datetime(r.started, 'unixepoch') || ' UTC', m.cpu,"
		    " r.compiler FROM run r LEFT JOIN machine m USING (machine_id)"
		    " ORDER BY r.run_number DESC LIMIT 1",
		    NULL, 0, take_title, page, error))
		return -1;
	text_add(page, "<nav><a href=\"#summary\">Summary</a><a href=\"#figures\">Figures</a>"
		       "<a href=\"#choices\">Choices</a><a href=\"#skips\">Skips</a>"
		       "<a href=\"#warnings\">Warnings</a><a href=\"#facts\">Runs and "
		       "machines</a></nav>\n");
	return 0;
}

static int add_summary(struct text *page, struct store *store, const struct env *env,
		       const char *database, struct error *error)
{
	struct summary summary;

	if (summary_read(&summary, store, env, NULL, database, error))
		return -1;
	text_add(page, "<section id=summary><h2>Summary</h2>\n");
	summary_write_html(&summary, page);
	text_add(page, "</section>\n");
	summary_free(&summary);
	return 0;
}

static int add_page(struct text *page, struct store *store, const struct env *env,
		    const char *database, struct error *error)
{
	if (add_head(page, store, database, error) ||
	    add_summary(page, store, env, database, error) ||
	    page_figures(page, store, env, error) || page_choices(page, store, database, error) ||
	    page_lists(page, store, database, error) || page_facts(page, store, error))
		return -1;
	text_add(page, "<script>\n%s</script>\n</body>\n</html>\n", embedded_page_js);
	return 0;
}

int report_write(struct store *store, const struct env *env, const char *database, const char *out,
		 struct error *error)
{
	struct text page = { .env = env };
	size_t length;
	char *bytes;
	int result;

	if (add_page(&page, store, env, database, error)) {
		text_free(&page);
		return -1;
	}
	length = page.length;
	bytes = text_take(&page, error);
	if (!bytes)
		return -1;
	result = file_write(env, out, bytes, length, error);
	env_free(env, bytes);
	return result;
}
