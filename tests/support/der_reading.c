/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/der_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void check_unread(enum status status, const struct error *err, enum status expected,
	const char *part, const void *out, size_t size)
{
	if (!strstr(err->text, part))
		fail_msg("\"%s\" does not say \"%s\"", err->text, part);
	assert_int_equal(status, expected);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(((const unsigned char *)out)[i], 0);
}

struct slice ticket_of(struct slice version, struct slice name, struct slice encrypted)
{
	return APPLICATION(1,
		SEQUENCE(FIELD(0, version), FIELD(1, REALM), FIELD(2, name), FIELD(3, encrypted)));
}

struct slice ap_req_of(struct slice version, struct slice type, struct slice options)
{
	return APPLICATION(
		14, SEQUENCE(FIELD(0, version), FIELD(1, type), FIELD(2, options),
			    FIELD(3, ticket_of(VERSION, ALICE, ENCRYPTED)), FIELD(4, ENCRYPTED)));
}

struct slice ap_rep_of(struct slice version, struct slice type, struct slice encrypted)
{
	return APPLICATION(15, SEQUENCE(FIELD(0, version), FIELD(1, type), FIELD(2, encrypted)));
}

struct slice encrypted_of(struct slice etype, struct slice kvno)
{
	return SEQUENCE(FIELD(0, etype), FIELD(1, kvno), FIELD(2, OCTETS("cipher")));
}

struct slice enc_rep_of(struct slice ctime, struct slice cusec, struct slice seq_number)
{
	return APPLICATION(27, SEQUENCE(FIELD(0, ctime), FIELD(1, cusec), FIELD(3, seq_number)));
}

struct slice authenticator_of(struct slice version, struct slice ads)
{
	return APPLICATION(2, SEQUENCE(FIELD(0, version), FIELD(1, REALM), FIELD(2, ALICE),
				      FIELD(4, INTEGER(0)), FIELD(5, NOW), FIELD(8, ads)));
}

struct slice enc_ticket_part_of(struct slice flags, struct slice addresses)
{
	return APPLICATION(
		3, SEQUENCE(FIELD(0, flags),
			   FIELD(1, SEQUENCE(FIELD(0, INTEGER(18)), FIELD(1, OCTETS("key")))),
			   FIELD(2, REALM), FIELD(3, ALICE),
			   FIELD(4, SEQUENCE(FIELD(0, INTEGER(1)), FIELD(1, OCTETS("")))),
			   FIELD(5, NOW), FIELD(7, NOW), FIELD(9, addresses)));
}
