/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * realm.h - a throw-away realm for a test program: a folder with krb5.conf,
 * keytab and credential cache, to which the environment points.
 *
 * EXAMPLE.TEST is the default realm, alice the client, and test@mail.example.test
 * the service, unless a test says otherwise. Whatever goes wrong ends the
 * program with a sentence. The host itself is called 127.0.0.1 in the program,
 * so that libsasl2 asks no name server for its name.
 */
#ifndef TESTS_SUPPORT_REALM_H
#define TESTS_SUPPORT_REALM_H

#include "tests/support/minting.h"

#define REALM_NAME "EXAMPLE.TEST"
#define REALM_CLIENT "alice@EXAMPLE.TEST"
#define REALM_SERVICE "test"
#define REALM_HOST "mail.example.test"
#define REALM_SERVER REALM_SERVICE "/" REALM_HOST "@EXAMPLE.TEST"

/* Makes the folder, with a krb5.conf that names the default realm, and sets the environment. */
void realm_start(void);

/* Removes it, with all that is in it. */
void realm_stop(void);

/* "FOLDER/name"; lasts until the tenth call after it. */
const char *realm_path(const char *name);

/* Writes FOLDER/krb5.conf. The module notices within a minute; start libsasl2 anew to be sure. */
void realm_configure(const char *krb5_conf);

/* How a ticket is to be; zero means the usual. */
struct realm_ticket {
	const char *client, *server;
	int32_t ticket_enctype, session_enctype; /* aes256-cts-hmac-sha1-96 */
	uint32_t kvno;                           /* 1 */
	bool no_kvno;                            /* none in the ticket */
	size_t size;                             /* the ticket's, in octets */
	/* The last word on the ticket, before it is encrypted. */
	void (*change)(struct mint_ticket *ticket, void *arg);
	void *arg;
	bool keep_keytab; /* write the cache only; the key is random and the server has not got it
			   */
};

/* Writes keytab and cache with one service key and one ticket. */
void realm_issue(const struct realm_ticket *how);

#endif
