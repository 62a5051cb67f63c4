/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_kdc.c - any octets as what a KDC or a name server answers: refused with
 * a sentence and no ticket, or a ticket that was asked for.
 *
 * The first octet says what the rest is: see `kinds`.
 */

#include "kdc/as.h"
#include "kdc/srv.h"
#include "kdc/tgs.h"
#include "tests/support/fake_kdc.h"
#include "tests/support/minting.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct principal alice = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {{(const unsigned char *)"alice", 5}},
	.realm = {(const unsigned char *)"EXAMPLE.TEST", 12},
};
static const struct principal krbtgt = {
	.type = NT_SRV_INST,
	.count = 2,
	.component = {{(const unsigned char *)"krbtgt", 6},
		{(const unsigned char *)"EXAMPLE.TEST", 12}},
	.realm = {(const unsigned char *)"EXAMPLE.TEST", 12},
};
static const struct principal imap = {
	.type = NT_SRV_HST,
	.count = 2,
	.component = {{(const unsigned char *)"imap", 4},
		{(const unsigned char *)"mail.example.test", 17}},
	.realm = {(const unsigned char *)"EXAMPLE.TEST", 12},
};

static struct krb5_conf *conf;
static struct key *key; /* alice's, and the session's */
static struct keytab *keytab;
static struct buffer ticket;

static void set_up(void)
{
	AUTO_BUFFER contents = {0};
	struct error err;
	if (conf)
		return;
	key = fake_key(ENCTYPE_AES256_SHA1, 'k');
	must(!krb5_conf_parse(SLICE_LITERAL("[libdefaults]\ncanonicalize = true\n"), &conf, &err));
	const struct mint_keytab_entry entry = {
		alice, 1, 1, false, ENCTYPE_AES256_SHA1, key_octets(key)};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	must(!keytab_parse(buffer_slice(&contents), "fuzz.keytab", &keytab, &err));
	const struct ticket tgt = {krbtgt, {.etype = 18, .cipher = SLICE_LITERAL("sealed")}};
	must(!der_write_ticket(&tgt, &ticket, &err));
}

/* ---- what the KDC answers ---- */

static struct slice input;
static unsigned asked;

static uint32_t nonce_of(struct slice request)
{
	struct kdc_req req;
	struct kdc_req_body body;
	bool is_as = der_message_type(request) == KRB_AS_REQ;
	must(!(is_as ? der_read_as_req(request, &req, &(struct error){0})
		     : der_read_tgs_req(request, &req, &(struct error){0})));
	must(!der_read_kdc_req_body(req.body_der, &body, &(struct error){0}));
	return body.nonce;
}

static enum status answer_whole(struct kdc_session *session, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	(void)session;
	(void)question;
	asked++;
	return buffer_append(answer, input) ? error_no_memory(err) : STATUS_OK;
}

/* The input as the encrypted part; with the right nonce, and a ticket for its server. */
static enum status answer_part(struct kdc_session *session, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	AUTO_BUFFER its_ticket = {0};
	struct enc_kdc_rep_part part;
	struct ticket clear = {krbtgt, {.etype = 18, .cipher = SLICE_LITERAL("sealed")}};
	bool is_as = der_message_type(question->request) == KRB_AS_REQ;
	(void)session;
	asked++;
	if (der_read_enc_kdc_rep_part(input, &part, err) == STATUS_OK) {
		part.nonce = nonce_of(question->request);
		clear.server = part.server;
		must(!der_write_enc_as_rep_part(&part, &plain, err));
	} else {
		must(!buffer_append(&plain, input));
	}
	must(!key_encrypt(
		key, is_as ? USAGE_AS_REP : USAGE_TGS_REP, buffer_slice(&plain), &cipher, err));
	must(!der_write_ticket(&clear, &its_ticket, err));
	const struct kdc_rep reply = {
		.client = alice,
		.ticket_der = buffer_slice(&its_ticket),
		.enc_part = {.etype = ENCTYPE_AES256_SHA1, .cipher = buffer_slice(&cipher)},
	};
	must(!(is_as ? der_write_as_rep(&reply, answer, err)
		     : der_write_tgs_rep(&reply, answer, err)));
	return STATUS_OK;
}

/* The input as METHOD-DATA. */
static enum status answer_methods(struct kdc_session *session, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	const struct krb_error message = {
		.stime = {FAKE_NOW, 0},
		.error_code = KDC_ERR_PREAUTH_REQUIRED,
		.server = krbtgt,
		.data = input,
	};
	(void)session;
	(void)question;
	asked++;
	return der_write_krb_error(&message, answer, err);
}

/* ---- who asks ---- */

static struct kdc_session session_with(kdc_send_function *send)
{
	struct kdc_session session;
	struct error err;
	kdc_session_begin(&session, conf, 10);
	session.now = (struct timestamp){FAKE_NOW, 0};
	must(!kdc_session_enter(&session, alice.realm, &err));
	session.send = send;
	asked = 0;
	return session;
}

static void check(enum status status, const struct error *err, const struct credential_box *box)
{
	must(asked <= 40);
	if (status)
		must(err->status == status && err->text[0] && !box->storage.data);
	else
		must(box->credential.ticket.len > 0 && box->credential.key.len > 0 &&
			box->credential.endtime > box->credential.starttime);
}

static void log_in(kdc_send_function *send)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct error err;
	struct kdc_session session = session_with(send);
	const struct as_login login = {&alice, {.keytab = keytab}};
	enum status status = as_get(&session, &login, &tgt, &err);
	check(status, &err, &tgt);
	if (!status)
		must(slice_equal(tgt.credential.server.realm, tgt.credential.client.realm));
}

static void get_service(kdc_send_function *send)
{
	AUTO_CREDENTIAL_BOX box = {0};
	struct error err;
	struct kdc_session session = session_with(send);
	const struct credential tgt = {
		.client = alice,
		.server = krbtgt,
		.key_type = ENCTYPE_AES256_SHA1,
		.key = key_octets(key),
		.authtime = FAKE_NOW,
		.starttime = FAKE_NOW,
		.endtime = FAKE_NOW + FAKE_LIFETIME,
		.ticket = buffer_slice(&ticket),
	};
	const struct tgs_request request = {.tgt = &tgt, .server = &imap};
	enum status status = tgs_get(&session, &request, &box, &err);
	check(status, &err, &box);
	if (!status)
		must(principal_equal(&box.credential.server, &imap) &&
			principal_equal(&box.credential.client, &alice));
}

static void look_up(kdc_send_function *send)
{
	struct kdc_servers servers = {.count = 0};
	(void)send;
	srv_read(input, &servers);
	for (unsigned i = 0; i < servers.count; i++)
		must(servers.server[i].host[0] && servers.server[i].port[0]);
}

static const struct kind {
	void (*act)(kdc_send_function *send);
	kdc_send_function *send;
} kinds[] = {
	{log_in, answer_whole},
	{get_service, answer_whole},
	{log_in, answer_part},
	{get_service, answer_part},
	{log_in, answer_methods},
	{look_up, NULL},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	set_up();
	struct reader r = reader_of(slice_of(data, size));
	const struct kind *kind = &kinds[read_u8(&r) % (sizeof kinds / sizeof *kinds)];
	input = r.rest;
	kind->act(kind->send);
	return 0;
}
