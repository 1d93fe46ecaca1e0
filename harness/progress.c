/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include "estimate.h"
#include "quote.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often a bar is drawn anew, and a plain line written. */
#define BAR_NS UINT64_C(100000000)
#define PLAIN_NS UINT64_C(5000000000)

enum { BAR_WIDTH = 20, COLUMNS_USUAL = 80, LINE_SIZE = 1024 };

static const char *const modes[] = {
	[PROGRESS_AUTO] = "auto",
	[PROGRESS_BAR] = "bar",
	[PROGRESS_PLAIN] = "plain",
	[PROGRESS_NONE] = "none",
};

int progress_mode_read(enum progress_mode *mode, const char *name, struct error *error)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (!strcmp(name, modes[i])) {
			*mode = (enum progress_mode)i;
			return 0;
		}
	}
	return fail(error, STATUS_INPUT,
		    "--progress: '%s' was given; auto, bar, plain or none is "
		    "expected",
		    name);
}

double progress_seconds_left(const struct progress *progress, uint64_t now_ns)
{
	const double gone = (double)(now_ns - progress->start_ns) * 1e-9;
	const double left = progress->total_cost - progress->cost;

	if (!(progress->cost > 0) || gone < 1)
		return -1;
	return left > 0 ? gone * left / progress->cost : 0;
}

static double done_fraction(const struct progress *progress)
{
	double fraction;

	if (progress->total_cost > 0)
		fraction = progress->cost / progress->total_cost;
	else if (progress->total_cells)
		fraction = (double)progress->cells / (double)progress->total_cells;
	else
		fraction = 1;
	return fraction < 1 ? fraction : 1;
}

/* "12 s", and ", 2 min left" where that can be told. */
static void print_times(char *out, size_t size, const struct progress *progress, uint64_t now_ns,
			const char *before_left)
{
	const double left = progress_seconds_left(progress, now_ns);
	char gone_text[32], left_text[32];

	print_duration(gone_text, sizeof gone_text, (double)(now_ns - progress->start_ns) * 1e-9);
	if (left < 0) {
		snprintf(out, size, "%s", gone_text);
		return;
	}
	print_duration(left_text, sizeof left_text, left);
	snprintf(out, size, "%s, %s%s left", gone_text, before_left, left_text);
}

/* Appends at most `columns` characters of `label` behind out[length], what would move the cursor or
 * is no text as '?'.  The new length. */
static size_t add_label(char *out, size_t size, size_t length, const char *label, size_t columns)
{
	while (*label && columns-- > 0) {
		const size_t character = utf8_length(label, SIZE_MAX),
			     bytes = character + !character;

		if (length + bytes >= size)
			break;
		if (bytes == 1 && ((unsigned char)*label < 32 || (unsigned char)*label > 126))
			out[length] = '?';
		else
			memcpy(out + length, label, bytes);
		length += bytes;
		label += bytes;
	}
	out[length] = '\0';
	return length;
}

size_t progress_bar_text(char *out, size_t size, const struct progress *progress, const char *label,
			 uint64_t now_ns, int columns)
{
	const size_t room = (size_t)(columns < 0 ? 0 : columns);
	const size_t filled = (size_t)(done_fraction(progress) * BAR_WIDTH);
	char times[96], head[256], bar[BAR_WIDTH + 1];

	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
	bar[BAR_WIDTH] = '\0';
	print_times(times, sizeof times, progress, now_ns, "");
	snprintf(head, sizeof head, "%zu/%zu [%s] %s  ", progress->cells, progress->total_cells,
		 bar, times);
	const size_t length = add_label(out, size, 0, head, room);
	const size_t used = strlen(head);

	return used < room ? add_label(out, size, length, label, room - used) : length;
}

size_t progress_plain_text(char *out, size_t size, const struct progress *progress,
			   const char *label, uint64_t now_ns)
{
	char times[96];
	int length;

	print_times(times, sizeof times, progress, now_ns, "about ");
	length = snprintf(out, size, "%zu of %zu cells, %d %%, %s: ", progress->cells,
			  progress->total_cells, (int)(100 * done_fraction(progress)), times);
	if (length < 0 || (size_t)length >= size)
		return strlen(out);
	return add_label(out, size, (size_t)length, label, size);
}

void progress_start(struct progress *progress, const struct env *env, enum progress_mode mode,
		    FILE *out, double total_cost, size_t total_cells)
{
	const char *terminal = getenv("TERM");

	if (mode == PROGRESS_AUTO)
		mode = isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") ? PROGRESS_BAR
										   : PROGRESS_PLAIN;
	*progress = (struct progress){ .env = env,
				       .out = out,
				       .mode = mode,
				       .total_cost = total_cost,
				       .total_cells = total_cells };
	progress->start_ns = progress->shown_ns = env->now_ns(env);
}

static int terminal_columns(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS_USUAL;
	return size.ws_col;
}

void progress_show(struct progress *progress, const char *label)
{
	const uint64_t now_ns = progress->env->now_ns(progress->env);
	const uint64_t since_ns = now_ns - progress->shown_ns;
	char line[LINE_SIZE];

	if (progress->mode == PROGRESS_BAR && (!progress->drawn || since_ns >= BAR_NS)) {
		/* One column stays free: a terminal may go to the next line after the last. */
		progress_bar_text(line, sizeof line, progress, label, now_ns,
				  terminal_columns(progress->out) - 1);
		fprintf(progress->out, "\r%s\033[K", line);
		progress->drawn = true;
	} else if (progress->mode == PROGRESS_PLAIN && since_ns >= PLAIN_NS) {
		progress_plain_text(line, sizeof line, progress, label, now_ns);
		fprintf(progress->out, "%s\n", line);
	} else {
		return;
	}
	fflush(progress->out);
	progress->shown_ns = now_ns;
}

void progress_advance(struct progress *progress, double cost, const char *label)
{
	progress->cost += cost;
	progress_show(progress, label);
}

void progress_step(struct progress *progress, double cost, const char *label)
{
	progress->cells++;
	progress_advance(progress, cost, label);
}

void progress_set(struct progress *progress, double cost, double left, size_t cells,
		  const char *label)
{
	progress->cost = cost;
	progress->total_cost = cost + left;
	progress->cells = cells;
	progress_show(progress, label);
}

void progress_end(struct progress *progress)
{
	if (progress->drawn) {
		fputs("\r\033[K", progress->out);
		fflush(progress->out);
	}
	progress->drawn = false;
}
