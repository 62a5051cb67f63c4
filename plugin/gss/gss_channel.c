/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss.h"

/* Where the acceptor's numbers begin: as the initiator's where there was no AP-REP to say it. */
static uint32_t acceptor_begins_with(const struct ap_context *context, uint32_t initiator)
{
	if (context->has_acceptor_seq)
		return context->acceptor_seq;
	return context->mutual ? 0 : initiator;
}

void gss_channel_open(const struct ap_context *context, bool is_initiator, struct channel *out)
{
	uint32_t initiator = context->has_initiator_seq ? context->initiator_seq : 0;
	uint32_t acceptor = acceptor_begins_with(context, initiator);
	*out = (struct channel){
		.key = key_ref(ap_context_key(context)),
		.is_initiator = is_initiator,
		.has_acceptor_subkey = context->acceptor_subkey != NULL,
		.send_seq = is_initiator ? initiator : acceptor,
		.receive_seq = is_initiator ? acceptor : initiator,
	};
}
