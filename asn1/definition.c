/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one file that reads the array of asn1Parser directly: its nodes stand
 * depth first, and these bits of `type` say what libtasn1's functions do not.
 * Names, ASN1_ETYPE_* (the low octet) and values are of libtasn1.h.
 */
#include "asn1/definition.h"

#include <stdlib.h>
#include <string.h>

#include "asn1/der_element.h"

#define TYPE_OF(at) ((at)->type & 0xff)
#define IS_UNIVERSAL (1U << 8)
#define IS_PRIVATE (1U << 9)
#define IS_APPLICATION (1U << 10)
#define IS_IMPLICIT (1U << 12)
#define IS_OPTIONAL (1U << 14)
#define HAS_DEFAULT (1U << 15)
#define HAS_CHILDREN (1U << 29) /* the next node is the first of them */
#define HAS_SIBLING (1U << 30)  /* it stands after the children */

static const asn1_static_node *after(const asn1_static_node *at)
{
	const asn1_static_node *next = at + 1;
	if (!(at->type & HAS_CHILDREN))
		return next;
	while (next->type & HAS_SIBLING)
		next = after(next);
	return after(next);
}

static const asn1_static_node *first_child(const asn1_static_node *at)
{
	return at->type & HAS_CHILDREN ? at + 1 : NULL;
}

static const asn1_static_node *next_sibling(const asn1_static_node *at)
{
	return at->type & HAS_SIBLING ? after(at) : NULL;
}

/* Of all the children, those that are types: not a tag, nor a SIZE or the like. */
static const asn1_static_node *first_type(const asn1_static_node *at)
{
	while (at && (TYPE_OF(at) == ASN1_ETYPE_TAG || TYPE_OF(at) == ASN1_ETYPE_SIZE ||
			     TYPE_OF(at) == ASN1_ETYPE_CONSTANT))
		at = next_sibling(at);
	return at;
}

/* `name`: of the child; libtasn1 wants the parent's before it, unless that has none. */
static bool child(const struct definition *parent, const asn1_static_node *at, const char *name,
	struct definition *out)
{
	char path[2 * ASN1_MAX_NAME_SIZE + 2], *end = path;
	const char *own = definition_name(parent);
	if (strlen(own) + 1 + strlen(name) >= sizeof path)
		return false;
	if (*own)
		end = stpcpy(stpcpy(end, own), ".");
	stpcpy(end, name);
	*out = (struct definition){at, asn1_find_node(parent->node, path)};
	return out->node != NULL;
}

static asn1_data_node_st data_of(const struct definition *definition)
{
	asn1_data_node_st data = {0};
	asn1_read_node_value(definition->node, &data);
	return data;
}

enum status definitions_open(
	const asn1_static_node *array, struct definitions *out, struct error *err)
{
	char why[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
	*out = (struct definitions){.array = array};
	int result = asn1_array2tree(array, &out->tree, why);
	if (result != ASN1_SUCCESS)
		return error_set(err, ERR_NO_MEMORY, "libtasn1 cannot read the definitions: %s %s",
			asn1_strerror(result), why);
	return STATUS_OK;
}

void definitions_close(struct definitions *definitions)
{
	asn1_delete_structure(&definitions->tree);
}

const char *definitions_name(const struct definitions *definitions)
{
	return definitions->array->name;
}

bool definition_find(
	const struct definitions *definitions, const char *type, struct definition *out)
{
	const struct definition module = {definitions->array, definitions->tree};
	for (const asn1_static_node *at = first_child(module.at); at; at = next_sibling(at))
		if (at->name && strcmp(at->name, type) == 0)
			return child(&module, at, type, out);
	return false;
}

bool definition_first_field(const struct definition *sequence, struct definition *out)
{
	const asn1_static_node *at = first_type(first_child(sequence->at));
	return at && child(sequence, at, at->name, out);
}

bool definition_next_field(const struct definition *sequence, struct definition *field)
{
	const asn1_static_node *at = next_sibling(field->at);
	return at && child(sequence, at, at->name, field);
}

bool definition_element(const struct definition *list, struct definition *out)
{
	const asn1_static_node *at = first_type(first_child(list->at));
	return at && child(list, at, "?LAST", out);
}

const char *definition_name(const struct definition *definition)
{
	return definition->at->name ? definition->at->name : "";
}

unsigned definition_type(const struct definition *definition)
{
	return data_of(definition).type;
}

const char *definition_reference(const struct definition *definition)
{
	/* libtasn1 has a copy, which goes with the tree. */
	const char *there = data_of(definition).value, *here = definition->at->value;
	return there && here && strcmp(there, here) == 0 ? here : "";
}

bool definition_is_optional(const struct definition *definition)
{
	return definition->at->type & IS_OPTIONAL;
}

bool definition_tag(const struct definition *definition, unsigned char *octet)
{
	const asn1_static_node *tag = first_child(definition->at);
	*octet = 0;
	if (definition->at->type & HAS_DEFAULT)
		return false;
	if (!tag || TYPE_OF(tag) != ASN1_ETYPE_TAG)
		return true;
	unsigned long number = strtoul(tag->value, NULL, 10);
	if (tag->type & (IS_IMPLICIT | IS_UNIVERSAL | IS_PRIVATE) || number >= TAG_NUMBER)
		return false;
	*octet = (unsigned char)((tag->type & IS_APPLICATION ? TAG_APPLICATION : TAG_FIELD) +
				 number);
	return true;
}
