/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/kdc_conf.h"

#include <stdlib.h>

#include "base/text.h"
#include "conf/duration.h"
#include "conf/enctype_list.h"
#include "conf/profile.h"

#define UDP_LIMIT_MAX 32700

/* What a relation's value is read into: a struct kdc_conf or host_conf, at an offset. */
struct relation {
	const char *name;
	const char *older; /* its former name, looked at where the first is not there; or NULL */
	const char *otherwise; /* stands for one that is not there; NULL: what was there stays */
	size_t offset;
	enum status (*take)(const char *text, void *out, struct error *err);
};

static enum status take_boolean(const char *text, void *out, struct error *err)
{
	if (krb5_conf_boolean(text, out))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX, "neither true nor false");
}

static enum status take_opposite(const char *text, void *out, struct error *err)
{
	bool *value = out;
	if (take_boolean(text, value, err))
		return err->status;
	*value = !*value;
	return STATUS_OK;
}

static enum status take_duration(const char *text, void *out, struct error *err)
{
	if (duration_parse(text, out))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"not a span of time; expected seconds as in 36000, or 10h, 1d, 1d12h, 10:00:00");
}

static enum status take_udp_limit(const char *text, void *out, struct error *err)
{
	char *end;
	unsigned long octets = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end)
		return error_set(err, ERR_SYNTAX, "not a number of octets");
	*(size_t *)out = octets < UDP_LIMIT_MAX ? octets : UDP_LIMIT_MAX;
	return STATUS_OK;
}

static enum status take_enctypes(const char *text, void *out, struct error *err)
{
	return enctype_list_parse(text, out, err);
}

static enum status take_canonicalize(const char *text, void *out, struct error *err)
{
	enum canonicalization *choice = out;
	bool always;
	if (slice_equal_nocase(slice_string(text), SLICE_LITERAL("fallback"))) {
		*choice = CANONICALIZE_FALLBACK;
		return STATUS_OK;
	}
	if (!krb5_conf_boolean(text, &always))
		return error_set(err, ERR_SYNTAX, "neither true, false nor fallback");
	*choice = always ? CANONICALIZE_ALWAYS : CANONICALIZE_NOT;
	return STATUS_OK;
}

#define IN(member) offsetof(struct kdc_conf, member)
static const struct relation kdc_relations[] = {
	{"kdc_timesync", NULL, "true", IN(timesync), take_boolean},
	{"dns_lookup_kdc", "dns_fallback", "true", IN(lookup_dns), take_boolean},
	{"udp_preference_limit", NULL, "1465", IN(udp_limit), take_udp_limit},
	{"ticket_lifetime", NULL, "1d", IN(lifetime), take_duration},
	{"renew_lifetime", NULL, "0", IN(renew_lifetime), take_duration},
	{"forwardable", NULL, "false", IN(forwardable), take_boolean},
	{"proxiable", NULL, "false", IN(proxiable), take_boolean},
	{"canonicalize", NULL, "false", IN(canonicalize), take_boolean},
	{"noaddresses", NULL, "true", IN(addresses), take_opposite},
	{"default_tkt_enctypes", NULL, NULL, IN(tkt_enctypes), take_enctypes},
	{"default_tgs_enctypes", NULL, NULL, IN(tgs_enctypes), take_enctypes},
	{0},
};

static const struct relation host_relations[] = {
	{"dns_canonicalize_hostname", NULL, "false", offsetof(struct host_conf, canonicalization),
		take_canonicalize},
	{"rdns", NULL, "true", offsetof(struct host_conf, rdns), take_boolean},
	{0},
};

/* For one of the realm's own, the place that a sentence names too. */
static const char *find(
	const struct profile *profile, const char *realm, const char *name, const char *path[4])
{
	const char *own[] = {"libdefaults", realm, name, NULL};
	const char *general[] = {"libdefaults", name, NULL, NULL};
	const char *text = realm ? profile_value(profile, own) : NULL;
	for (unsigned i = 0; i < 4; i++)
		path[i] = text ? own[i] : general[i];
	return text ? text : profile_value(profile, general);
}

static enum status read_relations(const struct krb5_conf *conf, const char *realm,
	const struct relation *relations, void *out, struct error *err)
{
	const struct profile *profile = krb5_conf_profile(conf);
	for (const struct relation *r = relations; r->name; r++) {
		const char *path[4], *name = r->name;
		const char *text = find(profile, realm, name, path);
		if (!text && r->older)
			text = find(profile, realm, name = r->older, path);
		if (!text && !r->otherwise)
			continue;
		if (r->take(text ? text : r->otherwise, (char *)out + r->offset, err))
			return text ? error_prefix(err, "%s: [libdefaults] %s = %s",
					      PROFILE_PLACE(profile, path), name,
					      TEXT(slice_string(text)))
				    : err->status;
	}
	return STATUS_OK;
}

/* Leaves those that are permitted. */
static enum status keep_permitted(const struct krb5_conf *conf, const char *relation,
	struct enctype_list *list, struct error *err)
{
	const struct enctype_list all = *list;
	list->count = 0;
	for (unsigned i = 0; i < all.count; i++)
		if (enctype_list_has(krb5_conf_permitted_enctypes(conf), all.number[i]))
			list->number[list->count++] = all.number[i];
	if (list->count > 0)
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"krb5.conf: [libdefaults] %s has no type that permitted_enctypes has too",
		relation);
}

enum status kdc_conf_read(
	const struct krb5_conf *conf, const char *realm, struct kdc_conf *out, struct error *err)
{
	out->tkt_enctypes = out->tgs_enctypes = *krb5_conf_permitted_enctypes(conf);
	if (read_relations(conf, realm, kdc_relations, out, err) ||
		keep_permitted(conf, "default_tkt_enctypes", &out->tkt_enctypes, err))
		return err->status;
	return keep_permitted(conf, "default_tgs_enctypes", &out->tgs_enctypes, err);
}

enum status host_conf_read(const struct krb5_conf *conf, struct host_conf *out, struct error *err)
{
	return read_relations(conf, NULL, host_relations, out, err);
}

const char *krb5_conf_realm_value(
	const struct krb5_conf *conf, const char *realm, const char *relation, unsigned n)
{
	const char *path[] = {"realms", realm, relation, NULL};
	return profile_value_at(krb5_conf_profile(conf), path, n);
}
