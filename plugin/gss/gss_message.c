/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_message.h"

#include <string.h>

#include "gss/gss_header.h"

/* Section 2: a Wrap token has the usage for sealing, sealed or not. */
static uint32_t seal_usage(bool sent_by_initiator)
{
	return sent_by_initiator ? USAGE_INITIATOR_SEAL : USAGE_ACCEPTOR_SEAL;
}

static uint32_t sign_usage(bool sent_by_initiator)
{
	return sent_by_initiator ? USAGE_INITIATOR_SIGN : USAGE_ACCEPTOR_SIGN;
}

static enum status append_pieces(
	const struct slice *pieces, size_t count, struct buffer *out, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (buffer_append(out, pieces[i]))
			return error_no_memory(err);
	return STATUS_OK;
}

static size_t unsealed_overhead(const struct enctype *type)
{
	return GSS_HEADER_LENGTH + enctype_checksum_length(type);
}

/* header | data | checksum of data and header */
static enum status unsealed_make(struct channel *channel, const struct slice *pieces, size_t count,
	struct buffer *out, struct error *err)
{
	const struct enctype *type = key_type(channel->key);
	size_t size, checksum_length = enctype_checksum_length(type);
	if (channel_check_size(pieces, count, &size, err))
		return err->status;
	if (buffer_reserve(out, size + unsealed_overhead(type)))
		return error_no_memory(err);
	size_t start = out->len;
	gss_header_make(channel, GSS_WRAP, false, out->data + start);
	out->len += GSS_HEADER_LENGTH;
	if (append_pieces(pieces, count, out, err))
		return err->status;

	unsigned char *header = out->data + start;
	const struct slice covered[] = {
		slice_of(header + GSS_HEADER_LENGTH, size),
		slice_of(header, GSS_HEADER_LENGTH),
	};
	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	if (key_checksum(channel->key, seal_usage(channel->is_initiator),
		    (struct pieces){covered, 2}, checksum, err))
		return err->status;
	header[GSS_AT_EC + 1] = (unsigned char)checksum_length;
	memcpy(out->data + out->len, checksum, checksum_length);
	out->len += checksum_length;
	channel->send_seq++;
	return STATUS_OK;
}

static size_t sealed_overhead(const struct enctype *type)
{
	return GSS_HEADER_LENGTH + enctype_overhead(type) + GSS_HEADER_LENGTH;
}

/* header | encrypted: data, no filler, header */
static enum status sealed_make(struct channel *channel, const struct slice *pieces, size_t count,
	struct buffer *out, struct error *err)
{
	const struct enctype *type = key_type(channel->key);
	unsigned char header[GSS_HEADER_LENGTH];
	size_t size;
	if (channel_check_size(pieces, count, &size, err))
		return err->status;
	if (buffer_reserve(out, size + sealed_overhead(type)))
		return error_no_memory(err);
	gss_header_make(channel, GSS_WRAP, true, header);
	const struct slice copy = slice_of(header, sizeof header);
	size_t start = out->len, end = start + size + sealed_overhead(type);
	if (append_pieces(&copy, 1, out, err))
		return err->status;
	out->len += enctype_confounder_length(type);
	if (append_pieces(pieces, count, out, err) || append_pieces(&copy, 1, out, err))
		return err->status;
	enum status status = key_encrypt_in_place(channel->key, seal_usage(channel->is_initiator),
		out->data + start + GSS_HEADER_LENGTH, size + sizeof header, err);
	out->len = end;
	if (!status)
		channel->send_seq++;
	return status;
}

/*
 * What follows the header, before it was rotated to the right (section 4.2.5):
 * two pieces, of which the second is empty where it was not rotated. The count
 * may be larger than the whole.
 */
static void rotate_back(struct slice rest, size_t rrc, struct slice pieces[2])
{
	size_t moved = rest.len > 0 ? rrc % rest.len : 0;
	pieces[0] = slice_of(rest.data + moved, rest.len - moved);
	pieces[1] = slice_of(rest.data, moved);
}

/* The first `len` octets of two pieces stay; what follows them, which fits, is moved to `tail`. */
static void cut_tail(struct slice pieces[2], size_t len, unsigned char *tail)
{
	for (unsigned i = 0; i < 2; i++) {
		size_t kept = len < pieces[i].len ? len : pieces[i].len;
		size_t cut = pieces[i].len - kept;
		if (cut > 0)
			memcpy(tail, pieces[i].data + kept, cut);
		tail += cut;
		pieces[i].len = kept;
		len -= kept;
	}
}

/* Tokens do not name the checksum's type: it is that of the key. */
static enum status verify(const struct channel *channel, uint32_t usage, struct pieces covered,
	struct slice value, struct error *err)
{
	const struct checksum checksum = {enctype_checksum_type(key_type(channel->key)), value};
	return key_verify_checksum(channel->key, usage, covered, &checksum, err);
}

/* The checksum is over a header without EC and RRC. */
static enum status verify_unsealed(struct channel *channel, const struct gss_header *header,
	const struct slice data[2], struct slice checksum, struct error *err)
{
	unsigned char plain_header[GSS_HEADER_LENGTH];
	memcpy(plain_header, header->octets, sizeof plain_header);
	memset(plain_header + GSS_AT_EC, 0, GSS_AT_SEQ - GSS_AT_EC);
	const struct slice covered[] = {
		data[0], data[1], slice_of(plain_header, sizeof plain_header)};
	return verify(channel, seal_usage(!channel->is_initiator), (struct pieces){covered, 3},
		checksum, err);
}

static enum status unsealed_read(struct channel *channel, const struct gss_header *header,
	struct buffer *out, struct error *err)
{
	const struct slice rest = header->rest;
	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	struct slice data[2];
	size_t length = enctype_checksum_length(key_type(channel->key));
	if (header->ec != length || rest.len < length)
		return error_set(err, ERR_SYNTAX,
			"a token whose checksum is to have %zu octets came, of %zu after its "
			"header; %s has %zu",
			header->ec, rest.len, enctype_name(key_type(channel->key)), length);
	rotate_back(rest, header->rrc, data);
	cut_tail(data, rest.len - length, checksum);
	if (verify_unsealed(channel, header, data, slice_of(checksum, length), err) ||
		gss_header_check_seq(header, channel, err))
		return err->status;
	if (buffer_reserve(out, data[0].len + data[1].len))
		return error_no_memory(err);
	return append_pieces(data, 2, out, err);
}

/*
 * `plain` is data, filler and the encrypted copy of the header, to which the
 * clear one has to be equal but for RRC: that was 0 when it was encrypted.
 */
static enum status check_copy(
	const struct gss_header *header, struct slice plain, struct error *err)
{
	if (plain.len < GSS_HEADER_LENGTH)
		return error_set(err, ERR_SYNTAX,
			"a sealed token has %zu octets inside, where its header alone has %d",
			plain.len, GSS_HEADER_LENGTH);
	size_t rest = plain.len - GSS_HEADER_LENGTH;
	const unsigned char *copy = plain.data + rest;
	if (memcmp(copy, header->octets, GSS_AT_RRC) != 0 ||
		memcmp(copy + GSS_AT_SEQ, header->octets + GSS_AT_SEQ,
			GSS_HEADER_LENGTH - GSS_AT_SEQ) != 0)
		return error_set(err, KRB_AP_ERR_MODIFIED,
			"the header of a sealed token differs from the one inside: it was changed");
	if (header->ec > rest)
		return error_set(err, ERR_SYNTAX,
			"a sealed token is to have %zu filler octets, of %zu inside", header->ec,
			rest);
	return STATUS_OK;
}

/* What was decrypted to `start` of `out` stays there without its end, or goes again. */
static enum status take_decrypted(const struct channel *channel, const struct gss_header *header,
	size_t start, struct buffer *out, struct error *err)
{
	struct slice plain = slice_of(out->data + start, out->len - start);
	if (check_copy(header, plain, err) || gss_header_check_seq(header, channel, err)) {
		wipe(out->data + start, plain.len);
		out->len = start;
		return err->status;
	}
	out->len -= GSS_HEADER_LENGTH + header->ec;
	return STATUS_OK;
}

static enum status sealed_read(struct channel *channel, const struct gss_header *header,
	struct buffer *out, struct error *err)
{
	struct slice cipher[2];
	size_t start = out->len;
	rotate_back(header->rest, header->rrc, cipher);
	if (key_decrypt_append(channel->key, seal_usage(!channel->is_initiator), cipher, out, err))
		return err->status;
	return take_decrypted(channel, header, start, out, err);
}

static enum status read_either(struct channel *channel, const struct gss_header *header,
	struct buffer *out, struct error *err)
{
	if (header->sealed ? sealed_read(channel, header, out, err)
			   : unsealed_read(channel, header, out, err))
		return err->status;
	channel->receive_seq++;
	return STATUS_OK;
}

enum status gss_unwrap(
	struct channel *channel, struct slice token, struct buffer *out, struct error *err)
{
	struct gss_header header;
	if (gss_header_read(channel, GSS_WRAP, token, &header, err))
		return err->status;
	return read_either(channel, &header, out, err);
}

enum status gss_unwrap_unnumbered(
	struct channel *channel, struct slice token, struct buffer *out, struct error *err)
{
	struct gss_header header;
	if (gss_header_read(channel, GSS_WRAP, token, &header, err))
		return err->status;
	channel->receive_seq = header.seq;
	return read_either(channel, &header, out, err);
}

static enum status read_one_kind(struct channel *channel, bool sealed, struct slice token,
	struct buffer *out, struct error *err)
{
	struct gss_header header;
	if (gss_header_read(channel, GSS_WRAP, token, &header, err) ||
		gss_header_check_sealed(&header, sealed, err))
		return err->status;
	return read_either(channel, &header, out, err);
}

static enum status unsealed_only(struct channel *channel, struct slice token,
	struct buffer *storage, struct buffer *out, struct error *err)
{
	(void)storage;
	return read_one_kind(channel, false, token, out, err);
}

static enum status sealed_only(struct channel *channel, struct slice token, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	(void)storage;
	return read_one_kind(channel, true, token, out, err);
}

static size_t unsealed_length(const struct enctype *type, size_t data)
{
	return data + unsealed_overhead(type);
}

static size_t sealed_length(const struct enctype *type, size_t data)
{
	return data + sealed_overhead(type);
}

static const struct protection gss_integrity = {
	"Wrap", unsealed_make, unsealed_only, unsealed_length};
static const struct protection gss_privacy = {
	"sealed Wrap", sealed_make, sealed_only, sealed_length};

const struct protections gss_protections = {&gss_integrity, &gss_privacy};

/* ---- MIC tokens ---- */

enum status gss_mic_make(
	struct channel *channel, struct slice data, struct buffer *out, struct error *err)
{
	unsigned char header[GSS_HEADER_LENGTH], checksum[CHECKSUM_MAX_LENGTH];
	gss_header_make(channel, GSS_MIC, false, header);
	const struct slice covered[] = {data, slice_of(header, sizeof header)};
	if (key_checksum(channel->key, sign_usage(channel->is_initiator),
		    (struct pieces){covered, 2}, checksum, err))
		return err->status;
	const struct slice token[] = {
		covered[1],
		slice_of(checksum, enctype_checksum_length(key_type(channel->key))),
	};
	if (buffer_reserve(out, token[0].len + token[1].len))
		return error_no_memory(err);
	channel->send_seq++;
	return append_pieces(token, 2, out, err);
}

enum status gss_mic_verify(
	struct channel *channel, struct slice data, struct slice token, struct error *err)
{
	struct gss_header header;
	if (gss_header_read(channel, GSS_MIC, token, &header, err) ||
		gss_header_check_sealed(&header, false, err))
		return err->status;
	const struct slice covered[] = {data, slice_of(header.octets, GSS_HEADER_LENGTH)};
	if (verify(channel, sign_usage(!channel->is_initiator), (struct pieces){covered, 2},
		    header.rest, err) ||
		gss_header_check_seq(&header, channel, err))
		return err->status;
	channel->receive_seq++;
	return STATUS_OK;
}
