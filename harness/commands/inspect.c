/* SPDX-License-Identifier: MIT
 *
 * quantsweep inspect FILE[#NAME]: every tensor of a file or of an embedded network, and what its
 * values look like; of a network also its layers, which a policy names.
 */
#include "../../datasets/readers/reader.h"
#include "../../datasets/statistics.h"
#include "../network/layers.h"
#include "../quote.h"
#include "command.h"

#include <math.h>
#include <string.h>

enum { OPTION_JSON, OPTION_CSV };
enum style { TABLE, JSON, CSV };

static const struct option options[] = {
	[OPTION_JSON] = { "--json", NULL, "an array with one object a tensor", false },
	[OPTION_CSV] = { "--csv", NULL, "a line a tensor, all digits", false },
	{ 0 },
};

enum { COLUMNS = 18 };

/* Column names are those of --json and --csv; numbers start at FIRST_NUMBER. */
enum { WEIGHT = 4, FIRST_NUMBER };
static const char *const columns[COLUMNS] = {
	"tensor", "shape",    "type",            "role",           "weight",        "elements",
	"axis",   "min",      "max",             "mean",           "std",           "skewness",
	"excess_kurtosis",    "channel_spread",  "outlier_share",  "nan",           "inf",
	"note",
};

struct row {                    /* one tensor as texts; "" is no value                   */
	char *cell[COLUMNS];
};

struct listing {
	const struct env *env;
	enum style style;
	size_t count, capacity;
	struct row *rows;
};

static void listing_free(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		for (int c = 0; c < COLUMNS; c++)
			env_free(listing->env, listing->rows[i].cell[c]);
	env_free(listing->env, listing->rows);
}

static char *number(const struct listing *listing, bool present, double value, struct error *error)
{
	char digits[32] = "";

	if (present && value == floor(value) && fabs(value) < 0x1p53)
		snprintf(digits, sizeof digits, "%.0f", value);
	else if (present && listing->style == TABLE)
		snprintf(digits, sizeof digits, "%.4g", value);
	else if (present)
		print_double(digits, value);
	return env_copy_text(listing->env, digits, error);
}

static char *shape_text(const struct env *env, const struct tensor_info *info, struct error *error)
{
	struct text text = { .env = env };

	if (!info->rank)
		text_add(&text, "scalar");
	for (int i = 0; i < info->rank; i++)
		text_add(&text, "%s%lld", i ? "x" : "", (long long)info->shape[i]);
	return text_take(&text, error);
}

/* The numbers of one tensor that can be loaded. */
static int fill_numbers(struct listing *listing, struct row *row, const struct tensor_file *file,
			const struct tensor_info *info, struct error *error)
{
	struct tensor tensor;
	struct statistics s = { 0 };
	const bool readable = info->floating && !info->refusal && info->elements;

	if (readable) {
		if (tensor_file_load(file, info, &tensor, error))
			return -1;
		s = tensor_statistics(&tensor);
		tensor_free(&tensor);
	}
	const struct {
		bool present;
		double value;
	} cells[] = {
		{ true, (double)info->elements },
		{ info->rank > 1, info->axis },
		{ s.finite, s.least },
		{ s.finite, s.most },
		{ s.finite, s.mean },
		{ s.finite, s.deviation },
		{ s.varied, s.skewness },
		{ s.varied, s.excess_kurtosis },
		{ s.spread, s.channel_spread },
		{ s.varied, s.outlier_share },
		{ readable, (double)s.nans },
		{ readable, (double)s.infinities },
	};

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		row->cell[FIRST_NUMBER + i] =
			number(listing, cells[i].present, cells[i].value, error);
		if (!row->cell[FIRST_NUMBER + i])
			return -1;
	}
	return 0;
}

static int add_row(struct listing *listing, const struct tensor_file *file,
		   const struct tensor_info *info, struct error *error)
{
	const struct env *env = listing->env;
	struct row *row;

	if (env_grow(env, &listing->rows, &listing->capacity, listing->count, sizeof *listing->rows,
		     "the list of tensors", error))
		return -1;
	row = &listing->rows[listing->count++];
	row->cell[0] = env_copy_text(env, info->name, error);
	row->cell[1] = shape_text(env, info, error);
	row->cell[2] = env_copy_text(env, info->type, error);
	row->cell[3] = env_copy_text(env, info->role, error);
	row->cell[4] = env_copy_text(env, info->weight ? "true" : "false", error);
	row->cell[COLUMNS - 1] = env_copy_text(env, info->refusal ? info->refusal : "", error);
	for (int c = 0; c < FIRST_NUMBER; c++)
		if (!row->cell[c])
			return -1;
	return row->cell[COLUMNS - 1] ? fill_numbers(listing, row, file, info, error) : -1;
}

static bool is_number(int column)
{
	return column >= FIRST_NUMBER && column < COLUMNS - 1;
}

/* A control character in a tensor's name must not reach a terminal. */
static void print_plain(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

/* Words to the left, numbers to the right, two spaces between; a column of width 0 is left out. */
static void print_line(const char *const *cell, const size_t *width)
{
	size_t gap = 0;

	for (int c = 0; c < COLUMNS; c++) {
		const size_t fill = width[c] ? width[c] - strlen(cell[c]) : 0;

		if (!width[c])
			continue;
		if (*cell[c])
			printf("%*s", (int)(gap + (is_number(c) ? fill : 0)), "");
		print_plain(cell[c]);
		gap = *cell[c] ? is_number(c) ? 2 : fill + 2 : gap + width[c] + 2;
	}
	putchar('\n');
}

static void print_table(const struct listing *listing)
{
	size_t width[COLUMNS] = { 0 };

	for (int c = 0; c < COLUMNS; c++) {
		for (size_t i = 0; i < listing->count; i++) {
			const size_t length = strlen(listing->rows[i].cell[c]);

			width[c] = length > width[c] ? length : width[c];
		}
		if (width[c] && width[c] < strlen(columns[c]))
			width[c] = strlen(columns[c]);
	}
	print_line(columns, width);
	for (size_t i = 0; i < listing->count; i++)
		print_line((const char *const *)listing->rows[i].cell, width);
}

static void print_csv(const struct listing *listing)
{
	for (int c = 0; c < COLUMNS; c++)
		printf("%s%s", c ? "," : "", columns[c]);
	putchar('\n');
	for (size_t i = 0; i < listing->count; i++) {
		for (int c = 0; c < COLUMNS; c++) {
			const char *cell = listing->rows[i].cell[c];

			if (c)
				putchar(',');
			if (*cell)
				print_csv_text(stdout, cell);
		}
		putchar('\n');
	}
}

static void print_json(const struct listing *listing)
{
	putchar('[');
	for (size_t i = 0; i < listing->count; i++) {
		fputs(i ? ",\n {" : "\n {", stdout);
		for (int c = 0; c < COLUMNS; c++) {
			const char *cell = listing->rows[i].cell[c];

			printf("%s\"%s\": ", c ? ", " : "", columns[c]);
			if (c && !*cell)
				fputs("null", stdout);
			else if (is_number(c) || c == WEIGHT)
				fputs(cell, stdout);
			else
				print_json_text(stdout, cell);
		}
		putchar('}');
	}
	fputs(listing->count ? "\n]\n" : "]\n", stdout);
}

static int no_tensor(const struct tensor_file *file, const char *name, struct error *error)
{
	const char **names = env_new(file->env, file->count, sizeof *names, "names", error);

	if (!names)
		return -1;
	for (size_t i = 0; i < file->count; i++)
		names[i] = file->tensors[i].name;
	fail_unknown(error, nearest_name(name, names, file->count), "without #NAME all are listed",
		     "%s: no tensor '%s'", file->path, name);
	env_free(file->env, names);
	return -1;
}

/* All tensors; those of an exact name; else those whose name the glob matches. */
static int list(struct listing *listing, const struct tensor_file *file, const char *name,
		struct error *error)
{
	for (int glob = 0; glob < 2 && !listing->count; glob++)
		for (size_t i = 0; i < file->count; i++) {
			const struct tensor_info *info = &file->tensors[i];

			if (name && (glob ? !glob_match(name, info->name, false)
					  : strcmp(name, info->name)))
				continue;
			if (add_row(listing, file, info, error))
				return -1;
		}
	return name && !listing->count ? no_tensor(file, name, error) : 0;
}

static const char builtin_prefix[] = "builtin:";

/* A file, or builtin:NAME, which is an ONNX file in memory; *network: NULL of a file. */
static int open_word(struct tensor_file *file, const struct env *env, const char *word,
		     const struct network **network, struct error *error)
{
	const size_t prefix = strlen(builtin_prefix);
	const struct value *value;

	*network = NULL;
	if (strncmp(word, builtin_prefix, prefix))
		return tensor_file_open(file, env, word, error);
	value = value_find(network_values, word + prefix);
	if (!value) {
		fail_unknown(error, value_nearest(network_values, word + prefix),
			     "`quantsweep list network`", "inspect: no embedded network '%s'",
			     word + prefix);
		return -1;
	}
	*network = network_of(value);
	return tensor_file_open_bytes(file, env, reader_find("builtin.onnx"), word,
				      (const unsigned char *)(*network)->onnx,
				      *(*network)->onnx_size, error);
}

/* The names that a policy's patterns are matched with. */
static int print_layers(const struct env *env, const struct network *network, struct error *error)
{
	struct graph graph;
	struct layers layers;
	int failed;

	if (graph_parse_onnx(&graph, env, network->value.name, network->onnx, *network->onnx_size,
			     error))
		return -1;
	failed = layers_make(&layers, &graph, env, error);
	graph_free(&graph);
	if (failed)
		return -1;
	printf("# %zu layers:", layers.count);
	for (size_t i = 0; i < layers.count; i++)
		printf("%s %s", i ? "," : "", layers.layers[i].name);
	putchar('\n');
	layers_free(&layers);
	return 0;
}

static int inspect(const struct env *env, char *word, enum style style, struct error *error)
{
	struct listing listing = { .env = env, .style = style };
	struct tensor_file file;
	const struct network *network;
	char *hash = strchr(word, '#');
	int status;

	if (hash)
		*hash = '\0';
	if (open_word(&file, env, word, &network, error))
		return -1;
	status = list(&listing, &file, hash ? hash + 1 : NULL, error);
	if (!status && style == TABLE) {
		if (file.summary)
			printf("# %s\n", file.summary);
		if (network)
			status = print_layers(env, network, error);
		print_table(&listing);
	} else if (!status) {
		(style == JSON ? print_json : print_csv)(&listing);
	}
	listing_free(&listing);
	tensor_file_close(&file);
	return status;
}

static int run(const struct env *env, int argc, char **argv, struct error *error);

const struct command command_inspect = {
	.name = "inspect",
	.synopsis = "FILE[#NAME] [--json | --csv]",
	.summary = "what is in a tensor or model file",
	.options = options,
	.notes = "FILE ends in .npy, .safetensors or .onnx, or is an embedded network, like "
		 "builtin:glyphs: then its\nlayers are told too.  NAME may be a glob.  min to "
		 "outlier_share are of the finite values; std,\nskewness and excess_kurtosis of "
		 "the population; channel_spread is the largest over the smallest\nchannel's "
		 "max|x|, zero channels left out; outlier_share counts values further than 6 std "
		 "from the\nmean.",
	.run = run,
};

static int run(const struct env *env, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_inspect, .argc = argc, .argv = argv };
	enum style style = TABLE;
	char *word = NULL;
	const char *value;
	int option;

	while ((option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OPTION_WORD && word)
			return fail(error, STATUS_INPUT, "inspect: one FILE, found '%s' and '%s'",
				    word, value);
		if (option == OPTION_WORD)
			word = argv[walk.next - 1];
		else if (style != TABLE)
			return fail(error, STATUS_INPUT, "inspect: --json or --csv, not both");
		else
			style = option == OPTION_JSON ? JSON : CSV;
	}
	if (!word)
		return fail(error, STATUS_INPUT,
			    "inspect: which file? quantsweep inspect FILE[#NAME]");
	return inspect(env, word, style, error);
}
