/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ticket_sessions.h - what the tests of kdc/tickets*.c share: sessions at the fake
 * KDC, with caches and keytabs in a folder of the test's own.
 */
#ifndef TESTS_SUPPORT_TICKET_SESSIONS_H
#define TESTS_SUPPORT_TICKET_SESSIONS_H

#include "kdc/as.h"
#include "kdc/refused_tickets.h"
#include "kdc/tickets.h"
#include "tests/support/fake_kdc.h"
#include "tests/support/ccache_files.h"
#include "tests/support/assertions.h"

#define UNUSED __attribute__((unused))

extern struct fake_world world;
extern struct fake_kdc *kdc;
extern int64_t now; /* this host's clock */

/* What KDCs were asked, and what is done before one answers. */
extern unsigned as_asked, tgs_asked;
extern void (*meanwhile)(void);
extern char warned[2000];
extern int64_t allowed; /* milliseconds, for all questions together */

/* krb5.conf's caches and client keytab are in the folder, unless `conf` has others. */
void configure_kdc(const char *conf);

int open_sessions(void **state);

int close_sessions(void **state);

#define SESSION_CASE(name) cmocka_unit_test_setup_teardown(name, open_sessions, close_sessions)

/* For imap/mail.example.test, unless the test names another service. */
struct wanted {
	const char *service, *client;
	const char *host; /* in place of `service` */
	bool strict;
};

/* One of the three ways. */
typedef enum status way_function(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err);

struct found_ticket {
	struct credential_box box;
	int64_t kdc_offset;
};

enum status go(way_function *way, const struct wanted *wanted, struct found_ticket *found,
	struct error *err);

/* Server and client of the ticket that is found, and what that cost of questions. */
void check_found(way_function *way, const struct wanted *wanted, const char *server,
	const char *client, unsigned as, unsigned tgs);

void check_refused(
	way_function *way, const struct wanted *wanted, enum status expected, const char *sentence);

#define IMAP "imap/mail.example.test@EXAMPLE.TEST"
#define ALICE "alice@EXAMPLE.TEST"

/* ---- what kinit does ---- */

void get_tgt(struct credential_box *out);

void init_cache(const char *name, int64_t kdc_offset);

/* ---- what ktadd does ---- */

void write_client_keytab(const char *name, const char *const *clients);

#endif
