/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables that do not fit the definitions are refused, with what does not fit. */
#include "tests/support/der_reading.h"

#include "asn1/schema.h"
#include "tests/support/suite.h"

extern const asn1_static_node kerberos5_asn1[];

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

/* ---- tables that do not fit ---- */

static struct der_record checksum_as_it_is = {RECORD("Checksum", checksum),
	.rows = (const struct der_row[]){
		{"cksumtype", AT(checksum, type)}, {"checksum", AT(checksum, value)}, {0}}};

/* With one record that fits; `rows` for `type` in a struct of `size`. */
static void check_table(const char *type, size_t size, const struct der_row *rows, const char *text)
{
	struct der_record record = {.type = type, .size = size, .rows = rows};
	struct der_record *const records[] = {&checksum_as_it_is, &record, NULL};
	const struct der_table tables[] = {{kerberos5_asn1, records}, {0}};
	struct schema *schema = NULL;
	struct error err = {0};
	enum status status = schema_new(tables, &schema, &err);
	assert_string_equal(err.text, text);
	assert_int_equal(status, *text ? ERR_UNSUPPORTED : STATUS_OK);
	schema_free(schema);
}

#define check_rows(type, s, text, ...)                                                             \
	check_table(type, sizeof(struct s), (const struct der_row[]){__VA_ARGS__, {0}}, text)

static void takes_what_the_cases_below_spoil(void **state UNUSED)
{
	check_rows("EncryptedData", encrypted_data, "", {"etype", AT(encrypted_data, etype)},
		{"kvno", AT_IF_FLAG(encrypted_data, kvno, has_kvno)},
		{"cipher", AT(encrypted_data, cipher)});
	check_rows("EncryptedData", encrypted_data, "", {"cipher", AT(encrypted_data, cipher)},
		{"etype", AT(encrypted_data, etype)});
	check_rows("EtypeList", etype_list, "", {"", LIST(etype_list, count, etype)});
}

static void refuses_a_row_without_a_field(void **state UNUSED)
{
	check_rows("HostAddress", host_address,
		"HostAddress.adress: a row for which the definition has no field",
		{"addr-type", AT(host_address, type)}, {"address", AT(host_address, address)},
		{"adress", AT(host_address, address)});
	check_rows("HostAddress", host_address,
		"HostAddress.address: a row for which the definition has no field",
		{"addr-type", AT(host_address, type)}, {"address", AT(host_address, address)},
		{"address", AT(host_address, address)});
}

static void refuses_a_required_field_without_a_row(void **state UNUSED)
{
	check_rows("HostAddress", host_address,
		"HostAddress.address: it has no row, and is not OPTIONAL",
		{"addr-type", AT(host_address, type)});
}

static void refuses_a_type_that_is_not_defined(void **state UNUSED)
{
	check_rows("HostAdress", host_address,
		"HostAdress: a record of a type that KerberosV5Spec2 lacks",
		{"addr-type", AT(host_address, type)});
}

/* Structs of no message. */
struct odd {
	int32_t int32;
	uint32_t uint32;
	int64_t int64;
	bool flag;
	struct slice bytes;
	struct checksum checksum;
	unsigned count;
	int32_t int32s[4];
	struct checksum checksums[4];
	struct slice strings[4];
};

#define CANNOT_HOLD "the row's member is of a type that cannot hold it"

static void refuses_a_member_of_another_type(void **state UNUSED)
{
	check_rows("HostAddress", odd, "HostAddress.addr-type: " CANNOT_HOLD,
		{"addr-type", AT(odd, uint32)}, {"address", AT(odd, bytes)});
	check_rows("HostAddress", odd, "HostAddress.addr-type: " CANNOT_HOLD,
		{"addr-type", AT(odd, int64)}, {"address", AT(odd, bytes)});
	check_rows("HostAddress", odd, "HostAddress.addr-type: " CANNOT_HOLD,
		{"addr-type", AT(odd, flag)}, {"address", AT(odd, bytes)});
	check_rows("HostAddress", odd, "HostAddress.address: " CANNOT_HOLD,
		{"addr-type", AT(odd, int32)}, {"address", AT(odd, int32)});
	check_rows("PA-ENC-TS-ENC", odd, "PA-ENC-TS-ENC.patimestamp: " CANNOT_HOLD,
		{"patimestamp", AT(odd, bytes)});
	check_rows("EncryptedData", odd, "EncryptedData.kvno: " CANNOT_HOLD,
		{"etype", AT(odd, int32)}, {"kvno", AT_IF_FLAG(odd, int32, flag)},
		{"cipher", AT(odd, bytes)});
	check_rows("HostAddress", odd, "HostAddress.address: " CANNOT_HOLD,
		{"addr-type", FIXED(1, ERR_SYNTAX)}, {"address", FIXED(1, ERR_SYNTAX)});
	check_rows("EncryptedData", odd, "EncryptedData.etype: the row has no member for it",
		{"etype", .when = ALWAYS}, {"cipher", AT(odd, bytes)});
}

/* A plain INTEGER has no range of its own: its value has to be known. */
static void refuses_an_integer_without_a_range(void **state UNUSED)
{
	check_rows("AP-REP", odd, "AP-REP.pvno: " CANNOT_HOLD, {"pvno", AT(odd, int32)});
}

static void refuses_structs_without_rows(void **state UNUSED)
{
	check_rows("AD-KDCIssued", odd,
		"AD-KDCIssued.ad-checksum: a SEQUENCE for which the row's struct has no rows",
		{"ad-checksum", .member = MEMBER_STRUCT, .size = sizeof(struct ticket)});
	check_rows("AD-KDCIssued", odd,
		"AD-KDCIssued.ad-checksum: a SEQUENCE, and the row's member is no struct",
		{"ad-checksum", AT(odd, bytes)});
	check_rows("AD-KDCIssued", odd,
		"AD-KDCIssued.i-sname: a SEQUENCE for which the row's struct has no rows",
		{"ad-checksum", AT(odd, checksum)}, {"i-sname", AT_IF_FLAG(odd, checksum, flag)});
}

static void refuses_lists_that_are_none(void **state UNUSED)
{
	check_rows("PrincipalName", odd,
		"PrincipalName.name-string: a SEQUENCE OF, and the row's member is no list",
		{"name-type", AT(odd, int32)}, {"name-string", AT(odd, bytes)});
	check_rows("PrincipalName", odd,
		"PrincipalName.name-type: no list, and the row's member is one",
		{"name-type", LIST(odd, count, int32s)},
		{"name-string", LIST(odd, count, strings)});
	check_rows("PrincipalName", odd, "PrincipalName: " CANNOT_HOLD,
		{"name-type", AT(odd, int32)}, {"name-string", LIST(odd, count, int32s)});
	check_rows("METHOD-DATA", odd,
		"METHOD-DATA: a SEQUENCE for which the row's struct has no rows",
		{"", LIST(odd, count, checksums)});
	check_rows("Checksum", odd, "Checksum: neither a SEQUENCE, nor a SEQUENCE OF with one row",
		{"", LIST(odd, count, checksums)});
}

static void refuses_presence_that_does_not_fit(void **state UNUSED)
{
	check_rows("EncryptedData", encrypted_data,
		"EncryptedData.kvno: OPTIONAL, and the row does not say when it is there",
		{"etype", AT(encrypted_data, etype)}, {"kvno", AT(encrypted_data, kvno)},
		{"cipher", AT(encrypted_data, cipher)});
	check_rows("EncryptedData", encrypted_data,
		"EncryptedData.etype: not OPTIONAL, and by the row it may be absent",
		{"etype", AT_IF_FLAG(encrypted_data, etype, has_kvno)},
		{"cipher", AT(encrypted_data, cipher)});
	check_rows("EncryptedData", encrypted_data,
		"EncryptedData.etype: not OPTIONAL, and by the row it may be absent",
		{"etype", NOT_TAKEN}, {"cipher", AT(encrypted_data, cipher)});
	check_rows("EncryptedData", encrypted_data,
		"EncryptedData.cipher: not OPTIONAL, and by the row it may be absent",
		{"etype", AT(encrypted_data, etype)},
		{"cipher", AT_NEEDED(encrypted_data, cipher)});
}

static void refuses_rows_that_belong_elsewhere(void **state UNUSED)
{
	struct der_record body = {
		RECORD("EncKDCRepPart", odd), .rows = (const struct der_row[]){{0}}};
	struct der_record alias = {
		RECORD("AS-REP", odd), .rows = (const struct der_row[]){{"pvno", MSG_TYPE}, {0}}};
	struct der_record *const records[] = {&alias, &body, NULL};
	const struct der_table tables[] = {{kerberos5_asn1, records}, {0}};
	struct schema *schema = NULL;
	struct error err = {0};
	assert_int_equal(schema_new(tables, &schema, &err), ERR_UNSUPPORTED);
	assert_string_equal(err.text, "AS-REP: a SEQUENCE for which the row's struct has no rows");
}

/* ---- definitions that the codec cannot read: arrays as asn1Parser makes them ---- */

#define DEFINITIONS                                                                                \
	{                                                                                          \
		"Test", 536872976, NULL                                                            \
	}
#define NO_OID                                                                                     \
	{                                                                                          \
		NULL, 1073741836, NULL                                                             \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, 0, NULL                                                                      \
	}
#define RIGHT (1U << 30)
#define DOWN (1U << 29)
#define TAGGED (1U << 13)
#define OPTIONAL (1U << 14)
#define DEFAULT (1U << 15)
#define EXPLICIT (1U << 11)
#define IMPLICIT (1U << 12)

static void check_definitions(const asn1_static_node *array, const char *text)
{
	static const struct der_row rows[] = {{"it", AT(odd, checksum)}, {0}};
	struct der_record record = {RECORD("A", odd), .rows = rows};
	struct der_record again = {RECORD("A", checksum), .rows = rows};
	struct der_record *const records[] = {&record, &again, NULL};
	const struct der_table tables[] = {{array, records}, {0}};
	struct schema *schema = NULL;
	struct error err = {0};
	if (schema_new(tables, &schema, &err) == STATUS_OK)
		fail_msg("taken, and not: %s", text);
	assert_string_equal(err.text, text);
}

static void refuses_definitions_beyond_it(void **state UNUSED)
{
	/* A ::= SEQUENCE { it [0] A } */
	const asn1_static_node within[] = {DEFINITIONS, NO_OID,
		{"A", DOWN | ASN1_ETYPE_SEQUENCE, NULL},
		{"it", DOWN | TAGGED | ASN1_ETYPE_IDENTIFIER, "A"},
		{NULL, EXPLICIT | ASN1_ETYPE_TAG, "0"}, END};
	/* A ::= SEQUENCE { it B }, B ::= C, C ::= B */
	const asn1_static_node circle[] = {DEFINITIONS, NO_OID,
		{"A", RIGHT | DOWN | ASN1_ETYPE_SEQUENCE, NULL}, {"it", ASN1_ETYPE_IDENTIFIER, "B"},
		{"B", RIGHT | ASN1_ETYPE_IDENTIFIER, "C"}, {"C", ASN1_ETYPE_IDENTIFIER, "B"}, END};
	/* it [0] IMPLICIT OCTET STRING, it [40] INTEGER, it INTEGER DEFAULT 5, it BOOLEAN */
	const asn1_static_node implicit[] = {DEFINITIONS, NO_OID,
		{"A", DOWN | ASN1_ETYPE_SEQUENCE, NULL},
		{"it", DOWN | TAGGED | ASN1_ETYPE_OCTET_STRING, NULL},
		{NULL, IMPLICIT | ASN1_ETYPE_TAG, "0"}, END};
	const asn1_static_node high[] = {DEFINITIONS, NO_OID,
		{"A", DOWN | ASN1_ETYPE_SEQUENCE, NULL},
		{"it", DOWN | TAGGED | ASN1_ETYPE_OCTET_STRING, NULL},
		{NULL, EXPLICIT | ASN1_ETYPE_TAG, "31"}, END};
	const asn1_static_node with_default[] = {DEFINITIONS, NO_OID,
		{"A", DOWN | ASN1_ETYPE_SEQUENCE, NULL},
		{"it", DOWN | DEFAULT | ASN1_ETYPE_INTEGER, NULL}, {NULL, ASN1_ETYPE_DEFAULT, "5"},
		END};
	const asn1_static_node boolean[] = {DEFINITIONS, NO_OID,
		{"A", DOWN | ASN1_ETYPE_SEQUENCE, NULL}, {"it", ASN1_ETYPE_BOOLEAN, NULL}, END};

	check_definitions(within, "A.it: a type that has itself within it");
	check_definitions(circle, "A.it: a type that refers to itself, or by way of too many");
	check_definitions(implicit, "A.it: a tag or a DEFAULT that the codec cannot read");
	check_definitions(high, "A.it: a tag or a DEFAULT that the codec cannot read");
	check_definitions(with_default, "A.it: a tag or a DEFAULT that the codec cannot read");
	check_definitions(boolean, "A.it: a type that the codec does not know");
}

/* Each level is a field [0] in a SEQUENCE: two elements. */
static void refuses_definitions_nested_too_deep(void **state UNUSED)
{
	static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I"};
	static const struct der_row rows[] = {{"it", ITSELF(odd)}, {0}};
	static const struct der_row last_rows[] = {{"it", AT(odd, bytes)}, {0}};
	for (unsigned levels = 7; levels <= 8; levels++) {
		asn1_static_node array[32] = {DEFINITIONS, NO_OID}, *at = array + 2;
		struct der_record record[9];
		struct der_record *records[10] = {NULL};
		for (unsigned i = 0; i < levels; i++) {
			bool last = i == levels - 1;
			*at++ = (asn1_static_node){
				names[i], (last ? 0 : RIGHT) | DOWN | ASN1_ETYPE_SEQUENCE, NULL};
			*at++ = (asn1_static_node){"it",
				DOWN | TAGGED |
					(last ? ASN1_ETYPE_OCTET_STRING : ASN1_ETYPE_IDENTIFIER),
				last ? NULL : names[i + 1]};
			*at++ = (asn1_static_node){NULL, EXPLICIT | ASN1_ETYPE_TAG, "0"};
			record[i] = (struct der_record){
				RECORD(names[i], odd), .rows = last ? last_rows : rows};
			records[i] = &record[i];
		}
		const struct der_table tables[] = {{array, records}, {0}};
		struct schema *schema = NULL;
		struct error err = {0};
		enum status status = schema_new(tables, &schema, &err);
		assert_string_equal(
			err.text, levels == 7 ? "" : "A: elements nested deeper than 16");
		assert_int_equal(status, levels == 7 ? STATUS_OK : ERR_UNSUPPORTED);
		schema_free(schema);
	}
}

static void refuses_an_array_that_is_none(void **state UNUSED)
{
	const asn1_static_node missing[] = {DEFINITIONS, NO_OID,
		{"A", DOWN | ASN1_ETYPE_SEQUENCE, NULL}, {"it", ASN1_ETYPE_IDENTIFIER, "B"}, END};
	check_definitions(missing,
		"libtasn1 cannot read the definitions: IDENTIFIER_NOT_FOUND :: identifier 'B' "
		"not found");
}

SUITE(test_schema)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_the_cases_below_spoil),
		cmocka_unit_test(refuses_a_row_without_a_field),
		cmocka_unit_test(refuses_a_required_field_without_a_row),
		cmocka_unit_test(refuses_a_type_that_is_not_defined),
		cmocka_unit_test(refuses_a_member_of_another_type),
		cmocka_unit_test(refuses_an_integer_without_a_range),
		cmocka_unit_test(refuses_structs_without_rows),
		cmocka_unit_test(refuses_lists_that_are_none),
		cmocka_unit_test(refuses_presence_that_does_not_fit),
		cmocka_unit_test(refuses_rows_that_belong_elsewhere),
		cmocka_unit_test(refuses_definitions_beyond_it),
		cmocka_unit_test(refuses_definitions_nested_too_deep),
		cmocka_unit_test(refuses_an_array_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}
