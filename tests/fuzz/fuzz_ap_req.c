/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_ap_req.c - any octets as an AP-REQ: refused with a sentence that is
 * fit to be read, and a KRB-ERROR that can be made of it, or accepted with a
 * context that is complete.
 *
 * By its lowest bit the first octet says what the rest is: the message as it
 * stands; or two octets of length, so much of a ticket's plain text, and an
 * authenticator's plain text, which are encrypted here with keys that the
 * server has, so that what lies behind the cryptography is reached.
 */
#include <string.h>

#include "mech/kerberos_v5_channel.h"
#include "tests/support/exchange.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct exchange x;

static void must_be_printable(const char *text)
{
	must(text[0]);
	for (; *text; text++)
		must(*text >= 0x20 && *text <= 0x7e);
}

static void look_at_line(void *arg, const char *text)
{
	(void)arg;
	must_be_printable(text);
}

static void set_up(void)
{
	static const unsigned char address[] = {192, 0, 2, 1};
	if (x.keytab)
		return;
	exchange_open(&x);
	exchange_conf(&x, "[capaths]\nOTHER.TEST = {\nEXAMPLE.TEST = HUB.TEST\n}\n");
	x.acceptor.understood_ad_type = -1;
	x.acceptor.peer = (struct host_address){ADDRESS_IPV4, slice_of(address, sizeof address)};
}

/* The session key that the server will find, if it is one. */
static struct key *session_key_of(struct slice ticket_plain)
{
	struct enc_ticket_part part;
	struct key *key;
	if (der_read_enc_ticket_part(ticket_plain, &part, &(struct error){0}) == STATUS_OK &&
		key_new(part.key.type, part.key.value, &key, &(struct error){0}) == STATUS_OK)
		return key;
	return key_ref(x.session_key);
}

static void encrypt(struct key *key, uint32_t usage, struct slice plain, struct buffer *out,
	struct encrypted_data *data)
{
	must(key_encrypt(key, usage, plain, out, &(struct error){0}) == STATUS_OK);
	*data = (struct encrypted_data){
		.etype = enctype_number(key_type(key)), .cipher = buffer_slice(out)};
}

/* False where it is longer than can be sent. */
static bool put_together(struct slice ticket_plain, struct slice authenticator_plain)
{
	AUTO_KEY session_key = session_key_of(ticket_plain);
	AUTO_BUFFER ticket_cipher = {0};
	AUTO_BUFFER ticket_der = {0};
	AUTO_BUFFER cipher = {0};
	struct ticket ticket = {.server = x.ticket.server};
	struct ap_req req = {.options = AP_OPTION_MUTUAL_REQUIRED};
	encrypt(x.service_key, USAGE_TICKET, ticket_plain, &ticket_cipher, &ticket.enc_part);
	encrypt(session_key, USAGE_AP_REQ_AUTHENTICATOR, authenticator_plain, &cipher,
		&req.authenticator);
	if (der_write_ticket(&ticket, &ticket_der, &(struct error){0}))
		return false;
	req.ticket_der = buffer_slice(&ticket_der);
	buffer_clear(&x.token);
	return der_write_ap_req(&req, &x.token, &(struct error){0}) == STATUS_OK;
}

static void check_refused(enum status status, const struct error *err)
{
	must(err->status == status);
	must_be_printable(err->text);
	must_be_printable(error_shown(err));
	must(!strstr(error_shown(err), EXCHANGE_KEYTAB));
	must(!x.server.session_key && !x.server.initiator_subkey);
	if (x.server.client.count > 0) /* whom the log names */
		must_be_printable(PRINCIPAL_TEXT(&x.server.client));
	if (x.server.server.count == 0)
		return;
	AUTO_BUFFER token = {0};
	const struct ap_refusal refusal = {
		.code = status,
		.now = x.acceptor.now,
		.server = &x.server.server,
		.client_time = x.server.time,
		.text = error_shown(err),
	};
	must(krb_error_make(&refusal, &token, &(struct error){0}) == STATUS_OK);
}

/* Of the authenticator's list, which the sender has made and nobody else. */
static void look_for_channel_bindings(const struct authorization_data *list)
{
	struct error err;
	struct slice sent;
	if (channel_hash_find(list, &sent, &err) == STATUS_OK)
		must(sent.len == 0 || sent.len == SHA256_LENGTH);
	else
		must_be_printable(err.text);
}

static void check_accepted(const struct ap_trace *trace)
{
	struct error err;
	AUTO_BUFFER reply = {0};
	struct ap_context *s = &x.server;
	must(s->session_key && principal_equal(&s->server, &x.ticket.server));
	must(s->authenticator_data.count <= DER_MAX_ELEMENTS);
	must(!(s->ticket_flags & TICKET_INVALID));
	look_for_channel_bindings(&s->authenticator_data);
	must(ap_rep_make(key_type(s->session_key), trace, s, &reply, &err) == STATUS_OK);
	must(ap_context_key(s) == s->acceptor_subkey);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	set_up();
	struct reader r = reader_of(slice_of(data, size));
	bool in_parts = read_u8(&r) & 1;
	struct slice token = r.rest;
	if (in_parts) {
		struct slice ticket_plain = read_bytes(&r, read_u16(&r));
		if (r.failed || !put_together(ticket_plain, r.rest))
			return 0;
		token = buffer_slice(&x.token);
	}

	struct error err = {0};
	const struct ap_trace trace = {.line = look_at_line};
	ap_context_clear(&x.server);
	enum status status = ap_req_read(&x.acceptor, token, &trace, &x.server, &err);
	if (status != STATUS_OK)
		check_refused(status, &err);
	else
		check_accepted(&trace);
	return 0;
}
