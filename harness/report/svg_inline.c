/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "words.h"

#include <string.h>

static bool at(const char *place, const char *words)
{
	return !strncmp(place, words, strlen(words));
}

/* Behind `</NAME>`, or the end where there is none. */
static const char *behind(const char *place, const char *words)
{
	const char *found = strstr(place, words);

	return found ? found + strlen(words) : place + strlen(place);
}

/* One piece of a tag's inside; returns the place behind it. */
static const char *copy_attribute(struct text *page, const char *place, const char *name)
{
	static const struct {
		const char *found, *written;
	} marks[] = {
		{ " id=\"", " id=\"" },
		{ " id='", " id='" },
		{ "xlink:href=\"#", "href=\"#" },
		{ "xlink:href='#", "href='#" },
		{ "url(#", "url(#" },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (at(place, marks[i].found)) {
			text_add(page, "%s%s-", marks[i].written, name);
			return place + strlen(marks[i].found);
		}
	text_add_bytes(page, place, 1);
	return place + 1;
}

int svg_inline(struct text *page, const char *svg, const char *name, const char *title,
	       struct error *error)
{
	const char *root = strstr(svg, "<svg"), *end = root ? strchr(root, '>') : NULL;
	const char *box = root ? strstr(root, "viewBox=\"") : NULL;
	bool in_tag = false;

	if (!end || !box || box > end)
		return fail(error, STATUS_INPUT,
			    "the figure '%s' is no SVG with a viewBox; it must begin "
			    "with `eval canvas(WIDTH, HEIGHT)`",
			    name);
	box += strlen("viewBox=\"");
	text_add(page, "<svg viewBox=\"%.*s\" role=\"img\" aria-label=\"", (int)strcspn(box, "\""),
		 box);
	add_html(page, title);
	text_add(page, "\">");
	for (const char *place = end + 1; *place;) {
		if (!in_tag && (at(place, "<title>") || at(place, "<desc>"))) {
			place = behind(place, place[1] == 't' ? "</title>" : "</desc>");
			continue;
		}
		if (*place == '<')
			in_tag = true;
		else if (*place == '>')
			in_tag = false;
		if (in_tag) {
			place = copy_attribute(page, place, name);
			continue;
		}
		const size_t length = 1 + strcspn(place + 1, "<");

		text_add_bytes(page, place, length);
		place += length;
	}
	return 0;
}
