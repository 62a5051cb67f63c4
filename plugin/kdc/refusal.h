/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * refusal.h - a KDC's KRB-ERROR as an error; base/refusal.h composes the
 * sentence.
 */
#ifndef KDC_REFUSAL_H
#define KDC_REFUSAL_H

#include "asn1/der_kdc.h"
#include "kdc/session.h"

/* What was asked for, for the sentence. */
struct kdc_request_names {
	const char *realm; /* of the KDC */
	const struct principal *client;
	const struct principal *server;
};

/*
 * Returns the code as a status (KRB_ERR_GENERIC for one that is not known, or
 * 0). `now` is this host's time, with its offset to the KDC's.
 */
enum status kdc_refusal(const struct krb_error *message, const struct kdc_request_names *names,
	struct timestamp now, struct error *err);

#endif
