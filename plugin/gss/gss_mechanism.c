/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_mechanism.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* SLICE_LITERAL() for the table. */
#define OCTETS(s)                                                                                  \
	{                                                                                          \
		(const unsigned char *)(s), sizeof(s) - 1                                          \
	}

static const struct {
	struct slice oid;
	const char *name;
} names[] = {
	{OCTETS("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"), "Kerberos"},
	{OCTETS("\x2b\x06\x01\x05\x05\x02"), "SPNEGO"},
	{OCTETS("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"), "NTLM"},
	{OCTETS("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"), "NEGOEX"},
	{OCTETS("\x2b\x06\x01\x05\x02\x05"), "IAKERB"},
	{OCTETS("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"), "Kerberos' user-to-user mechanism"},
	{OCTETS("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"),
		"Kerberos with an old Windows' misprinted OID"},
};

const char *gss_mechanism_name(struct slice oid)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_equal(names[i].oid, oid))
			return names[i].name;
	return NULL;
}

/* Takes a number of seven bits an octet; false if it is above 2^32, or cut short. */
static bool take_number(struct reader *r, uint64_t *out)
{
	uint8_t octet = 0x80;
	for (*out = 0; octet & 0x80 && !r->failed && *out < UINT64_C(1) << 32;)
		*out = *out << 7 | ((octet = read_u8(r)) & 0x7f);
	return !(octet & 0x80) && !r->failed && *out <= UINT32_MAX;
}

const char *gss_mechanism_text(struct slice oid, char out[GSS_MECHANISM_TEXT_SIZE])
{
	const char *name = gss_mechanism_name(oid);
	struct reader r = reader_of(oid);
	uint64_t number;
	if (name) {
		snprintf(out, GSS_MECHANISM_TEXT_SIZE, "%s", name);
		return out;
	}
	size_t len = 0, room = GSS_MECHANISM_TEXT_SIZE - sizeof ".4294967295...";
	out[0] = '\0';
	while (r.rest.len > 0) {
		if (len > room || !take_number(&r, &number)) {
			strcpy(out + len, "...");
			return out;
		}
		/* The first octets are those of two numbers (X.690 section 8.19.4). */
		uint64_t first = number < 80 ? number / 40 : 2;
		len += (size_t)(len == 0 ? sprintf(out, "%" PRIu64 ".%" PRIu64, first,
						   number - 40 * first)
					 : sprintf(out + len, ".%" PRIu64, number));
	}
	return out;
}
