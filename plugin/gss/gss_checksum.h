/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_checksum.h - what an initiator tells in the place of its authenticator's
 * checksum, type 0x8003 (RFC 4121 section 4.1.1): flags, a hash of the channel
 * bindings, and a delegated credential.
 */
#ifndef GSS_GSS_CHECKSUM_H
#define GSS_GSS_CHECKSUM_H

#include "asn1/der.h"
#include "base/bytes.h"
#include "base/error.h"

#define GSS_CHECKSUM_TYPE 0x8003

/* Section 4.1.1.1; what is not known is passed over. */
enum {
	GSS_DELEG = 1,
	GSS_MUTUAL = 2,
	GSS_REPLAY = 4,
	GSS_SEQUENCE = 8,
	GSS_CONF = 16,
	GSS_INTEG = 32,
};

/* "mutual, replay" for a trace, of the known ones; "none". Returns `out`. */
#define GSS_FLAGS_TEXT_SIZE 80
const char *gss_flags_text(uint32_t flags, char out[GSS_FLAGS_TEXT_SIZE]);

#define GSS_BINDINGS_LENGTH 16

/* All zero where there are no bindings. */
struct gss_bindings {
	unsigned char hash[GSS_BINDINGS_LENGTH];
};

/*
 * The hash (section 4.1.1.2) of bindings that have application data only, as
 * SASL's have: no addresses. ERR_CRYPTO where OpenSSL has no MD5 (its
 * FIPS provider alone).
 */
MUST_CHECK enum status gss_bindings_of(
	struct slice application_data, struct gss_bindings *out, struct error *err);

/* Whether none were sent; whether two are the same, in constant time. */
bool gss_bindings_none(const struct gss_bindings *bindings);
bool gss_bindings_equal(const struct gss_bindings *a, const struct gss_bindings *b);

#define GSS_CHECKSUM_LENGTH 24

/* The checksum without delegation. `out` is the memory of its value. */
struct checksum gss_checksum_make(uint32_t flags, const struct gss_bindings *bindings,
	unsigned char out[GSS_CHECKSUM_LENGTH]);

/*
 * Appends to such a value what the flag GSS_DELEG announces. ERR_TOO_LONG for a KRB-CRED of
 * more octets than its length can say; ERR_NO_MEMORY.
 */
#define GSS_DELEGATION_MAX 65535
MUST_CHECK enum status gss_checksum_add_delegation(
	struct slice krb_cred, struct buffer *out, struct error *err);

struct gss_checksum {
	struct gss_bindings bindings;
	uint32_t flags;
	struct slice delegated; /* a KRB-CRED, not looked at; data == NULL: none */
};

/*
 * Extensions after the known fields are passed over, as the section asks.
 * KRB_AP_ERR_INAPP_CKSUM  no checksum, one of another type, shorter than 24
 *                         octets, another length of the bindings than 16
 * ERR_SYNTAX              GSS_DELEG with a delegation that is cut short or
 *                         of another kind than 1
 */
MUST_CHECK enum status gss_checksum_read(
	const struct checksum *checksum, struct gss_checksum *out, struct error *err);

#endif
