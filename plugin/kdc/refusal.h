/*
 * refusal.h - what a KDC's KRB-ERROR means (RFC 4120 sections 5.9.1 and 7.5.9).
 *
 * It is not authenticated: the sentence is composed here, from the code, the
 * KDC's time, and the names that we asked for; of what the KDC wrote, at most
 * 200 printable characters follow, marked as its words.
 */
#ifndef KDC_REFUSAL_H
#define KDC_REFUSAL_H

#include "asn1/der_kdc.h"
#include "kdc/asker.h"

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
