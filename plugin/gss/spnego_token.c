/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/spnego_token.h"

#include <stdio.h>
#include <string.h>

#include "gss/gss_mechanism.h"
#include "gss/gss_token.h"

/* The outermost octet of a token without framing. */
enum { TAG_INIT = 0xa0, TAG_RESP = 0xa1 };

enum status spnego_init_write(const struct spnego_init *in, struct buffer *out, struct error *err)
{
	AUTO_BUFFER inner = {0};
	if (der_write_spnego_init(in, &inner, err) ||
		gss_framing_write(GSS_OID_SPNEGO, inner.len, out, err))
		return err->status;
	return buffer_append(out, buffer_slice(&inner)) ? error_no_memory(err) : STATUS_OK;
}

static enum status misplaced(struct error *err, const char *what)
{
	return error_set_shown(err, KRB_AP_ERR_MSG_TYPE, "%s of SPNEGO is due", what);
}

/* Malformed: the peer may know where. */
static enum status malformed(struct error *err)
{
	error_prefix(err, "a token of SPNEGO");
	return error_show(err, "%.200s", err->text);
}

enum status spnego_init_read(struct slice token, struct spnego_init *out, struct error *err)
{
	NEW_ERROR(of_init2); /* what the first says is told */
	struct slice inner;
	if (token.len > 0 && token.data[0] == TAG_RESP)
		return misplaced(err, "a later token of SPNEGO came where the first");
	if (token.len > 0 && token.data[0] == TAG_INIT)
		return misplaced(
			err, "a token of SPNEGO came without GSS-API's framing, where the first");
	if (gss_framing_read(token, GSS_OID_SPNEGO, &inner, err))
		return err->status;
	if (der_read_spnego_init(inner, out, err) && der_read_spnego_init2(inner, out, &of_init2))
		return malformed(err);
	if (out->count == 0)
		return error_set_shown(
			err, ERR_SYNTAX, "a token of SPNEGO offers no mechanism at all");
	return STATUS_OK;
}

enum status spnego_resp_read(struct slice token, struct spnego_resp *out, struct error *err)
{
	if (token.len == 0)
		return error_set_shown(
			err, ERR_SYNTAX, "an empty token came where a later one of SPNEGO is due");
	if (gss_framing_is(token, GSS_OID_SPNEGO))
		return misplaced(err, "a first token of SPNEGO came where a later one");
	if (gss_framing_is(token, GSS_OID_KERBEROS))
		return misplaced(err,
			"a token of Kerberos without SPNEGO around it came where a later token");
	if (token.data[0] != TAG_RESP)
		return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
			"what came is no later token of SPNEGO: it begins with the octet %02x, not "
			"with a1",
			token.data[0]);
	return der_read_spnego_resp(token, out, err) ? malformed(err) : STATUS_OK;
}

bool spnego_is_kerberos(struct slice mech)
{
	return slice_equal(mech, GSS_OID_KERBEROS) || slice_equal(mech, GSS_OID_KERBEROS_WINDOWS);
}

const char *spnego_offer_text(const struct spnego_init *init, char out[SPNEGO_OFFER_SIZE])
{
	size_t len = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < init->count; i++) {
		char name[GSS_MECHANISM_TEXT_SIZE];
		gss_mechanism_text(init->mech[i], name);
		/* Room for what says that there is more. */
		if (len + strlen(name) + sizeof ", , ..." > SPNEGO_OFFER_SIZE) {
			strcpy(out + len, ", ...");
			break;
		}
		len += (size_t)sprintf(out + len, "%s%s", i > 0 ? ", " : "", name);
	}
	return out;
}
