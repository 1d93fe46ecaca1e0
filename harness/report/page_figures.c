/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "words.h"

static int add_svg(struct text *page, const struct figures *figures, const struct figure *figure,
		   const char *path, struct error *error)
{
	char *svg = read_whole(figures->env, path, error);
	int result;

	if (!svg)
		return -1;
	result = svg_inline(page, svg, figure->name, figure->question, error);
	env_free(figures->env, svg);
	return result;
}

static int add_figure(struct text *page, const struct figures *figures, const struct figure *figure,
		      struct store *store, const struct workshop *workshop, struct error *error)
{
	char *path = env_print(figures->env, error, "%s/%s.svg", workshop->folder, figure->name);
	const struct drawing drawing = { "svg", path, false };
	size_t rows = 0;
	int result = -1;

	if (path)
		result = figure_draw(figures, figure, store, workshop, &drawing, &rows, error);
	if (!result) {
		text_add(page, "<figure id=\"figure-");
		add_html(page, figure->name);
		text_add(page, "\"><h3>");
		add_html(page, *figure->question ? figure->question : figure->name);
		text_add(page, "</h3>\n");
	}
	if (!result && rows)
		result = add_svg(page, figures, figure, path, error);
	if (!result) {
		text_add(page, "<figcaption>");
		if (!rows)
			text_add(page, "No figure: ");
		add_html(page, rows ? figure->reading : figure->empty);
		text_add(page, "</figcaption></figure>\n");
	}
	env_free(figures->env, path);
	return result;
}

int page_figures(struct text *page, struct store *store, const struct env *env, struct error *error)
{
	struct figures figures;
	struct workshop workshop;
	int result;

	if (figures_open(&figures, env, error))
		return -1;
	result = workshop_open(&workshop, error);
	if (!result) {
		text_add(page, "<section id=figures><h2>Figures</h2>\n");
		for (size_t i = 0; !result && i < figures.count; i++)
			result = add_figure(page, &figures, &figures.figures[i], store, &workshop,
					    error);
		text_add(page, "</section>\n");
		workshop_close(&workshop);
	}
	figures_free(&figures);
	return result;
}
