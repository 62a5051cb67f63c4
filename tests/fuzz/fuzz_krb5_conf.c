/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5.conf: any octets are either refused in a sentence or give a tree that
 * can be asked. The text is taken as the file's and, up to its first line
 * end, as the questions.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/duration.h"
#include "conf/enctype_list.h"
#include "conf/krb5_conf.h"
#include "conf/profile.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Refused with a sentence, and with nothing to be freed, or not refused. */
static void check(enum status status, const void *out, const struct error *err)
{
	must((status == STATUS_OK) == (out != NULL));
	must(status == STATUS_OK || (err->status == status && err->text[0]));
}

static void ask_profile(struct slice text, const char *name)
{
	AUTO_PROFILE profile = NULL;
	struct error err = {0};
	check(profile_parse(text, "fuzz.conf", &profile, &err), profile, &err);
	if (!profile)
		return;
	const char *paths[][4] = {{"a", name, NULL}, {"a", "s", name, NULL}, {name, "x", NULL}};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *value;
		for (unsigned n = 0; (value = profile_value_at(profile, paths[i], n)) != NULL; n++)
			must(strlen(value) < text.len);
		must(PROFILE_PLACE(profile, paths[i])[0]);
	}
}

static void ask_conf(struct slice text, const char *name)
{
	AUTO_KRB5_CONF conf = NULL;
	struct error err = {0};
	check(krb5_conf_parse(text, &conf, &err), conf, &err);
	if (!conf)
		return;
	must(krb5_conf_clock_skew(conf) >= 0);
	must(krb5_conf_permitted_enctypes(conf)->count > 0);
	(void)krb5_conf_pins_acceptor_hostname(conf);
	const char *realm = krb5_conf_default_realm(conf);
	must(!realm || realm[0]);
	realm = krb5_conf_host_realm(conf, name);
	must(!realm || realm[0]);
	(void)krb5_conf_appdefault(conf, "sasl", realm, name);
	(void)krb5_conf_capath(conf, name, name, 1);
	AUTO_BUFFER out = {0};
	if (krb5_conf_keytab_name(conf, &out, &err) == STATUS_OK)
		must(strlen((const char *)out.data) == out.len && out.len <= PATH_NAME_MAX);
	if (krb5_conf_ccache_name(conf, &out, &err) == STATUS_OK)
		must(strlen((const char *)out.data) == out.len && out.len <= PATH_NAME_MAX);
	if (krb5_conf_replay_cache_name(conf, &out, &err) == STATUS_OK)
		must(strlen((const char *)out.data) == out.len && out.len <= PATH_NAME_MAX);
}

static void ask_values(const char *text)
{
	int64_t seconds;
	if (duration_parse(text, &seconds))
		must(seconds >= 0 && seconds <= INT32_MAX);
	bool value;
	(void)krb5_conf_boolean(text, &value);
	struct enctype_list list;
	struct error err = {0};
	if (enctype_list_parse(text, &list, &err) == STATUS_OK)
		must(list.count > 0 && list.count <= ENCTYPE_COUNT);
	AUTO_BUFFER out = {0};
	if (path_tokens_expand(text, &out, &err) != STATUS_OK)
		must(out.len == 0 && err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	char *first_line = slice_to_string(slice_of(data, end ? (size_t)(end - data) : size));
	if (!first_line)
		return 0;
	ask_values(first_line);
	ask_profile(text, first_line);
	ask_conf(text, first_line);
	/* What comes after the first line by itself: the questions need not be part of it. */
	if (end)
		ask_conf(slice_of(end + 1, size - (size_t)(end + 1 - data)), first_line);
	free(first_line);
	return 0;
}
