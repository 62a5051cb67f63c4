/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/ccache_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shared.h"

#define VERSION_3 0x0503
#define VERSION_4 0x0504
#define TAG_KDC_OFFSET 1

#define CONFIGURATION_REALM SLICE_LITERAL("X-CACHECONF:")

/* Where we read; `start` is the file's first octet, for the offset in a sentence. */
struct source {
	struct reader reader;
	const unsigned char *start;
	const char *name;
	bool twice; /* version 3: the session key's type is there twice */
};

static size_t offset_of(const struct source *s)
{
	return (size_t)(s->reader.rest.data - s->start);
}

static enum status cut_short(const struct source *s, const char *what, struct error *err)
{
	return error_set(err, ERR_SYNTAX,
		"the credential cache %s: %s does not fit into the %zu octets that are left at "
		"octet %zu: it is damaged or cut short, run kinit again",
		s->name, what, s->reader.rest.len, offset_of(s));
}

static struct slice get_data(struct source *s)
{
	return read_bytes(&s->reader, read_u32(&s->reader));
}

/* Where the octets end too early the reader has failed, and the caller looks. */
static enum status parse_principal(
	struct source *s, const char *what, struct principal *out, struct error *err)
{
	out->type = (int32_t)read_u32(&s->reader);
	size_t offset = offset_of(s);
	uint32_t count = read_u32(&s->reader);
	if (!s->reader.failed && (count == 0 || count > PRINCIPAL_MAX_COMPONENTS))
		return error_set(err, ERR_SYNTAX,
			"the credential cache %s: %s has %u components at octet %zu, expected 1 to "
			"%d: run kinit again",
			s->name, what, count, offset, PRINCIPAL_MAX_COMPONENTS);
	out->count = count;
	out->realm = get_data(s);
	for (uint32_t i = 0; i < count && !s->reader.failed; i++)
		out->component[i] = get_data(s);
	return STATUS_OK;
}

/* Addresses and authorization data: nothing here looks at them, but they have no length of all. */
static void pass_list(struct source *s)
{
	uint32_t count = read_u32(&s->reader);
	for (uint32_t i = 0; i < count && !s->reader.failed; i++) {
		read_u16(&s->reader);
		get_data(s);
	}
}

static void parse_key(struct source *s, struct credential *out)
{
	out->key_type = (int16_t)read_u16(&s->reader);
	if (s->twice)
		read_u16(&s->reader);
	out->key = get_data(s);
}

static void parse_times(struct source *s, struct credential *out)
{
	out->authtime = read_u32(&s->reader);
	out->starttime = read_u32(&s->reader);
	out->endtime = read_u32(&s->reader);
	out->renew_till = read_u32(&s->reader);
	if (out->starttime == 0)
		out->starttime = out->authtime;
}

/* MIT krb5 removes an entry by overwriting these two times. */
static bool is_ticket_of_use(const struct credential *c, bool user_to_user)
{
	bool removed = c->endtime == 0 && c->authtime != 0;
	return !removed && !user_to_user && !slice_equal(c->server.realm, CONFIGURATION_REALM);
}

static enum status add(struct ccache *ccache, const struct credential *c, struct error *err)
{
	if ((ccache->count & (ccache->count - 1)) == 0) {
		size_t capacity = ccache->count ? 2 * ccache->count : 1;
		struct credential *grown =
			reallocarray(ccache->credential, capacity, sizeof *grown);
		if (!grown)
			return error_no_memory(err);
		ccache->credential = grown;
	}
	ccache->credential[ccache->count++] = *c;
	return STATUS_OK;
}

static enum status parse_credential(struct ccache *ccache, struct source *s, struct error *err)
{
	struct credential c = {.key_type = 0};
	if (parse_principal(s, "the client's name", &c.client, err))
		return err->status;
	if (!s->reader.failed && parse_principal(s, "the server's name", &c.server, err))
		return err->status;
	parse_key(s, &c);
	parse_times(s, &c);
	bool user_to_user = read_u8(&s->reader) != 0;
	c.flags = read_u32(&s->reader);
	pass_list(s);
	pass_list(s);
	c.ticket = get_data(s);
	get_data(s);
	if (s->reader.failed || !is_ticket_of_use(&c, user_to_user))
		return STATUS_OK;
	return add(ccache, &c, err);
}

/* Version 4's header: fields of a tag, a length, and as many octets. */
static enum status parse_header(struct ccache *ccache, struct source *s, struct error *err)
{
	struct source header = *s;
	header.reader = reader_of(read_bytes(&s->reader, read_u16(&s->reader)));
	if (s->reader.failed)
		return cut_short(s, "the header", err);
	while (header.reader.rest.len > 0) {
		uint16_t tag = read_u16(&header.reader);
		uint16_t length = read_u16(&header.reader);
		struct reader field = reader_of(read_bytes(&header.reader, length));
		if (header.reader.failed)
			return cut_short(&header, "a field of the header", err);
		if (tag != TAG_KDC_OFFSET)
			continue;
		ccache->kdc_offset = (int32_t)read_u32(&field);
		read_u32(&field); /* microseconds */
		if (field.failed || field.rest.len > 0)
			return error_set(err, ERR_SYNTAX,
				"the credential cache %s: the KDC's time offset before octet %zu "
				"has %u octets, expected 8: run kinit again",
				s->name, offset_of(&header), length);
	}
	return STATUS_OK;
}

static enum status parse_version(struct source *s, uint16_t *version, struct error *err)
{
	if (s->reader.rest.len == 0)
		return error_set(err, ERR_SYNTAX,
			"the credential cache %s is empty (0 octets): run kinit", s->name);
	*version = read_u16(&s->reader);
	if (s->reader.failed)
		return cut_short(s, "the version", err);
	if (*version == 0x0501 || *version == 0x0502)
		return error_set(err, ERR_SYNTAX,
			"the credential cache %s is of version %d, or is a keytab: expected is "
			"0x0504 or 0x0503 at octet 0: run kinit",
			s->name, *version & 0xff);
	/* Not what is there: whose file it is, and who reads the sentence, may be two users. */
	if (*version != VERSION_3 && *version != VERSION_4)
		return error_set(err, ERR_SYNTAX,
			"the credential cache %s is not one that can be read: expected is 0x0504 "
			"or "
			"0x0503 at octet 0: run kinit",
			s->name);
	return STATUS_OK;
}

static enum status parse_start(struct ccache *ccache, struct source *s, struct error *err)
{
	uint16_t version = 0;
	if (parse_version(s, &version, err))
		return err->status;
	ccache->version = version & 0xff;
	s->twice = version == VERSION_3;
	if (version == VERSION_4 && parse_header(ccache, s, err))
		return err->status;
	if (parse_principal(s, "its client's name", &ccache->client, err))
		return err->status;
	return s->reader.failed ? cut_short(s, "its client's name", err) : STATUS_OK;
}

enum status ccache_parse_contents(struct ccache *ccache, struct error *err)
{
	struct slice contents = buffer_slice(&ccache->contents);
	struct source s = {
		.reader = reader_of(contents), .start = contents.data, .name = ccache->name};
	if (parse_start(ccache, &s, err))
		return err->status;
	while (!s.reader.failed) {
		ccache->whole = offset_of(&s);
		if (s.reader.rest.len == 0)
			break;
		if (parse_credential(ccache, &s, err))
			return err->status;
	}
	return ccache_index(ccache, err);
}

enum status ccache_add_piece(struct ccache *ccache, struct slice piece, struct error *err)
{
	unsigned char length[4];
	if (piece.len > CCACHE_MAX_LENGTH || ccache->contents.len > CCACHE_MAX_LENGTH - piece.len)
		return error_set(err, ERR_FILE, "the credential cache %s: longer than %d octets",
			ccache->name, CCACHE_MAX_LENGTH);
	store_u32(length, (uint32_t)piece.len);
	if (buffer_append(&ccache->contents, slice_of(length, sizeof length)) ||
		buffer_append(&ccache->contents, piece))
		return error_no_memory(err);
	return STATUS_OK;
}

static enum status parse_piece(
	struct ccache *ccache, struct source *s, unsigned number, struct error *err)
{
	const char *what = number == 0 ? "its client's name" : "a credential";
	struct source piece = *s;
	piece.reader = reader_of(get_data(s));
	piece.start = piece.reader.rest.data;
	if (number == 0 ? parse_principal(&piece, what, &ccache->client, err)
			: parse_credential(ccache, &piece, err))
		return err->status;
	if (piece.reader.failed)
		return cut_short(&piece, what, err);
	if (piece.reader.rest.len > 0)
		return error_set(err, ERR_SYNTAX,
			"the credential cache %s: %zu octets stand behind %s at octet %zu: run "
			"kinit again",
			s->name, piece.reader.rest.len, what, offset_of(&piece));
	return STATUS_OK;
}

enum status ccache_parse_pieces(struct ccache *ccache, struct error *err)
{
	struct slice contents = buffer_slice(&ccache->contents);
	struct source s = {
		.reader = reader_of(contents), .start = contents.data, .name = ccache->name};
	ccache->version = 4;
	ccache->whole = contents.len;
	for (unsigned n = 0; s.reader.rest.len > 0; n++)
		if (parse_piece(ccache, &s, n, err))
			return err->status;
	return ccache_index(ccache, err);
}

enum status ccache_set_name(
	struct ccache *ccache, const char *prefix, const char *place, struct error *err)
{
	if (asprintf(&ccache->name, "%s%s", prefix, place) < 0) {
		ccache->name = NULL;
		return error_no_memory(err);
	}
	ccache->place = ccache->name + strlen(prefix);
	return STATUS_OK;
}

enum status ccache_parse(
	struct slice contents, const char *name, struct ccache **out, struct error *err)
{
	*out = NULL;
	AUTO_CCACHE ccache = calloc(1, sizeof *ccache);
	if (!ccache || buffer_append(&ccache->contents, contents))
		return error_no_memory(err);
	if (ccache_set_name(ccache, "", name, err) || ccache_parse_contents(ccache, err))
		return err->status;
	*out = ccache;
	ccache = NULL;
	return STATUS_OK;
}

void ccache_close(struct ccache *ccache)
{
	if (!ccache)
		return;
	shared_lock();
	bool last = ccache->others == 0;
	if (!last)
		ccache->others--;
	shared_unlock();
	if (!last)
		return;
	free(ccache->row);
	free(ccache->bucket);
	free(ccache->credential);
	free(ccache->name);
	buffer_free(&ccache->contents);
	free(ccache);
}

void ccache_close_at(struct ccache **ccache)
{
	ccache_close(*ccache);
}
