/* SPDX-License-Identifier: MIT
 *
 * Libraries of others: files that are none, tables that are not sane, and the words that a kernel's
 * name is made of.  They are built on the fly from one source.
 */
#include "opened_libraries.h"

#include <sys/stat.h>
#include <unistd.h>

/* The row's fields are macros, so that -D spoils one. */
static const char source[] =
	"#include \"kernel.h\"\n"
	"#include <unistd.h>\n#ifndef REFUSAL\n#define REFUSAL 0\n#endif\n"
	"static const char *refuse(const struct qs_task *t) { (void)t; return REFUSAL; }\n"
	"static void *prepare(const struct qs_task *t, const void *w, size_t *b, const char **r)\n"
	"{ (void)t; (void)w; (void)b; (void)r; return 0; }\n"
	"static int64_t units(const void *p) { (void)p; return 1; }\n"
	"static int run(const void *p, const void *a, void *y, int64_t f, int64_t l)\n"
	"{ (void)p; (void)a; (void)y; (void)f; (void)l; return 0; }\n"
	"static void release(void *p) { (void)p; }\n"
	"#ifndef NAME\n#define NAME \"gemm_u8s8s32__mine\"\n#endif\n"
	"#ifndef SECOND\n#define SECOND \"gemm_u8s8s32__mine_too\"\n#endif\n"
	"#ifndef TABLE\n#define TABLE &library\n#endif\n"
	"#ifndef COUNT\n#define COUNT 2\n#endif\n"
	"#ifndef INTERFACE\n#define INTERFACE QS_INTERFACE\n#endif\n"
	"#ifndef SYMBOL\n#define SYMBOL quantsweep_library\n#endif\n"
	"#ifndef FIELD\n#define FIELD .over_read = 0\n#endif\n"
	"#ifndef ROWS\n#define ROWS rows\n#endif\n"
	"#ifdef LOADED\n#include <stdlib.h>\n#include <unistd.h>\n"
	"__attribute__((constructor)) static void loaded(void) { LOADED; }\n#endif\n"
	"#ifdef UNLOADED\n#include <stdlib.h>\n"
	"__attribute__((destructor)) static void unloaded(void) { UNLOADED; }\n#endif\n"
	"#ifdef GONE\nint gone(void);\nint other(void) { return gone(); }\n#endif\n"
	"#define ROW(n) { .name = n, .op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32, \\\n"
	"	.tile_m = 1, .tile_n = 1, .tile_k = 1, .refuse = refuse, .prepare = prepare, \\\n"
	"	.units = units, .run = run, .release = release, FIELD }\n"
	"static const struct qs_kernel a = ROW(NAME), b = ROW(SECOND);\n"
	"static const struct qs_kernel *const rows[] = { &a, &b };\n"
	"static const struct qs_library library = { INTERFACE, \"mine\", COUNT, ROWS };\n"
	"const struct qs_library *SYMBOL(void);\n"
	"const struct qs_library *SYMBOL(void) { (void)&library; return TABLE; }\n";

static bool build(const char *define, const char *out)
{
	struct outcome_text outcome;
	bool built;

	write_file(scratch("mine.c"), source, sizeof source - 1);
	outcome = run_shell("${CC:-cc} -shared -fPIC -w -I '%s/kernels' %s -o %s mine.c",
			    source_dir(), define, out);
	built = !outcome.status;
	if (!built)
		fprintf(stderr, "%s", outcome.err);
	outcome_free(&outcome);
	return built;
}

/* Adding the file fails with a sentence that names it and holds `words`; ours stays open. */
static void refuses(const char *path, const char *words)
{
	struct error error = { 0 };
	const char *slash = strrchr(path, '/');

	if (!libraries_add(&libraries, path, &error))
		fail_msg("%s was taken, expected: %s", path, words);
	if (error.status != STATUS_INPUT || !strstr(error.text, words) ||
	    !strstr(error.text, slash ? slash + 1 : path))
		fail_msg("%s: status %d, '%s', expected: %s", path, error.status, error.text,
			 words);
	assert_int_equal(libraries.count, 1);
}

static void what_is_no_library_is_refused(void **state)
{
	struct error error;
	char *bytes;

	(void)state;
	refuses(scratch("missing.so"), "cannot be read: No such file");
	refuses(scratch_dir(), "not a file");
	assert_int_equal(mkfifo(scratch("pipe.so"), 0600), 0);
	refuses(scratch("pipe.so"), "not a file");
	write_file(scratch("empty.so"), "", 0);
	refuses(scratch("empty.so"), "not a shared object");
	write_file(scratch("text.so"), "int main(void);\n", 16);
	refuses(scratch("text.so"), "not a shared object");
	write_file(scratch("magic.so"), "\177ELF\002\001\001", 7);
	refuses(scratch("magic.so"), "not a shared object");
	/* a whole one cut in the middle, and one byte short of its last segment's end */
	assert_true(build("", "whole.so"));
	assert_int_equal(libraries_add(&libraries, scratch("whole.so"), &error), 0);
	libraries_close(&libraries);
	assert_int_equal(libraries_open(&libraries, &env, &error), 0);
	bytes = read_text(scratch("whole.so"));
	write_file(scratch("cut.so"), bytes, 4096);
	refuses(scratch("cut.so"), "cut short");
	write_file(scratch("head.so"), bytes, 100);
	refuses(scratch("head.so"), "cut short");
	memset(bytes + 32, 0xff, 8);
	write_file(scratch("offset.so"), bytes, 8192);
	refuses(scratch("offset.so"), "not a shared object");
	free(bytes);
}

static void what_speaks_otherwise_is_refused(void **state)
{
	static const struct {
		const char *define, *words;
	} cases[] = {
		{ "-DSYMBOL=other_library", "no symbol 'quantsweep_library'" },
		{ "-DINTERFACE=QS_INTERFACE+1",
		  "speaks kernel interface 3, this program speaks 2" },
		{ "-DINTERFACE=0", "speaks kernel interface 0" },
		{ "-DTABLE=0", "gave NULL" },
		{ "-DCOUNT=0", "0 rows" },
		{ "-DCOUNT=4097", "4097 rows, expected a name and 1 to 4096 rows" },
		{ "-DROWS=0", "0 rows" },
		{ "'-DNAME=0'", "kernel 0 of the table, '', has no name" },
		{ "'-DSECOND=\"\"'", "kernel 1 of the table, '', has no name" },
		{ "'-DSECOND=NAME'", "two kernels have the name 'gemm_u8s8s32__mine'" },
		{ "'-DFIELD=.peer=\"\"'", "names a peer by other than" },
		{ "'-DFIELD=.peer=\"two words\"'", "names a peer by other than" },
		{ "'-DFIELD=.peer=\"a\\nline\"'", "names a peer by other than" },
		{ "'-DNAME=\"gemm\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32_mine\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8u8s32__mine\"'", "a name that is not" },
		{ "'-DNAME=\"quantize_u8s8s32__mine\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32__\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32___mine\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32__mine_\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32__mine__two\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32__Mine\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32__mine two\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32_g__mine\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32_g032__mine\"'", "a name that is not" },
		{ "'-DNAME=\"gemm_u8s8s32_row__mine\"'", "a name that is not" },
		{ "-DFIELD=.refuse=0", "lacks one of refuse" },
		{ "-DFIELD=.prepare=0", "lacks one of refuse" },
		{ "-DFIELD=.units=0", "lacks one of refuse" },
		{ "-DFIELD=.run=0", "lacks one of refuse" },
		{ "-DFIELD=.release=0", "lacks one of refuse" },
		{ "-DFIELD=.op=99", "an operation or a type that this program does not know" },
		{ "-DFIELD=.a=QS_NONE", "an operation or a type" },
		{ "-DFIELD=.w=QS_TYPES", "an operation or a type" },
		{ "-DFIELD=.y=-1", "an operation or a type" },
		{ "-DFIELD=.tile_m=0", "a tile size outside" },
		{ "-DFIELD=.tile_k=65537", "a tile size outside" },
		{ "-DFIELD=.over_read=65537", "reads more than 65536 bytes" },
		{ "-DFIELD=.claim_relative=-1", "claims an error that is not a number" },
		{ "'-DFIELD=.claim_relative=__builtin_nan(\"\")'", "claims an error" },
		{ "'-DFIELD=.claim_relative=__builtin_inf()'", "claims an error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[32];

		snprintf(name, sizeof name, "bad%zu.so", i);
		assert_true(build(cases[i].define, name));
		refuses(scratch(name), cases[i].words);
	}
}

/* What would end this process is tried in another one. */
static void what_dies_as_it_is_loaded_is_refused(void **state)
{
	static const char *const defines[] = {
		"'-DLOADED=abort()'",
		"'-DLOADED=_exit(0)'",
		"'-DUNLOADED=abort()'",
		"'-DTABLE=(const struct qs_library *)(*(volatile long *)64)'",
		"'-DTABLE=(const struct qs_library *)64'",
		"'-DROWS=(const struct qs_kernel *const *)64'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof defines / sizeof *defines; i++) {
		char name[32];

		snprintf(name, sizeof name, "dies%zu.so", i);
		assert_true(build(defines[i], name));
		refuses(scratch(name), "a process that loaded it and read its table");
	}
}

/* A user's refuse() may die too; then its check will tell. */
static void a_refusal_is_asked_elsewhere(void **state)
{
	static const struct {
		const char *define, *refusal;
	} cases[] = {
		{ "", "" },
		{ "'-DREFUSAL=\"too\\nlong\"'", "too?long" },
		{ "'-DREFUSAL=(const char *)(*(volatile long *)64)'", "" },
		{ "'-DREFUSAL=(const char *)64'", "" },
		{ "'-DREFUSAL=(_exit(0), (const char *)0)'", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct qs_kernel *kernel;
		char name[32], refusal[REFUSAL_TEXT];
		struct qs_task task;
		struct error error;

		snprintf(name, sizeof name, "refusal%zu.so", i);
		assert_true(build(cases[i].define, name));
		if (libraries_add(&libraries, scratch(name), &error))
			fail_msg("%s", error.text);
		kernel = libraries.libraries[1].table->kernels[0];
		task_plain(&task, kernel, 2, 3, 4);
		assert_int_equal(kernel_refusal(refusal, &libraries.libraries[1], kernel, &task,
						&error), 0);
		assert_string_equal(refusal, cases[i].refusal);
		libraries_close(&libraries);
		assert_int_equal(libraries_open(&libraries, &env, &error), 0);
	}
}

static void a_library_that_needs_more_is_refused(void **state)
{
	(void)state;
	assert_true(build("-DGONE", "gone.so"));
	refuses(scratch("gone.so"), "cannot be loaded");
}

static void good_names_are_taken(void **state)
{
	static const struct {
		const char *name, *types, *isa;
	} cases[] = {
		{ "gemm_u8s8s32__ref", "u8s8s32", "ref" },
		{ "gemm_u8s8s32__avx2_6x16", "u8s8s32", "avx2_6x16" },
		{ "gemm_u8s8s32_g32__mine", "u8s8s32_g32", "mine" },
		{ "gemm_u8s8s32_channel__mine", "u8s8s32_channel", "mine" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct qs_kernel *kernel;
		struct error error;
		char define[100], name[32], types[64];

		snprintf(define, sizeof define, "'-DNAME=\"%s\"'", cases[i].name);
		snprintf(name, sizeof name, "good%zu.so", i);
		assert_true(build(define, name));
		if (libraries_add(&libraries, scratch(name), &error))
			fail_msg("%s", error.text);
		assert_string_equal(libraries.libraries[1].name, name);
		kernel = libraries.libraries[1].table->kernels[0];
		assert_int_equal(kernel_types(types, sizeof types, kernel), strlen(cases[i].types));
		assert_string_equal(types, cases[i].types);
		assert_string_equal(kernel_isa(kernel), cases[i].isa);
		assert_true(kernel_has_types(kernel, QS_GEMM, cases[i].types));
		assert_false(kernel_has_types(kernel, QS_CONV2D, cases[i].types));
		assert_int_equal(kernel_has_types(kernel, QS_GEMM, "u8s8s32"), i < 2);
		assert_ptr_equal(kernel_find(&libraries.libraries[1], cases[i].name), kernel);
		libraries_close(&libraries);
		assert_int_equal(libraries_open(&libraries, &env, &error), 0);
	}
}

/* Where the peers' library lies, and what is said where there is none that can be opened. */
static void peers_are_found_or_said_to_lack(void **state)
{
	struct libraries some;
	struct error error = { 0 };
	char *own, *copy = env_print(&env, &error, "%s/ours.so", scratch_dir());
	char command[2048];

	(void)state;
	own = env_print(&env, &error, "%s/libquantsweep_kernels.so", build_dir());
	snprintf(command, sizeof command, "cp %s %s", own, copy);
	assert_int_equal(system(command), 0);
	setenv("QUANTSWEEP_KERNELS", copy, 1);
	assert_int_equal(libraries_open(&some, &env, &error), 0);
	assert_string_equal(some.no_peers, "");
	setenv("QUANTSWEEP_PEERS", "", 1);
	assert_int_equal(libraries_add_peers(&some, &error), 0);
	assert_string_equal(some.no_peers, "QUANTSWEEP_PEERS is empty");
	unsetenv("QUANTSWEEP_PEERS");
	assert_int_equal(libraries_add_peers(&some, &error), 0);
	assert_non_null(strstr(some.no_peers, "there is no libquantsweep_peers.so beside "));
	write_file(scratch("libquantsweep_peers.so"), "text", 4);
	assert_int_equal(libraries_add_peers(&some, &error), 0);
	assert_non_null(strstr(some.no_peers, "not a shared object"));
	setenv("QUANTSWEEP_PEERS", scratch("nowhere.so"), 1);
	assert_int_equal(libraries_add_peers(&some, &error), -1);
	assert_int_equal(error.status, STATUS_MACHINE);
	assert_non_null(strstr(error.text, "nowhere.so"));
	assert_int_equal(some.count, 1);
	assert_true(build("'-DFIELD=.peer=\"xnnpack\"'", "theirs.so"));
	setenv("QUANTSWEEP_PEERS", scratch("theirs.so"), 1);
	assert_int_equal(libraries_add_peers(&some, &error), 0);
	assert_string_equal(some.no_peers, "");
	assert_int_equal(some.count, 2);
	assert_string_equal(library_of_kernel(&some.libraries[1],
					      some.libraries[1].table->kernels[0]), "xnnpack");
	assert_string_equal(library_of_kernel(&some.libraries[0],
					      some.libraries[0].table->kernels[0]), "quantsweep");
	libraries_close(&some);
	unsetenv("QUANTSWEEP_PEERS");
	unsetenv("QUANTSWEEP_KERNELS");
	env_free(&env, own);
	env_free(&env, copy);
}

static void lack_of_memory_is_answered(void **state)
{
	struct failing failing = { 0, 0 };
	bool opened = false;

	(void)state;
	assert_true(build("", "more.so"));
	for (long at = 0; !opened && at < 50; at++) {
		struct env short_env = env_failing(&failing);
		struct libraries some;
		struct error error = { 0 };

		failing = (struct failing){ 0, at };
		if (!libraries_open(&some, &short_env, &error)) {
			opened = !libraries_add(&some, scratch("more.so"), &error);
			libraries_close(&some);
		}
		assert_true(opened || error.status == STATUS_MACHINE);
	}
	assert_true(opened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_library_is_refused),
		cmocka_unit_test(what_speaks_otherwise_is_refused),
		cmocka_unit_test(what_dies_as_it_is_loaded_is_refused),
		cmocka_unit_test(a_refusal_is_asked_elsewhere),
		cmocka_unit_test(a_library_that_needs_more_is_refused),
		cmocka_unit_test(good_names_are_taken),
		cmocka_unit_test(peers_are_found_or_said_to_lack),
		cmocka_unit_test(lack_of_memory_is_answered),
	};

	return cmocka_run_group_tests(tests, open_ours, close_ours);
}
