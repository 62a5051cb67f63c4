/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/ticket_sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include <cmocka.h>

struct fake_world world;
struct fake_kdc *kdc;
int64_t now;

unsigned as_asked, tgs_asked;
void (*meanwhile)(void);
char warned[2000];
int64_t allowed;

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static enum status ask_fake(struct kdc_session *session, const struct kdc_question *question,
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

static void keep_warning(void *arg UNUSED, const char *text)
{
	pthread_mutex_lock(&one_at_a_time);
	size_t used = strlen(warned);
	snprintf(warned + used, sizeof warned - used, "%s\n", text);
	pthread_mutex_unlock(&one_at_a_time);
}

void configure_kdc(const char *conf)
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

int open_sessions(void **state UNUSED)
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

int close_sessions(void **state UNUSED)
{
	fake_close(&world);
	refused_tickets_forget();
	ccache_forget();
	keytab_forget();
	return 0;
}

static void begin_session(struct kdc_session *session, struct ticket_request *request,
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

enum status go(way_function *way, const struct wanted *wanted, struct found_ticket *found,
	struct error *err)
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

void check_found(way_function *way, const struct wanted *wanted, const char *server,
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

void check_refused(
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

/* ---- what kinit does ---- */

void get_tgt(struct credential_box *out)
{
	struct error err;
	struct kdc_session session = fake_session(&world);
	const struct as_login login = {&alice, {.password = SLICE_LITERAL(FAKE_PASSWORD)}};
	session.now.seconds = now;
	assert_success(as_get(&session, &login, out, &err), &err);
}

void init_cache(const char *name, int64_t kdc_offset)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct error err;
	get_tgt(&tgt);
	const struct ccache_start start = {&alice, kdc_offset, &tgt.credential, 1};
	assert_success(ccache_create(name, &start, &err), &err);
}

/* ---- what ktadd does ---- */

void write_client_keytab(const char *name, const char *const *clients)
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
