/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/delegated.h"

#include "sasl/properties.h"
#include "store/ccache.h"

#define PROPERTY "krb5DelegatedCCache"

bool delegated_is_wanted(const struct acceptor *acceptor)
{
	return option_text(&acceptor->options, OPTION_DELEGATED_CCACHE) != NULL;
}

/* Whoever wrote the cache of one client could else fill it with tickets of another. */
static unsigned pick_own(const struct logger *log, const struct principal *client,
	const struct gss_delegated *delegated, struct credential out[KRB_CRED_MAX_TICKETS])
{
	unsigned count = 0;
	for (unsigned i = 0; i < delegated->count; i++) {
		const struct credential *ticket = &delegated->ticket[i].credential;
		if (principal_equal(&ticket->client, client))
			out[count++] = *ticket;
		else
			logger_line(log, SASL_LOG_ERR,
				"%s delegated a ticket of %s, which is not kept: expected is one "
				"of "
				"its own",
				PRINCIPAL_TEXT(client), PRINCIPAL_TEXT(&ticket->client));
	}
	return count;
}

static enum status make(const struct acceptor *acceptor, const struct ap_context *context,
	const struct ccache_start *start, struct buffer *name, struct error *err)
{
	const char *option = option_text(&acceptor->options, OPTION_DELEGATED_CCACHE);
	if (path_tokens_expand_for(option, &context->client, name, err))
		return error_prefix(err, "option kerberos5_delegated_ccache");
	return ccache_create((const char *)name->data, start, err);
}

void delegated_keep(const struct acceptor *acceptor, const struct ap_context *context,
	const struct gss_delegated *delegated)
{
	struct credential own[KRB_CRED_MAX_TICKETS];
	const struct ccache_start start = {
		.client = &context->client,
		.credential = own,
		.count = pick_own(&acceptor->log, &context->client, delegated, own),
	};
	AUTO_BUFFER name = {0};
	NEW_ERROR(err);
	if (start.count == 0)
		return;
	if (make(acceptor, context, &start, &name, &err)) {
		logger_line(&acceptor->log, SASL_LOG_ERR,
			"the tickets that %s delegated are not kept: %s",
			PRINCIPAL_TEXT(&context->client), err.text);
		return;
	}
	if (property_wanted(acceptor->params, PROPERTY) &&
		property_set(acceptor->params, PROPERTY, buffer_slice(&name)) != SASL_OK)
		logger_line(&acceptor->log, SASL_LOG_ERR,
			"the application cannot be told where the tickets are that %s delegated",
			PRINCIPAL_TEXT(&context->client));
}
