#include "sasl/options.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const required_allowed[] = {"allowed", "required", NULL};

const struct option_row option_table[OPTION_COUNT] = {
	[OPTION_KEYTAB] =
		{
			.name = "keytab",
			.side = "server",
			.standard = "`KRB5_KTNAME`, else `default_keytab_name` of krb5.conf, "
				    "else `/etc/krb5.keytab`",
			.purpose = "The file with the service's keys.",
		},
	[OPTION_SERVICE_PRINCIPAL] =
		{
			.name = "kerberos5_service_principal",
			.side = "server",
			.standard = "every `SERVICE/host` in the keytab",
			.purpose = "The one principal that clients may hold tickets for, with or "
				   "without a realm: `imap/mail.example.test`.",
		},
	[OPTION_MUTUAL_CLIENT] =
		{
			.name = "kerberos5_mutual",
			.side = "client",
			.values = yes_no,
			.standard = "`yes`",
			.in_appdefaults = true,
			.purpose = "Ask the server to prove that it is genuine.",
		},
	[OPTION_MUTUAL_SERVER] =
		{
			.name = "kerberos5_mutual",
			.side = "server",
			.values = required_allowed,
			.standard = "`allowed`",
			.in_appdefaults = true,
			.purpose = "`required` refuses clients that do not ask for it.",
		},
	[OPTION_HIDE] =
		{
			.name = "kerberos5_hide",
			.side = "server",
			.values = yes_no,
			.standard = "`yes`",
			.purpose = "Leave the mechanism out of the list while there is no usable "
				   "key; `no` keeps it listed.",
		},
};

/* libsasl2 gives what is set as it stands; an option without a value counts as not set. */
static const char *sasl_option(const struct option_source *source, const char *name)
{
	const char *value = NULL;
	if (source->utils->getopt(source->utils->getopt_context, source->mechanism, name, &value,
		    NULL) != SASL_OK)
		return NULL;
	return value && *value ? value : NULL;
}

static const char *appdefault(const struct option_source *source, const struct option_row *row)
{
	if (!row->in_appdefaults)
		return NULL;
	return krb5_conf_appdefault(
		source->conf, source->service, krb5_conf_default_realm(source->conf), row->name);
}

const char *option_text(const struct option_source *source, enum option option)
{
	const struct option_row *row = &option_table[option];
	const char *value = sasl_option(source, row->name);
	return value ? value : appdefault(source, row);
}

static bool find_word(const struct option_row *row, const char *value, unsigned *choice)
{
	bool yes;
	if (row->values == yes_no && krb5_conf_boolean(value, &yes)) {
		*choice = yes ? 0 : 1;
		return true;
	}
	for (unsigned i = 0; row->values[i]; i++)
		if (slice_equal_nocase(slice_string(value), slice_string(row->values[i]))) {
			*choice = i;
			return true;
		}
	return false;
}

/* krb5.conf is one file for clients and servers, where an option means both. */
static bool is_for_other_side(const struct option_row *row, const char *value)
{
	unsigned unused;
	for (const struct option_row *other = option_table; other < option_table + OPTION_COUNT;
		other++)
		if (other != row && strcmp(other->name, row->name) == 0 &&
			find_word(other, value, &unused))
			return true;
	return false;
}

enum status option_choice(
	const struct option_source *source, enum option option, unsigned *choice, struct error *err)
{
	const struct option_row *row = &option_table[option];
	const char *value = sasl_option(source, row->name);
	*choice = 0;
	if (!value) {
		value = appdefault(source, row);
		if (value && is_for_other_side(row, value))
			return STATUS_OK;
	}
	if (!value || find_word(row, value, choice))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX, "the %s option %s is \"%s\"; it can be %s or %s",
		row->side, row->name, TEXT(slice_string(value)), row->values[0], row->values[1]);
}
