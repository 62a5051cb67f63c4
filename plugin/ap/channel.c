/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/channel.h"

#include <string.h>

#include "asn1/der_packet.h"

/* Sender's addresses: section 7.5.3, directional. */
static const unsigned char from_initiator[4] = {0, 0, 0, 0};
static const unsigned char from_acceptor[4] = {0, 0, 0, 1};

static struct host_address sent_by(bool initiator)
{
	const unsigned char *octets = initiator ? from_initiator : from_acceptor;
	return (struct host_address){ADDRESS_DIRECTIONAL, slice_of(octets, 4)};
}

enum status channel_open(
	const struct ap_context *context, bool is_initiator, struct channel *out, struct error *err)
{
	*out = (struct channel){0};
	if (!context->has_initiator_seq || !context->has_acceptor_seq)
		return error_set_shown(err, KRB_AP_ERR_BADSEQ,
			"a security layer needs sequence numbers of both sides; the %s sent none",
			context->has_initiator_seq ? "AP-REP" : "authenticator");
	uint32_t initiator = context->initiator_seq, acceptor = context->acceptor_seq;
	*out = (struct channel){
		.key = key_ref(ap_context_key(context)),
		.is_initiator = is_initiator,
		.has_acceptor_subkey = context->acceptor_subkey != NULL,
		.send_seq = is_initiator ? initiator : acceptor,
		.receive_seq = is_initiator ? acceptor : initiator,
	};
	return STATUS_OK;
}

void channel_close(struct channel *channel)
{
	key_release(channel->key);
	*channel = (struct channel){0};
}

static struct packet_body body_to_send(
	const struct channel *channel, const struct slice *pieces, size_t count)
{
	return (struct packet_body){
		.pieces = pieces,
		.piece_count = count,
		.seq_number = (uint32_t)channel->send_seq,
		.sender = sent_by(channel->is_initiator),
	};
}

enum status channel_check_size(
	const struct slice *pieces, size_t count, size_t *size, struct error *err)
{
	*size = 0;
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].len > CHANNEL_MAX_MESSAGE - *size)
			return error_set(err, ERR_SYNTAX,
				"a message of more than %u octets cannot be protected",
				CHANNEL_MAX_MESSAGE);
		*size += pieces[i].len;
	}
	return STATUS_OK;
}

/* The same for both kinds, once the message has been verified. */
static enum status take_body(struct channel *channel, const struct packet_body *body,
	struct buffer *out, struct error *err)
{
	struct host_address peer = sent_by(!channel->is_initiator);
	if (body->sender.type != peer.type || !slice_equal(body->sender.address, peer.address))
		return error_set(err, KRB_AP_ERR_BADADDR,
			"a message that the other side did not send came back: it was reflected");
	uint32_t due = (uint32_t)channel->receive_seq;
	if (body->seq_number != due)
		return error_set(err, KRB_AP_ERR_BADORDER,
			"a message with sequence number %u came where %u is due: one was lost, "
			"repeated or reordered",
			body->seq_number, due);
	if (buffer_append(out, body->user_data))
		return error_no_memory(err);
	channel->receive_seq++;
	return STATUS_OK;
}

static enum status expect_type(struct slice message, int type, const char *name, struct error *err)
{
	int found = der_message_type(message);
	if (found == type)
		return STATUS_OK;
	if (found < 0)
		return error_set(err, KRB_AP_ERR_MSG_TYPE,
			"what came is no Kerberos message; the layer has %s (%d)", name, type);
	return error_set(err, KRB_AP_ERR_MSG_TYPE,
		"a message of type %d came where the layer has %s (%d)", found, name, type);
}

/*
 * A message of `limit` octets of data has the overhead that the one that fits
 * has, or a few octets more, where its lengths take more: those are room again.
 */
size_t protection_room(
	const struct protection *protection, const struct enctype *type, size_t limit)
{
	if (limit > CHANNEL_MAX_MESSAGE)
		limit = CHANNEL_MAX_MESSAGE;
	size_t overhead = protection->length(type, limit) - limit;
	size_t room = overhead < limit ? limit - overhead : 0;
	size_t length = protection->length(type, room);
	while (length < limit && (length = protection->length(type, room + 1)) <= limit)
		room++;
	return room;
}

/* The highest sequence number takes the most octets. */
static struct packet_body longest_body(const struct slice *data)
{
	return (struct packet_body){
		.pieces = data,
		.piece_count = 1,
		.seq_number = UINT32_MAX,
		.sender = sent_by(true),
	};
}

/* KRB-SAFE: the checksum of the body, key usage 15 */

static struct checksum room_for_checksum(const struct enctype *type)
{
	return (struct checksum){
		enctype_checksum_type(type), slice_of(NULL, enctype_checksum_length(type))};
}

static enum status safe_make(struct channel *channel, const struct slice *pieces, size_t count,
	struct buffer *out, struct error *err)
{
	const struct krb_safe safe = {
		.body = body_to_send(channel, pieces, count),
		.checksum = room_for_checksum(key_type(channel->key)),
	};
	struct slice body;
	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	size_t size;
	if (channel_check_size(pieces, count, &size, err) ||
		der_write_krb_safe(&safe, &body, out, err))
		return err->status;
	if (key_checksum(channel->key, USAGE_KRB_SAFE, (struct pieces){&body, 1}, checksum, err))
		return err->status;
	memcpy(out->data + out->len - safe.checksum.value.len, checksum, safe.checksum.value.len);
	channel->send_seq++;
	return STATUS_OK;
}

static enum status safe_read(struct channel *channel, struct slice message, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	(void)storage;
	struct krb_safe safe;
	if (expect_type(message, KRB_SAFE, "KRB-SAFE", err) ||
		der_read_krb_safe(message, &safe, err))
		return err->status;
	if (key_verify_checksum(channel->key, USAGE_KRB_SAFE, (struct pieces){&safe.body_der, 1},
		    &safe.checksum, err))
		return err->status;
	return take_body(channel, &safe.body, out, err);
}

static size_t safe_length(const struct enctype *type, size_t data)
{
	const struct slice piece = {NULL, data};
	const struct krb_safe safe = {
		.body = longest_body(&piece),
		.checksum = room_for_checksum(type),
	};
	return der_length_krb_safe(&safe);
}

const struct protection protection_integrity = {"KRB-SAFE", safe_make, safe_read, safe_length};

/* KRB-PRIV: the body encrypted, key usage 13 */

static struct krb_priv room_for_cipher(const struct enctype *type, size_t plain)
{
	return (struct krb_priv){
		.enc_part =
			{
				.etype = enctype_number(type),
				.cipher = slice_of(NULL, plain + enctype_overhead(type)),
			},
	};
}

/* The plain text is written where it is then encrypted. */
static enum status priv_make(struct channel *channel, const struct slice *pieces, size_t count,
	struct buffer *out, struct error *err)
{
	const struct enctype *type = key_type(channel->key);
	const struct packet_body body = body_to_send(channel, pieces, count);
	size_t size;
	if (channel_check_size(pieces, count, &size, err))
		return err->status;
	size_t plain = der_length_enc_krb_priv_part(&body);
	const struct krb_priv priv = room_for_cipher(type, plain);
	if (der_write_krb_priv(&priv, out, err))
		return err->status;

	size_t end = out->len;
	size_t start = end - priv.enc_part.cipher.len;
	out->len = start + enctype_confounder_length(type);
	enum status status = der_write_enc_krb_priv_part(&body, out, err);
	if (!status)
		status = key_encrypt_in_place(
			channel->key, USAGE_KRB_PRIV, out->data + start, plain, err);
	out->len = end;
	if (!status)
		channel->send_seq++;
	return status;
}

static enum status priv_read(struct channel *channel, struct slice message, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	struct krb_priv priv;
	struct packet_body body;
	if (expect_type(message, KRB_PRIV, "KRB-PRIV", err) ||
		der_read_krb_priv(message, &priv, err))
		return err->status;
	if (priv.enc_part.etype != enctype_number(key_type(channel->key)))
		return error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"a message encrypted with %s came, the layer's key is of type %s",
			ENCTYPE_TEXT(priv.enc_part.etype), enctype_name(key_type(channel->key)));
	if (priv.enc_part.has_kvno)
		return error_set(err, ERR_SYNTAX, "a message with a kvno, which no subkey has");
	if (key_decrypt(channel->key, USAGE_KRB_PRIV, priv.enc_part.cipher, storage, err) ||
		der_read_enc_krb_priv_part(buffer_slice(storage), &body, err))
		return err->status;
	return take_body(channel, &body, out, err);
}

static size_t priv_length(const struct enctype *type, size_t data)
{
	const struct slice piece = {NULL, data};
	const struct packet_body body = longest_body(&piece);
	const struct krb_priv priv = room_for_cipher(type, der_length_enc_krb_priv_part(&body));
	return der_length_krb_priv(&priv);
}

const struct protection protection_privacy = {"KRB-PRIV", priv_make, priv_read, priv_length};

const struct protections krb_protections = {&protection_integrity, &protection_privacy};
