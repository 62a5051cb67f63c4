/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const required_allowed[] = {"allowed", "required", NULL};
static const char *const pac[] = {"check", "required", "ignore", NULL};
static const char *const bindings[] = {"allowed", "required", "never", NULL};
static const char *const delegate[] = {"no", "yes", "ok-as-delegate", NULL};
static const char *const credentials[] = {"cache", "keytab", "password", "strict", NULL};
static const char *const names[] = {"principal", "local", "local-or-principal", NULL};
static const char *const mechanisms[] = {"GSSAPI", "KERBEROS_V5", "GSS-SPNEGO", "GS2-KRB5", NULL};

const struct option_row option_table[OPTION_COUNT] = {
	[OPTION_KEYTAB] =
		{
			.name = "keytab",
			.side = "server",
			.otherwise = "`KRB5_KTNAME`, else `default_keytab_name` of krb5.conf, "
				     "else `/etc/krb5.keytab`",
			.purpose = "The file with the service's keys.",
		},
	[OPTION_SERVICE_PRINCIPAL] =
		{
			.name = "kerberos5_service_principal",
			.side = "server",
			.otherwise = "every `SERVICE/host` in the keytab",
			.purpose = "The one principal that clients may hold tickets for, with or "
				   "without a realm: `imap/mail.example.test`.",
		},
	[OPTION_MUTUAL_CLIENT] =
		{
			.name = "kerberos5_mutual",
			.side = "client",
			.values = yes_no,
			.preset = "yes",
			.in_appdefaults = true,
			.purpose = "Ask the server to prove that it is genuine.",
		},
	[OPTION_MUTUAL_SERVER] =
		{
			.name = "kerberos5_mutual",
			.side = "server",
			.values = required_allowed,
			.preset = "allowed",
			.in_appdefaults = true,
			.purpose = "`required` refuses clients that do not ask for it.",
		},
	[OPTION_HIDE] =
		{
			.name = "kerberos5_hide",
			.side = "server",
			.values = yes_no,
			.preset = "yes",
			.purpose = "Leave the mechanisms out of the list while there is no usable "
				   "key; `no` keeps them listed.",
		},
	[OPTION_REPLAY_CACHE] =
		{
			.name = "kerberos5_replay_cache",
			.side = "server",
			.otherwise = "`KRB5RCACHENAME`, else `default_rcache_name` of krb5.conf, "
				     "else `dfl:`",
			.purpose = "Where GSSAPI, GSS-SPNEGO and GS2-KRB5 record which logins they "
				   "have seen: "
				   "`file2:PATH`; `dfl:`, the file that libkrb5 uses; `none:`.",
		},
	[OPTION_REFUSAL_MESSAGE] =
		{
			.name = "kerberos5_refusal_message",
			.side = "server",
			.values = yes_no,
			.preset = "yes",
			.otherwise = "`no` for `ldap`, else `yes`",
			.purpose = "Send a refused client the reason before the login fails. With "
				   "`no` it fails at once, for protocols that carry the reason "
				   "themselves.",
		},
	[OPTION_NAMES] =
		{
			.name = "kerberos5_names",
			.side = "server",
			.values = names,
			.preset = "principal",
			.in_appdefaults = true,
			.purpose = "How clients are named: by their principal; by the local name "
				   "that rules make of it, and who has none is refused; or by "
				   "that one if there is one, else by the principal.",
		},
	[OPTION_AUTH_TO_LOCAL] =
		{
			.name = "kerberos5_auth_to_local",
			.side = "server",
			.otherwise = "those of krb5.conf alone",
			.in_appdefaults = true,
			.purpose = "Rules that make local names of principals, tried before those "
				   "of krb5.conf.",
		},
	[OPTION_REALMS] =
		{
			.name = "kerberos5_realms",
			.side = "server",
			.otherwise = "all",
			.in_appdefaults = true,
			.purpose = "The realms whose clients may log in, with blanks or commas "
				   "between them.",
		},
	[OPTION_SERVICE_PRINCIPAL_CLIENT] =
		{
			.name = "kerberos5_service_principal",
			.side = "client",
			.otherwise = "`SERVICE/host` of the server",
			.in_appdefaults = true,
			.purpose = "The principal to ask a ticket for, with or without a realm.",
		},
	[OPTION_CREDENTIALS] =
		{
			.name = "kerberos5_credentials",
			.side = "client",
			.values = credentials,
			.is_list = true,
			.preset = "cache, keytab",
			.in_appdefaults = true,
			.purpose = "Where tickets come from, in this order. With `strict` a login "
				   "name that the program gives has to be the ticket's.",
		},
	[OPTION_CCACHE] =
		{
			.name = "kerberos5_ccache",
			.side = "client",
			.otherwise = "`KRB5CCNAME`, else `default_ccache_name` of krb5.conf, else "
				     "`/tmp/krb5cc_UID`",
			.in_appdefaults = true,
			.purpose = "The credential cache with the user's tickets, or a collection "
				   "of caches.",
		},
	[OPTION_CCACHE_OWNERS] =
		{
			.name = "kerberos5_ccache_owners",
			.side = "client",
			.otherwise = "nobody else",
			.in_appdefaults = true,
			.purpose = "Users, by name or number, whose credential caches are believed "
				   "besides those of root and of the program's own user.",
		},
	[OPTION_CLIENT_KEYTAB] =
		{
			.name = "kerberos5_client_keytab",
			.side = "client",
			.otherwise = "`KRB5_CLIENT_KTNAME`, else `default_client_keytab_name` of "
				     "krb5.conf, else `/etc/krb5/user/UID/client.keytab`",
			.in_appdefaults = true,
			.purpose = "The file with the client's own key, to log in without a user.",
		},
	[OPTION_CLIENT_PRINCIPAL] =
		{
			.name = "kerberos5_client_principal",
			.side = "client",
			.otherwise = "the name that the program gives, if it has a ticket or key; "
				     "else the first",
			.in_appdefaults = true,
			.purpose = "The one principal of the client keytab, or of the caches, to "
				   "log in as, with or without a realm.",
		},
	[OPTION_KDC_TIMEOUT] =
		{
			.name = "kerberos5_kdc_timeout",
			.side = "client",
			.least = 1,
			.most = 600,
			.preset = "10",
			.in_appdefaults = true,
			.purpose = "For how many seconds at most a login waits for KDCs.",
		},
	[OPTION_AD_COMPAT] =
		{
			.name = "ad_compat",
			.side = "client",
			.values = no_yes,
			.preset = "no",
			.purpose = "Ask for integrity as well where privacy is chosen, as old "
				   "Active Directory servers want it (GSSAPI).",
		},
	[OPTION_MECHANISMS] =
		{
			.name = "kerberos5_mechanisms",
			.side = "client and server",
			.values = mechanisms,
			.is_list = true,
			.otherwise = "all but `GS2-KRB5`",
			.purpose = "Which mechanisms the module offers.",
		},
	[OPTION_DELEGATE] =
		{
			.name = "kerberos5_delegate",
			.side = "client",
			.values = delegate,
			.preset = "no",
			.otherwise = "`yes` if the program demands it (`passcred`), else `no`",
			.in_appdefaults = true,
			.purpose = "Hand a ticket-granting ticket to the server, which can then "
				   "act as the user: `ok-as-delegate` to servers that the KDC "
				   "marks as fit for that.",
		},
	[OPTION_DELEGATED_CCACHE] =
		{
			.name = "kerberos5_delegated_ccache",
			.side = "server",
			.otherwise = "it is not kept",
			.purpose = "The credential cache in which to keep the tickets that a "
				   "client delegates: `FILE:/run/imap/%{principal}`.",
		},
	[OPTION_PAC] =
		{
			.name = "kerberos5_pac",
			.side = "server",
			.values = pac,
			.preset = "check",
			.in_appdefaults = true,
			.purpose = "The PAC of tickets from Active Directory and others: `check` "
				   "uses one that verifies, `required` refuses tickets without, "
				   "`ignore` does not look at it.",
		},
	[OPTION_REQUIRE_GROUP] =
		{
			.name = "kerberos5_require_group",
			.side = "server",
			.otherwise = "everybody may log in",
			.in_appdefaults = true,
			.purpose =
				"SIDs of groups: who is in none of them, by the PAC, is refused.",
		},
	[OPTION_CHANNEL_BINDINGS] =
		{
			.name = "kerberos5_channel_bindings",
			.side = "client and server",
			.values = bindings,
			.preset = "allowed",
			.in_appdefaults = true,
			.purpose = "Channel bindings to TLS: `allowed` compares them if both "
				   "programs give some, `required` refuses a login without a "
				   "match, `never` neither sends nor compares them.",
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

struct option_source option_source_of(
	const struct logger *log, const char *service, const struct krb5_conf *conf)
{
	return (struct option_source){
		.utils = log->utils,
		.mechanism = log->mechanism,
		.service = service,
		.conf = conf,
	};
}

const char *option_text(const struct option_source *source, enum option option)
{
	const struct option_row *row = &option_table[option];
	const char *value = sasl_option(source, row->name);
	return value ? value : appdefault(source, row);
}

/* Words of a yes/no option may be any of krb5.conf's booleans. */
static bool is_word(const char *word, struct slice value)
{
	bool word_is_yes, value_is_yes;
	char text[8];
	if (slice_equal_nocase(value, slice_string(word)))
		return true;
	if (value.len >= sizeof text)
		return false;
	snprintf(text, sizeof text, "%.*s", (int)value.len, (const char *)value.data);
	return krb5_conf_boolean(word, &word_is_yes) && krb5_conf_boolean(text, &value_is_yes) &&
	       word_is_yes == value_is_yes;
}

static bool find_word(const struct option_row *row, struct slice value, unsigned *choice)
{
	for (unsigned i = 0; row->values[i]; i++)
		if (is_word(row->values[i], value)) {
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
		if (other != row && other->values && strcmp(other->name, row->name) == 0 &&
			find_word(other, slice_string(value), &unused))
			return true;
	return false;
}

/* The words allowed, as a sentence has them: "a, b or c". */
#define WORDS_SIZE 80
static const char *words_text(const struct option_row *row, char out[WORDS_SIZE])
{
	size_t len = 0;
	out[0] = '\0';
	for (unsigned i = 0; row->values[i] && len < WORDS_SIZE; i++) {
		const char *before = i == 0 ? "" : row->values[i + 1] ? ", " : " or ";
		len += (size_t)snprintf(
			out + len, WORDS_SIZE - len, "%s%s", before, row->values[i]);
	}
	return out;
}

static enum status refuse_value(const struct option_row *row, const char *value, struct error *err)
{
	return error_set(err, ERR_SYNTAX, "the %s option %s is \"%s\"; it can be %s%s", row->side,
		row->name, TEXT(slice_string(value)), words_text(row, (char[WORDS_SIZE]){0}),
		row->is_list ? ", or several of them" : "");
}

/* What is set, or NULL; in krb5.conf it may be meant for the other side. */
static const char *value_of(const struct option_source *source, const struct option_row *row)
{
	const char *value = sasl_option(source, row->name);
	if (value)
		return value;
	value = appdefault(source, row);
	return value && is_for_other_side(row, value) ? NULL : value;
}

enum status option_choice(
	const struct option_source *source, enum option option, unsigned *choice, struct error *err)
{
	const struct option_row *row = &option_table[option];
	const char *value = value_of(source, row);
	*choice = 0;
	(void)find_word(row, slice_string(row->preset), choice);
	return !value || find_word(row, slice_string(value), choice)
		       ? STATUS_OK
		       : refuse_value(row, value, err);
}

enum status option_is(const struct option_source *source, enum option option, const char *word,
	bool *is, struct error *err)
{
	unsigned choice;
	enum status status = option_choice(source, option, &choice, err);
	*is = strcmp(option_word(option, choice), word) == 0;
	return status;
}

const char *option_word(enum option option, unsigned word)
{
	return option_table[option].values[word];
}

bool option_words_have(const struct option_words *words, unsigned word)
{
	for (unsigned i = 0; i < words->count; i++)
		if (words->word[i] == word)
			return true;
	return false;
}

struct slice option_next_word(const char **at)
{
	static const char separators[] = " \t,";
	*at += strspn(*at, separators);
	struct slice word = slice_of(*at, strcspn(*at, separators));
	*at += word.len;
	return word;
}

/* False if one of the words is not the option's. */
static bool read_list(const struct option_row *row, const char *value, struct option_words *words)
{
	struct slice text;
	*words = (struct option_words){0};
	for (const char *at = value; at && (text = option_next_word(&at)).len > 0;) {
		unsigned word;
		if (!find_word(row, text, &word))
			return false;
		if (!option_words_have(words, word))
			words->word[words->count++] = word;
	}
	return true;
}

void option_preset(enum option option, struct option_words *words)
{
	const struct option_row *row = &option_table[option];
	(void)read_list(row, row->preset, words);
}

enum status option_list(const struct option_source *source, enum option option,
	struct option_words *words, struct error *err)
{
	const struct option_row *row = &option_table[option];
	const char *value = value_of(source, row);
	if (!read_list(row, value, words))
		return refuse_value(row, value, err);
	if (words->count == 0)
		option_preset(option, words);
	return STATUS_OK;
}

static bool read_number(const struct option_row *row, const char *value, unsigned *number)
{
	char *end;
	unsigned long found = strtoul(value, &end, 10);
	bool is_number = value[0] >= '0' && value[0] <= '9' && !*end;
	if (!is_number || found < row->least || found > row->most)
		return false;
	*number = (unsigned)found;
	return true;
}

enum status option_number(
	const struct option_source *source, enum option option, unsigned *number, struct error *err)
{
	const struct option_row *row = &option_table[option];
	const char *value = value_of(source, row);
	*number = row->least;
	(void)read_number(row, row->preset, number);
	if (!value || read_number(row, value, number))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"the %s option %s is \"%s\"; it can be a number from %u to %u", row->side,
		row->name, TEXT(slice_string(value)), row->least, row->most);
}
