#include "gss/gss_message.h"

#include <string.h>

/* TOK_ID, sections 4.2.6.1 and 4.2.6.2. */
enum { TOKEN_MIC = 0x0404, TOKEN_WRAP = 0x0504 };

/* Section 4.2.2. */
enum { FLAG_SENT_BY_ACCEPTOR = 1, FLAG_SEALED = 2, FLAG_ACCEPTOR_SUBKEY = 4 };

/* Where in a header they are. */
enum { AT_FLAGS = 2, AT_FILLER = 3, AT_EC = 4, AT_RRC = 6, AT_SEQ = 8 };

#define FILLER 0xFF

/* What is told of a header beyond its sender: its own octets, and its numbers. */
struct header {
	const unsigned char *octets;
	bool sealed;
	size_t ec, rrc;
	uint64_t seq;
};

/* Section 2: a Wrap token has the usage for sealing, sealed or not. */
static uint32_t usage_of(uint16_t token_id, bool sent_by_initiator)
{
	if (token_id == TOKEN_MIC)
		return sent_by_initiator ? USAGE_INITIATOR_SIGN : USAGE_ACCEPTOR_SIGN;
	return sent_by_initiator ? USAGE_INITIATOR_SEAL : USAGE_ACCEPTOR_SEAL;
}

static void store_u16(unsigned char out[2], uint16_t value)
{
	out[0] = (unsigned char)(value >> 8);
	out[1] = (unsigned char)value;
}

/* EC and RRC are zeros in a Wrap token, and belong to the filler in a MIC token. */
static void make_header(
	const struct channel *channel, uint16_t token_id, bool sealed, unsigned char *out)
{
	bool wrap = token_id == TOKEN_WRAP;
	store_u16(out, token_id);
	out[AT_FLAGS] = (unsigned char)((channel->is_initiator ? 0 : FLAG_SENT_BY_ACCEPTOR) |
					(sealed ? FLAG_SEALED : 0) |
					(channel->has_acceptor_subkey ? FLAG_ACCEPTOR_SUBKEY : 0));
	out[AT_FILLER] = FILLER;
	memset(out + AT_EC, wrap ? 0 : FILLER, AT_SEQ - AT_EC);
	store_u32(out + AT_SEQ, (uint32_t)(channel->send_seq >> 32));
	store_u32(out + AT_SEQ + 4, (uint32_t)channel->send_seq);
}

/* ---- the header of what comes ---- */

static enum status check_token_id(uint16_t found, uint16_t due, struct error *err)
{
	if (found == due)
		return STATUS_OK;
	if (found >> 8 == 0x60 || found == 0x0101 || found == 0x0201)
		return error_set(err, KRB_AP_ERR_MSG_TYPE,
			"a token of RFC 1964 came, which DES, triple DES and RC4 have; only those "
			"of RFC 4121 are supported");
	return error_set(err, KRB_AP_ERR_MSG_TYPE,
		"a token of type %02x %02x came where a %s token (%02x %02x) is due", found >> 8,
		found & 0xFF, due == TOKEN_WRAP ? "Wrap" : "MIC", due >> 8, due & 0xFF);
}

/* Unknown flags are passed over, as section 4.2.2 asks. */
static enum status check_flags(const struct channel *channel, unsigned flags, struct error *err)
{
	bool from_acceptor = flags & FLAG_SENT_BY_ACCEPTOR, subkey = flags & FLAG_ACCEPTOR_SUBKEY;
	if (from_acceptor != channel->is_initiator)
		return error_set(err, KRB_AP_ERR_BADDIRECTION,
			"a token that the other side did not send came back: it was reflected");
	if (subkey != channel->has_acceptor_subkey)
		return error_set(err, KRB_AP_ERR_NOKEY,
			"a token that is%s under a subkey of the acceptor came, where there is %s",
			subkey ? "" : " not", subkey ? "none" : "one");
	return STATUS_OK;
}

static bool is_filler(const unsigned char *octets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (octets[i] != FILLER)
			return false;
	return true;
}

/* Nothing of a header is to be believed before the token is verified. */
static enum status read_header(const struct channel *channel, uint16_t token_id, struct slice token,
	struct header *out, struct slice *rest, struct error *err)
{
	struct reader r = reader_of(token);
	uint16_t found = read_u16(&r);
	enum status status = token.len < 2 ? STATUS_OK : check_token_id(found, token_id, err);
	if (status)
		return status;
	*out = (struct header){.octets = token.data};
	unsigned flags = read_u8(&r);
	read_u8(&r);
	out->sealed = flags & FLAG_SEALED;
	out->ec = read_u16(&r);
	out->rrc = read_u16(&r);
	out->seq = read_u64(&r);
	*rest = r.rest;
	if (r.failed)
		return error_set(err, ERR_SYNTAX,
			"a token of %zu octets is cut short: its header alone has %d", token.len,
			GSS_HEADER_LENGTH);
	if (!is_filler(token.data + AT_FILLER,
		    token_id == TOKEN_WRAP ? AT_EC - AT_FILLER : AT_SEQ - AT_FILLER))
		return error_set(err, ERR_SYNTAX, "a filler octet in a token's header is not FF");
	return check_flags(channel, flags, err);
}

static enum status check_sealed(bool found, bool due, struct error *err)
{
	if (found == due)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_METHOD, "a token that is %s came where it is to be %s",
		found ? "sealed" : "not sealed", due ? "sealed" : "not sealed");
}

/* Once the token has been verified, and is otherwise as it should be. */
static enum status check_seq(const struct channel *channel, uint64_t found, struct error *err)
{
	if (found == channel->receive_seq)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_BADORDER,
		"a token with sequence number %llu came where %llu is due: one was lost, repeated "
		"or reordered",
		(unsigned long long)found, (unsigned long long)channel->receive_seq);
}

/* ---- Wrap tokens ---- */

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
	enum status status = channel_check_size(pieces, count, &size, err);
	if (status)
		return status;
	if (buffer_reserve(out, size + unsealed_overhead(type)))
		return error_no_memory(err);
	size_t start = out->len;
	make_header(channel, TOKEN_WRAP, false, out->data + start);
	out->len += GSS_HEADER_LENGTH;
	if ((status = append_pieces(pieces, count, out, err)))
		return status;

	unsigned char *header = out->data + start;
	const struct slice covered[] = {
		slice_of(header + GSS_HEADER_LENGTH, size),
		slice_of(header, GSS_HEADER_LENGTH),
	};
	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	status = key_checksum(channel->key, usage_of(TOKEN_WRAP, channel->is_initiator), covered, 2,
		checksum, err);
	if (status)
		return status;
	store_u16(header + AT_EC, (uint16_t)checksum_length);
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
	enum status status = channel_check_size(pieces, count, &size, err);
	if (status)
		return status;
	if (buffer_reserve(out, size + sealed_overhead(type)))
		return error_no_memory(err);
	make_header(channel, TOKEN_WRAP, true, header);
	const struct slice copy = slice_of(header, sizeof header);
	size_t start = out->len, end = start + size + sealed_overhead(type);
	if ((status = append_pieces(&copy, 1, out, err)))
		return status;
	out->len += enctype_confounder_length(type);
	if ((status = append_pieces(pieces, count, out, err)) ||
		(status = append_pieces(&copy, 1, out, err)))
		return status;
	status = key_encrypt_in_place(channel->key, usage_of(TOKEN_WRAP, channel->is_initiator),
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

/* The checksum is over a header without EC and RRC. */
static enum status verify_unsealed(struct channel *channel, const struct header *header,
	const struct slice data[2], struct slice checksum, struct error *err)
{
	unsigned char plain_header[GSS_HEADER_LENGTH];
	memcpy(plain_header, header->octets, sizeof plain_header);
	memset(plain_header + AT_EC, 0, AT_SEQ - AT_EC);
	const struct slice covered[] = {
		data[0], data[1], slice_of(plain_header, sizeof plain_header)};
	return key_verify_checksum(channel->key, usage_of(TOKEN_WRAP, !channel->is_initiator),
		enctype_checksum_type(key_type(channel->key)), covered, 3, checksum, err);
}

static enum status unsealed_read(struct channel *channel, const struct header *header,
	struct slice rest, struct buffer *out, struct error *err)
{
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
	enum status status =
		verify_unsealed(channel, header, data, slice_of(checksum, length), err);
	if (status || (status = check_seq(channel, header->seq, err)))
		return status;
	if (buffer_reserve(out, data[0].len + data[1].len))
		return error_no_memory(err);
	return append_pieces(data, 2, out, err);
}

/*
 * `plain` is data, filler and the encrypted copy of the header, to which the
 * clear one has to be equal but for RRC, which was 0 when it was encrypted.
 */
static enum status check_copy(const struct header *header, struct slice plain, struct error *err)
{
	if (plain.len < GSS_HEADER_LENGTH)
		return error_set(err, ERR_SYNTAX,
			"a sealed token has %zu octets inside, where its header alone has %d",
			plain.len, GSS_HEADER_LENGTH);
	const unsigned char *copy = plain.data + plain.len - GSS_HEADER_LENGTH;
	if (memcmp(copy, header->octets, AT_RRC) != 0 ||
		memcmp(copy + AT_SEQ, header->octets + AT_SEQ, GSS_HEADER_LENGTH - AT_SEQ) != 0)
		return error_set(err, KRB_AP_ERR_MODIFIED,
			"the header of a sealed token differs from the one inside: it was changed");
	if (header->ec > plain.len - GSS_HEADER_LENGTH)
		return error_set(err, ERR_SYNTAX,
			"a sealed token says that it has %zu filler octets, of %zu octets inside",
			header->ec, plain.len - GSS_HEADER_LENGTH);
	return STATUS_OK;
}

static enum status sealed_read(struct channel *channel, const struct header *header,
	struct slice rest, struct buffer *storage, struct buffer *out, struct error *err)
{
	AUTO_BUFFER straight = {0};
	struct slice pieces[2], plain;
	rotate_back(rest, header->rrc, pieces);
	if (pieces[1].len > 0) {
		enum status status = append_pieces(pieces, 2, &straight, err);
		if (status)
			return status;
		pieces[0] = buffer_slice(&straight);
	}
	enum status status = key_decrypt(channel->key, usage_of(TOKEN_WRAP, !channel->is_initiator),
		pieces[0], storage, &plain, err);
	if (status || (status = check_copy(header, plain, err)) ||
		(status = check_seq(channel, header->seq, err)))
		return status;
	plain.len -= GSS_HEADER_LENGTH + header->ec;
	return append_pieces(&plain, 1, out, err);
}

static enum status read_either(struct channel *channel, const struct header *header,
	struct slice rest, struct buffer *storage, struct buffer *out, struct error *err)
{
	enum status status = header->sealed ? sealed_read(channel, header, rest, storage, out, err)
					    : unsealed_read(channel, header, rest, out, err);
	if (!status)
		channel->receive_seq++;
	return status;
}

enum status gss_unwrap(struct channel *channel, struct slice token, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	struct header header;
	struct slice rest;
	enum status status = read_header(channel, TOKEN_WRAP, token, &header, &rest, err);
	return status ? status : read_either(channel, &header, rest, storage, out, err);
}

static enum status read_one_kind(struct channel *channel, bool sealed, struct slice token,
	struct buffer *storage, struct buffer *out, struct error *err)
{
	struct header header;
	struct slice rest;
	enum status status = read_header(channel, TOKEN_WRAP, token, &header, &rest, err);
	if (status || (status = check_sealed(header.sealed, sealed, err)))
		return status;
	return read_either(channel, &header, rest, storage, out, err);
}

static enum status unsealed_only(struct channel *channel, struct slice token,
	struct buffer *storage, struct buffer *out, struct error *err)
{
	return read_one_kind(channel, false, token, storage, out, err);
}

static enum status sealed_only(struct channel *channel, struct slice token, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	return read_one_kind(channel, true, token, storage, out, err);
}

static size_t room(size_t limit, size_t overhead)
{
	if (limit > CHANNEL_MAX_MESSAGE)
		limit = CHANNEL_MAX_MESSAGE;
	return limit > overhead ? limit - overhead : 0;
}

static size_t unsealed_room(const struct enctype *type, size_t limit)
{
	return room(limit, unsealed_overhead(type));
}

static size_t sealed_room(const struct enctype *type, size_t limit)
{
	return room(limit, sealed_overhead(type));
}

static const struct protection gss_integrity = {
	"Wrap", unsealed_make, unsealed_only, unsealed_room};
static const struct protection gss_privacy = {"sealed Wrap", sealed_make, sealed_only, sealed_room};

const struct protections gss_protections = {&gss_integrity, &gss_privacy};

/* ---- MIC tokens ---- */

enum status gss_mic_make(
	struct channel *channel, struct slice data, struct buffer *out, struct error *err)
{
	unsigned char header[GSS_HEADER_LENGTH], checksum[CHECKSUM_MAX_LENGTH];
	make_header(channel, TOKEN_MIC, false, header);
	const struct slice covered[] = {data, slice_of(header, sizeof header)};
	enum status status = key_checksum(channel->key, usage_of(TOKEN_MIC, channel->is_initiator),
		covered, 2, checksum, err);
	if (status)
		return status;
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
	struct header header;
	struct slice checksum;
	enum status status = read_header(channel, TOKEN_MIC, token, &header, &checksum, err);
	if (status || (status = check_sealed(header.sealed, false, err)))
		return status;
	const struct slice covered[] = {data, slice_of(header.octets, GSS_HEADER_LENGTH)};
	status = key_verify_checksum(channel->key, usage_of(TOKEN_MIC, !channel->is_initiator),
		enctype_checksum_type(key_type(channel->key)), covered, 2, checksum, err);
	if (status || (status = check_seq(channel, header.seq, err)))
		return status;
	channel->receive_seq++;
	return STATUS_OK;
}
