/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_spnego.c - any octets as the tokens of SPNEGO, one after the other, for either
 * side: refused with a sentence that is fit to be read, or taken; and never more than
 * three, nor a list of mechanisms that the other side did not vouch for where it has to.
 *
 * The first octet says which side is tried. The rest are tokens: an octet that says
 * what comes, and what belongs to it, see take_token().
 */
#include <string.h>

#include "gss/gss_mechanism.h"
#include "gss/gss_message.h"
#include "gss/spnego.h"
#include "tests/support/gss_pair.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gss_pair pair; /* an established context */
static struct channel tried, peer;
static struct spnego spnego;
static struct buffer list; /* the list of mechanisms that the peer vouches for */

/* What the peer has vouched for: the list itself, with a good MIC in the last token. */
static bool is_vouched_for;

static void must_be_printable(const char *text)
{
	must(text[0]);
	for (; *text; text++)
		must(*text >= 0x20 && *text <= 0x7e);
}

static void check_refused(enum status status, const struct error *err)
{
	must(err->status == status);
	must_be_printable(err->text);
	must_be_printable(error_shown(err));
}

static void open_channels(bool is_initiator)
{
	channel_close(&tried);
	channel_close(&peer);
	gss_channel_open(is_initiator ? &pair.x.client : &pair.x.server, is_initiator, &tried);
	gss_channel_open(is_initiator ? &pair.x.server : &pair.x.client, !is_initiator, &peer);
}

/* ---- the peer's tokens ---- */

/* Octets as they are: a length of two, and as many. */
static void take_octets(struct reader *r, struct buffer *out)
{
	size_t len = read_u16(r);
	struct slice octets = read_bytes(r, len < r->rest.len ? len : r->rest.len);
	must(buffer_append(out, octets) == STATUS_OK);
	is_vouched_for = false;
}

/* A MIC: none, good, of another list, no MIC at all. */
static struct slice make_mic(unsigned kind, struct buffer *mic)
{
	struct error err;
	struct slice of = kind == 2 ? SLICE_LITERAL("\x30\x00") : buffer_slice(&list);
	is_vouched_for = kind == 1;
	if (kind == 0)
		return SLICE_EMPTY;
	if (kind == 3)
		return SLICE_LITERAL("MIC");
	must(gss_mic_make(&peer, of, mic, &err) == STATUS_OK);
	return buffer_slice(mic);
}

/* A first token: how many mechanisms, which, and what is in it besides. */
static void make_first(struct reader *r, struct buffer *out)
{
	static const char *const mechs[] = {"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02",
		"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a",
		"\x2a\x03"};
	AUTO_BUFFER mic = {0};
	struct spnego_init init = {.count = 1 + read_u8(r) % 4}, read;
	struct error err;
	for (unsigned i = 0; i < init.count; i++)
		init.mech[i] = slice_string(mechs[read_u8(r) % 4]);
	unsigned fields = read_u8(r);
	if (fields & 1)
		init.token = SLICE_LITERAL("request");
	must(spnego_init_write(&init, out, &err) == STATUS_OK);
	must(spnego_init_read(buffer_slice(out), &read, &err) == STATUS_OK);
	buffer_clear(&list);
	must(buffer_append(&list, read.mech_list) == STATUS_OK);
	init.mic = make_mic(fields >> 1 & 3, &mic);
	buffer_clear(out);
	must(spnego_init_write(&init, out, &err) == STATUS_OK);
}

/* A later token: what is in it. */
static void make_later(struct reader *r, struct buffer *out)
{
	AUTO_BUFFER mic = {0};
	struct error err;
	unsigned fields = read_u8(r);
	struct spnego_resp resp = {
		.has_state = fields & 4,
		.state = fields & 3,
		.token = fields & 8 ? SLICE_LITERAL("token") : SLICE_EMPTY,
		.mic = make_mic(fields >> 4 & 3, &mic),
		.mech = fields & 64 ? GSS_OID_KERBEROS : SLICE_EMPTY,
	};
	if (fields & 128)
		resp.mech = SLICE_LITERAL("\x2a\x03");
	must(der_write_spnego_resp(&resp, out, &err) == STATUS_OK);
}

static void take_token(struct reader *r, struct buffer *out)
{
	static void (*const makers[])(struct reader * r, struct buffer * out) = {
		take_octets, make_first, make_later};
	buffer_clear(out);
	makers[read_u8(r) % 3](r, out);
}

/* ---- the acceptor ---- */

/* Is the first mechanism of the list another? The list is DER, and was read already. */
static bool is_first_another(void)
{
	struct reader r = reader_of(buffer_slice(&spnego.mech_list));
	(void)read_u8(&r); /* SEQUENCE OF */
	uint8_t len = read_u8(&r);
	if (len & 0x80)
		(void)read_bytes(&r, len & 0x7f);
	(void)read_u8(&r); /* OBJECT IDENTIFIER */
	len = read_u8(&r);
	return len & 0x80 || !spnego_is_kerberos(read_bytes(&r, len));
}

static void check_reply(struct slice reply, unsigned taken)
{
	struct spnego_resp resp;
	struct error err;
	if (spnego.is_raw) {
		must(taken == 1 && spnego_is_done(&spnego));
		return;
	}
	if (reply.len == 0) {
		must(spnego_is_done(&spnego));
		return;
	}
	must(spnego_resp_read(reply, &resp, &err) == STATUS_OK && resp.has_state);
	must((resp.state == SPNEGO_ACCEPT_COMPLETED) == spnego_is_done(&spnego));
	must((resp.mech.data != NULL) == (taken == 1));
}

/* One token; false once it is over. */
static bool accept_one(struct reader *r, unsigned taken, bool *is_established)
{
	AUTO_BUFFER token = {0}, reply = {0};
	struct error err = {0};
	struct slice mech_token;
	take_token(r, &token);
	enum status status = spnego_accept(&spnego, buffer_slice(&token), &mech_token, &err);
	if (!status && mech_token.data) {
		must(!*is_established);
		*is_established = true;
	}
	if (!status)
		status = spnego_reply(&spnego,
			*is_established && mech_token.data ? SLICE_LITERAL("reply") : SLICE_EMPTY,
			*is_established ? &tried : NULL, &reply, &err);
	if (status) {
		check_refused(status, &err);
		must(!spnego_is_done(&spnego));
		must(spnego_accept(&spnego, buffer_slice(&token), &mech_token, &err));
		return false;
	}
	must(taken <= 3);
	check_reply(buffer_slice(&reply), taken);
	if (!spnego_is_done(&spnego))
		return true;
	must(*is_established);
	must(spnego.is_raw || !is_first_another() || is_vouched_for);
	return false;
}

static void try_acceptor(struct reader *r)
{
	bool is_established = false;
	for (unsigned taken = 1; accept_one(r, taken, &is_established); taken++)
		must(taken < 3);
}

/* ---- the initiator ---- */

static void try_initiator(struct reader *r)
{
	AUTO_BUFFER token = {0}, first = {0}, last = {0};
	struct error err = {0};
	struct slice mech_token;
	must(spnego_initiate(&spnego, SLICE_LITERAL("request"), &first, &err) == STATUS_OK);
	buffer_clear(&list);
	must(buffer_append(&list, buffer_slice(&spnego.mech_list)) == STATUS_OK);
	take_token(r, &token);
	enum status status = spnego_continue(&spnego, buffer_slice(&token), &mech_token, &err);
	bool needs_mic = spnego.needs_mic;
	if (!status)
		status = spnego_conclude(&spnego, &tried, &last, &err);
	if (status) {
		check_refused(status, &err);
		must(!spnego_is_done(&spnego));
	} else {
		must(spnego_is_done(&spnego) && (!needs_mic || is_vouched_for));
	}
	must(spnego_continue(&spnego, buffer_slice(&token), &mech_token, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	if (!pair.x.keytab) {
		gss_pair_open(&pair);
		must(gss_pair_establish(&pair, &err) == STATUS_OK);
	}
	struct reader r = reader_of(slice_of(data, size));
	bool is_initiator = read_u8(&r) & 1;
	spnego_close(&spnego);
	spnego = (struct spnego){0};
	buffer_clear(&list);
	is_vouched_for = false;
	open_channels(is_initiator);
	(is_initiator ? try_initiator : try_acceptor)(&r);
	return 0;
}
