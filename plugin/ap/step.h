/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * step.h - what the making and reading of both messages share.
 */
#ifndef AP_STEP_H
#define AP_STEP_H

#include "ap/ap.h"

/*
 * Is `token`, by its outermost tag, of the type that is due?
 * KRB_AP_ERR_MSG_TYPE, saying what came instead.
 */
MUST_CHECK enum status step_expect(struct slice token, int message_type, struct error *err);

/* A part of a message that is encrypted in the session key. */
struct step_part {
	uint32_t usage;
	const char *name;
};

/*
 * Decrypts a message's EncryptedData with the session key. A kvno is passed
 * over: section 5.2.9 has none for session keys, but deployed peers send one.
 * KRB_AP_ERR_BAD_INTEGRITY if the type is not the key's, or as key_decrypt().
 */
MUST_CHECK enum status step_decrypt(const struct ap_context *context, const struct step_part *part,
	const struct encrypted_data *data, struct buffer *plain, struct error *err);

/* An initial sequence number, from 1 to 2^30 - 1: never zero, which some peers leave out, and never
 * one that a peer could encode as negative. */
MUST_CHECK enum status step_seq_number(uint32_t *out, struct error *err);

/* A key from a message or a credential; errors as for key_new(), naming `what`. */
MUST_CHECK enum status step_key(
	const struct encryption_key *in, const char *what, struct key **out, struct error *err);

/* Is there someone to trace for? Ask before arguments are put into text. */
bool step_is_traced(const struct ap_trace *trace);
void step_trace(const struct ap_trace *trace, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "no subkey", or the name of a key's type. */
const char *step_subkey_text(const struct key *subkey);

#endif
