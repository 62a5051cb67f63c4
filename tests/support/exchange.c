/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/exchange.h"
#include "tests/support/must.h"

#include <string.h>

/* Nothing here is what a test is about. */
struct principal exchange_principal(const char *text, struct buffer *storage)
{
	struct error err;
	struct principal p;
	must_succeed(principal_parse(slice_string(text), &p, storage, &err), &err);
	return p;
}

struct key *exchange_key(int32_t enctype, unsigned char seed)
{
	struct error err = {0};
	unsigned char octets[KEY_MAX_LENGTH];
	memset(octets, seed, sizeof octets);
	const struct enctype *type = enctype_by_number(enctype, &err);
	must_succeed(type ? STATUS_OK : err.status, &err);
	struct key *key;
	must_succeed(
		key_new(enctype, slice_of(octets, enctype_key_length(type)), &key, &err), &err);
	return key;
}

void exchange_conf(struct exchange *x, const char *text)
{
	struct error err;
	krb5_conf_release(x->conf);
	must_succeed(krb5_conf_parse(slice_string(text), &x->conf, &err), &err);
	x->acceptor.conf = x->conf;
}

void exchange_keytab(struct exchange *x, const struct exchange_entry *entries, unsigned count)
{
	struct error err;
	AUTO_BUFFER octets = {0};
	mint_keytab_start(&octets, MINT_KEYTAB_2);
	for (unsigned i = 0; i < count; i++) {
		AUTO_BUFFER name = {0};
		const struct mint_keytab_entry entry = {
			.principal = exchange_principal(entries[i].principal, &name),
			.kvno = entries[i].kvno,
			.enctype = enctype_number(key_type(entries[i].key)),
			.key = key_octets(entries[i].key),
		};
		mint_keytab_entry(&octets, MINT_KEYTAB_2, &entry);
	}
	keytab_release(x->keytab);
	must_succeed(keytab_parse(buffer_slice(&octets), EXCHANGE_KEYTAB, &x->keytab, &err), &err);
	x->acceptor.keytab = x->keytab;
}

void exchange_set_service_key(struct exchange *x, int32_t enctype)
{
	key_release(x->service_key);
	x->service_key = exchange_key(enctype, 's');
	x->ticket.key = x->service_key;
	const struct exchange_entry entry = {EXCHANGE_SERVICE, 1, x->service_key};
	exchange_keytab(x, &entry, 1);
}

void exchange_set_session_key(struct exchange *x, int32_t enctype)
{
	key_release(x->session_key);
	x->session_key = exchange_key(enctype, 'c');
	x->ticket.part.key =
		(struct encryption_key){.type = enctype, .value = key_octets(x->session_key)};
}

void exchange_open(struct exchange *x)
{
	*x = (struct exchange){0};
	exchange_conf(x, "");
	exchange_set_service_key(x, ENCTYPE_AES256_SHA1);
	exchange_set_session_key(x, ENCTYPE_AES256_SHA1);
	struct principal client = exchange_principal(EXCHANGE_CLIENT, &x->storage[0]);
	struct principal service = exchange_principal(EXCHANGE_SERVICE, &x->storage[1]);
	x->ticket = mint_ticket_of(&client, &service, x->service_key, x->session_key, EXCHANGE_NOW);
	x->initiator = (struct ap_initiator){
		.credential = &x->credential,
		.now = {EXCHANGE_NOW, 123456},
		.mutual = true,
		.subkey = true,
	};
	x->acceptor.service = SLICE_LITERAL("imap");
	x->acceptor.now = (struct timestamp){EXCHANGE_NOW, 123456};
	exchange_issue(x);
}

void exchange_close(struct exchange *x)
{
	ap_context_clear(&x->client);
	ap_context_clear(&x->server);
	key_release(x->service_key);
	key_release(x->session_key);
	keytab_release(x->keytab);
	krb5_conf_release(x->conf);
	buffer_free(&x->ticket_der);
	buffer_free(&x->token);
	buffer_free(&x->storage[0]);
	buffer_free(&x->storage[1]);
}

void exchange_issue(struct exchange *x)
{
	struct error err;
	buffer_clear(&x->ticket_der);
	must_succeed(mint_ticket(&x->ticket, &x->ticket_der, &err), &err);
	x->credential = mint_credential(&x->ticket, buffer_slice(&x->ticket_der));
}

void exchange_request(struct exchange *x)
{
	struct error err;
	buffer_clear(&x->token);
	ap_context_clear(&x->client);
	must_succeed(ap_req_make(&x->initiator, NULL, &x->client, &x->token, &err), &err);
}

struct authenticator exchange_authenticator(const struct exchange *x)
{
	return (struct authenticator){
		.client = x->ticket.part.client,
		.time = {EXCHANGE_NOW, 123456},
	};
}

void exchange_forge(struct exchange *x, const struct authenticator *authenticator, uint32_t options)
{
	struct error err;
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	must_succeed(der_write_authenticator(authenticator, &plain, &err), &err);
	must_succeed(key_encrypt(x->session_key, USAGE_AP_REQ_AUTHENTICATOR, buffer_slice(&plain),
			     &cipher, &err),
		&err);
	const struct ap_req req = {
		.options = options,
		.ticket_der = buffer_slice(&x->ticket_der),
		.authenticator = {.etype = enctype_number(key_type(x->session_key)),
			.cipher = buffer_slice(&cipher)},
	};
	buffer_clear(&x->token);
	must_succeed(der_write_ap_req(&req, &x->token, &err), &err);
}

enum status exchange_read(struct exchange *x, struct error *err)
{
	ap_context_clear(&x->server);
	return ap_req_read(&x->acceptor, buffer_slice(&x->token), NULL, &x->server, err);
}
