/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_channel.c - any octets as a protected message, KRB-SAFE, KRB-PRIV or one
 * of GSS-API's: refused with a sentence and without a trace, or read.
 *
 * The lowest three bits of the first octet say what the rest is: a message of
 * each kind as it stands, or what is under its protection, which is added here.
 * The next two say on which side it is read, and whether there is a subkey of
 * the acceptor.
 */
#include <string.h>

#include "gss/gss_header.h"
#include "gss/gss_message.h"
#include "tests/support/exchange.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct key *key;
static struct channel channel;

static void append(struct buffer *out, struct slice s)
{
	must(buffer_append(out, s) == STATUS_OK);
}

static void check_refused(enum status status, const struct error *err)
{
	must(err->status == status && err->text[0]);
	for (const char *text = err->text; *text; text++)
		must(*text >= 0x20 && *text <= 0x7e);
}

static void check_read(enum status status, const struct error *err, const struct channel *after,
	struct slice message, const struct buffer *out)
{
	struct channel expected = channel;
	if (status)
		check_refused(status, err);
	else
		expected.receive_seq++;
	must(memcmp(&expected, after, sizeof expected) == 0);
	must(out->len >= 6 && memcmp(out->data, "before", 6) == 0);
	must(status ? out->len == 6 : out->len - 6 <= message.len);
}

static enum status try_read(
	const struct protection *protection, struct slice message, struct buffer *out)
{
	AUTO_BUFFER storage = {0};
	struct error err = {0};
	struct channel to = channel;
	append(out, SLICE_LITERAL("before"));
	enum status status = protection->read(&to, message, &storage, out, &err);
	check_read(status, &err, &to, message, out);
	return status;
}

/* ---- KRB-SAFE and KRB-PRIV ---- */

static void try_safe(struct slice message)
{
	AUTO_BUFFER out = {0};
	(void)!try_read(&protection_integrity, message, &out);
}

static void try_priv(struct slice message)
{
	AUTO_BUFFER out = {0};
	(void)!try_read(&protection_privacy, message, &out);
}

/* An element of this tag around what is in `content`. */
static void enclose(unsigned char tag, struct buffer *content)
{
	AUTO_BUFFER whole = {0};
	must(der_write_header(tag, content->len, &whole, &(struct error){0}) == STATUS_OK);
	append(&whole, buffer_slice(content));
	buffer_clear(content);
	append(content, buffer_slice(&whole));
}

/* pvno 5, and this msg-type. */
static void finish(unsigned char type, struct slice fields)
{
	const unsigned char start[] = {0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, type};
	AUTO_BUFFER message = {0};
	append(&message, slice_of(start, sizeof start));
	append(&message, fields);
	enclose(0x30, &message);
	enclose((unsigned char)(0x60 | type), &message);
	(type == 20 ? try_safe : try_priv)(buffer_slice(&message));
}

static void try_safe_body(struct slice body)
{
	unsigned char sum[CHECKSUM_MAX_LENGTH];
	const unsigned char type[] = {
		0xa0, 3, 2, 1, (unsigned char)enctype_checksum_type(key_type(key))};
	AUTO_BUFFER fields = {0};
	AUTO_BUFFER checksum = {0};
	AUTO_BUFFER value = {0};
	must(key_checksum(key, USAGE_KRB_SAFE, (struct pieces){&body, 1}, sum,
		     &(struct error){0}) == STATUS_OK);
	append(&value, slice_of(sum, enctype_checksum_length(key_type(key))));
	enclose(0x04, &value);
	enclose(0xa1, &value);
	append(&checksum, slice_of(type, sizeof type));
	append(&checksum, buffer_slice(&value));
	enclose(0x30, &checksum);
	enclose(0xa3, &checksum);
	append(&fields, body);
	enclose(0xa2, &fields);
	append(&fields, buffer_slice(&checksum));
	finish(20, buffer_slice(&fields));
}

static void try_priv_part(struct slice plain)
{
	const unsigned char type[] = {0xa0, 3, 2, 1, (unsigned char)enctype_number(key_type(key))};
	AUTO_BUFFER fields = {0};
	AUTO_BUFFER cipher = {0};
	must(key_encrypt(key, USAGE_KRB_PRIV, plain, &cipher, &(struct error){0}) == STATUS_OK);
	enclose(0x04, &cipher);
	enclose(0xa2, &cipher);
	append(&fields, slice_of(type, sizeof type));
	append(&fields, buffer_slice(&cipher));
	enclose(0x30, &fields);
	enclose(0xa3, &fields);
	finish(21, buffer_slice(&fields));
}

/* ---- GSS-API's ---- */

/* Reading either kind is reading the one or the other. */
static bool try_wrap_whole(struct slice token, struct buffer *out)
{
	AUTO_BUFFER sealed = {0};
	AUTO_BUFFER unsealed = {0};
	struct error err = {0};
	struct channel to = channel;
	append(out, SLICE_LITERAL("before"));
	enum status status = gss_unwrap(&to, token, out, &err);
	check_read(status, &err, &to, token, out);
	bool is_sealed = !try_read(gss_protections.privacy, token, &sealed);
	bool is_unsealed = !try_read(gss_protections.integrity, token, &unsealed);
	must(status ? !is_sealed && !is_unsealed : is_sealed != is_unsealed);
	if (!status)
		must(slice_equal(buffer_slice(out), buffer_slice(is_sealed ? &sealed : &unsealed)));
	return !status;
}

static void try_wrap(struct slice token)
{
	AUTO_BUFFER out = {0};
	try_wrap_whole(token, &out);
}

static void try_mic(struct slice token)
{
	struct error err = {0};
	struct channel to = channel;
	AUTO_BUFFER out = {0};
	append(&out, SLICE_LITERAL("before"));
	enum status status = gss_mic_verify(&to, SLICE_LITERAL("data"), token, &err);
	check_read(status, &err, &to, token, &out);
}

/* A token of this header and body, rotated as the header says; what was read, without "before". */
static bool try_parts(struct slice header, struct slice body, struct buffer *out)
{
	AUTO_BUFFER token = {0};
	size_t rrc = (size_t)header.data[GSS_AT_RRC] << 8 | header.data[GSS_AT_RRC + 1];
	size_t start = body.len - rrc % body.len;
	append(&token, header);
	append(&token, slice_of(body.data + start, body.len - start));
	append(&token, slice_of(body.data, start));
	return try_wrap_whole(buffer_slice(&token), out);
}

static uint32_t seal_usage(void)
{
	return channel.is_initiator ? USAGE_ACCEPTOR_SEAL : USAGE_INITIATOR_SEAL;
}

static void try_unsealed_parts(struct slice input)
{
	unsigned char zeroed[GSS_HEADER_LENGTH], sum[CHECKSUM_MAX_LENGTH];
	AUTO_BUFFER body = {0};
	AUTO_BUFFER out = {0};
	struct reader r = reader_of(input);
	struct slice header = read_bytes(&r, GSS_HEADER_LENGTH);
	if (r.failed)
		return;
	memcpy(zeroed, header.data, sizeof zeroed);
	memset(zeroed + GSS_AT_EC, 0, GSS_AT_SEQ - GSS_AT_EC);
	const struct slice covered[] = {r.rest, slice_of(zeroed, sizeof zeroed)};
	must(key_checksum(key, seal_usage(), (struct pieces){covered, 2}, sum,
		     &(struct error){0}) == STATUS_OK);
	append(&body, r.rest);
	append(&body, slice_of(sum, enctype_checksum_length(key_type(key))));
	if (try_parts(header, buffer_slice(&body), &out))
		must(slice_equal(slice_of(out.data + 6, out.len - 6), r.rest));
}

/* Whatever is read is how the encrypted text began. */
static void try_sealed_parts(struct slice input)
{
	AUTO_BUFFER body = {0};
	AUTO_BUFFER out = {0};
	struct reader r = reader_of(input);
	struct slice header = read_bytes(&r, GSS_HEADER_LENGTH);
	if (r.failed)
		return;
	must(key_encrypt(key, seal_usage(), r.rest, &body, &(struct error){0}) == STATUS_OK);
	if (!try_parts(header, buffer_slice(&body), &out))
		return;
	size_t ec = (size_t)header.data[GSS_AT_EC] << 8 | header.data[GSS_AT_EC + 1];
	must(out.len - 6 + ec + GSS_HEADER_LENGTH == r.rest.len);
	must(memcmp(out.data + 6, r.rest.data, out.len - 6) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[8])(struct slice) = {
		try_safe,
		try_priv,
		try_wrap,
		try_mic,
		try_safe_body,
		try_priv_part,
		try_unsealed_parts,
		try_sealed_parts,
	};
	if (!key)
		key = exchange_key(ENCTYPE_AES256_SHA1, 'k');
	struct reader r = reader_of(slice_of(data, size));
	unsigned kind = read_u8(&r);
	channel = (struct channel){0};
	channel.key = key;
	channel.is_initiator = kind & 8;
	channel.has_acceptor_subkey = kind & 16;
	channel.receive_seq = 1000;
	if (!r.failed)
		tries[kind & 7](r.rest);
	return 0;
}
