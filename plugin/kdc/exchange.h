/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exchange.h - one request, one answer: what AS and TGS have in common.
 */
#ifndef KDC_EXCHANGE_H
#define KDC_EXCHANGE_H

#include "asn1/der_kdc.h"
#include "kdc/session.h"

struct kdc_answer {
	struct buffer octets; /* what the rest points into */
	bool refused;
	struct krb_error error; /* if it was refused */
	struct kdc_rep reply;   /* otherwise */
};

void kdc_answer_clear(struct kdc_answer *answer);
#define AUTO_KDC_ANSWER __attribute__((cleanup(kdc_answer_clear))) struct kdc_answer

/*
 * Sends the question and reads the answer: KRB_AS_REP or KRB_TGS_REP, as
 * `type` says, or a KRB-ERROR. KRB_AP_ERR_MSG_TYPE for the other reply,
 * ERR_SYNTAX for one that cannot be read; errors of the session's send().
 */
MUST_CHECK enum status kdc_exchange(struct kdc_session *session,
	const struct kdc_question *question, int type, struct kdc_answer *answer,
	struct error *err);

/* A fresh nonce, of 31 bits: deployed KDCs take it for a signed number. Errors of random_octets().
 */
MUST_CHECK enum status kdc_nonce(uint32_t *out, struct error *err);

/* The types to ask for. */
void kdc_set_etypes(struct kdc_req_body *body, const struct enctype_list *types);

#endif
