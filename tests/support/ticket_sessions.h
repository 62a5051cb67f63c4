/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ticket_sessions.h - what the tests of kdc/tickets*.c share: sessions at the fake
 * KDC, with caches and keytabs in a folder of the test's own. To be included
 * behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_TICKET_SESSIONS_H
#define TESTS_SUPPORT_TICKET_SESSIONS_H

#include <pthread.h>
#include <string.h>
#include <stdlib.h>

#include "kdc/as.h"
#include "kdc/refused_tickets.h"
#include "kdc/tickets.h"
#include "tests/support/fake_kdc.h"
#include "tests/support/ccache_files.h"
#include "tests/support/assertions.h"

#define UNUSED __attribute__((unused))

static struct fake_world world;
static struct fake_kdc *kdc;
static int64_t now; /* this host's clock */

/* What KDCs were asked, and what is done before one answers. */
static unsigned as_asked, tgs_asked;
static void (*meanwhile)(void);
static char warned[2000];
static int64_t allowed; /* milliseconds, for all questions together */

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static inline enum status ask_fake(struct kdc_session *session, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	pthread_mutex_lock(&one_at_a_time);
	bool is_as = der_message_type(question->request) == KRB_AS_REQ;
	as_asked += is_as;
	tgs_asked += !is_as;
	allowed = session->deadline - session->began;
	if (meanwhile)
		meanwhile();
	enum status status = fake_session(&world).send(session, question, answer, err);
	pthread_mutex_unlock(&one_at_a_time);
	return status;
}

static inline void keep_warning(void *arg UNUSED, const char *text)
{
	pthread_mutex_lock(&one_at_a_time);
	size_t used = strlen(warned);
	snprintf(warned + used, sizeof warned - used, "%s\n", text);
	pthread_mutex_unlock(&one_at_a_time);
}

/* krb5.conf's caches and client keytab are in the folder, unless `conf` has others. */
static inline void configure_kdc(const char *conf)
{
	char text[1000];
	const struct fake_kdc before = kdc ? *kdc : (struct fake_kdc){.realm = NULL};
	snprintf(text, sizeof text,
		"%s\n[libdefaults]\ndefault_ccache_name = FILE:%s/ccache\n"
		"default_client_keytab_name = %s/keytab\n",
		conf, folder, folder);
	if (kdc)
		fake_close(&world);
	fake_open(&world, text);
	kdc = &world.kdc[0];
	kdc->services = before.services ? before.services : kdc->services;
}

static inline int open_sessions(void **state UNUSED)
{
	unsetenv("KRB5CCNAME");
	unsetenv("KRB5_CLIENT_KTNAME");
	empty_folder();
	now = FAKE_NOW;
	as_asked = tgs_asked = 0;
	meanwhile = NULL;
	warned[0] = '\0';
	kdc = NULL;
	configure_kdc("");
	return 0;
}

static inline int close_sessions(void **state UNUSED)
{
	fake_close(&world);
	refused_tickets_forget();
	ccache_forget();
	keytab_forget();
	return 0;
}

#define SESSION_CASE(name) cmocka_unit_test_setup_teardown(name, open_sessions, close_sessions)

/* For imap/mail.example.test, unless the test names another service. */
struct wanted {
	const char *service, *client;
	const char *host; /* in place of `service` */
	bool strict;
};

static inline void begin_session(struct kdc_session *session, struct ticket_request *request,
	struct principal *client, struct buffer *storage, const struct wanted *wanted)
{
	static int32_t begun;
	struct error err;
	struct service_names *names = request->service;
	const char *service = wanted->service ? wanted->service : "imap/mail.example.test";
	assert_success(wanted->host ? service_names_of_host(world.conf, "imap",
					      slice_string(wanted->host), names, &err)
				    : service_names_of_text(service, names, &err),
		&err);
	if (wanted->client)
		assert_success(
			principal_parse(slice_string(wanted->client), client, storage, &err), &err);
	request->client = wanted->client ? client : NULL;
	request->strict = wanted->strict;
	kdc_session_begin(session, world.conf, 10);
	session->warning = (struct kdc_trace){keep_warning, NULL};
	session->send = ask_fake;
	session->send_arg = &world;
	/* Not the lock that a question to a KDC holds: others may begin meanwhile. */
	static pthread_mutex_t count = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&count);
	session->now = (struct timestamp){now, 1009 * (begun++ % 900)};
	pthread_mutex_unlock(&count);
}

/* One of the three ways. */
typedef enum status way_function(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err);

struct found_ticket {
	struct credential_box box;
	int64_t kdc_offset;
};

static inline enum status go(way_function *way, const struct wanted *wanted,
	struct found_ticket *found, struct error *err)
{
	AUTO_BUFFER storage = {0};
	AUTO_KDC_SESSION session = {0};
	struct service_names names;
	struct principal client;
	struct ticket_request request = {.service = &names};
	err->text[0] = '\0';
	*found = (struct found_ticket){.kdc_offset = 0};
	begin_session(&session, &request, &client, &storage, wanted);
	enum status status = way(&session, &request, &found->box, err);
	found->kdc_offset = session.offset;
	service_names_clear(&names);
	return status;
}

/* Server and client of the ticket that is found, and what that cost of questions. */
static inline void check_found(way_function *way, const struct wanted *wanted, const char *server,
	const char *client, unsigned as, unsigned tgs)
{
	struct found_ticket found;
	struct error err;
	as_asked = tgs_asked = 0;
	if (go(way, wanted, &found, &err))
		fail_msg("%s", err.text);
	assert_string_equal(PRINCIPAL_TEXT(&found.box.credential.server), server);
	assert_string_equal(PRINCIPAL_TEXT(&found.box.credential.client), client);
	assert_int_equal(as_asked, as);
	assert_int_equal(tgs_asked, tgs);
	credential_box_clear(&found.box);
	assert_null(found.box.storage.data);
}

static inline void check_refused(
	way_function *way, const struct wanted *wanted, enum status expected, const char *sentence)
{
	struct found_ticket found;
	struct error err;
	enum status status = go(way, wanted, &found, &err);
	if (status != expected || err.status != expected)
		fail_msg("%d, expected %d: %s", status, expected, status ? err.text : "success");
	assert_in(err.text, sentence);
	assert_null(found.box.storage.data);
}

#define IMAP "imap/mail.example.test@EXAMPLE.TEST"
#define ALICE "alice@EXAMPLE.TEST"

/* ---- what kinit does ---- */

static inline void get_tgt(struct credential_box *out)
{
	struct error err;
	struct kdc_session session = fake_session(&world);
	const struct as_login login = {&alice, {.password = SLICE_LITERAL(FAKE_PASSWORD)}};
	session.now.seconds = now;
	assert_success(as_get(&session, &login, out, &err), &err);
}

static inline void init_cache(const char *name, int64_t kdc_offset)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct error err;
	get_tgt(&tgt);
	const struct ccache_start start = {&alice, kdc_offset, &tgt.credential, 1};
	assert_success(ccache_create(name, &start, &err), &err);
}

static inline const char *in_folder(const char *name)
{
	static char text[4][100];
	static unsigned next;
	char *out = text[next++ % 4];
	snprintf(out, sizeof text[0], "%s/%s", folder, name);
	return out;
}

/* ---- what ktadd does ---- */

static inline void write_client_keytab(const char *name, const char *const *clients)
{
	AUTO_BUFFER contents = {0};
	AUTO_KEY key = fake_password_key(ENCTYPE_AES256_SHA1);
	struct error err;
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	for (; *clients; clients++) {
		AUTO_BUFFER storage = {0};
		struct mint_keytab_entry entry = {
			.kvno = 1, .enctype = ENCTYPE_AES256_SHA1, .key = key_octets(key)};
		assert_success(
			principal_parse(slice_string(*clients), &entry.principal, &storage, &err),
			&err);
		mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	}
	write_file(name, &contents);
}

#endif
