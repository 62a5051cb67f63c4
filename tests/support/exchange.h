/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exchange.h - client and server of an AP exchange in one program and in
 * memory: no file, no clock, no libsasl2.
 *
 * alice@EXAMPLE.TEST has a ticket for imap/mail.example.test@EXAMPLE.TEST, of
 * whom the keytab has the key with kvno 1; all keys are of type
 * aes256-cts-hmac-sha1-96 and the same in each run. A test changes what it is
 * about. Whatever goes wrong in the making ends the program.
 */
#ifndef TESTS_SUPPORT_EXCHANGE_H
#define TESTS_SUPPORT_EXCHANGE_H

#include "ap/ap.h"
#include "tests/support/minting.h"

#define EXCHANGE_NOW INT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */
#define EXCHANGE_CLIENT "alice@EXAMPLE.TEST"
#define EXCHANGE_SERVICE "imap/mail.example.test@EXAMPLE.TEST"
#define EXCHANGE_KEYTAB "/etc/test.keytab"

struct exchange {
	struct mint_ticket ticket;     /* to be changed before exchange_issue() */
	struct ap_initiator initiator; /* before exchange_request() */
	struct ap_acceptor acceptor;   /* before exchange_read() */

	struct key *service_key, *session_key;
	struct buffer ticket_der;
	struct credential credential;
	struct buffer token; /* the AP-REQ, or what a test makes of it */
	struct ap_context client, server;

	struct krb5_conf *conf;
	struct keytab *keytab;
	struct buffer storage[2];
};

void exchange_open(struct exchange *x);
void exchange_close(struct exchange *x);

/* A name from text, in `storage`. */
struct principal exchange_principal(const char *text, struct buffer *storage);

/* A key of any type, the same octets in each run; `seed` tells one from another. */
struct key *exchange_key(int32_t enctype, unsigned char seed);

/* The server's krb5.conf. */
void exchange_conf(struct exchange *x, const char *text);

struct exchange_entry {
	const char *principal;
	uint32_t kvno;
	const struct key *key;
};

/* The server's keytab. */
void exchange_keytab(struct exchange *x, const struct exchange_entry *entries, unsigned count);

/* Makes the ticket as x->ticket says. */
void exchange_issue(struct exchange *x);

/* Another key of the service, or of the session, for the next exchange_issue(). */
void exchange_set_service_key(struct exchange *x, int32_t enctype);
void exchange_set_session_key(struct exchange *x, int32_t enctype);

/* The client's AP-REQ, with ap_req_make(). */
void exchange_request(struct exchange *x);

/* An authenticator that would be accepted, to be changed; and the AP-REQ that it is put into. */
struct authenticator exchange_authenticator(const struct exchange *x);
void exchange_forge(
	struct exchange *x, const struct authenticator *authenticator, uint32_t options);

/* The server reads x->token into an empty context. */
MUST_CHECK enum status exchange_read(struct exchange *x, struct error *err);

#endif
