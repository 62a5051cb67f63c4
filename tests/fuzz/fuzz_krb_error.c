/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_krb_error.c - any octets as a KRB-ERROR: never a success, always a
 * sentence of printable ASCII.
 */

#include "ap/ap.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct timestamp now = {INT64_C(1767225600), 0};
	static const struct principal asked = {
		.count = 2,
		.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
	};
	struct error err = {0};
	enum status status = krb_error_read(slice_of(data, size), now, &asked, &err);
	must(status != STATUS_OK && err.status == status && err.text[0]);
	for (const char *c = err.text; *c; c++)
		must(*c >= 0x20 && *c <= 0x7e);
	return 0;
}
