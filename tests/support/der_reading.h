/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_reading.h - what the tests of asn1/'s readers share: assertions, and
 * messages put together of parts, of which a test changes one.
 */
#ifndef TESTS_SUPPORT_DER_READING_H
#define TESTS_SUPPORT_DER_READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/closing.h"
#include "tests/support/der_samples.h"

#define UNUSED __attribute__((unused))

#define assert_slice(s, text)                                                                      \
	do {                                                                                       \
		assert_int_equal((s).len, sizeof(text) - 1);                                       \
		assert_memory_equal((s).data, text, sizeof(text) - 1);                             \
	} while (0)

#define assert_reads(kind, der, out)                                                               \
	do {                                                                                       \
		struct error err_ = {0};                                                           \
		enum status status_ = der_read_##kind(der, out, &err_);                            \
		assert_string_equal(err_.text, "");                                                \
		assert_int_equal(status_, STATUS_OK);                                              \
	} while (0)

/* Refused, with this status and a text that has `part` in it; and the struct is all zero. */
void check_unread(enum status status, const struct error *err, enum status expected,
	const char *part, const void *out, size_t size);

#define assert_refused(kind, der, code, part)                                                      \
	do {                                                                                       \
		struct kind out_;                                                                  \
		memset(&out_, 0xee, sizeof out_);                                                  \
		struct error err_ = {0};                                                           \
		enum status status_ = der_read_##kind(der, &out_, &err_);                          \
		check_unread(status_, &err_, code, part, &out_, sizeof out_);                      \
	} while (0)

#define VERSION INTEGER(5)
#define REALM STRING("EXAMPLE.TEST")
#define NAME(...) SEQUENCE(FIELD(0, INTEGER(1)), FIELD(1, SEQUENCE(__VA_ARGS__)))
#define ALICE NAME(STRING("alice"))
#define ENCRYPTED SEQUENCE(FIELD(0, INTEGER(18)), FIELD(2, OCTETS("cipher")))
#define NOW TIME("20260131102030Z")

struct slice ticket_of(struct slice version, struct slice name, struct slice encrypted);

struct slice ap_req_of(struct slice version, struct slice type, struct slice options);

struct slice ap_rep_of(struct slice version, struct slice type, struct slice encrypted);

/* An EncryptedData of one etype and kvno. */
struct slice encrypted_of(struct slice etype, struct slice kvno);

struct slice enc_rep_of(struct slice ctime, struct slice cusec, struct slice seq_number);

struct slice authenticator_of(struct slice version, struct slice ads);

struct slice enc_ticket_part_of(struct slice flags, struct slice addresses);

#define FLAGS BYTES(0x03, 5, 0, 0x40, 0, 0, 0)

#endif
