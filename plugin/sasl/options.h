/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * options.h - the settings of the module, in one table.
 *
 * Each is read from SASL options (the application's getopt: on servers the
 * conf file, /etc/sasl2/NAME.conf on Debian), and where the table says so,
 * if it is not set there, from [appdefaults] of krb5.conf, the SASL service
 * ("imap", "ldap") being the application name. The manual is checked
 * against the same rows.
 */
#ifndef SASL_OPTIONS_H
#define SASL_OPTIONS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdbool.h>

#include "base/error.h"
#include "conf/krb5_conf.h"
#include "sasl/logger.h"

enum option {
	OPTION_KEYTAB,
	OPTION_SERVICE_PRINCIPAL,
	OPTION_MUTUAL_CLIENT,
	OPTION_MUTUAL_SERVER,
	OPTION_HIDE,
	OPTION_REPLAY_CACHE,
	OPTION_REFUSAL_MESSAGE,
	OPTION_NAMES,
	OPTION_AUTH_TO_LOCAL,
	OPTION_REALMS,
	OPTION_SERVICE_PRINCIPAL_CLIENT,
	OPTION_CREDENTIALS,
	OPTION_CCACHE,
	OPTION_CCACHE_OWNERS,
	OPTION_CLIENT_KEYTAB,
	OPTION_CLIENT_PRINCIPAL,
	OPTION_KDC_TIMEOUT,
	OPTION_AD_COMPAT,
	OPTION_MECHANISMS,
	OPTION_DELEGATE,
	OPTION_DELEGATED_CCACHE,
	OPTION_PAC, /* its words are those of enum pac_policy (pac/pac.h) */
	OPTION_REQUIRE_GROUP,
	OPTION_CHANNEL_BINDINGS, /* its words are those of enum bindings_policy (ap/bindings.h) */
	OPTION_COUNT,
};

/* A row of the table: all that parser, messages, manual and tests know of an option. */
struct option_row {
	const char *name;
	const char *side;          /* "client", "server" or "client and server" */
	const char *const *values; /* the words allowed, NULL at the end; NULL: any text */
	unsigned least, most;      /* if a number is wanted: what it can be; else 0 */
	bool is_list;              /* several of the words, in the order that counts */
	const char *preset;        /* what holds if it is not set, as one would set it; or NULL */
	const char *otherwise;     /* likewise in words, if that is not all; or NULL */
	bool in_appdefaults;       /* it may stand in [appdefaults] of krb5.conf too */
	const char *purpose;       /* one sentence */
};

extern const struct option_row option_table[OPTION_COUNT];

/* Where options are looked up for one connection. */
struct option_source {
	const sasl_utils_t *utils;
	const char *mechanism;
	const char *service;
	const struct krb5_conf *conf;
};

struct option_source option_source_of(
	const struct logger *log, const char *service, const struct krb5_conf *conf);

/* The text, or NULL where it is not set or empty. Lives as long as the configuration. */
const char *option_text(const struct option_source *source, enum option option);

/*
 * For options with words: the index of the word that is set, or of the preset. Words of a yes/no
 * option may be any of krb5.conf's booleans. A word in [appdefaults] that the option has on the
 * other side only is passed over: client and server read the same file. ERR_SYNTAX, naming option,
 * value and the words, for anything else.
 */
MUST_CHECK enum status option_choice(const struct option_source *source, enum option option,
	unsigned *choice, struct error *err);

/* The same: is it `word`? */
MUST_CHECK enum status option_is(const struct option_source *source, enum option option,
	const char *word, bool *is, struct error *err);

/*
 * For options with a number: what is set, or the preset. ERR_SYNTAX, naming
 * option, value and what it can be.
 */
MUST_CHECK enum status option_number(const struct option_source *source, enum option option,
	unsigned *number, struct error *err);

/* Words of OPTION_NAMES. */
enum { NAMES_PRINCIPAL, NAMES_LOCAL, NAMES_LOCAL_OR_PRINCIPAL };

/* Words of OPTION_DELEGATE. */
enum { DELEGATE_NO, DELEGATE_YES, DELEGATE_IF_OK };

/* Words of OPTION_CREDENTIALS, and how many an option may have. */
enum { CREDENTIALS_CACHE, CREDENTIALS_KEYTAB, CREDENTIALS_PASSWORD, CREDENTIALS_STRICT };
#define OPTION_MAX_WORDS 4

struct option_words {
	unsigned count;
	unsigned word[OPTION_MAX_WORDS]; /* indices */
};
bool option_words_have(const struct option_words *words, unsigned word);

/* An option's word by its index. */
const char *option_word(enum option option, unsigned word);

/*
 * For options that are a list of words, with blanks or commas between them:
 * those that are set, in order, each once; if nothing is set, the preset's
 * (option_preset()). Errors as for option_choice().
 */
MUST_CHECK enum status option_list(const struct option_source *source, enum option option,
	struct option_words *words, struct error *err);

/* The next word of a list in a text, with blanks or commas between them; empty at its end. */
struct slice option_next_word(const char **at);

/* The words of the preset; none if it has no preset. */
void option_preset(enum option option, struct option_words *words);

#endif
