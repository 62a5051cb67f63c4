/* SPDX-License-Identifier: BSD-3-Clause */
/* Each simple type's reader and writer, side by side. */
#include "asn1/der_base.h"

#include <inttypes.h>
#include <string.h>

#include "asn1/der_read.h"
#include "asn1/der_write.h"
#include "base/text.h"
#include "base/timestamp.h"

#define UNUSED __attribute__((unused))

/* ---- INTEGER ---- */

/* X.690 section 8.3.2: the first nine bits are neither all zeros nor all ones. */
static bool is_minimal(struct slice content)
{
	if (content.len < 2)
		return content.len == 1;
	unsigned char sign = content.data[1] & 0x80 ? 0xff : 0x00;
	return content.data[0] != sign;
}

/* Two's complement. */
static enum status read_integer(const struct der_reader *r, const struct element *element,
	int64_t min, int64_t max, int64_t *out)
{
	struct slice content = element->content;
	if (!is_minimal(content))
		return der_malformed(
			r, element->whole, "an integer in no octets or in more than it needs");
	if (content.len > sizeof *out)
		return error_set(r->err, ERR_SYNTAX,
			"an integer of %zu octets, where %" PRId64 " to %" PRId64 " is expected",
			content.len, min, max);
	uint64_t bits = content.data[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < content.len; i++)
		bits = bits << 8 | content.data[i];
	*out = (int64_t)bits;
	if (*out < min || *out > max)
		return error_set(r->err, ERR_SYNTAX,
			"%" PRId64 ", where %" PRId64 " to %" PRId64 " is expected", *out, min,
			max);
	return STATUS_OK;
}

static void put_integer(struct der_writer *w, int64_t value)
{
	unsigned char octets[sizeof value];
	unsigned count = 1;
	for (int64_t rest = value; rest < INT8_MIN || rest > INT8_MAX; rest >>= 8)
		count++;
	for (unsigned i = 0; w->end && i < count; i++)
		octets[i] = (unsigned char)(value >> 8 * (count - 1 - i));
	der_put(w, slice_of(octets, count));
}

static enum status check_to_send(
	const struct der_writer *w, const struct schema_node *node, int64_t number)
{
	if (number >= node->base->min && number <= node->base->max)
		return STATUS_OK;
	return error_set(w->err, ERR_SYNTAX,
		"%" PRId64 ", where %" PRId64 " to %" PRId64 " can be sent", number,
		node->base->min, node->base->max);
}

/* Of 32 bits. A negative number for an unsigned one is taken modulo 2^32. */
static enum status integer_read(const struct der_reader *r, const struct schema_node *node,
	const struct element *element, void *value)
{
	int64_t number;
	if (read_integer(r, element, node->base->min_taken, node->base->max, &number))
		return r->err->status;
	if (value)
		*(uint32_t *)value = (uint32_t)number;
	return STATUS_OK;
}

static enum status integer_write(
	struct der_writer *w, const struct schema_node *node, const void *value)
{
	int64_t number = *(const uint32_t *)value;
	if (node->base->member == MEMBER_INT32)
		number = *(const int32_t *)value;
	if (check_to_send(w, node, number))
		return w->err->status;
	put_integer(w, number);
	return STATUS_OK;
}

/* One that has no place in the struct. */
static enum status fixed_read(const struct der_reader *r, const struct schema_node *node,
	const struct element *element, void *value UNUSED)
{
	int64_t number;
	if (read_integer(r, element, node->base->min_taken, node->base->max, &number))
		return r->err->status;
	if (!node->row || !node->row->fixed)
		return STATUS_OK;
	int32_t expected = node->row->fixed == FIXED_NUMBER ? r->number : node->row->value;
	if (number != expected)
		return error_set(r->err, node->row->otherwise,
			"%" PRId64 ", where %" PRId32 " is expected", number, expected);
	return STATUS_OK;
}

static enum status fixed_write(
	struct der_writer *w, const struct schema_node *node, const void *value UNUSED)
{
	put_integer(w, node->row->fixed == FIXED_NUMBER ? w->number : node->row->value);
	return STATUS_OK;
}

/* ---- GeneralizedTime ---- */

static enum status time_read(const struct der_reader *r, const struct schema_node *node UNUSED,
	const struct element *element, void *value)
{
	int64_t seconds;
	if (!kerberos_time_parse(element->content, &seconds))
		return error_set(r->err, ERR_SYNTAX,
			"\"%s\", where a time as YYYYMMDDHHMMSSZ is expected",
			TEXT(element->content));
	if (value)
		*(int64_t *)value = seconds;
	return STATUS_OK;
}

static enum status time_write(
	struct der_writer *w, const struct schema_node *node UNUSED, const void *value)
{
	int64_t seconds = *(const int64_t *)value;
	char text[KERBEROS_TIME_LEN + 1];
	if (!kerberos_time_format(seconds, text))
		return error_set(w->err, ERR_SYNTAX,
			"%" PRId64 " s from 1970, where only years 0 to 9999 can be sent", seconds);
	der_put(w, slice_of(text, KERBEROS_TIME_LEN));
	return STATUS_OK;
}

/* ---- BIT STRING ---- */

/* X.690 sections 8.6.2 and 11.2.1. */
static bool is_canonical(struct slice content)
{
	if (content.len == 0 || content.data[0] > 7)
		return false;
	unsigned unused = content.data[0];
	if (content.len == 1)
		return unused == 0;
	return (content.data[content.len - 1] & ((1U << unused) - 1)) == 0;
}

/* Of any number: there is no place for them in a struct. */
static enum status bits_read(const struct der_reader *r, const struct schema_node *node UNUSED,
	const struct element *element, void *value UNUSED)
{
	if (is_canonical(element->content))
		return STATUS_OK;
	return der_malformed(r, element->whole,
		"a bit string whose unused bits are more than 7, more than there are, or not "
		"zero");
}

/* RFC 4120 section 5.2.8: the first content octet counts unused bits, four or more follow. */
static enum status flags_read(const struct der_reader *r, const struct schema_node *node,
	const struct element *element, void *value)
{
	if (bits_read(r, node, element, value))
		return r->err->status;
	struct reader bits = reader_of(element->content);
	unsigned unused = read_u8(&bits);
	size_t count = 8 * bits.rest.len - unused;
	if (count < 32)
		return error_set(r->err, ERR_SYNTAX,
			"a bit string of %zu bits, where 32 or more are expected", count);
	if (value)
		*(uint32_t *)value = read_u32(&bits);
	return STATUS_OK;
}

static enum status flags_write(
	struct der_writer *w, const struct schema_node *node UNUSED, const void *value)
{
	unsigned char content[5] = {0};
	store_u32(content + 1, *(const uint32_t *)value);
	der_put(w, slice_of(content, sizeof content));
	return STATUS_OK;
}

/* ---- OBJECT IDENTIFIER ---- */

/* X.690 section 8.19: numbers of seven bits an octet, of which the last has the first bit clear. */
static bool is_identifier(struct slice content)
{
	bool begins = true;
	for (size_t i = 0; i < content.len; i++) {
		if (begins && content.data[i] == 0x80)
			return false;
		begins = !(content.data[i] & 0x80);
	}
	return content.len > 0 && begins;
}

static enum status identifier_read(const struct der_reader *r,
	const struct schema_node *node UNUSED, const struct element *element, void *value)
{
	if (!is_identifier(element->content))
		return der_malformed(r, element->whole,
			"an object identifier that is empty, is cut short, or has a number in more "
			"octets than it needs");
	if (value)
		*(struct slice *)value = element->content;
	return STATUS_OK;
}

/* ---- strings ---- */

static enum status slice_read(const struct der_reader *r UNUSED,
	const struct schema_node *node UNUSED, const struct element *element, void *value)
{
	if (value)
		*(struct slice *)value = element->content;
	return STATUS_OK;
}

static enum status slice_write(
	struct der_writer *w, const struct schema_node *node UNUSED, const void *value)
{
	der_put(w, *(const struct slice *)value);
	return STATUS_OK;
}

/* `value` is the slice that it is read into; the pieces are elsewhere in the struct. */
static enum status pieces_write(
	struct der_writer *w, const struct schema_node *node, const void *value)
{
	const char *record = (const char *)value - node->row->offset;
	const struct slice *pieces = *(const struct slice *const *)(record + node->row->presence);
	size_t count = *(const size_t *)(record + node->row->count);
	while (count-- > 0)
		der_put(w, pieces[count]);
	return STATUS_OK;
}

/* ---- the table ---- */

#define INT32_RANGE INT32_MIN, INT32_MIN, INT32_MAX
/* Deployed peers encode sequence numbers, nonces and kvnos of 2^31 or more as an Int32. */
#define UINT32_RANGE INT32_MIN, 0, UINT32_MAX
#define MICROSECONDS_RANGE 0, 0, 999999
#define NEG_STATE_RANGE 0, 0, 3
#define NO_RANGE 0, 0, 0

static const struct der_base bases[] = {
	{"Int32", ASN1_ETYPE_INTEGER, MEMBER_INT32, TAG_INTEGER, integer_read, integer_write,
		INT32_RANGE},
	{"UInt32", ASN1_ETYPE_INTEGER, MEMBER_UINT32, TAG_INTEGER, integer_read, integer_write,
		UINT32_RANGE},
	{"Microseconds", ASN1_ETYPE_INTEGER, MEMBER_INT32, TAG_INTEGER, integer_read, integer_write,
		MICROSECONDS_RANGE},
	{"KerberosTime", ASN1_ETYPE_GENERALIZED_TIME, MEMBER_INT64, TAG_GENERALIZED_TIME, time_read,
		time_write, NO_RANGE},
	{"KerberosFlags", ASN1_ETYPE_BIT_STRING, MEMBER_UINT32, TAG_BIT_STRING, flags_read,
		flags_write, NO_RANGE},
	{NULL, ASN1_ETYPE_GENERALSTRING, MEMBER_SLICE, TAG_GENERAL_STRING, slice_read, slice_write,
		NO_RANGE},
	{NULL, ASN1_ETYPE_OBJECT_ID, MEMBER_SLICE, TAG_OBJECT_IDENTIFIER, identifier_read,
		slice_write, NO_RANGE},
	{"NegState", ASN1_ETYPE_ENUMERATED, MEMBER_INT32, TAG_ENUMERATED, integer_read,
		integer_write, NEG_STATE_RANGE},
	{NULL, ASN1_ETYPE_BIT_STRING, MEMBER_NONE, TAG_BIT_STRING, bits_read, NULL, NO_RANGE},
	{NULL, ASN1_ETYPE_OCTET_STRING, MEMBER_SLICE, TAG_OCTET_STRING, slice_read, slice_write,
		NO_RANGE},
	{NULL, ASN1_ETYPE_OCTET_STRING, MEMBER_PIECES, TAG_OCTET_STRING, slice_read, pieces_write,
		NO_RANGE},
	{NULL, ASN1_ETYPE_INTEGER, MEMBER_NONE, TAG_INTEGER, fixed_read, fixed_write, INT32_RANGE},
};
#define BASE_COUNT (sizeof bases / sizeof *bases)

static bool is_called(const struct der_base *base, const char *name)
{
	return name && base->name ? strcmp(base->name, name) == 0 : name == base->name;
}

/* `known`: there are rows of this name, whatever their members. */
static const struct der_base *find(
	unsigned type, const char *name, enum der_member member, bool *known)
{
	*known = false;
	for (size_t i = 0; i < BASE_COUNT; i++) {
		if (bases[i].type != type || !is_called(&bases[i], name))
			continue;
		*known = true;
		if (member == MEMBER_NONE || bases[i].member == member)
			return &bases[i];
	}
	return NULL;
}

const struct der_base *der_base_find(
	unsigned type, const char *const *names, unsigned count, enum der_member member)
{
	bool known;
	for (unsigned i = 0; i < count; i++) {
		const struct der_base *base = find(type, names[i], member, &known);
		if (known)
			return base;
	}
	return find(type, NULL, member, &known);
}
