/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/fake_kdc.h"

#include <string.h>

#include "kdc/reply.h"
#include "tests/support/minting.h"
#include "tests/support/must.h"

#define MUST(call) must_hold((call) == STATUS_OK, #call)

struct key *fake_key(int32_t enctype, unsigned char seed)
{
	unsigned char octets[KEY_MAX_LENGTH];
	struct key *key;
	memset(octets, seed, sizeof octets);
	size_t length = enctype_key_length(enctype_usable(enctype));
	MUST(key_new(enctype, slice_of(octets, length), &key, &(struct error){0}));
	return key;
}

struct key *fake_password_key(int32_t enctype)
{
	struct key *key;
	MUST(key_from_password(enctype_usable(enctype),
		&(struct password){SLICE_LITERAL(FAKE_PASSWORD), SLICE_LITERAL("EXAMPLE.TESTalice"),
			SLICE_EMPTY},
		&key, &(struct error){0}));
	return key;
}

/* ---- answers ---- */

struct answering {
	struct fake_kdc *kdc;
	struct kdc_session *session;
	struct timestamp now;
	struct buffer *out;
};

static void answer_error(const struct answering *a, const struct fake_error *error)
{
	struct krb_error message = {
		.stime = a->now,
		.error_code = error->code,
		.server = a->kdc->body.server,
		.text = slice_string(error->text),
		.data = error->data,
	};
	if (error->client_realm) {
		message.client = a->kdc->body.client;
		message.client.realm = slice_string(error->client_realm);
	}
	MUST(der_write_krb_error(&message, a->out, &(struct error){0}));
}

static void refuse(const struct answering *a, int32_t code)
{
	answer_error(a, &(struct fake_error){.code = code});
}

/* With the session key for a cipher text; or as a service reads it. */
static void write_ticket(const struct answering *a, const struct principal *client,
	const struct principal *server, const struct key *session, struct buffer *out)
{
	if (a->kdc->service_key && !is_tgt_name(server)) {
		const struct mint_ticket real = mint_ticket_of(
			client, server, a->kdc->service_key, session, a->now.seconds);
		MUST(mint_ticket(&real, out, &(struct error){0}));
		return;
	}
	const struct ticket ticket = {
		.server = *server,
		.enc_part = {.etype = enctype_number(key_type(session)),
			.cipher = key_octets(session)},
	};
	MUST(der_write_ticket(&ticket, out, &(struct error){0}));
}

static struct enc_kdc_rep_part part_of(
	const struct answering *a, const struct principal *server, const struct key *session)
{
	struct enc_kdc_rep_part part = {
		.key = {enctype_number(key_type(session)), key_octets(session)},
		.last_req = {1, {{0, a->now.seconds}}},
		.nonce = a->kdc->body.nonce,
		.flags = TICKET_PRE_AUTHENT | a->kdc->extra_flags |
			 (a->kdc->body.options & TICKET_FORWARDED),
		.authtime = a->now.seconds,
		.has_starttime = true,
		.starttime = a->now.seconds,
		.endtime = a->now.seconds + FAKE_LIFETIME,
		.server = *server,
	};
	if (part.endtime > a->kdc->body.till)
		part.endtime = a->kdc->body.till;
	return part;
}

/* The first of the types that were asked for. */
static struct key *session_key(const struct answering *a)
{
	return fake_key(a->kdc->body.etype[0], (unsigned char)('0' + a->kdc->asked));
}

static void encrypt_part(const struct enc_kdc_rep_part *part, bool is_as, struct key *key,
	struct kdc_rep *reply, struct buffer *cipher)
{
	AUTO_BUFFER plain = {0};
	if (is_as)
		MUST(der_write_enc_as_rep_part(part, &plain, &(struct error){0}));
	else
		MUST(der_write_enc_tgs_rep_part(part, &plain, &(struct error){0}));
	MUST(key_encrypt(key, is_as ? USAGE_AS_REP : USAGE_TGS_REP, buffer_slice(&plain), cipher,
		&(struct error){0}));
	reply->enc_part = (struct encrypted_data){
		.etype = enctype_number(key_type(key)), .cipher = buffer_slice(cipher)};
}

static void answer_reply(const struct answering *a, bool is_as, const struct principal *client,
	const struct principal *server, struct key *key, const struct padata *encrypted)
{
	AUTO_KEY session = session_key(a);
	AUTO_BUFFER ticket = {0};
	AUTO_BUFFER cipher = {0};
	AUTO_BUFFER info = {0};
	struct kdc_rep reply = {.client = *client};
	struct enc_kdc_rep_part part = part_of(a, server, session);
	if (encrypted) {
		part.encrypted_padata = *encrypted;
		part.flags |= TICKET_ENC_PA_REP;
	}
	if (is_as && a->kdc->info.count > 0) {
		MUST(der_write_etype_info2(&a->kdc->info, &info, &(struct error){0}));
		reply.padata = (struct padata){1, {{PA_ETYPE_INFO2, buffer_slice(&info)}}};
	}
	write_ticket(a, client, server, session, &ticket);
	reply.ticket_der = buffer_slice(&ticket);
	if (a->kdc->change_part)
		a->kdc->change_part(&part);
	encrypt_part(&part, is_as, key, &reply, &cipher);
	if (a->kdc->change_reply)
		a->kdc->change_reply(&reply);
	if (is_as)
		MUST(der_write_as_rep(&reply, a->out, &(struct error){0}));
	else
		MUST(der_write_tgs_rep(&reply, a->out, &(struct error){0}));
	if (a->kdc->change_octets)
		a->kdc->change_octets(a->out);
}

/* ---- AS ---- */

static const struct padata_element *find(const struct padata *padata, int32_t type)
{
	for (unsigned i = 0; i < padata->count; i++)
		if (padata->element[i].type == type)
			return &padata->element[i];
	return NULL;
}

static void ask_for_timestamp(const struct answering *a)
{
	AUTO_BUFFER info = {0};
	AUTO_BUFFER data = {0};
	struct padata methods = {
		2, {{16, SLICE_LITERAL("")}, {PA_ENC_TIMESTAMP, SLICE_LITERAL("")}}};
	if (a->kdc->info.count > 0) {
		MUST(der_write_etype_info2(&a->kdc->info, &info, &(struct error){0}));
		methods.element[methods.count++] =
			(struct padata_element){PA_ETYPE_INFO2, buffer_slice(&info)};
	}
	MUST(der_write_padata(&methods, &data, &(struct error){0}));
	answer_error(a, &(struct fake_error){
				.code = KDC_ERR_PREAUTH_REQUIRED, .data = buffer_slice(&data)});
}

/* 0, or the error's code. */
static int32_t check_timestamp(const struct answering *a, struct key *key, struct slice value)
{
	AUTO_BUFFER storage = {0};
	struct encrypted_data data;
	struct pa_enc_ts_enc stamp;
	MUST(der_read_encrypted_data(value, &data, &(struct error){0}));
	if (key_decrypt(key, USAGE_AS_REQ_TIMESTAMP, data.cipher, &storage, &(struct error){0}))
		return KDC_ERR_PREAUTH_FAILED;
	MUST(der_read_pa_enc_ts_enc(buffer_slice(&storage), &stamp, &(struct error){0}));
	a->kdc->last_time = stamp.time;
	return timestamp_distance(stamp.time, a->now) > 300 ? KRB_AP_ERR_SKEW : 0;
}

static void answer_as(const struct answering *a, struct key *key, struct slice request)
{
	struct kdc_req req;
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER checksum_der = {0};
	unsigned char value[CHECKSUM_MAX_LENGTH];
	MUST(der_read_as_req(request, &req, &(struct error){0}));
	const struct padata_element *stamp = find(&req.padata, PA_ENC_TIMESTAMP);
	a->kdc->had_timestamp = stamp != NULL;
	if (a->kdc->preauth && !stamp) {
		ask_for_timestamp(a);
		return;
	}
	int32_t code = stamp ? check_timestamp(a, key, stamp->value) : 0;
	if (code) {
		refuse(a, code);
		return;
	}
	struct principal client = a->kdc->body.client;
	client.realm = slice_string(a->kdc->realm);
	if (a->kdc->canonical)
		MUST(principal_parse(
			slice_string(a->kdc->canonical), &client, &storage, &(struct error){0}));

	const struct enctype *type = key_type(key);
	const struct checksum checksum = {
		enctype_checksum_type(type), slice_of(value, enctype_checksum_length(type))};
	MUST(key_checksum(
		key, USAGE_AS_REQ, (struct pieces){&request, 1}, value, &(struct error){0}));
	MUST(der_write_checksum(&checksum, &checksum_der, &(struct error){0}));
	const struct padata encrypted = {1, {{PA_REQ_ENC_PA_REP, buffer_slice(&checksum_der)}}};
	bool wanted = find(&req.padata, PA_REQ_ENC_PA_REP) != NULL;
	struct principal server = a->kdc->body.server;
	answer_reply(a, true, &client, &server, key, wanted ? &encrypted : NULL);
}

/* ---- TGS ---- */

static bool is_named(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* The service itself, a realm that is trusted, or the one to refer to; false: not known. */
static bool find_server(const struct answering *a, struct principal *server)
{
	struct principal name = a->kdc->body.server;
	name.realm = SLICE_EMPTY;
	*server = a->kdc->body.server;
	if (is_named(a->kdc->services, PRINCIPAL_TEXT(&name)))
		return true;
	char realm[KDC_REALM_SIZE];
	if (is_tgt_name(&name) && slice_equal(name.component[1], slice_string(a->kdc->realm)))
		return true;
	if (is_tgt_name(&name))
		return kdc_realm_text(name.component[1], realm, &(struct error){0}) == STATUS_OK &&
		       is_named(a->kdc->trusted, realm);
	if (!a->kdc->refers_to || !(a->kdc->body.options & KDC_OPTION_CANONICALIZE))
		return false;
	*server = (struct principal){NT_SRV_INST, 2,
		{SLICE_LITERAL("krbtgt"), slice_string(a->kdc->refers_to)},
		a->kdc->body.server.realm};
	return true;
}

static void answer_tgs(const struct answering *a, struct slice request)
{
	struct kdc_req req;
	struct ap_req header;
	struct authenticator authenticator;
	struct principal server;
	struct slice plain;
	AUTO_BUFFER storage = {0};
	AUTO_KEY key = NULL;
	MUST(der_read_tgs_req(request, &req, &(struct error){0}));
	const struct padata_element *element = find(&req.padata, PA_TGS_REQ);
	must_hold(element != NULL, "a TGS-REQ without PA-TGS-REQ");
	MUST(der_read_ap_req(element->value, &header, &(struct error){0}));
	MUST(key_new(header.ticket.enc_part.etype, header.ticket.enc_part.cipher, &key,
		&(struct error){0}));
	must_hold(slice_equal(header.ticket.server.component[1], slice_string(a->kdc->realm)),
		"a ticket-granting ticket for another realm");
	MUST(key_decrypt(key, USAGE_TGS_REQ_AUTHENTICATOR, header.authenticator.cipher, &storage,
		&(struct error){0}));
	plain = buffer_slice(&storage);
	MUST(der_read_authenticator(plain, &authenticator, &(struct error){0}));
	MUST(key_verify_checksum(key, USAGE_TGS_REQ_CHECKSUM, (struct pieces){&req.body_der, 1},
		&authenticator.checksum, &(struct error){0}));
	must_hold(!timestamp_equal(authenticator.time, a->kdc->last_time), "a replay");
	a->kdc->last_time = authenticator.time;
	if (timestamp_distance(authenticator.time, a->now) > 300)
		refuse(a, KRB_AP_ERR_SKEW);
	else if (!find_server(a, &server))
		refuse(a, KDC_ERR_S_PRINCIPAL_UNKNOWN);
	else
		answer_reply(a, false, &authenticator.client, &server, key, NULL);
}

/* ---- the world ---- */

static struct fake_kdc *find_kdc(struct fake_world *world, const char *realm)
{
	for (unsigned i = 0; i < world->count; i++)
		if (strcmp(world->kdc[i].realm, realm) == 0)
			return &world->kdc[i];
	return NULL;
}

static void read_body(struct fake_kdc *kdc, struct slice request)
{
	struct kdc_req req;
	bool is_as = der_message_type(request) == KRB_AS_REQ;
	buffer_clear(&kdc->body_storage);
	MUST(buffer_append(&kdc->body_storage, request));
	struct slice copy = buffer_slice(&kdc->body_storage);
	if (is_as)
		MUST(der_read_as_req(copy, &req, &(struct error){0}));
	else
		MUST(der_read_tgs_req(copy, &req, &(struct error){0}));
	MUST(der_read_kdc_req_body(req.body_der, &kdc->body, &(struct error){0}));
	must_hold(slice_equal(kdc->body.server.realm, slice_string(kdc->realm)), "another realm");
}

static enum status answer(struct kdc_session *session, const struct kdc_question *question,
	struct buffer *out, struct error *err)
{
	struct fake_world *world = session->send_arg;
	struct fake_kdc *kdc = find_kdc(world, question->realm);
	must_hold(out->len == 0, "an answer that is not empty");
	if (question->primary && !world->primary_key)
		return error_set(err, ERR_NOT_FOUND, "no primary KDC");
	if (!kdc)
		return error_set(err, ERR_UNREACHABLE, "no KDC of %s", question->realm);
	struct key *key = question->primary ? world->primary_key : kdc->key;
	read_body(kdc, question->request);
	struct answering a = {kdc, session, kdc_session_time(session), out};
	a.now.seconds += kdc->clock - session->offset;
	if (kdc->error.code && kdc->asked >= kdc->error_from)
		answer_error(&a, &kdc->error);
	else if (der_message_type(question->request) == KRB_AS_REQ)
		answer_as(&a, key, question->request);
	else
		answer_tgs(&a, question->request);
	kdc->asked++;
	return STATUS_OK;
}

struct fake_kdc *fake_add(struct fake_world *world, const char *realm, const char *const *services,
	const char *const *trusted)
{
	must_hold(world->count < FAKE_MAX, "too many");
	struct fake_kdc *kdc = &world->kdc[world->count++];
	*kdc = (struct fake_kdc){.realm = realm, .services = services, .trusted = trusted};
	return kdc;
}

void fake_open(struct fake_world *world, const char *krb5_conf)
{
	static const char *const services[] = {"imap/mail.example.test", NULL};
	struct error err;
	*world = (struct fake_world){.count = 0};
	if (krb5_conf_parse(slice_string(krb5_conf), &world->conf, &err))
		must_hold(false, err.text);
	fake_add(world, "EXAMPLE.TEST", services, NULL)->key =
		fake_password_key(ENCTYPE_AES256_SHA1);
}

void fake_close(struct fake_world *world)
{
	for (unsigned i = 0; i < world->count; i++) {
		key_release(world->kdc[i].key);
		key_release(world->kdc[i].service_key);
		buffer_free(&world->kdc[i].body_storage);
	}
	key_release(world->primary_key);
	krb5_conf_release(world->conf);
}

struct kdc_session fake_session(struct fake_world *world)
{
	struct kdc_session session;
	struct error err;
	/* Another moment for each: what they ask is no replay. */
	static int32_t begun;
	kdc_session_begin(&session, world->conf, 10);
	session.now = (struct timestamp){FAKE_NOW, 20 * (begun++ % 50)};
	if (kdc_session_enter(&session, SLICE_LITERAL("EXAMPLE.TEST"), &err))
		must_hold(false, err.text);
	session.send = answer;
	session.send_arg = world;
	/* Another session begins at the same time again, which is no replay. */
	for (unsigned i = 0; i < world->count; i++)
		world->kdc[i].last_time = (struct timestamp){0, 0};
	return session;
}
