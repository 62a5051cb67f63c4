/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/schema_build.h"

#include <stdlib.h>
#include <string.h>

/* A type goes by so many names at most: Realm, KerberosString. */
enum { MAX_NAMES = 4, MAX_LISTS = 16 };

/* What a node is made of. */
struct use {
	struct definition definition;
	const char *within; /* the name of the definition that it stands in */
	const struct der_row *row;
	enum der_member member; /* MEMBER_NONE: it is only checked */
	size_t size;
};

/* The names that a type goes by, the nearest first. */
struct names {
	const char *name[MAX_NAMES];
	unsigned count;
};

static enum status node_build(struct builder *b, const struct use *use, struct schema_node *out);

static enum status misfit(struct builder *b, const struct use *use, const char *what)
{
	const char *field = definition_name(&use->definition);
	bool is_type = strcmp(field, use->within) == 0;
	return error_set(b->err, ERR_UNSUPPORTED, "%s%s%s: %s", use->within,
		is_type || !*field ? "" : ".", is_type ? "" : field, what);
}

/* Follows references down to the type itself, which `at` is then, and gathers tags and names. */
static enum status resolve(struct builder *b, const struct use *use, struct definition *at,
	struct names *names, struct schema_node *out)
{
	*at = use->definition;
	for (;;) {
		unsigned char octet;
		if (!definition_tag(at, &octet))
			return misfit(b, use, "a tag or a DEFAULT that the codec cannot read");
		if (octet && out->tags == DER_MAX_TAGS - 1)
			return misfit(b, use, "more tags than the codec reads");
		if (octet)
			out->tag[out->tags++] = octet;
		if (definition_type(at) != ASN1_ETYPE_IDENTIFIER)
			return STATUS_OK;
		const char *name = definition_reference(at);
		if (names->count == MAX_NAMES)
			return misfit(
				b, use, "a type that refers to itself, or by way of too many");
		if (!definition_find(&b->definitions, name, at))
			return misfit(b, use, "a type that is not defined");
		names->name[names->count++] = name;
	}
}

static enum status fields_build(
	struct builder *b, const struct definition *sequence, struct building *at);

/* The rows for this type in a struct of this size; any size where that is 0. */
static struct building *find_building(struct builder *b, const char *type, size_t size)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct der_record *record = b->buildings[i].record;
		bool is_list = record->rows && record->rows->field && !*record->rows->field;
		if (record->rows && !is_list && strcmp(record->type, type) == 0 &&
			(size == 0 || record->size == size))
			return &b->buildings[i];
	}
	return NULL;
}

static enum status sequence_build(struct builder *b, const struct use *use,
	const struct definition *sequence, const struct names *names, struct schema_node *out)
{
	const char *type = names->count > 0 ? names->name[names->count - 1] : use->within;
	if (use->member != MEMBER_NONE && use->member != MEMBER_STRUCT)
		return misfit(b, use, "a SEQUENCE, and the row's member is no struct");
	struct building *building = find_building(b, type, use->size);
	if (!building)
		return misfit(b, use, "a SEQUENCE for which the row's struct has no rows");
	if (building->state == NOW)
		return misfit(b, use, "a type that has itself within it");
	if (building->state != DONE && fields_build(b, sequence, building))
		return b->err->status;
	out->record = building->made;
	out->depth = building->made->depth;
	return STATUS_OK;
}

static enum status list_build(struct builder *b, const struct use *use,
	const struct definition *list, const struct names *names, struct schema_node *out)
{
	bool is_kept = use->member != MEMBER_NONE;
	if (is_kept && (!use->row || use->row->max == 0))
		return misfit(b, use, "a SEQUENCE OF, and the row's member is no list");
	struct use element = {
		.within = names->count > 0 ? names->name[names->count - 1] : use->within,
		.member = use->member,
		.size = is_kept ? use->size : 0,
	};
	struct schema_node *node = builder_allocate(b, 1, sizeof *node);
	if (!node)
		return error_no_memory(b->err);
	if (!definition_element(list, &element.definition))
		return misfit(b, use, "a SEQUENCE OF nothing");
	if (node_build(b, &element, node))
		return b->err->status;
	out->element = node;
	out->max = is_kept ? use->row->max : DER_MAX_ELEMENTS;
	out->depth = node->depth;
	return STATUS_OK;
}

static enum status simple_build(struct builder *b, const struct use *use, unsigned type,
	const struct names *names, struct schema_node *out)
{
	bool is_fixed = use->row && use->row->fixed;
	if (use->row && use->row->max > 0 && use->member != MEMBER_NONE)
		return misfit(b, use, "no list, and the row's member is one");
	out->base = der_base_find(type, names->name, is_fixed ? 0 : names->count, use->member);
	if (!out->base && !der_base_find(type, names->name, names->count, MEMBER_NONE))
		return misfit(b, use, "a type that the codec does not know");
	if (!out->base || (is_fixed && out->base->member != MEMBER_NONE))
		return misfit(b, use, "the row's member is of a type that cannot hold it");
	if (use->row && !is_fixed && use->member == MEMBER_NONE && use->row->when != REFUSED)
		return misfit(b, use, "the row has no member for it");
	return STATUS_OK;
}

/* A row says how the struct tells that a field is absent if and only if it may be. */
static enum status presence_build(struct builder *b, const struct use *use, struct schema_node *out)
{
	enum der_presence when = use->row ? use->row->when : ALWAYS;
	bool is_list = out->element != NULL;
	if (use->row && out->optional && when == ALWAYS)
		return misfit(b, use, "OPTIONAL, and the row does not say when it is there");
	if (!out->optional && when != ALWAYS && !is_list)
		return misfit(b, use, "not OPTIONAL, and by the row it may be absent");
	out->when = out->optional ? when : ALWAYS;
	return STATUS_OK;
}

/* ---- what is cleared ---- */

/* The arrays in the struct of a node that lies at `offset`. */
static unsigned arrays_of(
	const struct schema_node *node, size_t offset, struct schema_range *out, unsigned count)
{
	const struct der_row *row = node->row;
	if (node->element && row && row->member != MEMBER_NONE) {
		if (count < MAX_LISTS)
			out[count] =
				(struct schema_range){offset + row->offset, row->max * row->size};
		return count + 1;
	}
	if (!node->record)
		return count;
	for (unsigned i = 0; i < node->record->count; i++) {
		const struct schema_node *field = &node->record->fields[i];
		if (!field->row || field->row->member == MEMBER_NONE)
			continue;
		size_t at = offset + (field->record ? field->row->offset : 0);
		count = arrays_of(field, at, out, count);
	}
	return count;
}

static int by_offset(const void *a, const void *b)
{
	const struct schema_range *first = a, *second = b;
	return first->offset < second->offset ? -1 : first->offset > second->offset;
}

static enum status plain_build(
	struct builder *b, const struct use *use, size_t size, struct schema_node *node)
{
	struct schema_range arrays[MAX_LISTS];
	unsigned count = arrays_of(node, 0, arrays, 0);
	if (count > MAX_LISTS)
		return misfit(b, use, "more lists in one struct than the codec knows");
	qsort(arrays, count, sizeof *arrays, by_offset);

	struct schema_range *plain = builder_allocate(b, count + 1, sizeof *plain);
	if (!plain)
		return error_no_memory(b->err);
	size_t end = 0;
	node->plain = plain;
	for (unsigned i = 0; i <= count; i++) {
		size_t next = i < count ? arrays[i].offset : size;
		if (next > end)
			plain[node->plain_count++] = (struct schema_range){end, next - end};
		if (i < count)
			end = arrays[i].offset + arrays[i].size;
	}
	return STATUS_OK;
}

/* ---- nodes ---- */

static enum status node_of(
	struct builder *b, const struct use *use, struct names *names, struct schema_node *out)
{
	struct definition at;
	enum status status;
	if (resolve(b, use, &at, names, out))
		return b->err->status;
	unsigned type = definition_type(&at);
	out->type = names->count > 0 ? names->name[0] : use->within;
	out->row = use->row;
	switch (type) {
	case ASN1_ETYPE_SEQUENCE:
		status = sequence_build(b, use, &at, names, out);
		break;
	case ASN1_ETYPE_SEQUENCE_OF:
		status = list_build(b, use, &at, names, out);
		break;
	default:
		status = simple_build(b, use, type, names, out);
	}
	if (status)
		return b->err->status;
	out->tag[out->tags++] = out->base ? out->base->tag : TAG_SEQUENCE;
	out->depth += out->tags;
	if (out->depth > DER_MAX_DEPTH)
		return misfit(b, use, "elements nested deeper than 16");
	return STATUS_OK;
}

/* Of a field, or of the element of a list. */
static enum status node_build(struct builder *b, const struct use *use, struct schema_node *out)
{
	struct names names = {.count = 0};
	unsigned char own;
	out->name = definition_name(&use->definition);
	out->optional = definition_is_optional(&use->definition);
	out->own_tags = definition_tag(&use->definition, &own) && own;
	if (node_of(b, use, &names, out) || presence_build(b, use, out))
		return b->err->status;
	if (out->record && !use->row && use->member == MEMBER_STRUCT)
		return plain_build(b, use, use->size, out);
	return STATUS_OK;
}

static const struct der_row *find_row(const struct der_record *record, const char *field)
{
	for (const struct der_row *row = record->rows; row->field; row++)
		if (strcmp(row->field, field) == 0)
			return row;
	return NULL;
}

/* Each row has to be that of a field, and the only one. */
static enum status check_rows(
	struct builder *b, const struct der_record *record, const struct schema_record *made)
{
	for (const struct der_row *row = record->rows; row->field; row++) {
		bool is_used = false;
		for (unsigned i = 0; i < made->count && !is_used; i++)
			is_used = made->fields[i].row == row;
		if (!is_used)
			return error_set(b->err, ERR_UNSUPPORTED,
				"%s.%s: a row for which the definition has no field", record->type,
				row->field);
	}
	return STATUS_OK;
}

static enum status field_build(struct builder *b, const struct der_record *record,
	const struct definition *field, struct schema_node *out)
{
	const struct der_row *row = find_row(record, definition_name(field));
	struct use use = {.definition = *field, .within = record->type, .row = row};
	if (row) {
		use.member = row->member;
		use.size = row->size;
	}
	if (!row && !definition_is_optional(field))
		return misfit(b, &use, "it has no row, and is not OPTIONAL");
	return node_build(b, &use, out);
}

static enum status fields_build(
	struct builder *b, const struct definition *sequence, struct building *building)
{
	const struct der_record *record = building->record;
	struct definition field;
	unsigned count = 0;
	for (bool more = definition_first_field(sequence, &field); more;
		more = definition_next_field(sequence, &field))
		count++;
	struct schema_record *made = builder_allocate(b, 1, sizeof *made);
	struct schema_node *fields = builder_allocate(b, count, sizeof *fields);
	if (!made || !fields)
		return error_no_memory(b->err);
	*made = (struct schema_record){.record = record, .fields = fields, .count = count};
	building->made = made;
	building->state = NOW;

	bool more = definition_first_field(sequence, &field);
	for (unsigned i = 0; more; i++, more = definition_next_field(sequence, &field)) {
		if (field_build(b, record, &field, &fields[i]))
			return b->err->status;
		if (fields[i].depth > made->depth)
			made->depth = fields[i].depth;
		if (fields[i].row && fields[i].row->fixed == FIXED_NUMBER)
			made->has_number = true;
	}
	building->state = DONE;
	return check_rows(b, record, made);
}

enum status message_build(
	struct builder *b, const struct der_record *record, struct schema_node *out)
{
	struct names names = {.name = {record->type}, .count = 1};
	bool is_list = record->rows && record->rows->field && !*record->rows->field;
	struct use use = {.within = record->type, .member = MEMBER_STRUCT, .size = record->size};
	if (!definition_find(&b->definitions, record->type, &use.definition))
		return error_set(b->err, ERR_UNSUPPORTED, "%s: a record of a type that %s lacks",
			record->type, definitions_name(&b->definitions));
	if (is_list) {
		use.row = record->rows;
		use.member = record->rows->member;
		use.size = record->rows->size;
	}
	/* Rows of fields, of a SEQUENCE OF: they are those of its elements. */
	if (!is_list && definition_type(&use.definition) == ASN1_ETYPE_SEQUENCE_OF)
		definition_element(&use.definition, &use.definition);
	out->name = record->type;
	if (node_of(b, &use, &names, out))
		return b->err->status;
	if (is_list != (out->element != NULL))
		return misfit(b, &use, "neither a SEQUENCE, nor a SEQUENCE OF with one row");
	if (out->record && record->rows && out->record->record != record)
		return misfit(b, &use, "rows that belong to the type that it refers to");
	/* KDC-REQ, which is a message with another's tag alone, has none. */
	if (out->record && out->record->has_number &&
		(out->tag[0] & TAG_CLASS) == TAG_CLASS_APPLICATION)
		out->number = out->tag[0] & TAG_NUMBER;
	return plain_build(b, &use, record->size, out);
}
