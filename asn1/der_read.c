/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_read.h"

#include <stdio.h>
#include <string.h>

#define TAG_TEXT_SIZE 40

int der_message_type(struct slice token)
{
	if (token.len == 0 || (token.data[0] & ~TAG_NUMBER) != TAG_APPLICATION)
		return -1;
	int number = token.data[0] & TAG_NUMBER;
	return number < TAG_NUMBER ? number : -1;
}

enum status der_malformed(const struct der_reader *r, struct slice at, const char *what)
{
	return error_set(r->err, ERR_SYNTAX, "malformed at octet %zu: %s",
		(size_t)(at.data - r->start), what);
}

/* NULL stays NULL: there is no struct. */
static void *member(void *record, size_t offset)
{
	return record ? (char *)record + offset : NULL;
}

/* ---- tags ---- */

static const char *tag_text(unsigned char tag, char out[TAG_TEXT_SIZE])
{
	static const struct {
		unsigned char tag;
		const char *text;
	} universal[] = {
		{TAG_INTEGER, "an INTEGER"},
		{TAG_BIT_STRING, "a BIT STRING"},
		{TAG_OCTET_STRING, "an OCTET STRING"},
		{TAG_OBJECT_IDENTIFIER, "an OBJECT IDENTIFIER"},
		{TAG_ENUMERATED, "an ENUMERATED"},
		{TAG_GENERALIZED_TIME, "a GeneralizedTime"},
		{TAG_GENERAL_STRING, "a GeneralString"},
		{TAG_SEQUENCE, "a SEQUENCE"},
	};
	for (size_t i = 0; i < sizeof universal / sizeof *universal; i++)
		if (universal[i].tag == tag)
			return universal[i].text;
	if ((tag & TAG_CLASS) == TAG_CLASS_CONTEXT)
		snprintf(out, TAG_TEXT_SIZE, "[%d]", tag & TAG_NUMBER);
	else if ((tag & TAG_CLASS) == TAG_CLASS_APPLICATION)
		snprintf(out, TAG_TEXT_SIZE, "[APPLICATION %d]", tag & TAG_NUMBER);
	else
		snprintf(out, TAG_TEXT_SIZE, "the tag %02x", tag);
	return out;
}

/* The element that begins with `found` is another one than that which `expected` begins. */
static enum status wrong_tag(const struct der_reader *r, struct slice at, unsigned char expected)
{
	char found_text[TAG_TEXT_SIZE], expected_text[TAG_TEXT_SIZE];
	unsigned char found = at.data[0];
	if ((found & TAG_CLASS) == TAG_CLASS_PRIVATE)
		return der_malformed(
			r, at, "a tag of the private class, which no Kerberos message has");
	if ((found ^ expected) == TAG_CONSTRUCTED)
		return der_malformed(r, at,
			(found & TAG_CLASS) == TAG_CLASS_UNIVERSAL
				? "a type in an encoding (primitive or constructed) that DER does "
				  "not have for it"
				: "a tag without an element inside (Kerberos' tags are explicit)");
	return error_set(r->err, ERR_SYNTAX,
		"not of the type that it should be: %s, where %s is expected",
		tag_text(found, found_text), tag_text(expected, expected_text));
}

/* ---- elements ---- */

static enum status read_value(const struct der_reader *r, const struct schema_node *node,
	const struct element *element, void *value);

static enum status take(
	const struct der_reader *r, struct slice *rest, unsigned char tag, struct element *out)
{
	struct slice at = *rest;
	const char *wrong = element_take(rest, out);
	if (wrong)
		return der_malformed(r, at, wrong);
	return out->tag == tag ? STATUS_OK : wrong_tag(r, at, tag);
}

/*
 * Takes the node's element off `rest`, down to its innermost tag, around which each
 * has exactly one element inside. `whole` is the element without the field's own tag.
 */
static enum status open(const struct der_reader *r, const struct schema_node *node,
	struct slice *rest, struct element *inner, struct slice *whole)
{
	if (take(r, rest, node->tag[0], inner))
		return r->err->status;
	*whole = inner->whole;
	for (unsigned i = 1; i < node->tags; i++) {
		struct slice inside = inner->content;
		if (inside.len == 0)
			return der_malformed(r, inner->whole, "a tag with nothing inside");
		if (take(r, &inside, node->tag[i], inner))
			return r->err->status;
		if (inside.len > 0)
			return der_malformed(r, inside, "a second element inside one tag");
		if (i == node->own_tags)
			*whole = inner->whole;
	}
	return STATUS_OK;
}

static void clear(const struct schema_node *node, void *value)
{
	if (value)
		for (unsigned i = 0; i < node->plain_count; i++)
			memset((char *)value + node->plain[i].offset, 0, node->plain[i].size);
}

/* ---- fields ---- */

/* What stands where the fields so far allow for nothing, or for `missing`. */
static enum status unexpected(const struct der_reader *r, const struct schema_node *missing,
	struct slice rest, unsigned char last)
{
	if (rest.len == 0)
		return error_set(r->err, ERR_SYNTAX, "%s: missing", missing->name);
	unsigned char tag = rest.data[0];
	if ((tag & TAG_CLASS) != TAG_CLASS_CONTEXT)
		return der_malformed(r, rest, "something other than a field among fields");
	if (!(tag & TAG_CONSTRUCTED))
		return der_malformed(
			r, rest, "a tag without an element inside (Kerberos' tags are explicit)");
	if (tag <= last)
		return der_malformed(r, rest, "a field that is there twice or out of order");
	if (missing)
		return error_set(r->err, ERR_SYNTAX, "%s: missing, [%d] is in its place",
			missing->name, tag & TAG_NUMBER);
	return error_set(r->err, ERR_SYNTAX, "a field too many, [%d]", tag & TAG_NUMBER);
}

static enum status read_field(const struct der_reader *r, const struct schema_node *field,
	struct slice *rest, void *record)
{
	const struct der_row *row = field->row;
	struct element inner;
	struct slice whole;
	void *place = row && row->member != MEMBER_NONE ? record : NULL;
	if (field->when == REFUSED)
		return error_set(r->err, ERR_SYNTAX, "present, in a message that may not have it");
	if (open(r, field, rest, &inner, &whole) ||
		read_value(r, field, &inner,
			field->element ? place : member(place, row ? row->offset : 0)))
		return r->err->status;
	if (!record || !row)
		return STATUS_OK;
	if (row->keep)
		*(struct slice *)member(record, row->whole) = whole;
	if (field->when == IF_FLAG)
		*(bool *)member(record, row->presence) = true;
	return STATUS_OK;
}

static enum status read_fields(
	const struct der_reader *r, const struct schema_record *of, struct slice rest, void *record)
{
	unsigned char last = 0;
	for (unsigned i = 0; i < of->count; i++) {
		const struct schema_node *field = &of->fields[i];
		if (rest.len > 0 && rest.data[0] == field->tag[0]) {
			last = rest.data[0];
			if (read_field(r, field, &rest, record))
				return error_prefix(r->err, "%s", field->name);
		} else if (!field->optional || (record && field->when == NEEDED)) {
			return unexpected(r, field, rest, last);
		}
	}
	return rest.len == 0 ? STATUS_OK : unexpected(r, NULL, rest, last);
}

/* `record`: the struct that the count and the array are in. */
static enum status read_list(
	const struct der_reader *r, const struct schema_node *node, struct slice rest, void *record)
{
	const struct schema_node *element = node->element;
	size_t count = 0;
	for (; rest.len > 0; count++) {
		struct element inner;
		struct slice whole;
		if (count == node->max)
			return error_set(
				r->err, ERR_SYNTAX, "a list of more than %zu elements", node->max);
		void *place =
			record ? member(record, node->row->offset + count * node->row->size) : NULL;
		clear(element, place);
		if (open(r, element, &rest, &inner, &whole) ||
			read_value(r, element, &inner, place))
			return error_prefix(r->err, "element %zu", count + 1);
	}
	if (record)
		*(unsigned *)member(record, node->row->count) = (unsigned)count;
	return STATUS_OK;
}

static enum status read_value(const struct der_reader *r, const struct schema_node *node,
	const struct element *element, void *value)
{
	if (node->base)
		return node->base->read(r, node, element, value);
	if (node->element)
		return read_list(r, node, element->content, value);
	return read_fields(r, node->record, element->content, value);
}

/* ---- messages ---- */

static enum status read_message(struct der_reader *r, const struct schema_node *node, size_t limit,
	struct slice der, void *out)
{
	struct element outer, inner;
	struct slice rest = der, whole;
	if (der.len == 0)
		return error_set(r->err, ERR_SYNTAX, "an empty message");
	if (der.len > limit)
		return error_set(r->err, ERR_SYNTAX,
			"a message of %zu octets, of which at most %zu are read", der.len, limit);
	const char *wrong = element_take(&rest, &outer);
	if (wrong)
		return der_malformed(r, der, wrong);
	if (rest.len > 0)
		return der_malformed(r, rest, "octets after the end of the message");
	int number = der_message_type(der);
	if (node->number && number >= 0 && number != node->number)
		return error_set(r->err, KRB_AP_ERR_MSG_TYPE,
			"a message of type %d, where %d is expected", number, node->number);

	clear(node, out);
	if (open(r, node, &der, &inner, &whole))
		return r->err->status;
	if (node->row && node->row->keep)
		*(struct slice *)member(out, node->row->whole) = whole;
	return read_value(r, node, &inner, out);
}

bool der_begins(struct der_record *record, struct slice der)
{
	NEW_ERROR(unread);
	const struct schema_node *node = schema_node_of(record, &unread);
	return node && der.len > 0 && der.data[0] == node->tag[0];
}

enum status der_read(struct der_record *record, struct slice der, void *out, struct error *err)
{
	const struct schema_node *node = schema_node_of(record, err);
	if (!node) {
		memset(out, 0, record->size);
		return err->status;
	}
	struct der_reader reader = {.start = der.data, .number = node->number, .err = err};
	size_t limit = record->limit ? record->limit : DER_MAX_TOKEN;
	if (read_message(&reader, node, limit, der, out)) {
		memset(out, 0, record->size);
		return error_prefix(err, "%s", node->name);
	}
	return STATUS_OK;
}
