/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The schema of each type is what libtasn1 makes of its definition, and what stands in
 * the text of the .asn files.
 */
#include "tests/support/packet_samples.h"

#include <stdio.h>
#include <stdlib.h>

#include "asn1/schema.h"
#include "tests/support/suite.h"

/* All records; those of one type in several structs have one definition. */
static void for_each_record(void (*check)(const struct schema_node *n, const char *type))
{
	unsigned count = 0;
	for (const struct der_table *t = der_tables; t->definitions; t++)
		for (size_t i = 0; t->records[i]; i++, count++)
			check(schema_node_of(t->records[i], &(struct error){0}),
				t->records[i]->type);
	assert_true(count > 30);
}

/* ---- what libtasn1 encodes ---- */

enum { NONE = -1 };

static void set(asn1_node node, const char *path, const void *value, int len)
{
	if (asn1_write_value(node, path, value, len) != ASN1_SUCCESS)
		fail_msg("%s cannot be set", path);
}

static void set_simple(asn1_node node, const char *path, unsigned type)
{
	if (type == ASN1_ETYPE_INTEGER)
		set(node, path, "1", 0);
	else if (type == ASN1_ETYPE_BIT_STRING)
		set(node, path, "1234", 32);
	else if (type == ASN1_ETYPE_ENUMERATED)
		set(node, path, "1", 0);
	else if (type == ASN1_ETYPE_OBJECT_ID)
		set(node, path, "1.2.840.113554.1.2.2", 1);
	else if (type == ASN1_ETYPE_GENERALIZED_TIME)
		set(node, path, "20260131102030Z", 15);
	else
		set(node, path, "x", 1);
}

/* Everything that the schema knows, except the field `left_out` of the outermost SEQUENCE. */
static void set_all(asn1_node node, const char *path, const struct schema_node *n, int left_out)
{
	char name[300];
	const char *dot = *path ? "." : "";
	if (n->base) {
		set_simple(node, path, n->base->type);
	} else if (n->element) {
		set(node, path, "NEW", 1);
		snprintf(name, sizeof name, "%s%s?1", path, dot);
		set_all(node, name, n->element, NONE);
	} else {
		for (unsigned i = 0; i < n->record->count; i++) {
			const struct schema_node *field = &n->record->fields[i];
			snprintf(name, sizeof name, "%s%s%s", path, dot, field->name);
			if ((int)i != left_out)
				set_all(node, name, field, NONE);
			else if (field->optional)
				set(node, name, NULL, 0);
		}
	}
}

static struct slice take_tags(const struct schema_node *n, struct slice *rest)
{
	struct element element;
	for (unsigned i = 0; i < n->tags; i++) {
		assert_true(rest->len > 0);
		assert_int_equal(rest->data[0], n->tag[i]);
		assert_null(element_take(rest, &element));
		if (i > 0)
			assert_int_equal(rest->len, 0);
		if (i + 1 < n->tags)
			*rest = element.content;
	}
	return element.content;
}

/* The tags are those of the schema, in its order, and no others. */
static void check_tags(const struct schema_node *n, struct slice whole, int left_out)
{
	struct slice rest = whole, content = take_tags(n, &rest);
	if (n->base)
		return;
	if (n->element) {
		check_tags(n->element, content, NONE);
		return;
	}
	for (unsigned i = 0; i < n->record->count; i++) {
		const struct schema_node *field = &n->record->fields[i];
		struct slice before = content;
		struct element element;
		if ((int)i == left_out)
			continue;
		assert_true(content.len > 0);
		assert_null(element_take(&content, &element));
		check_tags(field, slice_of(before.data, element.whole.len), NONE);
	}
	assert_int_equal(content.len, 0);
}

/* ASN1_SUCCESS, and the octets; what libtasn1 says where it has no value for a field. */
static int encode(const struct schema_node *n, const char *type, int left_out, struct slice *out)
{
	static unsigned char octets[10000];
	int len = sizeof octets;
	asn1_node node = new_node(type);
	set_all(node, "", n, left_out);
	int result = asn1_der_coding(node, "", octets, &len, NULL);
	asn1_delete_structure(&node);
	*out = slice_of(octets, (size_t)len);
	return result;
}

/* Has the outermost SEQUENCE this field? */
static bool has_field(
	const struct schema_node *n, struct slice der, const struct schema_node *field)
{
	struct slice content = take_tags(n, &der);
	for (struct element element; content.len > 0;) {
		assert_null(element_take(&content, &element));
		if (element.tag == field->tag[0])
			return true;
	}
	return false;
}

static void check_left_out(const struct schema_node *n, const char *type, unsigned i)
{
	const struct schema_node *field = &n->record->fields[i];
	struct slice der;
	int result = encode(n, type, (int)i, &der);
	if (field->optional) {
		assert_int_equal(result, ASN1_SUCCESS);
		check_tags(n, der, (int)i);
	} else if (result == ASN1_SUCCESS) {
		/* A list, which is empty then. */
		assert_true(has_field(n, der, field));
	} else {
		assert_int_equal(result, ASN1_VALUE_NOT_FOUND);
	}
}

static void check_encoding(const struct schema_node *n, const char *type)
{
	struct slice der;
	/* What is in a list without a name has none: it is checked with the list. */
	asn1_node node = new_node(type);
	asn1_data_node_st data;
	asn1_read_node_value(node, &data);
	asn1_delete_structure(&node);
	if (n->record && data.type == ASN1_ETYPE_SEQUENCE_OF)
		return;
	assert_int_equal(encode(n, type, NONE, &der), ASN1_SUCCESS);
	check_tags(n, der, NONE);
	for (unsigned i = 0; n->record && i < n->record->count; i++)
		check_left_out(n, type, i);
}

static void tags_order_and_options_are_libtasn1s(void **state UNUSED)
{
	for_each_record(check_encoding);
}

/* ---- what stands in the file ---- */

static char *text; /* of each .asn file, without comments and with single blanks */

static size_t read_file(const char *name, size_t len)
{
	char path[4096], line[1000];
	snprintf(path, sizeof path, "%s/asn1/%s", getenv("SRCDIR"), name);
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file)) {
		char *comment = strstr(line, "--");
		if (comment)
			*comment = '\0';
		for (char *word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n"))
			len += (size_t)sprintf(text + len, "%s ", word);
	}
	if (file)
		fclose(file);
	return file ? len : 0;
}

static int read_text(void **state)
{
	text = calloc(1, 100000);
	size_t len = text ? read_file("kerberos5.asn", 0) : 0;
	return len > 0 && read_file("spnego.asn", len) > len ? open_all(state) : -1;
}

static int forget_text(void **state)
{
	free(text);
	return close_all(state);
}

/* What follows "NAME ::= ". */
static const char *definition_of(const char *name)
{
	char start[100];
	snprintf(start, sizeof start, " %s ::= ", name);
	const char *at = strstr(text, start);
	if (!at)
		fail_msg("%s is not defined", name);
	return at + strlen(start);
}

/* The next field between braces, "name [n] Type (range) OPTIONAL"; false at the end. */
struct field {
	char name[64], type[200], range[64];
	unsigned number;
	bool optional;
};

static bool next_field(const char **at, struct field *out)
{
	int used = 0;
	*out = (struct field){0};
	if (**at == '}' || sscanf(*at, "%63s [%u] %n", out->name, &out->number, &used) != 2)
		return false;
	const char *end = *at + used;
	size_t len = strcspn(end, ",}");
	snprintf(out->type, sizeof out->type, "%.*s", (int)len, end);
	*at = end + len + (end[len] == ',' ? 2 : 0);
	char *option = strstr(out->type, "OPTIONAL");
	if (option)
		*option = '\0';
	out->optional = option != NULL;
	char *range = strchr(out->type, '(');
	if (range) {
		sscanf(range, "(%63[^)])", out->range);
		*range = '\0';
	}
	len = strlen(out->type);
	while (len > 0 && out->type[len - 1] == ' ')
		out->type[--len] = '\0';
	return true;
}

static const char *asn1_name(unsigned type)
{
	return type == ASN1_ETYPE_INTEGER         ? "INTEGER"
	       : type == ASN1_ETYPE_OCTET_STRING  ? "OCTET STRING"
	       : type == ASN1_ETYPE_GENERALSTRING ? "GeneralString"
						  : "";
}

/* "Int32" is what the schema says, or "SEQUENCE OF Int32", or "INTEGER". */
static void check_type(const struct schema_node *n, const char *type, const char *within)
{
	char expected[200];
	bool named = strcmp(n->type, within) != 0;
	if (named)
		snprintf(expected, sizeof expected, "%s", n->type);
	else if (n->element)
		snprintf(expected, sizeof expected, "SEQUENCE OF %s", n->element->type);
	else
		snprintf(expected, sizeof expected, "%s", asn1_name(n->base->type));
	assert_string_equal(type, expected);
}

static unsigned fixed_values;

/* "5", or "10 | 12": the schema knows that it is one of them. */
static void check_fixed(
	const struct schema_node *message, const struct schema_node *field, const char *values)
{
	const struct der_row *row = field->row;
	long value = row && row->fixed == FIXED_VALUE ? row->value : message->number;
	bool is_there = false;
	fixed_values++;
	assert_true(row && row->fixed);
	/* KDC-REQ and KDC-REP are no messages by themselves. */
	for (const char *at = values; at; at = strchr(at, '|'), at = at ? at + 1 : NULL)
		is_there |= strtol(at, NULL, 10) == value;
	assert_true(is_there || (row->fixed == FIXED_NUMBER && message->number == 0));
}

static void check_fields(const struct schema_node *n, const char *type UNUSED)
{
	struct field field;
	if (!n->record)
		return;
	const char *name = n->record->record->type;
	const char *at = strstr(definition_of(name), "SEQUENCE { ");
	assert_non_null(at);
	at += strlen("SEQUENCE { ");
	unsigned count = 0;
	for (; next_field(&at, &field); count++) {
		assert_true(count < n->record->count);
		const struct schema_node *known = &n->record->fields[count];
		assert_string_equal(known->name, field.name);
		assert_int_equal(known->tag[0], TAG_FIELD + field.number);
		assert_int_equal(known->optional, field.optional);
		check_type(known, field.type, name);
		if (field.range[0])
			check_fixed(n, known, field.range);
		else if (known->row && known->row->fixed)
			fail_msg("%s.%s has no value in the text", name, field.name);
	}
	assert_int_equal(count, n->record->count);
}

static void fields_and_fixed_values_are_those_of_the_text(void **state UNUSED)
{
	fixed_values = 0;
	for_each_record(check_fields);
	assert_in_range(fixed_values, 20, 60);
}

/* "[APPLICATION n]" of each that has one, and "msg-type" with it. */
static void check_application(const struct schema_node *n, const char *type)
{
	unsigned number;
	bool has = sscanf(definition_of(type), "[APPLICATION %u]", &number) == 1;
	assert_int_equal(has, (n->tag[0] & TAG_CLASS) == TAG_CLASS_APPLICATION);
	if (has)
		assert_int_equal(n->tag[0], TAG_APPLICATION + number);
	if (n->number)
		assert_int_equal(n->number, number);
}

static void numbers_of_messages_are_those_of_the_text(void **state UNUSED)
{
	for_each_record(check_application);
	assert_int_equal(schema_node_of(&der_as_req, &(struct error){0})->number, KRB_AS_REQ);
	assert_int_equal(schema_node_of(&der_tgs_req, &(struct error){0})->number, KRB_TGS_REQ);
	assert_int_equal(schema_node_of(&der_as_rep, &(struct error){0})->number, KRB_AS_REP);
	assert_int_equal(schema_node_of(&der_tgs_rep, &(struct error){0})->number, KRB_TGS_REP);
	assert_int_equal(schema_node_of(&der_krb_cred, &(struct error){0})->number, KRB_CRED);
	assert_int_equal(schema_node_of(&der_ticket, &(struct error){0})->number, 0);
}

/* All that the file defines as "INTEGER (a..b)". */
static void ranges_are_those_of_the_text(void **state UNUSED)
{
	unsigned count = 0;
	for (const char *at = text; (at = strstr(at, " ::= INTEGER (")) != NULL; at++, count++) {
		const char *start = at;
		while (start > text && start[-1] != ' ')
			start--;
		char name[64];
		long long min, max;
		assert_int_equal(sscanf(at, " ::= INTEGER (%lld..%lld)", &min, &max), 2);
		snprintf(name, sizeof name, "%.*s", (int)(at - start), start);
		const char *const names[] = {name};
		const struct der_base *base =
			der_base_find(ASN1_ETYPE_INTEGER, names, 1, MEMBER_NONE);
		assert_non_null(base);
		assert_string_equal(base->name, name);
		assert_int_equal(base->min, min);
		assert_int_equal(base->max, max);
		/* A peer's negative UInt32 is taken modulo 2^32. */
		assert_int_equal(base->min_taken, strcmp(name, "UInt32") == 0 ? INT32_MIN : min);
	}
	assert_int_equal(count, 3);
}

SUITE(test_schema_definitions)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_order_and_options_are_libtasn1s),
		cmocka_unit_test(fields_and_fixed_values_are_those_of_the_text),
		cmocka_unit_test(numbers_of_messages_are_those_of_the_text),
		cmocka_unit_test(ranges_are_those_of_the_text),
	};
	return cmocka_run_group_tests(tests, read_text, forget_text);
}
