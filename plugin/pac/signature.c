/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/signature.h"

#include "pac/ndr.h"

#define TYPE_SIZE 4
#define RODC_IDENTIFIER_SIZE 2
#define MAX_VALUE 64

/* KERB_CHECKSUM_HMAC_MD5, signed 32 bits. */
#define HMAC_MD5 (-138)

struct signature {
	int32_t type;
	struct slice value; /* with the RODCIdentifier, if there is one */
};

static enum status read_signature(const struct pac_buffers *buffers, uint32_t type,
	const char *what, struct signature *out, struct error *err)
{
	const struct pac_buffer *buffer = pac_buffers_find(buffers, type);
	if (!buffer)
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM, "it has no %s signature", what);
	if (buffer->data.len < TYPE_SIZE || buffer->data.len > TYPE_SIZE + MAX_VALUE)
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"its %s signature has %zu octets, expected are %d to %d", what,
			buffer->data.len, TYPE_SIZE, TYPE_SIZE + MAX_VALUE);
	struct ndr ndr = ndr_of(buffer->data);
	out->type = (int32_t)ndr_u32(&ndr);
	out->value = ndr.reader.rest;
	return STATUS_OK;
}

/* A read-only domain controller puts its own number behind the value. */
static enum status check_form(
	const struct signature *server, const struct enctype *type, struct error *err)
{
	size_t length = enctype_checksum_length(type);
	if (server->type == HMAC_MD5)
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"its server signature is HMAC-MD5 (RC4), which is weak and not accepted: "
			"have the KDC use AES for this service's account");
	if (server->type != enctype_checksum_type(type))
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"its server signature is of checksum type %d, expected is %d of the "
			"ticket's key, %s",
			server->type, enctype_checksum_type(type), enctype_name(type));
	if (server->value.len != length && server->value.len != length + RODC_IDENTIFIER_SIZE)
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"its server signature has %zu octets, expected are %zu", server->value.len,
			length);
	return STATUS_OK;
}

/* What is between two places of one piece of memory. */
static struct slice between(const unsigned char *from, const unsigned char *to)
{
	return slice_of(from, (size_t)(to - from));
}

enum status pac_signature_verify(
	const struct pac_buffers *buffers, struct key *key, struct error *err)
{
	static const unsigned char zeros[MAX_VALUE];
	struct signature server, kdc;
	if (read_signature(buffers, PAC_SERVER_SIGNATURE, "server", &server, err) ||
		read_signature(buffers, PAC_KDC_SIGNATURE, "KDC", &kdc, err) ||
		check_form(&server, key_type(key), err))
		return err->status;

	struct slice all = buffers->all;
	struct slice first = server.value.data < kdc.value.data ? server.value : kdc.value;
	struct slice second = server.value.data < kdc.value.data ? kdc.value : server.value;
	const struct slice pieces[] = {
		between(all.data, first.data),
		slice_of(zeros, first.len),
		between(first.data + first.len, second.data),
		slice_of(zeros, second.len),
		between(second.data + second.len, all.data + all.len),
	};
	struct slice value = slice_of(server.value.data, enctype_checksum_length(key_type(key)));
	enum status status = key_verify_checksum(key, USAGE_PAC_SIGNATURE,
		(struct pieces){pieces, sizeof pieces / sizeof *pieces},
		&(struct checksum){server.type, value}, err);
	if (status == KRB_AP_ERR_MODIFIED)
		return error_set(err, status,
			"its server signature does not match: the PAC was changed, or a KDC "
			"copied it from a ticket for another service");
	return status;
}
