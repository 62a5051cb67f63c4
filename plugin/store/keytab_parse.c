/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/keytab_snapshot.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_trust.h"

#define VERSION_NATIVE 0x0501 /* integers in host byte order, the realm counted as a component */
#define VERSION_NETWORK 0x0502
#define VERSION_CCACHE_3 0x0503
#define VERSION_CCACHE_4 0x0504

/* Where we read in a keytab; `start` is the file's first octet, for the offset in a sentence. */
struct source {
	struct reader reader;
	const unsigned char *start;
	bool native;
};

static size_t offset_of(const struct source *s)
{
	return (size_t)(s->reader.rest.data - s->start);
}

static uint16_t get_u16(struct source *s)
{
	uint16_t value = read_u16(&s->reader);
	return s->native ? htobe16(value) : value;
}

static uint32_t get_u32(struct source *s)
{
	uint32_t value = read_u32(&s->reader);
	return s->native ? htobe32(value) : value;
}

static struct slice get_data(struct source *s)
{
	return read_bytes(&s->reader, get_u16(s));
}

static enum status parse_principal(
	struct source *s, const char *name, struct principal *out, struct error *err)
{
	size_t offset = offset_of(s);
	unsigned count = get_u16(s);
	if (s->native && count > 0)
		count--;
	if (!s->reader.failed && (count == 0 || count > PRINCIPAL_MAX_COMPONENTS))
		return error_set(err, ERR_SYNTAX,
			"the keytab %s: a principal with %u components at octet %zu, expected 1 to "
			"%d: export the keytab again (kadmin: ktadd)",
			name, count, offset, PRINCIPAL_MAX_COMPONENTS);

	out->count = count;
	out->realm = get_data(s);
	for (unsigned i = 0; i < count; i++)
		out->component[i] = get_data(s);
	out->type = s->native ? NT_UNKNOWN : (int32_t)get_u32(s);
	if (!s->reader.failed && out->realm.len == 0)
		return error_set(err, ERR_SYNTAX,
			"the keytab %s: a principal without a realm at octet %zu: export the "
			"keytab again (kadmin: ktadd)",
			name, offset);
	return STATUS_OK;
}

/* The fields of one record. What remains of it after them is slack: it stood in a larger hole. */
static enum status parse_fields(struct source *s, const char *name, struct keytab_entry *out,
	struct slice *key, struct error *err)
{
	if (parse_principal(s, name, &out->principal, err))
		return err->status;
	out->timestamp = get_u32(s);
	out->kvno = read_u8(&s->reader);
	out->enctype = (int16_t)get_u16(s);
	*key = get_data(s);
	if (s->reader.failed)
		return error_set(err, ERR_SYNTAX,
			"the keytab %s: an entry's record is too short for what it holds, at octet "
			"%zu: export the keytab again (kadmin: ktadd)",
			name, offset_of(s));

	/* Zero where fewer than four octets are left, and where they are the filling of a hole. */
	uint32_t kvno = get_u32(s);
	if (kvno != 0)
		out->kvno = kvno;
	return STATUS_OK;
}

static enum status grow(struct keytab *keytab, struct error *err)
{
	if (keytab->count & (keytab->count - 1))
		return STATUS_OK;
	unsigned capacity = keytab->count ? 2 * keytab->count : 1;
	struct keytab_row *row = reallocarray(keytab->row, capacity, sizeof *row);
	if (!row)
		return error_no_memory(err);
	keytab->row = row;
	return STATUS_OK;
}

/* `offset` is that of the record, for the sentence. */
static enum status parse_entry(
	struct keytab *keytab, struct source *s, size_t offset, struct error *err)
{
	struct keytab_entry entry = {.key = NULL};
	struct slice key;
	if (parse_fields(s, keytab->name, &entry, &key, err))
		return err->status;

	/* An entry of a type that is not ours stays, so that a sentence can name it. */
	if (enctype_usable(entry.enctype) && key_new(entry.enctype, key, &entry.key, err))
		return error_prefix(err, "the keytab %s: the entry for %s at octet %zu",
			keytab->name, PRINCIPAL_TEXT(&entry.principal), offset);
	if (grow(keytab, err)) {
		key_release(entry.key);
		return err->status;
	}
	keytab->row[keytab->count++] = (struct keytab_row){.entry = entry};
	return STATUS_OK;
}

static enum status parse_records(struct keytab *keytab, struct source *s, struct error *err)
{
	while (s->reader.rest.len > 0) {
		size_t offset = offset_of(s);
		int32_t length = (int32_t)get_u32(s);
		if (s->reader.failed)
			return error_set(err, ERR_SYNTAX,
				"the keytab %s: %zu octets at octet %zu, where a record's length "
				"of 4 should be: the file is cut short",
				keytab->name, s->reader.rest.len, offset);
		/* The end; MIT's writers put it before a record that they have not finished. */
		if (length == 0)
			return STATUS_OK;

		uint32_t size = length < 0 ? 0 - (uint32_t)length : (uint32_t)length;
		struct source record = *s;
		record.reader = reader_of(read_bytes(&s->reader, size));
		if (s->reader.failed)
			return error_set(err, ERR_SYNTAX,
				"the keytab %s: the %s at octet %zu should have %u octets, and %zu "
				"are left: the file is cut short, or is being written",
				keytab->name, length < 0 ? "hole" : "entry", offset, size,
				s->reader.rest.len);
		if (length >= 0 && parse_entry(keytab, &record, offset, err))
			return err->status;
	}
	return STATUS_OK;
}

static enum status parse_version(struct source *s, const char *name, struct error *err)
{
	if (s->reader.rest.len == 0)
		return error_set(err, ERR_SYNTAX,
			"the keytab %s is empty (0 octets): export it again (kadmin: ktadd)", name);
	uint16_t version = read_u16(&s->reader);
	s->native = version == VERSION_NATIVE;
	if (s->reader.failed)
		return error_set(err, ERR_SYNTAX,
			"the keytab %s is cut short after 1 octet: export it again (kadmin: "
			"ktadd)",
			name);
	if (version == VERSION_CCACHE_3 || version == VERSION_CCACHE_4)
		return error_set(err, ERR_SYNTAX,
			"the keytab %s is a credential cache (expected is 0x0502 or 0x0501 at "
			"octet "
			"0): name a keytab",
			name);
	/* Not what is there: it may be anything. */
	if (version != VERSION_NATIVE && version != VERSION_NETWORK)
		return error_set(err, ERR_SYNTAX,
			"the keytab %s is not a keytab that can be read: expected is 0x0502 or "
			"0x0501 at octet 0",
			name);
	return STATUS_OK;
}

static enum status parse(struct keytab *keytab, struct error *err)
{
	struct slice contents = buffer_slice(&keytab->contents);
	struct source source = {.reader = reader_of(contents), .start = contents.data};
	if (parse_version(&source, keytab->name, err) || parse_records(keytab, &source, err))
		return err->status;
	return keytab_index(keytab, err);
}

enum status keytab_parse_buffer(
	struct buffer *contents, const char *name, struct keytab **out, struct error *err)
{
	*out = NULL;
	struct keytab *keytab = calloc(1, sizeof *keytab);
	if (!keytab)
		return error_no_memory(err);
	keytab->references = 1;
	keytab->contents = *contents;
	*contents = (struct buffer){0};
	keytab->name = strdup(name);
	enum status status = keytab->name ? parse(keytab, err) : error_no_memory(err);
	if (status)
		keytab_free(keytab);
	else
		*out = keytab;
	return status;
}

enum status keytab_parse(
	struct slice contents, const char *name, struct keytab **out, struct error *err)
{
	AUTO_BUFFER copy = {0};
	*out = NULL;
	if (buffer_append(&copy, contents))
		return error_no_memory(err);
	return keytab_parse_buffer(&copy, name, out, err);
}

void keytab_free(struct keytab *keytab)
{
	for (unsigned n = 0; n < keytab->count; n++)
		key_release(keytab->row[n].entry.key);
	free(keytab->row);
	free(keytab->bucket);
	free(keytab->name);
	buffer_free(&keytab->contents);
	free(keytab);
}

const char *keytab_name(const struct keytab *keytab)
{
	return keytab->name;
}

bool keytab_world_readable(const struct keytab *keytab)
{
	return keytab->mode & S_IROTH;
}

bool keytab_is_foreign(const struct keytab *keytab, uid_t *owner)
{
	*owner = keytab->owner;
	return !file_owner_is_trusted(*owner, NULL);
}
