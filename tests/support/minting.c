/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/minting.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

void mint_octets(struct buffer *out, struct slice octets)
{
	if (buffer_append(out, octets)) {
		fputs("out of memory\n", stderr);
		abort();
	}
}

void mint_u8(struct buffer *out, uint8_t value)
{
	mint_octets(out, slice_of(&value, sizeof value));
}

void mint_u16(struct buffer *out, uint16_t value)
{
	value = htobe16(value);
	mint_octets(out, slice_of(&value, sizeof value));
}

void mint_u32(struct buffer *out, uint32_t value)
{
	value = htobe32(value);
	mint_octets(out, slice_of(&value, sizeof value));
}

static int digit_value(unsigned char c)
{
	const char *digits = "0123456789abcdef";
	const char *digit = c ? strchr(digits, c | (c >= 'A' ? 0x20 : 0)) : NULL;
	return digit ? (int)(digit - digits) : -1;
}

enum status mint_hex(struct slice text, struct buffer *out, struct error *err)
{
	struct slice rest = text;
	if (rest.len >= 2 && rest.data[0] == '0' && (rest.data[1] | 0x20) == 'x')
		rest = slice_of(rest.data + 2, rest.len - 2);
	if (rest.len % 2 != 0)
		return error_set(err, ERR_SYNTAX,
			"\"%s\" has %zu hexadecimal digits, expected two for each octet",
			TEXT(text), rest.len);
	for (size_t i = 0; i < rest.len; i += 2) {
		int high = digit_value(rest.data[i]);
		int low = digit_value(rest.data[i + 1]);
		if (high < 0 || low < 0)
			return error_set(err, ERR_SYNTAX, "\"%s\" is not hexadecimal", TEXT(text));
		mint_u8(out, (uint8_t)(high << 4 | low));
	}
	return STATUS_OK;
}

struct mint_ticket mint_ticket_of(const struct principal *client, const struct principal *server,
	struct key *key, const struct key *session_key, int64_t now)
{
	return (struct mint_ticket){
		.server = *server,
		.key = key,
		.has_kvno = true,
		.kvno = 1,
		.part =
			{
				.flags = TICKET_INITIAL | TICKET_PRE_AUTHENT |
					 TICKET_TRANSITED_POLICY_CHECKED,
				.key = {enctype_number(key_type(session_key)),
					key_octets(session_key)},
				.client = *client,
				.transited_type = 1, /* DOMAIN-X500-COMPRESS */
				.transited = SLICE_LITERAL(""),
				.authtime = now - 60,
				.has_starttime = true,
				.starttime = now - 60,
				.endtime = now - 60 + 36000,
			},
	};
}

enum status mint_ticket(const struct mint_ticket *ticket, struct buffer *out, struct error *err)
{
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	enum status status = der_write_enc_ticket_part(&ticket->part, &plain, err);
	if (!status)
		status = key_encrypt(ticket->key, USAGE_TICKET, buffer_slice(&plain), &cipher, err);
	if (status)
		return status;
	struct ticket whole = {
		.server = ticket->server,
		.enc_part =
			{
				.etype = enctype_number(key_type(ticket->key)),
				.has_kvno = ticket->has_kvno,
				.kvno = ticket->kvno,
				.cipher = buffer_slice(&cipher),
			},
	};
	return der_write_ticket(&whole, out, err);
}

enum status mint_authdata(struct authorization_data *list, int32_t type, struct slice data,
	int32_t inside, struct buffer *storage, struct error *err)
{
	if (list->count == DER_MAX_ELEMENTS)
		return error_set(err, ERR_SYNTAX, "more than %d elements of authorization data",
			DER_MAX_ELEMENTS);
	struct ad_element element = {type, data};
	if (inside != 0) {
		struct authorization_data inner = {.count = 1, .element = {element}};
		enum status status = der_write_authorization_data(&inner, storage, err);
		if (status)
			return status;
		element = (struct ad_element){inside, buffer_slice(storage)};
	}
	list->element[list->count++] = element;
	return STATUS_OK;
}

/* With padding of so many octets. */
static enum status mint_padded(
	const struct mint_ticket *ticket, size_t padding, struct buffer *out, struct error *err)
{
	AUTO_BUFFER zeros = {0};
	AUTO_BUFFER storage = {0};
	struct mint_ticket padded = *ticket;
	for (size_t i = 0; i < padding; i++)
		mint_u8(&zeros, 0);
	/* A type that nobody has been given: negative numbers are for local use. */
	enum status status = mint_authdata(&padded.part.authorization_data, -1000,
		buffer_slice(&zeros), AD_IF_RELEVANT, &storage, err);
	return status ? status : mint_ticket(&padded, out, err);
}

enum status mint_ticket_of_size(
	const struct mint_ticket *ticket, size_t size, struct buffer *out, struct error *err)
{
	AUTO_BUFFER trial = {0};
	enum status status = mint_padded(ticket, 1, &trial, err);
	if (status)
		return status;
	if (trial.len > size)
		return error_set(err, ERR_SYNTAX,
			"the ticket is longer than %zu octets without padding: %zu", size,
			trial.len);
	/* Lengths grow by themselves as the padding does, a few octets at most. */
	size_t padding = 1 + size - trial.len;
	for (;;) {
		buffer_clear(&trial);
		status = mint_padded(ticket, padding, &trial, err);
		if (status)
			return status;
		if (trial.len <= size)
			break;
		padding--;
	}
	mint_octets(out, buffer_slice(&trial));
	return STATUS_OK;
}

struct credential mint_credential(const struct mint_ticket *ticket, struct slice der)
{
	const struct enc_ticket_part *part = &ticket->part;
	return (struct credential){
		.client = part->client,
		.server = ticket->server,
		.key_type = part->key.type,
		.key = part->key.value,
		.authtime = part->authtime,
		.starttime = part->has_starttime ? part->starttime : 0,
		.endtime = part->endtime,
		.renew_till = part->has_renew_till ? part->renew_till : 0,
		.flags = part->flags,
		.ticket = der,
	};
}

/* Version 0x0501 has the integers of the host that wrote it. */
static void keytab_u16(struct buffer *out, uint16_t version, uint16_t value)
{
	mint_u16(out, version == MINT_KEYTAB_1 ? be16toh(value) : value);
}

static void keytab_u32(struct buffer *out, uint16_t version, uint32_t value)
{
	mint_u32(out, version == MINT_KEYTAB_1 ? be32toh(value) : value);
}

static void keytab_data(struct buffer *out, uint16_t version, struct slice data)
{
	keytab_u16(out, version, (uint16_t)data.len);
	mint_octets(out, data);
}

void mint_keytab_start(struct buffer *out, uint16_t version)
{
	mint_u16(out, version);
}

void mint_keytab_entry(struct buffer *out, uint16_t version, const struct mint_keytab_entry *entry)
{
	AUTO_BUFFER record = {0};
	const struct principal *name = &entry->principal;
	keytab_u16(&record, version, (uint16_t)(name->count + (version == MINT_KEYTAB_1)));
	keytab_data(&record, version, name->realm);
	for (unsigned i = 0; i < name->count; i++)
		keytab_data(&record, version, name->component[i]);
	if (version != MINT_KEYTAB_1)
		keytab_u32(&record, version, (uint32_t)name->type);
	keytab_u32(&record, version, entry->timestamp);
	mint_u8(&record, (uint8_t)entry->kvno);
	keytab_u16(&record, version, (uint16_t)entry->enctype);
	keytab_data(&record, version, entry->key);
	if (!entry->short_kvno)
		keytab_u32(&record, version, entry->kvno);

	keytab_u32(out, version, (uint32_t)record.len);
	mint_octets(out, buffer_slice(&record));
}

void mint_keytab_hole(struct buffer *out, uint16_t version, uint32_t size)
{
	keytab_u32(out, version, 0 - size);
	for (uint32_t i = 0; i < size; i++)
		mint_u8(out, 0);
}

static void ccache_data(struct buffer *out, struct slice data)
{
	mint_u32(out, (uint32_t)data.len);
	mint_octets(out, data);
}

static void ccache_principal(struct buffer *out, const struct principal *name)
{
	mint_u32(out, (uint32_t)name->type);
	mint_u32(out, name->count);
	ccache_data(out, name->realm);
	for (unsigned i = 0; i < name->count; i++)
		ccache_data(out, name->component[i]);
}

void mint_ccache_start(
	struct buffer *out, int version, const struct principal *client, int32_t kdc_offset)
{
	mint_u16(out, (uint16_t)(0x0500 + version));
	if (version == 4) {
		mint_u16(out, 12);
		mint_u16(out, 1);
		mint_u16(out, 8);
		mint_u32(out, (uint32_t)kdc_offset);
		mint_u32(out, 0);
	}
	ccache_principal(out, client);
}

void mint_ccache_credential(struct buffer *out, int version, const struct credential *credential,
	const struct host_addresses *addresses)
{
	ccache_principal(out, &credential->client);
	ccache_principal(out, &credential->server);
	mint_u16(out, (uint16_t)credential->key_type);
	if (version == 3)
		mint_u16(out, (uint16_t)credential->key_type);
	ccache_data(out, credential->key);
	mint_u32(out, (uint32_t)credential->authtime);
	mint_u32(out, (uint32_t)credential->starttime);
	mint_u32(out, (uint32_t)credential->endtime);
	mint_u32(out, (uint32_t)credential->renew_till);
	mint_u8(out, 0); /* not encrypted in another session key */
	mint_u32(out, credential->flags);
	mint_u32(out, addresses ? addresses->count : 0);
	for (unsigned i = 0; addresses && i < addresses->count; i++) {
		mint_u16(out, (uint16_t)addresses->element[i].type);
		ccache_data(out, addresses->element[i].address);
	}
	mint_u32(out, 0); /* no authorization data */
	ccache_data(out, credential->ticket);
	ccache_data(out, SLICE_EMPTY); /* no second ticket */
}

void mint_ccache_configuration(struct buffer *out, int version, const struct principal *client,
	const char *key, struct slice value)
{
	struct credential entry = {
		.client = *client,
		.server =
			{
				.count = 2,
				.component = {SLICE_LITERAL("krb5_ccache_conf_data"),
					slice_string(key)},
				.realm = SLICE_LITERAL("X-CACHECONF:"),
			},
		.ticket = value,
	};
	mint_ccache_credential(out, version, &entry, NULL);
}

static bool write_all(int fd, struct slice contents)
{
	while (contents.len > 0) {
		ssize_t n = write(fd, contents.data, contents.len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			contents = slice_of(contents.data + n, contents.len - (size_t)n);
	}
	return true;
}

enum status mint_file(const char *path, struct slice contents, struct error *err)
{
	char beside[4096];
	if ((size_t)snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= sizeof beside)
		return error_set(err, ERR_FILE, "the path \"%.80s...\" is too long", path);
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERR_FILE, "%s: cannot be written beside it: %s", path,
			strerror(errno));
	bool written = write_all(fd, contents);
	written = close(fd) == 0 && written;
	if (written && rename(beside, path) == 0)
		return STATUS_OK;
	int reason = errno;
	unlink(beside);
	return error_set(err, ERR_FILE, "%s: cannot be written: %s", path, strerror(reason));
}
