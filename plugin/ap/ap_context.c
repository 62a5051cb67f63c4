/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/ap.h"

#include <stdlib.h>

void ap_context_clear(struct ap_context *context)
{
	if (!context)
		return;
	pac_free(context->pac);
	key_release(context->session_key);
	key_release(context->initiator_subkey);
	key_release(context->acceptor_subkey);
	buffer_free(&context->token);
	buffer_free(&context->ticket_plain);
	buffer_free(&context->authenticator_plain);
	wipe(context, sizeof *context);
}

struct ap_context *ap_context_new(void)
{
	return calloc(1, sizeof(struct ap_context));
}

void ap_context_free(struct ap_context *context)
{
	ap_context_clear(context);
	free(context);
}

struct key *ap_context_key(const struct ap_context *context)
{
	if (context->acceptor_subkey)
		return context->acceptor_subkey;
	return context->initiator_subkey ? context->initiator_subkey : context->session_key;
}

unsigned ap_context_strength(const struct ap_context *context)
{
	unsigned session = enctype_strength(key_type(context->session_key));
	unsigned used = enctype_strength(key_type(ap_context_key(context)));
	return used < session ? used : session;
}
