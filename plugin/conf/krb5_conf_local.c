/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What krb5.conf says of local names: auth_to_local_names and auth_to_local.
 */
#include <string.h>

#include "base/text.h"
#include "conf/krb5_conf_contents.h"
#include "conf/local_rule.h"

static enum status add_rules(struct krb5_conf *conf, struct error *err)
{
	const char *path[] = {"realms", conf->default_realm, "auth_to_local", NULL};
	const char *text = profile_value(conf->profile, path);
	if (!text)
		return local_rules_add(conf->local_rules, SLICE_LITERAL("DEFAULT"), false, err);
	for (unsigned n = 0; (text = profile_value_at(conf->profile, path, n)); n++)
		if (local_rules_add(conf->local_rules, slice_string(text), false, err))
			return error_prefix(err, "%s: auth_to_local = %s",
				PROFILE_PLACE_AT(conf->profile, path, n), TEXT(slice_string(text)));
	return STATUS_OK;
}

enum status krb5_conf_compile_local_rules(struct krb5_conf *conf, struct error *err)
{
	NEW_ERROR(fault);
	if (!conf->default_realm)
		return STATUS_OK;
	if (local_rules_new(&conf->local_rules, err))
		return err->status;
	if (add_rules(conf, &fault)) {
		if (fault.status == ERR_NO_MEMORY)
			return error_no_memory(err);
		conf->local_fault = fault;
	}
	return STATUS_OK;
}

enum status krb5_conf_check_local_rules(const struct krb5_conf *conf, struct error *err)
{
	if (!conf->local_fault.status)
		return STATUS_OK;
	*err = conf->local_fault;
	return err->status;
}

/* Of auth_to_local_names; NULL: it has no such name. */
static const char *explicit_name(const struct krb5_conf *conf, const struct buffer *key)
{
	const char *path[] = {"realms", conf->default_realm, "auth_to_local_names",
		(const char *)key->data, NULL};
	const char *name = NULL, *value;
	if (memchr(key->data, '\0', key->len))
		return NULL;
	for (unsigned n = 0; (value = profile_value_at(conf->profile, path, n)); n++)
		name = value;
	return name;
}

enum status krb5_conf_local_name(const struct krb5_conf *conf, const struct principal *client,
	struct buffer *out, struct error *err)
{
	AUTO_BUFFER key = {0};
	if (krb5_conf_check_local_rules(conf, err) || principal_key(client, &key, err))
		return err->status;
	if (!conf->default_realm)
		return error_set(err, ERR_NOT_FOUND,
			"krb5.conf has no default_realm, in whose section of [realms] rules for "
			"local names stand");
	const char *name = explicit_name(conf, &key);
	if (!name)
		return local_rules_apply(conf->local_rules, client, conf->default_realm, out, err);
	buffer_clear(out);
	return buffer_append(out, slice_string(name)) ? error_no_memory(err) : STATUS_OK;
}

const char *krb5_conf_localauth_module(const struct krb5_conf *conf)
{
	const char *path[] = {"plugins", "localauth", "module", NULL};
	return profile_value(conf->profile, path);
}
