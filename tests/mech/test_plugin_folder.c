/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The module among Cyrus's own plug-ins, with the real ones, in whatever order
 * the folder has its files.
 */
#include "tests/support/login_fixture.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a folder whose files come in the order that a case wants ---- */

enum { MAX_FILES = 32 };

static unsigned shuffle; /* which order; 0: by name */

struct listing {
	DIR *folder;
	unsigned count, next;
	struct dirent entry[MAX_FILES];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct dirent *)a)->d_name, ((const struct dirent *)b)->d_name);
}

/* A small generator of its own, so that a failure can be had again. */
static unsigned draw(unsigned *state, unsigned below)
{
	*state = *state * 1103515245U + 12345U;
	return (*state >> 16) % below;
}

static void put_in_order(struct listing *list)
{
	unsigned state = shuffle;
	qsort(list->entry, list->count, sizeof *list->entry, by_name);
	if (shuffle == 0)
		return;
	for (unsigned i = list->count; i > 1; i--) {
		unsigned j = draw(&state, i);
		struct dirent kept = list->entry[i - 1];
		list->entry[i - 1] = list->entry[j];
		list->entry[j] = kept;
	}
}

/* In place of the C library's, for libsasl2, which reads one folder at a time. */
struct dirent *readdir(DIR *folder)
{
	static struct dirent *(*original)(DIR *);
	static struct listing list;
	if (!original)
		*(void **)&original = dlsym(RTLD_NEXT, "readdir");
	if (folder != list.folder) {
		list = (struct listing){.folder = folder};
		struct dirent *entry;
		while (list.count < MAX_FILES && (entry = original(folder)) != NULL)
			list.entry[list.count++] = *entry;
		put_in_order(&list);
	}
	if (list.next < list.count)
		return &list.entry[list.next++];
	list.folder = NULL;
	return NULL;
}

/* The folder "sasl2" beside libsasl2. */
static const char *cyrus_folder(void)
{
	static char path[4096];
	Dl_info info;
	char real[4096];
	void *function;
	*(int (**)(const sasl_callback_t *)) & function = sasl_client_init;
	assert_int_not_equal(dladdr(function, &info), 0);
	assert_non_null(realpath(info.dli_fname, real));
	*strrchr(real, '/') = '\0';
	snprintf(path, sizeof path, "%.4000s/sasl2", real);
	return path;
}

static const char *module_folder; /* ours, as the tests' environment has it */

static void add(const char *folder, const char *file)
{
	char from[4200], to[4200];
	snprintf(from, sizeof from, "%s/%s", folder, file);
	snprintf(to, sizeof to, "%s/%s", realm_path("plugins"), file);
	if (access(from, R_OK) != 0)
		fail_msg("missing: %s (Debian: libsasl2-modules, libsasl2-modules-gssapi-mit)",
			from);
	if (symlink(from, to) != 0)
		fail_msg("%s cannot be made", to);
}

static const char *const files[] = {"libanonymous.so", "libcrammd5.so", "libdigestmd5.so",
	"liblogin.so", "libntlm.so", "libplain.so", "libscram.so", "libgssapiv2.so"};
#define FILE_COUNT (sizeof files / sizeof *files)

/* Ours and the first `count` of Cyrus's; libgssapiv2.so is the last. */
static void fill_folder(unsigned count)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%s", realm_path("plugins"));
	mkdir(folder, 0700);
	for (unsigned i = 0; i < FILE_COUNT; i++) {
		char old[4200];
		snprintf(old, sizeof old, "%s/%s", folder, files[i]);
		unlink(old);
		if (i < count)
			add(cyrus_folder(), files[i]);
	}
	if (access(realm_path("plugins/libkerberos5.so"), F_OK) != 0)
		add(module_folder, "libkerberos5.so");
	setenv("KERBEROS5_MODULE_DIR", folder, 1);
}

static void load_in_order(unsigned order)
{
	pair_library_stop();
	shuffle = order;
	pair_library_start();
}

/* ---- the cases ---- */

static size_t place(const char *list, const char *name)
{
	char padded[600], word[60];
	snprintf(padded, sizeof padded, " %s ", list);
	snprintf(word, sizeof word, " %s ", name);
	const char *found = strstr(padded, word);
	if (!found)
		fail_msg("\"%s\" lacks %s", list, name);
	return (size_t)(found - padded);
}

static void expect_order(const char *side, sasl_conn_t *conn)
{
	const char *list;
	assert_int_equal(sasl_listmech(conn, NULL, "", " ", "", &list, NULL, NULL), SASL_OK);
	if (place(list, "GSSAPI") > place(list, "KERBEROS_V5") ||
		place(list, "SCRAM-SHA-256") > place(list, "GSSAPI"))
		fail_msg("order %u: the %s lists \"%s\"", shuffle, side, list);
}

static const struct pair_setup both = {
	.mechanism = "KERBEROS_V5 GSSAPI",
	.client = {.authname = "alice", .user = "alice", .password = "secret"},
	.server.option = {{"log_level", "7"}},
};

static void the_order_is_always_the_same(void **state UNUSED)
{
	fill_folder(FILE_COUNT - 1);
	for (unsigned order = 0; order < 40; order++) {
		struct pair pair;
		load_in_order(order);
		pair_open(&pair, &both);
		expect_order("client", pair.client.conn);
		expect_order("server", pair.server.conn);
		if (!pair_run(&pair))
			fail_msg("client %s; server %s", peer_detail(&pair.client),
				peer_detail(&pair.server));
		assert_string_equal(pair.client.mechanism, "GSSAPI");
		pair_close(&pair);
	}
}

static void it_is_so_without_any_other(void **state UNUSED)
{
	struct pair pair;
	fill_folder(0);
	load_in_order(0);
	pair_open(&pair, &both);
	assert_true(pair_run(&pair));
	assert_string_equal(pair.client.mechanism, "GSSAPI");
	expect_not_in("the server", peer_log(&pair.server), "another plug-in");
	pair_close(&pair);
}

static const char warning[] =
	"/libgssapiv2.so, and takes the logins of these mechanisms: remove "
	"that file, or set kerberos5_mechanisms: KERBEROS_V5, which leaves them "
	"to it\n";

/* At the log level that is the default, whether it is a list or a login that is asked for. */
static void list_mechanisms(const struct pair_setup *how, bool told)
{
	const char *list;
	struct pair pair;
	pair_open(&pair, how);
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, "", " ", "", &list, NULL, NULL), SASL_OK);
	if (told)
		expect_in("the log", peer_log(&pair.server), warning);
	else
		expect_not_in("the log", peer_log(&pair.server), "plug-in");
	pair_close(&pair);
}

static void cyruss_own_is_told_of_once(void **state UNUSED)
{
	static const struct pair_setup how = {.mechanism = "GSSAPI"};
	fill_folder(FILE_COUNT);
	for (unsigned order = 0; order < 20; order++) {
		load_in_order(order);
		list_mechanisms(&how, true);
		list_mechanisms(&how, false);
	}
}

static void nobody_is_told_where_gssapi_is_left_to_it(void **state UNUSED)
{
	static const struct pair_setup how = {
		.mechanism = "GSSAPI",
		.server.option = {{"kerberos5_mechanisms", "KERBEROS_V5"}},
	};
	fill_folder(FILE_COUNT);
	load_in_order(0);
	list_mechanisms(&how, false);
}

static int setup(void **state)
{
	module_folder = strdup(getenv("KERBEROS5_MODULE_DIR"));
	return login_setup(state);
}

static int teardown(void **state)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%s", realm_path("plugins"));
	fill_folder(0);
	unlink(realm_path("plugins/libkerberos5.so"));
	rmdir(folder);
	return login_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(the_order_is_always_the_same),
		LOGIN_CASE(it_is_so_without_any_other),
		LOGIN_CASE(cyruss_own_is_told_of_once),
		LOGIN_CASE(nobody_is_told_where_gssapi_is_left_to_it),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
