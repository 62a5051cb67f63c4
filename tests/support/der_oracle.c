/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/der_oracle.h"

#include <inttypes.h>
#include <libtasn1.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/der_cred.h"
#include "asn1/der_kdc.h"
#include "asn1/der_packet.h"
#include "asn1/schema.h"

extern const asn1_static_node kerberos5_asn1[];

struct der_record *const oracle_records[] = {
	&der_ticket,
	&der_enc_ticket_part,
	&der_ap_req,
	&der_authenticator,
	&der_ap_rep,
	&der_enc_ap_rep_part,
	&der_krb_error,
	&der_authorization_data,
	&der_ad_kdc_issued,
	&der_ad_and_or,
	&der_etype_list,
	&der_krb_safe,
	&der_krb_priv,
	&der_enc_krb_priv_part,
	&der_krb_cred,
	&der_enc_krb_cred_part,
	&der_as_req,
	&der_tgs_req,
	&der_kdc_req_body,
	&der_as_rep,
	&der_tgs_rep,
	&der_enc_as_rep_part,
	&der_enc_tgs_rep_part,
	&der_padata,
	&der_etype_info2,
	&der_pa_enc_ts_enc,
	&der_encrypted_data,
	&der_checksum,
	NULL,
};

enum { PATH_SIZE = 256, TEXT_SIZE_ = 512, ENCODED_SIZE = 300000 };

static _Thread_local char difference[TEXT_SIZE_];
static _Thread_local int message_number; /* of the message that is judged */

__attribute__((format(printf, 2, 3))) static const char *differs(
	const char *path, const char *format, ...)
{
	char what[TEXT_SIZE_ / 2];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	snprintf(difference, sizeof difference, "%s: %s", path, what);
	return difference;
}

static asn1_node new_element(const char *type)
{
	static asn1_node definitions;
	if (!definitions && asn1_array2tree(kerberos5_asn1, &definitions, NULL) != ASN1_SUCCESS)
		abort();
	char name[PATH_SIZE];
	asn1_node node = NULL;
	snprintf(name, sizeof name, "KerberosV5Spec2.%s", type);
	if (asn1_create_element(definitions, name, &node) != ASN1_SUCCESS)
		abort();
	return node;
}

/* Path "a" and "b" are "a.b"; a message itself has the path "". */
static const char *join(char out[PATH_SIZE], const char *path, const char *name)
{
	snprintf(out, PATH_SIZE, "%s%s%s", path, *path ? "." : "", name);
	return out;
}

static const char *element_name(char out[PATH_SIZE], const char *path, unsigned index)
{
	char name[16];
	snprintf(name, sizeof name, "?%u", index + 1);
	return join(out, path, name);
}

static const void *member(const void *record, size_t offset)
{
	return (const char *)record + offset;
}

/* ---- what is there ---- */

static bool struct_has(const struct schema_node *field, const void *record)
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

static int element_count(asn1_node node, const char *path)
{
	int count = 0;
	return asn1_number_of_elements(node, path, &count) == ASN1_SUCCESS ? count : 0;
}

/*
 * Where the reader, by der.h, takes a message that libtasn1 reads in another way; each
 * returns whether this is such a case.
 */

static bool is_empty_list(asn1_node node, const char *path, const struct schema_node *field)
{
	return field->element && element_count(node, path) == 0;
}

static bool is_empty_name(asn1_node node, const char *path, const struct schema_node *field)
{
	char strings[PATH_SIZE];
	return strcmp(field->type, "PrincipalName") == 0 &&
	       element_count(node, join(strings, path, "name-string")) == 0;
}

static const struct {
	const char *reason;
	bool (*applies)(asn1_node node, const char *path, const struct schema_node *field);
} absent_though_there[] = {
	{"RFC 4120 section 5.1.3: an empty OPTIONAL list is none", is_empty_list},
	{"an OPTIONAL name without components names nobody", is_empty_name},
};

static bool may_be_absent(asn1_node node, const char *path, const struct schema_node *field)
{
	for (size_t i = 0; i < sizeof absent_though_there / sizeof *absent_though_there; i++)
		if (absent_though_there[i].applies(node, path, field))
			return true;
	return false;
}

/* ---- values that libtasn1 has ---- */

static const char *compare(
	asn1_node node, const char *path, const struct schema_node *n, const void *value);

static struct slice read_value(asn1_node node, const char *path)
{
	static _Thread_local unsigned char room[ENCODED_SIZE];
	int len = sizeof room;
	if (asn1_read_value(node, path, room, &len) != ASN1_SUCCESS)
		return SLICE_EMPTY;
	return slice_of(room, (size_t)len);
}

static int64_t read_number(asn1_node node, const char *path)
{
	struct slice octets = read_value(node, path);
	uint64_t bits = octets.len > 0 && octets.data[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < octets.len; i++)
		bits = bits << 8 | octets.data[i];
	return (int64_t)bits;
}

/* Numbers as libtasn1 reads them; a negative one for a UInt32 is taken modulo 2^32 (der.h). */
static const char *compare_number(
	asn1_node node, const char *path, const struct schema_node *n, const void *value)
{
	int64_t theirs = read_number(node, path), ours = theirs;
	if (n->row && n->row->fixed)
		ours = n->row->fixed == FIXED_NUMBER ? message_number : n->row->value;
	else if (n->base->member == MEMBER_INT32)
		ours = *(const int32_t *)value;
	else if (n->base->member == MEMBER_UINT32)
		ours = *(const uint32_t *)value;
	if (theirs < 0 && n->base->member == MEMBER_UINT32)
		theirs += INT64_C(1) << 32;
	return ours == theirs
		       ? NULL
		       : differs(path, "%" PRId64 ", and libtasn1 reads %" PRId64, ours, theirs);
}

/* Flags: the first 32, of which libtasn1 has as many as there are (der.h). */
static const char *compare_flags(asn1_node node, const char *path, const void *value)
{
	struct reader bits = reader_of(read_value(node, path));
	uint32_t theirs = bits.rest.len >= 32 ? read_u32(&bits) : 0;
	uint32_t ours = *(const uint32_t *)value;
	return ours == theirs ? NULL : differs(path, "flags %08x, not %08x", ours, theirs);
}

static const char *compare_time(asn1_node node, const char *path, const void *value)
{
	char text[KERBEROS_TIME_LEN + 1];
	struct slice theirs = read_value(node, path);
	if (!kerberos_time_format(*(const int64_t *)value, text) ||
		strcmp(text, (const char *)theirs.data) != 0)
		return differs(path, "time %s, not %s", text, (const char *)theirs.data);
	return NULL;
}

static const char *compare_simple(
	asn1_node node, const char *path, const struct schema_node *n, const void *value)
{
	switch (n->base->type) {
	case ASN1_ETYPE_INTEGER:
		return compare_number(node, path, n, value);
	case ASN1_ETYPE_BIT_STRING:
		return compare_flags(node, path, value);
	case ASN1_ETYPE_GENERALIZED_TIME:
		return compare_time(node, path, value);
	default:
		return slice_equal(*(const struct slice *)value, read_value(node, path))
			       ? NULL
			       : differs(path, "other octets");
	}
}

/* `record`: the struct that the list lies in. */
static const char *compare_list(
	asn1_node node, const char *path, const struct schema_node *n, const void *record)
{
	char name[PATH_SIZE];
	unsigned count = *(const unsigned *)member(record, n->row->count);
	const char *wrong = NULL;
	if ((int)count != element_count(node, path))
		return differs(path, "%u elements, not %d", count, element_count(node, path));
	for (unsigned i = 0; i < count && !wrong; i++)
		wrong = compare(node, element_name(name, path, i), n->element,
			member(record, n->row->offset + i * n->row->size));
	return wrong;
}

/* The field as it was read is where libtasn1 found it. */
static const char *compare_field(
	asn1_node node, const char *path, const struct schema_node *f, const void *record)
{
	bool theirs = asn1_find_node(node, path) != NULL;
	if (!f->row)
		return NULL;
	bool ours = theirs ? f->when != REFUSED : false;
	if (f->when != NEEDED && f->when != ALWAYS)
		ours = struct_has(f, record);
	if (ours != theirs)
		return theirs && may_be_absent(node, path, f)
			       ? NULL
			       : differs(path, "%s, and for libtasn1 it is %s",
					 ours ? "there" : "absent", theirs ? "there" : "absent");
	if (!ours || (f->row->member == MEMBER_NONE && !f->row->fixed))
		return NULL;
	return compare(node, path, f, f->element ? record : member(record, f->row->offset));
}

static const char *compare(
	asn1_node node, const char *path, const struct schema_node *n, const void *value)
{
	char name[PATH_SIZE];
	const char *wrong = NULL;
	if (n->base)
		return compare_simple(node, path, n, value);
	if (n->element)
		return compare_list(node, path, n, value);
	for (unsigned i = 0; i < n->record->count && !wrong; i++) {
		const struct schema_node *field = &n->record->fields[i];
		wrong = compare_field(node, join(name, path, field->name), field, value);
	}
	return wrong;
}

static const char *compare_encoded(asn1_node node, struct slice der)
{
	static _Thread_local unsigned char encoded[ENCODED_SIZE];
	char why[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
	int len = sizeof encoded;
	int result = asn1_der_coding(node, "", encoded, &len, why);
	if (result != ASN1_SUCCESS)
		return differs("encoding", "%s %s", asn1_strerror(result), why);
	return slice_equal(slice_of(encoded, (size_t)len), der)
		       ? NULL
		       : differs("encoding", "libtasn1 makes other octets (%d, not %zu)", len,
				 der.len);
}

const char *oracle_check_read(struct der_record *record, struct slice der, const void *value)
{
	char why[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
	const struct schema_node *n = schema_node_of(record, &(struct error){0});
	asn1_node node = new_element(record->type);
	message_number = n->number;
	int len = (int)der.len;
	int result = asn1_der_decoding2(&node, der.data, &len, ASN1_DECODE_FLAG_STRICT_DER, why);
	const char *wrong;
	if (result != ASN1_SUCCESS)
		wrong = differs("decoding", "%s %s", asn1_strerror(result), why);
	else if (len != (int)der.len)
		wrong = differs("decoding", "%d of %zu octets", len, der.len);
	else if (!(wrong = compare(node, "", n, value)))
		wrong = compare_encoded(node, der);
	asn1_delete_structure(&node);
	return wrong;
}

/* ---- values that libtasn1 gets ---- */

static const char *fill(
	asn1_node node, const char *path, const struct schema_node *n, const void *value);

static const char *set(asn1_node node, const char *path, const void *value, size_t len)
{
	int result = asn1_write_value(node, path, value, (int)len);
	return result == ASN1_SUCCESS
		       ? NULL
		       : differs(path, "it takes no value: %s", asn1_strerror(result));
}

static const char *set_number(asn1_node node, const char *path, int64_t number)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRId64, number);
	return set(node, path, text, 0);
}

/* libtasn1 takes a length of 0 as that of a string. */
static const char *set_octets(asn1_node node, const char *path, struct slice octets)
{
	return set(node, path, octets.len > 0 ? octets.data : (const void *)"", octets.len);
}

static const char *fill_pieces(
	asn1_node node, const char *path, const struct schema_node *n, const void *value)
{
	AUTO_BUFFER all = {0};
	const void *record = (const char *)value - n->row->offset;
	const struct slice *piece = *(const struct slice *const *)member(record, n->row->presence);
	size_t count = *(const size_t *)member(record, n->row->count);
	for (; count > 0; count--, piece++)
		if (buffer_append(&all, *piece))
			abort();
	return set_octets(node, path, buffer_slice(&all));
}

static const char *fill_simple(
	asn1_node node, const char *path, const struct schema_node *n, const void *value)
{
	unsigned char flags[4];
	char time[KERBEROS_TIME_LEN + 1];
	switch (n->base->member) {
	case MEMBER_INT32:
		return set_number(node, path, *(const int32_t *)value);
	case MEMBER_UINT32:
		if (n->base->type == ASN1_ETYPE_INTEGER)
			return set_number(node, path, *(const uint32_t *)value);
		store_u32(flags, *(const uint32_t *)value);
		return set(node, path, flags, 32);
	case MEMBER_INT64:
		return kerberos_time_format(*(const int64_t *)value, time)
			       ? set(node, path, time, KERBEROS_TIME_LEN)
			       : differs(path, "no time");
	case MEMBER_PIECES:
		return fill_pieces(node, path, n, value);
	default:
		return set_octets(node, path, *(const struct slice *)value);
	}
}

static const char *fill_list(
	asn1_node node, const char *path, const struct schema_node *n, const void *record)
{
	char name[PATH_SIZE];
	unsigned count = *(const unsigned *)member(record, n->row->count);
	const char *wrong = NULL;
	for (unsigned i = 0; i < count && !wrong; i++)
		if (!(wrong = set(node, path, "NEW", 1)))
			wrong = fill(node, element_name(name, path, i), n->element,
				member(record, n->row->offset + i * n->row->size));
	return wrong;
}

/* From a message that libtasn1 has read, at `from`. */
static const char *copy(asn1_node node, const char *path, asn1_node part, const char *from,
	const struct schema_node *n)
{
	unsigned char octets[1000];
	char to_name[PATH_SIZE], from_name[PATH_SIZE];
	const char *wrong = NULL;
	int len = sizeof octets;
	if (n->base) {
		if (asn1_read_value(part, from, octets, &len) != ASN1_SUCCESS)
			return differs(from, "it cannot be read");
		return set_octets(node, path, slice_of(octets, (size_t)len));
	}
	if (n->element) {
		for (int i = 0; i < element_count(part, from) && !wrong; i++)
			if (!(wrong = set(node, path, "NEW", 1)))
				wrong = copy(node, element_name(to_name, path, (unsigned)i), part,
					element_name(from_name, from, (unsigned)i), n->element);
		return wrong;
	}
	for (unsigned i = 0; i < n->record->count && !wrong; i++) {
		const struct schema_node *field = &n->record->fields[i];
		join(to_name, path, field->name);
		join(from_name, from, field->name);
		wrong = asn1_find_node(part, from_name)
				? copy(node, to_name, part, from_name, field)
				: set(node, to_name, NULL, 0);
	}
	return wrong;
}

/* What is sent as it is, libtasn1 has to read first. */
static const char *fill_whole(
	asn1_node node, const char *path, const struct schema_node *f, struct slice whole)
{
	asn1_node part = new_element(f->type);
	const char *wrong = NULL;
	if (asn1_der_decoding(&part, whole.data, (int)whole.len, NULL) != ASN1_SUCCESS)
		wrong = differs(path, "it cannot be decoded");
	else
		wrong = copy(node, path, part, "", f);
	asn1_delete_structure(&part);
	return wrong;
}

static const char *fill_field(
	asn1_node node, const char *path, const struct schema_node *f, const void *record)
{
	if (!f->row || !struct_has(f, record))
		return set(node, path, NULL, 0);
	if (f->row->fixed)
		return set_number(
			node, path, f->row->fixed == FIXED_NUMBER ? message_number : f->row->value);
	if (f->row->keep == AS_IT_IS)
		return fill_whole(
			node, path, f, *(const struct slice *)member(record, f->row->whole));
	return fill(node, path, f, f->element ? record : member(record, f->row->offset));
}

static const char *fill_fields(
	asn1_node node, const char *path, const struct schema_node *n, const void *record)
{
	char name[PATH_SIZE];
	const char *wrong = NULL;
	for (unsigned i = 0; i < n->record->count && !wrong; i++) {
		const struct schema_node *field = &n->record->fields[i];
		wrong = fill_field(node, join(name, path, field->name), field, record);
	}
	return wrong;
}

static const char *fill(
	asn1_node node, const char *path, const struct schema_node *n, const void *value)
{
	if (n->base)
		return fill_simple(node, path, n, value);
	if (n->element)
		return fill_list(node, path, n, value);
	return fill_fields(node, path, n, value);
}

const char *oracle_check_written(struct der_record *record, const void *value, struct slice der)
{
	const struct schema_node *n = schema_node_of(record, &(struct error){0});
	asn1_node node = new_element(record->type);
	message_number = n->number;
	const char *wrong = fill(node, "", n, value);
	if (!wrong)
		wrong = compare_encoded(node, der);
	asn1_delete_structure(&node);
	return wrong;
}
