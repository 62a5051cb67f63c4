/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_gss_token.c - any octets as what an initiator of GSS-API sends:
 * refused with a sentence that is fit to be read, or accepted with a type for
 * the subkey that is permitted and no weaker than the session key.
 *
 * The first octet says what the rest is: a whole token, as it comes to either
 * side; the authenticator's checksum; the authorization data in it, or a list
 * of encryption types there; a delegated KRB-CRED, or the plain text of its
 * encrypted part, which is encrypted here.
 */
#include <string.h>

#include "gss/gss.h"
#include "gss/gss_token.h"
#include "tests/support/delegation.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct exchange x;
static struct enctype_list permitted = {4, {20, 19, 18, 17}};
static struct gss_bindings bindings = {"0123456789abcdef"};

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

static const struct ap_trace trace = {.line = look_at_line};

static void check_refused(enum status status, const struct error *err)
{
	must(err->status == status);
	must_be_printable(err->text);
	must_be_printable(error_shown(err));
}

/* ---- a whole token ---- */

static void check_framing(struct slice token, struct slice message, enum gss_token_id id)
{
	AUTO_BUFFER again = {0};
	must(message.data >= token.data && message.data + message.len == token.data + token.len);
	must(gss_token_write(id, message, &again, &(struct error){0}) == STATUS_OK);
	must(slice_equal(buffer_slice(&again), token));
}

static void finish(struct slice token)
{
	struct error err = {0};
	const struct gss_initiator initiator = {.credential = &x.credential,
		.now = x.initiator.now,
		.permitted = &permitted,
		.asked = &x.ticket.server};
	exchange_request(&x);
	enum status status = gss_initiate_finish(&initiator, token, &trace, &x.client, &err);
	if (status != STATUS_OK)
		check_refused(status, &err);
}

static void try_token(struct slice token)
{
	struct error err = {0};
	struct slice message;
	enum gss_token_id id;
	enum status status = gss_token_read(token, &id, &message, &err);
	if (status == STATUS_OK)
		check_framing(token, message, id);
	else
		check_refused(status, &err);
	finish(token);
	if (gss_request_read(token, &message, &err))
		return;
	ap_context_clear(&x.server);
	status = ap_req_read(&x.acceptor, message, &trace, &x.server, &err);
	if (status != STATUS_OK)
		check_refused(status, &err);
}

/* ---- what an authenticator has in it ---- */

static void accept_context(struct ap_context *context)
{
	struct gss_acceptor acceptor = {
		.has_bindings = true, .bindings = bindings, .permitted = &permitted};
	struct gss_accepted accepted;
	struct error err = {0};
	enum status status = gss_accept(&acceptor, &trace, context, &accepted, &err);
	if (status != STATUS_OK) {
		check_refused(status, &err);
		must(!accepted.subkey && !accepted.bindings_match);
		return;
	}
	must(enctype_list_has(&permitted, enctype_number(accepted.subkey)));
	must(enctype_strength(accepted.subkey) >= enctype_strength(key_type(x.session_key)));
	must(context->mutual == ((accepted.flags & GSS_MUTUAL) != 0));
}

static void accept_parts(struct slice checksum, const struct authorization_data *data)
{
	AUTO_AP_CONTEXT context = {
		.session_key = key_ref(x.session_key),
		.checksum = {GSS_CHECKSUM_TYPE, checksum},
	};
	if (data)
		context.authenticator_data = *data;
	accept_context(&context);
}

static void try_checksum(struct slice value)
{
	accept_parts(value, NULL);
}

static struct slice good_checksum(unsigned char out[GSS_CHECKSUM_LENGTH])
{
	return gss_checksum_make(GSS_MUTUAL, &bindings, out).value;
}

static void try_authorization_data(struct slice der)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	const struct authorization_data data = {.count = 1, .element = {{AD_IF_RELEVANT, der}}};
	accept_parts(good_checksum(value), &data);
}

static void try_etypes(struct slice der)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	const struct authorization_data data = {
		.count = 1, .element = {{AD_ETYPE_NEGOTIATION, der}}};
	accept_parts(good_checksum(value), &data);
}

static void try_cred(struct slice krb_cred)
{
	AUTO_BUFFER value = {0};
	if (krb_cred.len > UINT16_MAX)
		return;
	delegation_checksum(0, krb_cred, &value);
	accept_parts(buffer_slice(&value), NULL);
}

static void try_cred_part(struct slice plain)
{
	static struct delegation d;
	AUTO_BUFFER krb_cred = {0};
	if (d.cred.count == 0)
		delegation_open(&d, &x);
	delegation_enclose(&d, plain, &krb_cred);
	try_cred(buffer_slice(&krb_cred));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(struct slice) = {
		try_token,
		try_checksum,
		try_authorization_data,
		try_etypes,
		try_cred,
		try_cred_part,
	};
	if (!x.keytab)
		exchange_open(&x);
	struct reader r = reader_of(slice_of(data, size));
	unsigned kind = read_u8(&r);
	if (!r.failed)
		tries[kind % (sizeof tries / sizeof *tries)](r.rest);
	return 0;
}
