/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/ticket_ways.h"

#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "store/ccache.h"
#include "store/location.h"

/* One login's look for a ticket. */
struct search {
	struct initiator *initiator;
	const struct option_source *options;
	struct kdc_session session;
	struct ticket_request request;
	struct file_owners owners; /* whose caches are believed */
	struct principal client;   /* who is to log in */
	struct buffer client_storage;
	struct buffer ccache; /* the option's, expanded */
	struct buffer caches; /* their names, once they were asked for */
};

/* ---- who ---- */

/* Without a realm it is of the default one. */
static enum status parse_principal(const struct search *search, const char *name,
	struct principal *out, struct buffer *storage, struct error *err)
{
	if (principal_parse(slice_string(name), out, storage, err))
		return error_prefix(err, "the name \"%s\"", TEXT(slice_string(name)));
	if (out->realm.len == 0)
		out->realm = slice_string(krb5_conf_default_realm(search->session.conf));
	return STATUS_OK;
}

/* The name as the application, the user or the option has it. */
static enum status parse_name(struct search *search, const char *name, struct error *err)
{
	if (parse_principal(search, name, &search->client, &search->client_storage, err))
		return err->status;
	search->request.client = &search->client;
	return STATUS_OK;
}

/* With `strict` the name that the program gives has to be the option's. */
static enum status check_same(const struct search *search, const char *name, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct principal given;
	if (!name || !search->initiator->strict)
		return STATUS_OK;
	if (parse_principal(search, name, &given, &storage, err))
		return err->status;
	if (principal_equal(&given, &search->client))
		return STATUS_OK;
	return error_set(err, ERR_NOT_FOUND,
		"the program wants to log in as %s, and kerberos5_client_principal is %s (strict "
		"in the option kerberos5_credentials)",
		PRINCIPAL_TEXT(&given), PRINCIPAL_TEXT(&search->client));
}

/* Many programs give a name that is none of Kerberos': that matters only with `strict`. */
static enum status choose_client(struct search *search, struct error *err)
{
	const char *name = prompt_authname(search->initiator->params);
	const char *option = option_text(search->options, OPTION_CLIENT_PRINCIPAL);
	if (option) {
		if (parse_name(search, option, err))
			return error_prefix(err, "option kerberos5_client_principal");
		return check_same(search, name, err);
	}
	if (!name || parse_name(search, name, err) == STATUS_OK || !search->request.strict)
		return STATUS_OK;
	return err->status;
}

/*
 * Is there more than one cache, so that the name decides? A program that has no
 * name to give may take the question alone for a failed login, as Subversion
 * does. If the caches cannot be listed, there is no choice.
 */
static bool has_choice_of_caches(struct search *search)
{
	NEW_ERROR(unwanted);
	if (ticket_caches_list(search->session.conf, &search->request, &search->caches, &unwanted))
		return false;
	search->request.caches = &search->caches;
	return ccache_next_name(&search->caches, ccache_next_name(&search->caches, NULL)) != NULL;
}

/* ---- the ways ---- */

static enum status explain_strict(
	const struct search *search, enum status status, struct error *err)
{
	if (status != ERR_NOT_FOUND || !search->request.strict || !search->request.client)
		return status;
	return error_prefix(err, "%s is to log in and nobody else (%s)",
		PRINCIPAL_TEXT(search->request.client),
		option_text(search->options, OPTION_CLIENT_PRINCIPAL)
			? "option kerberos5_client_principal"
			: "strict in the option kerberos5_credentials");
}

static int result_of(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return SASL_OK;
	case KDC_ERR_PREAUTH_FAILED:
		return SASL_BADAUTH;
	default:
		return SASL_FAIL;
	}
}

static enum status read_ccache(struct search *search, struct error *err)
{
	const char *option = option_text(search->options, OPTION_CCACHE);
	if (!option)
		return STATUS_OK;
	if (path_tokens_expand(option, &search->ccache, err))
		return error_prefix(err, "option kerberos5_ccache");
	search->request.ccache = (const char *)search->ccache.data;
	return STATUS_OK;
}

static int by_cache(struct search *search, struct error *err)
{
	struct credential_box *ticket = &search->initiator->ticket;
	enum status status = read_ccache(search, err);
	if (!status && (search->request.strict || has_choice_of_caches(search)))
		status = choose_client(search, err);
	if (!status)
		status = ticket_from_cache(&search->session, &search->request, ticket, err);
	return result_of(explain_strict(search, status, err));
}

static int by_keytab(struct search *search, struct error *err)
{
	struct credential_box *ticket = &search->initiator->ticket;
	const char *option = option_text(search->options, OPTION_CLIENT_KEYTAB);
	AUTO_BUFFER name = {0};
	enum status status = choose_client(search, err);
	if (!status && option && path_tokens_expand(option, &name, err))
		status = error_prefix(err, "option kerberos5_client_keytab");
	if (!status)
		status = ticket_from_keytab(
			&search->session, &search->request, (const char *)name.data, ticket, err);
	return result_of(explain_strict(search, status, err));
}

/* Name and password, by callbacks or of the user: in one round, with the identity to act as. */
static int by_password(struct search *search, struct error *err)
{
	struct answers *answers = &search->initiator->answers;
	const unsigned questions =
		QUESTION(ASK_AUTHZID) | QUESTION(ASK_AUTHNAME) | QUESTION(ASK_PASSWORD);
	struct buffer *name = &answers->text[ASK_AUTHNAME];
	struct buffer *password = &answers->text[ASK_PASSWORD];
	int result = prompts_ask(
		search->initiator->params, search->initiator->prompts, questions, answers);
	if (result == SASL_INTERACT)
		return result;
	if (result != SASL_OK || name->len == 0 || password->len == 0) {
		(void)error_set(err, ERR_NOT_FOUND,
			"the application gives no name and password to log in with");
		return result == SASL_OK ? SASL_FAIL : result;
	}
	enum status status = parse_name(search, (const char *)name->data, err);
	if (!status)
		status = ticket_from_password(&search->session, &search->request,
			buffer_slice(password), &search->initiator->ticket, err);
	buffer_free(password);
	return result_of(status);
}

static int (*const ways[])(struct search *search, struct error *err) = {
	[CREDENTIALS_CACHE] = by_cache,
	[CREDENTIALS_KEYTAB] = by_keytab,
	[CREDENTIALS_PASSWORD] = by_password,
};

/* ---- all of them ---- */

enum status ticket_ways_begin(struct initiator *initiator, struct error *err)
{
	struct option_words words;
	if (option_list(&initiator->options, OPTION_CREDENTIALS, &words, err))
		return err->status;
	initiator->strict = option_words_have(&words, CREDENTIALS_STRICT);
	for (unsigned i = 0; i < words.count; i++)
		if (words.word[i] != CREDENTIALS_STRICT)
			initiator->ways.word[initiator->ways.count++] = words.word[i];
	if (initiator->ways.count == 0)
		option_preset(OPTION_CREDENTIALS, &initiator->ways);
	return STATUS_OK;
}

static void trace(void *arg, const char *text)
{
	logger_trace(arg, text);
}

static void warn(void *arg, const char *text)
{
	const struct logger *log = arg;
	logger_line(log, SASL_LOG_WARN, "%s", text);
	if (logger_traces(log))
		logger_trace(arg, text);
}

static enum status read_owners(struct search *search, struct error *err)
{
	const char *text = option_text(search->options, OPTION_CCACHE_OWNERS);
	enum status status = file_owners_parse(text, &search->owners, err);
	return status ? error_prefix(err, "option kerberos5_ccache_owners") : STATUS_OK;
}

static enum status begin(struct search *search, struct error *err)
{
	struct initiator *initiator = search->initiator;
	unsigned seconds;
	enum status status = option_number(search->options, OPTION_KDC_TIMEOUT, &seconds, err);
	kdc_session_begin(&search->session, initiator->conf, seconds);
	search->session.trace =
		(struct kdc_trace){logger_traces(&initiator->log) ? trace : NULL, &initiator->log};
	search->session.warning = (struct kdc_trace){warn, &initiator->log};
	search->request = (struct ticket_request){
		.service = &initiator->service,
		.strict =
			initiator->strict || option_text(search->options, OPTION_CLIENT_PRINCIPAL),
		.owners = &search->owners,
	};
	return status ? err->status : read_owners(search, err);
}

/*
 * A keytab that nobody named, and that is not there, is no part of what went wrong.
 * If its name cannot be had, `reason` is told.
 */
static bool is_about_nothing(const struct search *search, const struct error *reason)
{
	AUTO_BUFFER name = {0};
	const struct initiator *initiator = search->initiator;
	const char *path;
	NEW_ERROR(unwanted);
	if (initiator->ways.word[initiator->tried] != CREDENTIALS_KEYTAB ||
		reason->status != ERR_NOT_FOUND ||
		option_text(search->options, OPTION_CLIENT_KEYTAB) ||
		krb5_conf_names_client_keytab(initiator->conf) ||
		krb5_conf_client_keytab_name(initiator->conf, &name, &unwanted))
		return false;
	(void)location_type((const char *)name.data, &path);
	return !file_state(path).exists;
}

static const char *const way_names[] = {
	[CREDENTIALS_CACHE] = "cache",
	[CREDENTIALS_KEYTAB] = "client keytab",
	[CREDENTIALS_PASSWORD] = "password",
};

/*
 * What each way lacked. The status is the last one's, unless that was only not
 * there.
 */
static void add_reason(const struct search *search, const struct error *reason)
{
	struct initiator *initiator = search->initiator;
	struct error *reasons = &initiator->reasons;
	const struct error before = *reasons;
	const char *way = way_names[initiator->ways.word[initiator->tried]];
	if (before.text[0] && is_about_nothing(search, reason))
		return;
	if (!before.text[0]) {
		*reasons = *reason;
		initiator->first_way = way;
		return;
	}
	char start[40] = "";
	if (initiator->first_way)
		snprintf(start, sizeof start, "tried: %s: ", initiator->first_way);
	initiator->first_way = NULL;
	(void)error_set(reasons, reason->status == ERR_NOT_FOUND ? before.status : reason->status,
		"%s%s; %s: %s", start, before.text, way, reason->text);
}

static int go(struct search *search, struct error *err)
{
	struct initiator *initiator = search->initiator;
	int result, refused = SASL_FAIL;
	for (; initiator->tried < initiator->ways.count; initiator->tried++) {
		*err = (struct error){.status = STATUS_OK};
		result = ways[initiator->ways.word[initiator->tried]](search, err);
		if (result == SASL_OK && initiator->reasons.status == ERR_UNTRUSTED)
			warn(&initiator->log, initiator->reasons.text);
		if (result == SASL_OK || result == SASL_INTERACT)
			return result;
		if (refused != SASL_BADAUTH) /* after which a program asks the user again */
			refused = result;
		add_reason(search, err);
	}
	*err = initiator->reasons;
	return logger_result(err, refused);
}

/* ---- a ticket for the server to use ---- */

static bool is_to_delegate(const struct initiator *initiator)
{
	return initiator->delegate == DELEGATE_YES ||
	       (initiator->delegate == DELEGATE_IF_OK &&
		       initiator->ticket.credential.flags & TICKET_OK_AS_DELEGATE);
}

/* If it cannot be had, a login that would have it if it may goes on without. */
static enum status delegate(struct search *search, struct error *err)
{
	struct initiator *initiator = search->initiator;
	const struct principal *server = &initiator->ticket.credential.server;
	if (!is_to_delegate(initiator))
		return STATUS_OK;
	if (ticket_to_delegate(&search->session, server, &initiator->delegated, err) == STATUS_OK) {
		initiator->delegates = true;
		return STATUS_OK;
	}
	(void)error_prefix(err, "no ticket can be delegated to %s", PRINCIPAL_TEXT(server));
	if (initiator->delegate == DELEGATE_YES)
		return err->status;
	warn(&initiator->log, err->text);
	return STATUS_OK;
}

int ticket_ways_go(struct initiator *initiator, struct error *err)
{
	struct search search = {.initiator = initiator, .options = &initiator->options};
	if (begin(&search, err))
		return logger_result(err, SASL_FAIL);
	int result = go(&search, err);
	if (result == SASL_OK && delegate(&search, err))
		result = logger_result(err, SASL_FAIL);
	initiator->kdc_offset = search.session.offset;
	kdc_session_reset(&search.session);
	buffer_free(&search.client_storage);
	buffer_free(&search.ccache);
	buffer_free(&search.caches);
	return result;
}
