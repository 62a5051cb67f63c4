/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is asked of krb5.conf for a login: names of stores, a host's realm,
 * [appdefaults] and [capaths].
 */
#include "conf/krb5_conf_contents.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_HOST_NAME 255

static bool is_same_user(const struct path_name *name)
{
	return name->uid == getuid() && name->euid == geteuid();
}

/* NULL where it is not set, or empty. */
static const char *from_environment(const char *variable)
{
	const char *value = secure_getenv(variable);
	return value && value[0] ? value : NULL;
}

static enum status take_environment(
	const char *variable, const char *value, struct buffer *out, struct error *err)
{
	if (path_name_copy(value, out, err))
		return error_prefix(err, "%s", variable);
	return STATUS_OK;
}

/* Where a name is set, the first before the second. */
struct origin {
	const char *variable;
	const char *relation; /* of [libdefaults] */
};

static enum status resolve(const struct krb5_conf *conf, const struct origin *origin,
	const struct path_name *name, struct buffer *out, struct error *err)
{
	const char *environment = from_environment(origin->variable);
	if (environment)
		return take_environment(origin->variable, environment, out, err);
	if (name->expanded.data && (!name->has_tokens || is_same_user(name)))
		return path_name_copy((const char *)name->expanded.data, out, err);

	const char *path[] = {"libdefaults", origin->relation, NULL};
	if (path_tokens_expand(name->text, out, err))
		return error_prefix(err, "%s: [libdefaults] %s", PROFILE_PLACE(conf->profile, path),
			origin->relation);
	return STATUS_OK;
}

enum status krb5_conf_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	static const struct origin origin = {"KRB5_KTNAME", "default_keytab_name"};
	return resolve(conf, &origin, &conf->keytab, out, err);
}

static const struct origin client_keytab_origin = {
	"KRB5_CLIENT_KTNAME", "default_client_keytab_name"};

static const char *client_keytab_text(const struct krb5_conf *conf)
{
	const char *path[] = {"libdefaults", client_keytab_origin.relation, NULL};
	return profile_value(conf->profile, path);
}

bool krb5_conf_names_client_keytab(const struct krb5_conf *conf)
{
	return from_environment(client_keytab_origin.variable) || client_keytab_text(conf);
}

enum status krb5_conf_client_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	const char *text = client_keytab_text(conf);
	const struct path_name name = {
		.text = text ? text : "FILE:/etc/krb5/user/%{euid}/client.keytab"};
	return resolve(conf, &client_keytab_origin, &name, out, err);
}

enum status krb5_conf_ccache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	static const struct origin origin = {"KRB5CCNAME", "default_ccache_name"};
	return resolve(conf, &origin, &conf->ccache, out, err);
}

enum status krb5_conf_replay_cache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	static const struct origin origin = {"KRB5RCACHENAME", "default_rcache_name"};
	const char *type = from_environment("KRB5RCACHETYPE");
	if (!type || from_environment(origin.variable))
		return resolve(conf, &origin, &conf->replay_cache, out, err);
	if (take_environment("KRB5RCACHETYPE", type, out, err))
		return err->status;
	if (buffer_append(out, slice_of(":", sizeof ":"))) {
		buffer_clear(out);
		return error_no_memory(err);
	}
	out->len--; /* the NUL */
	return STATUS_OK;
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* In lower case and without a dot at the end; false where it is no name to look up. */
static bool canonical_host(const char *host, char out[MAX_HOST_NAME + 1])
{
	size_t len = strlen(host);
	if (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0 || len > MAX_HOST_NAME || is_address(host))
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] - 'A' + 'a') : host[i];
	out[len] = '\0';
	return true;
}

const char *krb5_conf_host_realm(const struct krb5_conf *conf, const char *host)
{
	char name[MAX_HOST_NAME + 1];
	if (!canonical_host(host, name))
		return NULL;
	/* mail.example.test, .example.test, example.test, .test, test */
	for (const char *p = name; p && *p; p = *p == '.' ? p + 1 : strchr(p, '.')) {
		const char *path[] = {"domain_realm", p, NULL};
		const char *realm = profile_value(conf->profile, path);
		if (realm)
			return realm[0] ? realm : NULL;
	}
	return NULL;
}

static const char *appdefault(
	const struct krb5_conf *conf, const char *first, const char *second, const char *third)
{
	const char *path[] = {"appdefaults", first, second, third, NULL};
	return profile_value(conf->profile, path);
}

const char *krb5_conf_appdefault(const struct krb5_conf *conf, const char *application,
	const char *realm, const char *option)
{
	if (!conf->has_appdefaults) /* each login asks for many */
		return NULL;
	const char *value = realm ? appdefault(conf, application, realm, option) : NULL;
	if (!value)
		value = appdefault(conf, application, option, NULL);
	if (!value && realm)
		value = appdefault(conf, realm, option, NULL);
	return value ? value : appdefault(conf, option, NULL, NULL);
}

const char *krb5_conf_capath(const struct krb5_conf *conf, const char *client_realm,
	const char *server_realm, unsigned n)
{
	const char *path[] = {"capaths", client_realm, server_realm, NULL};
	return profile_value_at(conf->profile, path, n);
}

const struct profile *krb5_conf_profile(const struct krb5_conf *conf)
{
	return conf->profile;
}

bool krb5_conf_boolean(const char *text, bool *value)
{
	static const struct word {
		const char *text;
		bool value;
	} words[] = {
		{"y", true},
		{"yes", true},
		{"true", true},
		{"t", true},
		{"1", true},
		{"on", true},
		{"n", false},
		{"no", false},
		{"false", false},
		{"f", false},
		{"nil", false},
		{"0", false},
		{"off", false},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_equal_nocase(slice_string(text), slice_string(words[i].text))) {
			*value = words[i].value;
			return true;
		}
	}
	return false;
}
