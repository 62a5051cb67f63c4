/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_kdc.h - KDCs in the test's own process, in place of the network: honest
 * ones, unless a test makes them lie.
 *
 * Each serves one realm. It checks what it is asked as a KDC does (the time
 * stamp, the authenticator and its checksum), and answers at once; its clock
 * is the session's plus `clock`. Its tickets are sealed with nothing: their
 * cipher text is the session key.
 */
#ifndef TESTS_SUPPORT_FAKE_KDC_H
#define TESTS_SUPPORT_FAKE_KDC_H

#include "asn1/der_kdc.h"
#include "crypto/key.h"
#include "kdc/session.h"

#define FAKE_NOW INT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */
#define FAKE_LIFETIME 36000

/* A KRB-ERROR in place of an answer; code 0: none. */
struct fake_error {
	int32_t code;
	const char *text;         /* e-text */
	struct slice data;        /* e-data */
	const char *client_realm; /* crealm */
};

struct fake_kdc {
	const char *realm;
	int64_t clock; /* seconds that it is ahead */

	/* Its one client, alice. */
	struct key *key;         /* in which her replies are encrypted */
	struct etype_info2 info; /* what it says about her key; count 0: nothing */
	bool preauth;            /* a time stamp is required */
	const char *canonical;   /* a name that it gives her instead ("bob@REALM") */
	uint32_t extra_flags;    /* of tickets */

	/* Services, "imap/mail.example.test", and realms with which it shares a key; ends with
	 * NULL. */
	const char *const *services;
	const char *const *trusted;
	const char *refers_to;   /* a realm, for services that it does not know */
	struct key *service_key; /* tickets for services are sealed with it; or NULL */

	struct fake_error error;
	unsigned error_from; /* the request, from 0, at which errors begin */

	/* Lies: a last word on the encrypted part, the message, and its octets. */
	void (*change_part)(struct enc_kdc_rep_part *part);
	void (*change_reply)(struct kdc_rep *reply);
	void (*change_octets)(struct buffer *octets);

	/* What it was asked. */
	unsigned asked;
	struct kdc_req_body body;   /* the last one */
	struct buffer body_storage; /* what that points into */
	bool had_timestamp;
	struct timestamp last_time; /* of the time stamp or authenticator */
};

#define FAKE_MAX 12

struct fake_world {
	unsigned count;
	struct fake_kdc kdc[FAKE_MAX];
	struct krb5_conf *conf;
	struct key *primary_key; /* alice's at the primary KDC; NULL: there is none */
};

/* With one KDC of EXAMPLE.TEST that has imap/mail.example.test. `krb5_conf` may be NULL. */
void fake_open(struct fake_world *world, const char *krb5_conf);
void fake_close(struct fake_world *world);

/* Another one; `services` and `trusted` as above, or NULL. */
struct fake_kdc *fake_add(struct fake_world *world, const char *realm, const char *const *services,
	const char *const *trusted);

/* An session for a client of EXAMPLE.TEST at FAKE_NOW whose KDCs these are. */
struct kdc_session fake_session(struct fake_world *world);

/* Alice's key by her password, with the default salt of EXAMPLE.TEST. */
#define FAKE_PASSWORD "the secret of alice"
struct key *fake_password_key(int32_t enctype);

/* A key of any type, the same octets in each run; `seed` tells one from another. */
struct key *fake_key(int32_t enctype, unsigned char seed);

#endif
