/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/gssapi_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void must_be(enum status status, const struct error *err)
{
	if (status != STATUS_OK)
		fail_msg("%s", err->text);
}

void gss_peer_open(struct gss_peer *p, const struct pair_setup *how)
{
	static struct principal server;
	static struct buffer storage;
	struct error err;
	*p = (struct gss_peer){.how = *how};
	if (!p->how.mechanism)
		p->how.mechanism = "GSSAPI";
	p->how.server.option[0][0] = "log_level";
	p->how.server.option[0][1] = "2";
	pair_open(&p->pair, &p->how);
	must_be(krb5_conf_get(timestamp_now(), &p->conf, &err), &err);
	must_be(ccache_open(realm_path("ccache"), NULL, &p->ccache, &err), &err);
	must_be(keytab_get(realm_path("keytab"), KEYTAB_SERVER, &p->keytab, NULL, &err), &err);
	buffer_clear(&storage);
	must_be(principal_parse(slice_string(REALM_SERVER), &server, &storage, &err), &err);
	must_be(ccache_find(p->ccache, &server,
			&(struct ccache_terms){
				krb5_conf_permitted_enctypes(p->conf), timestamp_now().seconds, 0},
			&p->credential, &err),
		&err);
	buffer_free(&storage);
}

void gss_peer_close(struct gss_peer *p)
{
	pair_close(&p->pair);
	channel_close(&p->channel);
	ap_context_clear(&p->context);
	ccache_close(p->ccache);
	keytab_release(p->keytab);
	keytab_forget();
	krb5_conf_release(p->conf);
	krb5_conf_forget();
	buffer_free(&p->token);
	buffer_free(&p->got);
}

void gss_peer_take(struct gss_peer *p, const char *out, unsigned len)
{
	buffer_clear(&p->got);
	p->has_got = out && (p->result == SASL_OK || p->result == SASL_CONTINUE);
	if (p->has_got)
		assert_int_equal(buffer_append(&p->got, slice_of(out, len)), STATUS_OK);
}

int to_server(struct gss_peer *p, struct slice token)
{
	const char *out = NULL;
	unsigned len = 0;
	sasl_conn_t *conn = p->pair.server.conn;
	const char *data = token.data ? (const char *)token.data : "";
	if (p->pair.server.result == 0) {
		p->pair.server.result = 1;
		p->result = sasl_server_start(
			conn, p->how.mechanism, data, (unsigned)token.len, &out, &len);
	} else {
		p->result = sasl_server_step(conn, data, (unsigned)token.len, &out, &len);
	}
	gss_peer_take(p, out, len);
	return p->result;
}

int start_client(struct gss_peer *p)
{
	const char *out = NULL, *chosen;
	unsigned len = 0;
	p->result =
		sasl_client_start(p->pair.client.conn, p->how.mechanism, NULL, &out, &len, &chosen);
	gss_peer_take(p, out, len);
	return p->result;
}

int to_client(struct gss_peer *p, struct slice token)
{
	const char *out = NULL;
	unsigned len = 0;
	AUTO_BUFFER ended = {0}; /* libsasl2 wants a NUL behind it */
	assert_int_equal(buffer_append(&ended, token), STATUS_OK);
	assert_int_equal(buffer_append(&ended, SLICE_LITERAL("\0")), STATUS_OK);
	p->result = sasl_client_step(p->pair.client.conn, (const char *)ended.data,
		(unsigned)token.len, NULL, &out, &len);
	gss_peer_take(p, out, len);
	return p->result;
}

struct gss_initiator peer_initiator(const struct gss_peer *p, bool mutual)
{
	return (struct gss_initiator){
		.credential = &p->credential,
		.now = timestamp_now(),
		.mutual = mutual,
		.protection = GSS_CONF | GSS_INTEG,
		.permitted = krb5_conf_permitted_enctypes(p->conf),
		.asked = &p->credential.server,
	};
}

struct slice initial_token(struct gss_peer *p, bool mutual)
{
	const struct gss_initiator initiator = peer_initiator(p, mutual);
	struct error err;
	buffer_clear(&p->token);
	must_be(gss_initiate(&initiator, NULL, &p->context, &p->token, &err), &err);
	return buffer_slice(&p->token);
}

void finish_initiating(struct gss_peer *p, struct slice token)
{
	const struct gss_initiator initiator = peer_initiator(p, true);
	struct error err;
	must_be(gss_initiate_finish(&initiator, token, NULL, &p->context, &err), &err);
}

void accept_request(struct gss_peer *p, struct gss_accepted *accepted)
{
	const struct ap_acceptor ap = {
		.keytab = p->keytab,
		.service = slice_string(REALM_SERVICE),
		.conf = p->conf,
		.now = timestamp_now(),
	};
	const struct gss_acceptor gss = {.permitted = krb5_conf_permitted_enctypes(p->conf)};
	struct slice ap_req;
	struct error err;
	must_be(gss_request_read(buffer_slice(&p->got), &ap_req, &err), &err);
	must_be(ap_req_read(&ap, ap_req, NULL, &p->context, &err), &err);
	must_be(gss_accept(&gss, NULL, &p->context, accepted, &err), &err);
}

struct slice wrapped(struct gss_peer *p, struct slice data)
{
	struct error err;
	buffer_clear(&p->token);
	must_be(gss_protections.integrity->make(&p->channel, &data, 1, &p->token, &err), &err);
	return buffer_slice(&p->token);
}

void expect_unwrapped(struct gss_peer *p, struct slice data)
{
	AUTO_BUFFER out = {0};
	struct error err;
	must_be(gss_unwrap(&p->channel, buffer_slice(&p->got), &out, &err), &err);
	assert_int_equal(out.len, data.len);
	assert_memory_equal(out.data, data.data, data.len);
}
