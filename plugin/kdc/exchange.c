/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/exchange.h"

#include "base/text.h"
#include "crypto/random.h"

void kdc_answer_clear(struct kdc_answer *answer)
{
	buffer_free(&answer->octets);
	answer->refused = false;
}

static enum status read_answer(int type, struct kdc_answer *answer, struct error *err)
{
	struct slice octets = buffer_slice(&answer->octets);
	answer->refused = der_message_type(octets) == KRB_ERROR;
	if (answer->refused)
		return der_read_krb_error(octets, &answer->error, err);
	return type == KRB_AS_REP ? der_read_as_rep(octets, &answer->reply, err)
				  : der_read_tgs_rep(octets, &answer->reply, err);
}

enum status kdc_exchange(struct kdc_session *session, const struct kdc_question *question, int type,
	struct kdc_answer *answer, struct error *err)
{
	kdc_answer_clear(answer);
	if (session->send(session, question, &answer->octets, err))
		return err->status;
	if (read_answer(type, answer, err))
		return error_prefix(
			err, "the answer of the KDC of %s", TEXT(slice_string(question->realm)));
	return STATUS_OK;
}

enum status kdc_nonce(uint32_t *out, struct error *err)
{
	if (random_octets(out, sizeof *out, err))
		return err->status;
	*out &= INT32_MAX;
	return STATUS_OK;
}

void kdc_set_etypes(struct kdc_req_body *body, const struct enctype_list *types)
{
	body->etype_count = types->count;
	for (unsigned i = 0; i < types->count; i++)
		body->etype[i] = types->number[i];
}
