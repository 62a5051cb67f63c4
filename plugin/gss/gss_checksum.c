/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_checksum.h"

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"

#define DELEGATION_KIND 1 /* DlgOpt, the only one there is */

_Static_assert(GSS_BINDINGS_LENGTH == MD5_LENGTH, "bindings are an MD5 hash");

/* This structure alone has its numbers in little-endian order. */

static uint32_t read_little(struct reader *r, unsigned octets)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < octets; i++)
		value |= (uint32_t)read_u8(r) << (8 * i);
	return value;
}

static void store_little(unsigned char out[4], uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (unsigned char)(value >> (8 * i));
}

enum status gss_bindings_of(
	struct slice application_data, struct gss_bindings *out, struct error *err)
{
	/* Type and length of two addresses, which are not there, and the data's length. */
	unsigned char lengths[5 * 4] = {0};
	AUTO_BUFFER hashed = {0};
	if (application_data.len > UINT32_MAX)
		return error_set(err, ERR_CRYPTO,
			"channel bindings of %zu octets cannot be hashed, at most %u can",
			application_data.len, UINT32_MAX);
	store_little(lengths + 4 * 4, (uint32_t)application_data.len);
	if (buffer_append(&hashed, slice_of(lengths, sizeof lengths)) ||
		buffer_append(&hashed, application_data))
		return error_no_memory(err);
	if (digest_md5(buffer_slice(&hashed), out->hash, err))
		return error_prefix(err, "GSS-API's channel bindings (RFC 4121)");
	return STATUS_OK;
}

bool gss_bindings_equal(const struct gss_bindings *a, const struct gss_bindings *b)
{
	return slice_equal_secret(
		slice_of(a->hash, sizeof a->hash), slice_of(b->hash, sizeof b->hash));
}

bool gss_bindings_none(const struct gss_bindings *bindings)
{
	static const struct gss_bindings none;
	return gss_bindings_equal(bindings, &none);
}

static const struct flag_name {
	uint32_t flag;
	const char *name;
} flag_names[] = {
	{GSS_DELEG, "delegation"},
	{GSS_MUTUAL, "mutual"},
	{GSS_REPLAY, "replay"},
	{GSS_SEQUENCE, "sequence"},
	{GSS_CONF, "confidentiality"},
	{GSS_INTEG, "integrity"},
};

const char *gss_flags_text(uint32_t flags, char out[GSS_FLAGS_TEXT_SIZE])
{
	size_t len = 0;
	snprintf(out, GSS_FLAGS_TEXT_SIZE, "none");
	for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
		if (flags & flag_names[i].flag)
			len += (size_t)snprintf(out + len, GSS_FLAGS_TEXT_SIZE - len, "%s%s",
				len ? ", " : "", flag_names[i].name);
	return out;
}

struct checksum gss_checksum_make(
	uint32_t flags, const struct gss_bindings *bindings, unsigned char out[GSS_CHECKSUM_LENGTH])
{
	store_little(out, GSS_BINDINGS_LENGTH);
	memcpy(out + 4, bindings->hash, GSS_BINDINGS_LENGTH);
	store_little(out + 4 + GSS_BINDINGS_LENGTH, flags);
	return (struct checksum){GSS_CHECKSUM_TYPE, slice_of(out, GSS_CHECKSUM_LENGTH)};
}

enum status gss_checksum_add_delegation(
	struct slice krb_cred, struct buffer *out, struct error *err)
{
	const unsigned char header[4] = {DELEGATION_KIND, 0, (unsigned char)krb_cred.len,
		(unsigned char)(krb_cred.len >> 8)};
	if (krb_cred.len > GSS_DELEGATION_MAX)
		return error_set(err, ERR_TOO_LONG,
			"the delegated KRB-CRED has %zu octets, at most %d can be sent",
			krb_cred.len, GSS_DELEGATION_MAX);
	if (buffer_append(out, slice_of(header, sizeof header)) || buffer_append(out, krb_cred))
		return error_no_memory(err);
	return STATUS_OK;
}

static enum status check_kind(const struct checksum *checksum, struct error *err)
{
	if (!checksum->value.data)
		return error_set_shown(err, KRB_AP_ERR_INAPP_CKSUM,
			"the authenticator has no checksum: GSS-API's Kerberos mechanism puts its "
			"flags and channel bindings there, as type %d",
			GSS_CHECKSUM_TYPE);
	if (checksum->type != GSS_CHECKSUM_TYPE)
		return error_set_shown(err, KRB_AP_ERR_INAPP_CKSUM,
			"the authenticator's checksum is of type %d, that of GSS-API's Kerberos "
			"mechanism is of type %d",
			checksum->type, GSS_CHECKSUM_TYPE);
	if (checksum->value.len < GSS_CHECKSUM_LENGTH)
		return error_set_shown(err, KRB_AP_ERR_INAPP_CKSUM,
			"the authenticator's GSS-API checksum has %zu octets, at least %d were "
			"expected",
			checksum->value.len, GSS_CHECKSUM_LENGTH);
	return STATUS_OK;
}

static enum status read_delegation(struct reader *r, struct slice *delegated, struct error *err)
{
	uint32_t kind = read_little(r, 2);
	uint32_t length = read_little(r, 2);
	if (!r->failed && kind != DELEGATION_KIND)
		return error_set_shown(err, ERR_SYNTAX,
			"the GSS-API checksum has a delegation of kind %u, %d was expected", kind,
			DELEGATION_KIND);
	struct slice krb_cred = read_bytes(r, length);
	if (r->failed)
		return error_set_shown(err, ERR_SYNTAX,
			"the GSS-API checksum has the delegation flag, but the delegated "
			"credential is missing or cut short");
	*delegated = krb_cred;
	return STATUS_OK;
}

enum status gss_checksum_read(
	const struct checksum *checksum, struct gss_checksum *out, struct error *err)
{
	*out = (struct gss_checksum){0};
	if (check_kind(checksum, err))
		return err->status;

	struct reader r = reader_of(checksum->value);
	uint32_t length = read_little(&r, 4);
	if (length != GSS_BINDINGS_LENGTH)
		return error_set_shown(err, KRB_AP_ERR_INAPP_CKSUM,
			"the GSS-API checksum has channel bindings of %u octets, %d were expected",
			length, GSS_BINDINGS_LENGTH);
	memcpy(out->bindings.hash, read_bytes(&r, length).data, length);
	out->flags = read_little(&r, 4);
	return out->flags & GSS_DELEG ? read_delegation(&r, &out->delegated, err) : STATUS_OK;
}
