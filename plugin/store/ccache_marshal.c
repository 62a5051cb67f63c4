/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/ccache_marshal.h"

#define VERSION_4 0x0504
#define TAG_KDC_OFFSET 1
#define OFFSET_FIELD_LENGTH 12 /* with tag and length */

/* Where octets are put; `failed` as with a reader: once there was no memory. */
struct sink {
	struct buffer *out;
	bool failed;
};

static void put_octets(struct sink *sink, struct slice octets)
{
	if (!sink->failed)
		sink->failed = buffer_append(sink->out, octets) != STATUS_OK;
}

static void put_u32(struct sink *sink, uint32_t value)
{
	unsigned char octets[4];
	store_u32(octets, value);
	put_octets(sink, slice_of(octets, sizeof octets));
}

static void put_u16(struct sink *sink, uint16_t value)
{
	put_octets(sink,
		slice_of((unsigned char[]){(unsigned char)(value >> 8), (unsigned char)value}, 2));
}

static void put_data(struct sink *sink, struct slice data)
{
	put_u32(sink, (uint32_t)data.len);
	put_octets(sink, data);
}

static void put_time(struct sink *sink, int64_t seconds)
{
	put_u32(sink, seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds);
}

static void put_principal(struct sink *sink, const struct principal *p)
{
	put_u32(sink, (uint32_t)p->type);
	put_u32(sink, p->count);
	put_data(sink, p->realm);
	for (unsigned i = 0; i < p->count; i++)
		put_data(sink, p->component[i]);
}

static void put_credential(struct sink *sink, const struct credential *c, int version)
{
	put_principal(sink, &c->client);
	put_principal(sink, &c->server);
	put_u16(sink, (uint16_t)c->key_type);
	if (version == 3)
		put_u16(sink, (uint16_t)c->key_type);
	put_data(sink, c->key);
	put_time(sink, c->authtime);
	put_time(sink, c->starttime);
	put_time(sink, c->endtime);
	put_time(sink, c->renew_till);
	put_octets(sink, SLICE_LITERAL("\0")); /* not encrypted in another session key */
	put_u32(sink, c->flags);
	put_u32(sink, 0); /* addresses */
	put_u32(sink, 0); /* authorization data */
	put_data(sink, c->ticket);
	put_data(sink, SLICE_EMPTY); /* no second ticket */
}

static void put_offset(struct sink *sink, int64_t kdc_offset)
{
	bool fits = kdc_offset >= INT32_MIN && kdc_offset <= INT32_MAX;
	put_u32(sink, fits ? (uint32_t)kdc_offset : 0);
	put_u32(sink, 0); /* microseconds */
}

/* `others` are the header's other fields. */
static void put_header(struct sink *sink, int64_t kdc_offset, struct slice others)
{
	put_u16(sink, VERSION_4);
	put_u16(sink, (uint16_t)(OFFSET_FIELD_LENGTH + others.len));
	put_u16(sink, TAG_KDC_OFFSET);
	put_u16(sink, 8);
	put_offset(sink, kdc_offset);
	put_octets(sink, others);
}

static enum status finish(const struct sink *sink, struct error *err)
{
	return sink->failed ? error_no_memory(err) : STATUS_OK;
}

enum status marshal_principal(const struct principal *p, struct buffer *out, struct error *err)
{
	struct sink sink = {out, false};
	put_principal(&sink, p);
	return finish(&sink, err);
}

enum status marshal_credential(
	const struct credential *c, int version, struct buffer *out, struct error *err)
{
	struct sink sink = {out, false};
	put_credential(&sink, c, version);
	return finish(&sink, err);
}

enum status marshal_file(const struct ccache_start *start, struct buffer *out, struct error *err)
{
	struct sink sink = {out, false};
	put_header(&sink, start->kdc_offset, SLICE_EMPTY);
	put_principal(&sink, start->client);
	for (unsigned i = 0; i < start->count; i++)
		put_credential(&sink, &start->credential[i], 4);
	return finish(&sink, err);
}

enum status marshal_kdc_offset(int64_t kdc_offset, struct buffer *out, struct error *err)
{
	struct sink sink = {out, false};
	put_offset(&sink, kdc_offset);
	return finish(&sink, err);
}

/* Those of a header that are not the offset. */
static enum status other_fields(struct reader header, struct buffer *out, struct error *err)
{
	struct sink sink = {out, false};
	while (header.rest.len > 0 && !header.failed) {
		uint16_t tag = read_u16(&header);
		struct slice value = read_bytes(&header, read_u16(&header));
		if (header.failed || tag == TAG_KDC_OFFSET)
			continue;
		put_u16(&sink, tag);
		put_u16(&sink, (uint16_t)value.len);
		put_octets(&sink, value);
	}
	if (out->len > UINT16_MAX - OFFSET_FIELD_LENGTH)
		return error_set(err, ERR_SYNTAX,
			"the header of a credential cache has %zu octets, and no room for the "
			"KDC's time offset",
			out->len);
	return finish(&sink, err);
}

enum status marshal_with_kdc_offset(
	struct slice contents, int64_t kdc_offset, struct buffer *out, struct error *err)
{
	AUTO_BUFFER others = {0};
	struct sink sink = {out, false};
	struct reader reader = reader_of(contents);
	(void)read_u16(&reader); /* version */
	struct reader header = reader_of(read_bytes(&reader, read_u16(&reader)));
	if (other_fields(header, &others, err))
		return err->status;
	put_header(&sink, kdc_offset, buffer_slice(&others));
	put_octets(&sink, reader.rest);
	return finish(&sink, err);
}
