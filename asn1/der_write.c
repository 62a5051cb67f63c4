/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_write.h"

#include <string.h>

void der_put(struct der_writer *w, struct slice octets)
{
	w->len += octets.len;
	if (w->end && octets.data && octets.len > 0)
		memcpy(w->end - w->len, octets.data, octets.len);
}

/* So many octets follow the first one of a length (X.690 section 8.1.3). */
static unsigned length_octets(size_t len)
{
	unsigned octets = 0;
	if (len > 0x7f)
		for (size_t rest = len; rest > 0; rest >>= 8)
			octets++;
	return octets;
}

/* The tag and length of an element whose contents, `len` octets, are there already. */
static void put_header(struct der_writer *w, unsigned char tag, size_t len)
{
	unsigned octets = length_octets(len);
	w->len += 2 + octets;
	if (!w->end)
		return;
	unsigned char *at = w->end - w->len;
	*at++ = tag;
	*at++ = (unsigned char)(octets > 0 ? 0x80 | octets : len);
	while (octets-- > 0)
		*at++ = (unsigned char)(len >> 8 * octets);
}

static const void *member(const void *record, size_t offset)
{
	return (const char *)record + offset;
}

static bool is_present(const struct schema_node *field, const void *record)
{
	const void *presence = member(record, field->row->presence);
	switch (field->when) {
	case IF_FLAG:
		return *(const bool *)presence;
	case IF_DATA:
		return ((const struct slice *)presence)->data != NULL;
	case IF_COUNT:
		return *(const unsigned *)presence != 0;
	case REFUSED:
		return false;
	default:
		return true;
	}
}

static enum status write_value(
	struct der_writer *w, const struct schema_node *node, const void *value);

/* The tags that are the type's, and those of the field. */
static void put_headers(struct der_writer *w, const struct schema_node *node, unsigned from,
	unsigned to, size_t before)
{
	for (unsigned i = to; i-- > from;)
		put_header(w, node->tag[i], w->len - before);
}

/* The field as it is in a slice. */
static enum status write_whole(
	struct der_writer *w, const struct schema_node *field, const void *record)
{
	const struct slice *whole = member(record, field->row->whole);
	if (whole->len == 0)
		return error_set(w->err, ERR_SYNTAX, "no %s to send", field->type);
	der_put(w, *whole);
	return STATUS_OK;
}

static enum status write_field(
	struct der_writer *w, const struct schema_node *field, const void *record)
{
	const struct der_row *row = field->row;
	if (!row || !is_present(field, record))
		return STATUS_OK;
	size_t before = w->len;
	const void *value = field->element ? record : member(record, row->offset);
	bool as_it_is = row->keep == AS_IT_IS;
	if (as_it_is ? write_whole(w, field, record) : write_value(w, field, value))
		return error_prefix(w->err, "%s", field->name);
	if (!as_it_is)
		put_headers(w, field, field->own_tags, field->tags, before);
	if (row->keep == MARKED && w->end)
		w->marked = slice_of(w->end - w->len, w->len - before);
	put_headers(w, field, 0, field->own_tags, before);
	return STATUS_OK;
}

/* `record`: the struct that the count and the array are in. */
static enum status write_list(
	struct der_writer *w, const struct schema_node *node, const void *record)
{
	const struct der_row *row = node->row;
	unsigned count = *(const unsigned *)member(record, row->count);
	if (count > row->max)
		return error_set(w->err, ERR_SYNTAX,
			"a list of %u elements, where at most %zu are sent", count, row->max);
	for (unsigned i = count; i-- > 0;) {
		size_t before = w->len;
		if (write_value(w, node->element, member(record, row->offset + i * row->size)))
			return w->err->status;
		put_headers(w, node->element, 0, node->element->tags, before);
	}
	return STATUS_OK;
}

/* Without its tags. */
static enum status write_value(
	struct der_writer *w, const struct schema_node *node, const void *value)
{
	if (node->base)
		return node->base->write(w, node, value);
	if (node->element)
		return write_list(w, node, value);
	for (unsigned i = node->record->count; i-- > 0;)
		if (write_field(w, &node->record->fields[i], value))
			return w->err->status;
	return STATUS_OK;
}

/* `writer` says where to, or that it only counts. */
static enum status write_message(
	struct der_writer *w, const struct schema_node *node, const void *in)
{
	w->number = node->number;
	if (write_value(w, node, in))
		return error_prefix(w->err, "%s", node->name);
	put_headers(w, node, 0, node->tags, 0);
	return STATUS_OK;
}

enum status der_write_marked(struct der_record *record, const void *in, struct slice *marked,
	struct buffer *out, struct error *err)
{
	const struct schema_node *node = schema_node_of(record, err);
	if (!node)
		return err->status;

	struct der_writer counter = {.err = err};
	if (write_message(&counter, node, in))
		return err->status;
	if (buffer_reserve(out, counter.len))
		return error_no_memory(err);

	struct der_writer writer = {.end = out->data + out->len + counter.len, .err = err};
	if (write_message(&writer, node, in))
		return err->status;
	out->len += counter.len;
	*marked = writer.marked;
	return STATUS_OK;
}

enum status der_write(
	struct der_record *record, const void *in, struct buffer *out, struct error *err)
{
	struct slice marked;
	return der_write_marked(record, in, &marked, out, err);
}

size_t der_length(struct der_record *record, const void *in)
{
	NEW_ERROR(unread);
	const struct schema_node *node = schema_node_of(record, &unread);
	struct der_writer counter = {.err = &unread};
	return node && write_message(&counter, node, in) == STATUS_OK ? counter.len : 0;
}

enum status der_write_header(
	unsigned char tag, size_t length, struct buffer *out, struct error *err)
{
	struct der_writer counter = {0};
	put_header(&counter, tag, length);
	if (buffer_reserve(out, counter.len))
		return error_no_memory(err);
	out->len += counter.len;
	struct der_writer writer = {.end = out->data + out->len};
	put_header(&writer, tag, length);
	return STATUS_OK;
}
