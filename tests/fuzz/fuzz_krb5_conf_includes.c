/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5.conf in several files that include each other, in a folder of the
 * fuzzer's own: any octets are either refused in a sentence or give a tree that
 * can be asked, every file that was looked at is watched, and reading again
 * gives the same.
 *
 * Octets FF part the files, in the order of the table below; the first is the
 * one that is asked for. An octet '@' stands for the folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/krb5_conf.h"
#include "conf/profile.h"
#include "tests/support/minting.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/kerberos5-fuzz.XXXXXX";
static const char *const names[] = {
	"krb5.conf", "a", "d/b", "d/c.conf", "d/passed over", "d/.hidden.conf", "e/f"};
enum { FILES = sizeof names / sizeof *names };

static const char *path_of(const char *name)
{
	static char path[2][sizeof folder + 40];
	static unsigned next;
	char *out = path[next++ % 2];
	snprintf(out, sizeof path[0], "%s/%s", folder, name);
	return out;
}

static void stop(void)
{
	for (size_t i = 0; i < FILES; i++)
		unlink(path_of(names[i]));
	rmdir(path_of("d"));
	rmdir(path_of("e"));
	rmdir(folder);
}

static void start(void)
{
	must(mkdtemp(folder) != NULL);
	must(mkdir(path_of("d"), 0700) == 0 && mkdir(path_of("e"), 0700) == 0);
	setenv("KRB5_CONFIG", path_of(names[0]), 1);
	atexit(stop);
}

/* Those that are not there are removed: an included file may be missing. */
static void write_files(struct reader r)
{
	for (size_t i = 0; i < FILES; i++) {
		AUTO_BUFFER text = {0};
		bool is_there = r.rest.len > 0;
		unsigned char c = 0;
		while (r.rest.len > 0 && (c = read_u8(&r)) != 0xff)
			mint_octets(
				&text, c == '@' ? slice_string(folder) : slice_of(&c, sizeof c));
		if (!is_there) {
			unlink(path_of(names[i]));
			continue;
		}
		FILE *file = fopen(path_of(names[i]), "wb");
		must(file && fwrite(text.data, 1, text.len, file) == text.len && !fclose(file));
	}
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void read_twice(void)
{
	static const char *const paths[][4] = {
		{"libdefaults", "default_realm", NULL},
		{"libdefaults", "clockskew", NULL},
		{"a", "s", "x", NULL},
	};
	struct watch watch[2] = {0};
	struct profile *profile[2];
	struct error err[2] = {0};
	enum status status[2];
	for (int i = 0; i < 2; i++) {
		status[i] = profile_read(path_of(names[0]), &watch[i], &profile[i], &err[i]);
		must((status[i] == STATUS_OK) == (profile[i] != NULL));
		must(!status[i] || (err[i].status == status[i] && err[i].text[0]));
	}
	must(status[0] == status[1] && strcmp(err[0].text, err[1].text) == 0);
	must(watch[0].count > 0 && watch[0].count == watch[1].count);
	must(!watch_changed(&watch[0]) && !watch_changed(&watch[1]));
	for (size_t i = 0; i < sizeof paths / sizeof *paths && profile[0]; i++) {
		must(is_same(
			profile_value(profile[0], paths[i]), profile_value(profile[1], paths[i])));
		must(PROFILE_PLACE(profile[0], paths[i])[0]);
	}
	for (int i = 0; i < 2; i++) {
		profile_free(profile[i]);
		watch_free(&watch[i]);
	}
}

/* As a connection has it. */
static void get_snapshot(void)
{
	AUTO_KRB5_CONF conf = NULL;
	struct error err = {0};
	enum status status = krb5_conf_get(timestamp_now(), &conf, &err);
	must((status == STATUS_OK) == (conf != NULL));
	must(status == STATUS_OK || err.text[0]);
	if (conf) {
		must(krb5_conf_clock_skew(conf) >= 0);
		must(krb5_conf_permitted_enctypes(conf)->count > 0);
	}
	krb5_conf_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool has_started;
	if (!has_started)
		start();
	has_started = true;
	write_files(reader_of(slice_of(data, size)));
	read_twice();
	get_snapshot();
	return 0;
}
