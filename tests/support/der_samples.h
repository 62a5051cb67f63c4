/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_samples.h - messages for the tests of asn1/: every kind with all its
 * fields and without the optional ones, and DER put together by hand.
 *
 * The octets are the published test vectors of MIT krb5 (the values that its
 * ASN.1 tests encode), so neither side of our own code decides what is
 * right. They lack AD-KDCIssued, AD-AND-OR and EtypeList, which are written out
 * by hand.
 */
#ifndef TESTS_SUPPORT_DER_SAMPLES_H
#define TESTS_SUPPORT_DER_SAMPLES_H

#include <stdlib.h>
#include <string.h>

#include "asn1/der_cred.h"

/* ---- DER by hand ---- */

/* Memory for all that a test makes; never given back. */
static inline unsigned char *sample_room(size_t len)
{
	static unsigned char room[4 << 20];
	static size_t used;
	if (len > sizeof room - used)
		abort();
	used += len;
	return room + used - len;
}

static const unsigned char sample_end;

/* `parts` ends with a slice at sample_end. */
static inline struct slice sample_element(unsigned char tag, const struct slice *parts)
{
	size_t count = 0, len = 0;
	for (; parts[count].data != &sample_end; count++)
		len += parts[count].len;

	unsigned char *start = sample_room(len + 5), *end = start;
	*end++ = tag;
	if (len > 0xffff)
		*end++ = 0x83;
	else if (len > 0xff)
		*end++ = 0x82;
	else if (len > 0x7f)
		*end++ = 0x81;
	if (len > 0xffff)
		*end++ = (unsigned char)(len >> 16);
	if (len > 0xff)
		*end++ = (unsigned char)(len >> 8);
	*end++ = (unsigned char)len;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len > 0)
			memcpy(end, parts[i].data, parts[i].len);
		end += parts[i].len;
	}
	return slice_of(start, (size_t)(end - start));
}

static inline struct slice sample_repeat(unsigned char octet, size_t count)
{
	unsigned char *start = sample_room(count);
	memset(start, octet, count);
	return slice_of(start, count);
}

static inline struct slice sample_copies(struct slice s, size_t count)
{
	unsigned char *start = sample_room(s.len * count);
	for (size_t i = 0; i < count; i++)
		memcpy(start + i * s.len, s.data, s.len);
	return slice_of(start, s.len * count);
}

/* One element of the tag around any number of slices: MAKE(0x30, MAKE(0xa0, ...), ...). */
#define MAKE(tag, ...) sample_element(tag, (const struct slice[]){__VA_ARGS__, {&sample_end, 0}})
#define BYTES(...)                                                                                 \
	sample_copies(slice_of((const unsigned char[]){__VA_ARGS__},                               \
			      sizeof(const unsigned char[]){__VA_ARGS__}),                         \
		1)
#define NOTHING SLICE_EMPTY
#define SEQUENCE(...) MAKE(0x30, __VA_ARGS__)
#define FIELD(n, ...) MAKE(0xa0 + (n), __VA_ARGS__)
#define APPLICATION(n, ...) MAKE(0x60 + (n), __VA_ARGS__)
#define INTEGER(...) MAKE(0x02, BYTES(__VA_ARGS__))
#define OCTETS(s) MAKE(0x04, SLICE_LITERAL(s))
#define STRING(s) MAKE(0x1b, SLICE_LITERAL(s))
#define TIME(s) MAKE(0x18, SLICE_LITERAL(s))

/* ---- every kind of message ---- */

/* SLICE_LITERAL() for static data. */
#define LITERAL(s)                                                                                 \
	{                                                                                          \
		(const unsigned char *)(s), sizeof(s) - 1                                          \
	}

#define SAMPLE_PRINCIPAL                                                                           \
	{                                                                                          \
		.type = 1, .count = 2, .component = {LITERAL("hftsai"), LITERAL("extra")},         \
		.realm = LITERAL("ATHENA.MIT.EDU")                                                 \
	}
#define SAMPLE_ENCRYPTED                                                                           \
	{                                                                                          \
		.etype = 0, .has_kvno = true, .kvno = 5,                                           \
		.cipher = LITERAL("krbASN.1 test message")                                         \
	}
#define SAMPLE_KEY                                                                                 \
	{                                                                                          \
		1, LITERAL("12345678")                                                             \
	}
#define SAMPLE_CHECKSUM                                                                            \
	{                                                                                          \
		1, LITERAL("1234")                                                                 \
	}
#define SAMPLE_AD                                                                                  \
	{                                                                                          \
		1, LITERAL("foobar")                                                               \
	}
#define SAMPLE_ADS                                                                                 \
	{                                                                                          \
		.count = 2, .element = { SAMPLE_AD, SAMPLE_AD }                                    \
	}
#define SAMPLE_SECONDS 771228197 /* 1994-06-10 06:03:17 UTC */
#define SAMPLE_MICROSECONDS 123456
#define SAMPLE_TIME                                                                                \
	{                                                                                          \
		SAMPLE_SECONDS, SAMPLE_MICROSECONDS                                                \
	}

#define DER_REALM "\x1B\x0E\x41\x54\x48\x45\x4E\x41\x2E\x4D\x49\x54\x2E\x45\x44\x55"
#define DER_NAME                                                                                   \
	"\x30\x18\xA0\x03\x02\x01\x01\xA1\x11\x30\x0F\x1B\x06\x68\x66\x74\x73\x61\x69\x1B\x05\x65" \
	"\x78\x74\x72\x61"
#define DER_ENCRYPTED                                                                              \
	"\x30\x23\xA0\x03\x02\x01\x00\xA1\x03\x02\x01\x05\xA2\x17\x04\x15\x6B\x72\x62\x41\x53\x4E" \
	"\x2E\x31\x20\x74\x65\x73\x74"                                                             \
	"\x20\x6D\x65\x73\x73\x61\x67\x65"
#define DER_TICKET                                                                                 \
	"\x61\x5C\x30\x5A\xA0\x03\x02\x01\x05\xA1\x10" DER_REALM "\xA2\x1A" DER_NAME               \
	"\xA3\x25" DER_ENCRYPTED
#define DER_KEY "\x30\x11\xA0\x03\x02\x01\x01\xA1\x0A\x04\x08\x31\x32\x33\x34\x35\x36\x37\x38"
#define DER_CHECKSUM "\x30\x0D\xA0\x03\x02\x01\x01\xA1\x06\x04\x04\x31\x32\x33\x34"
#define DER_TIME "\x18\x0F\x31\x39\x39\x34\x30\x36\x31\x30\x30\x36\x30\x33\x31\x37\x5A"
#define DER_USEC "\x02\x03\x01\xE2\x40"
#define DER_AD "\x30\x0F\xA0\x03\x02\x01\x01\xA1\x08\x04\x06\x66\x6F\x6F\x62\x61\x72"
#define DER_ADS "\x30\x22" DER_AD DER_AD
#define DER_ADDRESS "\x30\x0D\xA0\x03\x02\x01\x02\xA1\x06\x04\x04\x12\xD0\x00\x23"
#define DER_TRANSITED                                                                              \
	"\x30\x2C\xA0\x03\x02\x01\x01\xA1\x25\x04\x23\x45\x44\x55\x2C\x4D\x49\x54\x2E\x2C\x41\x54" \
	"\x48\x45\x4E\x41\x2E\x2C\x57"                                                             \
	"\x41\x53\x48\x49\x4E\x47\x54\x4F\x4E\x2E\x45\x44\x55\x2C\x43\x53\x2E"

#define SAMPLE_ADDRESS                                                                             \
	{                                                                                          \
		2, LITERAL("\x12\xd0\x00\x23")                                                     \
	}
#define SAMPLE_CRED_INFO                                                                           \
	{                                                                                          \
		.key = SAMPLE_KEY, .client = SAMPLE_PRINCIPAL, .has_flags = true,                  \
		.flags = 0xfedcba98, .has_authtime = true, .authtime = SAMPLE_SECONDS,             \
		.has_starttime = true, .starttime = SAMPLE_SECONDS, .has_endtime = true,           \
		.endtime = SAMPLE_SECONDS, .has_renew_till = true, .renew_till = SAMPLE_SECONDS,   \
		.server = SAMPLE_PRINCIPAL, .addresses = {                                         \
			2,                                                                         \
			{SAMPLE_ADDRESS, SAMPLE_ADDRESS}                                           \
		}                                                                                  \
	}
#define DER_CRED_INFO                                                                              \
	"\x30\x81\xE8\xA0\x13" DER_KEY "\xA1\x10" DER_REALM "\xA2\x1A" DER_NAME                    \
	"\xA3\x07\x03\x05\x00\xFE\xDC\xBA\x98\xA4\x11" DER_TIME "\xA5\x11" DER_TIME                \
	"\xA6\x11" DER_TIME "\xA7\x11" DER_TIME "\xA8\x10" DER_REALM "\xA9\x1A" DER_NAME           \
	"\xAA\x20\x30\x1E" DER_ADDRESS DER_ADDRESS

struct sample {
	const char *name;
	enum status (*read)(struct slice der, void *out, struct error *err);
	enum status (*write)(const void *in, struct buffer *out, struct error *err);
	size_t size;
	struct slice der;
	const void *value; /* what it says */
};

#define SAMPLE_FUNCTIONS(kind)                                                                     \
	static inline enum status sample_read_##kind(                                              \
		struct slice der, void *out, struct error *err)                                    \
	{                                                                                          \
		return der_read_##kind(der, out, err);                                             \
	}                                                                                          \
	static inline enum status sample_write_##kind(                                             \
		const void *in, struct buffer *out, struct error *err)                             \
	{                                                                                          \
		return der_write_##kind(in, out, err);                                             \
	}
SAMPLE_FUNCTIONS(ticket)
SAMPLE_FUNCTIONS(enc_ticket_part)
SAMPLE_FUNCTIONS(ap_req)
SAMPLE_FUNCTIONS(authenticator)
SAMPLE_FUNCTIONS(ap_rep)
SAMPLE_FUNCTIONS(enc_ap_rep_part)
SAMPLE_FUNCTIONS(krb_error)
SAMPLE_FUNCTIONS(authorization_data)
SAMPLE_FUNCTIONS(ad_kdc_issued)
SAMPLE_FUNCTIONS(ad_and_or)
SAMPLE_FUNCTIONS(etype_list)
SAMPLE_FUNCTIONS(krb_cred)
SAMPLE_FUNCTIONS(enc_krb_cred_part)
#define SAMPLE_OF(name, kind, type, octets, ...)                                                   \
	{                                                                                          \
		name, sample_read_##kind, sample_write_##kind, sizeof(struct type),                \
			LITERAL(octets), &(const struct type)                                      \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define SAMPLE(name, kind, octets, ...) SAMPLE_OF(name, kind, kind, octets, __VA_ARGS__)

#include "tests/support/der_kdc_samples.h"

static const struct sample samples[] = {
	SAMPLE("Ticket", ticket, DER_TICKET, .server = SAMPLE_PRINCIPAL,
		.enc_part = SAMPLE_ENCRYPTED),
	SAMPLE("EncTicketPart", enc_ticket_part,
		"\x63\x82\x01\x14\x30\x82\x01\x10\xA0\x07\x03\x05\x00\xFE\xDC\xBA\x98\xA1"
		"\x13" DER_KEY "\xA2\x10" DER_REALM "\xA3\x1A" DER_NAME "\xA4\x2E" DER_TRANSITED
		"\xA5\x11" DER_TIME "\xA6\x11" DER_TIME "\xA7\x11" DER_TIME "\xA8\x11" DER_TIME
		"\xA9\x20\x30\x1E" DER_ADDRESS DER_ADDRESS "\xAA\x24" DER_ADS,
		.flags = 0xfedcba98, .key = SAMPLE_KEY, .client = SAMPLE_PRINCIPAL,
		.transited_type = 1, .transited = LITERAL("EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS."),
		.authtime = SAMPLE_SECONDS, .has_starttime = true, .starttime = SAMPLE_SECONDS,
		.endtime = SAMPLE_SECONDS, .has_renew_till = true, .renew_till = SAMPLE_SECONDS,
		.addresses = {2,
			{{2, LITERAL("\x12\xd0\x00\x23")}, {2, LITERAL("\x12\xd0\x00\x23")}}},
		.authorization_data = SAMPLE_ADS),
	SAMPLE("EncTicketPart, optional fields absent", enc_ticket_part,
		"\x63\x81\xA5\x30\x81\xA2\xA0\x07\x03\x05\x00\xFE\xDC\xBA\x98\xA1\x13" DER_KEY
		"\xA2\x10" DER_REALM "\xA3\x1A" DER_NAME "\xA4\x2E" DER_TRANSITED
		"\xA5\x11" DER_TIME "\xA7\x11" DER_TIME,
		.flags = 0xfedcba98, .key = SAMPLE_KEY, .client = SAMPLE_PRINCIPAL,
		.transited_type = 1, .transited = LITERAL("EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS."),
		.authtime = SAMPLE_SECONDS, .endtime = SAMPLE_SECONDS),
	SAMPLE("AP-REQ", ap_req,
		"\x6E\x81\x9D\x30\x81\x9A\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x0E\xA2\x07\x03\x05"
		"\x00\xFE\xDC\xBA\x98"
		"\xA3\x5E" DER_TICKET "\xA4\x25" DER_ENCRYPTED,
		.options = 0xfedcba98, .ticket_der = LITERAL(DER_TICKET),
		.authenticator = SAMPLE_ENCRYPTED),
	SAMPLE("Authenticator", authenticator,
		"\x62\x81\xA1\x30\x81\x9E\xA0\x03\x02\x01\x05\xA1\x10" DER_REALM "\xA2\x1A" DER_NAME
		"\xA3\x0F" DER_CHECKSUM "\xA4\x05" DER_USEC "\xA5\x11" DER_TIME "\xA6\x13" DER_KEY
		"\xA7\x03\x02\x01\x11\xA8\x24" DER_ADS,
		.client = SAMPLE_PRINCIPAL, .checksum = SAMPLE_CHECKSUM, .time = SAMPLE_TIME,
		.subkey = SAMPLE_KEY, .has_seq_number = true, .seq_number = 17,
		.authorization_data = SAMPLE_ADS),
	SAMPLE("Authenticator, optional fields absent", authenticator,
		"\x62\x4F\x30\x4D\xA0\x03\x02\x01\x05\xA1\x10" DER_REALM "\xA2\x1A" DER_NAME
		"\xA4\x05" DER_USEC "\xA5\x11" DER_TIME,
		.client = SAMPLE_PRINCIPAL, .time = SAMPLE_TIME),
	SAMPLE("AP-REP", ap_rep,
		"\x6F\x33\x30\x31\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x0F\xA2\x25" DER_ENCRYPTED,
		.enc_part = SAMPLE_ENCRYPTED),
	SAMPLE("EncAPRepPart", enc_ap_rep_part,
		"\x7B\x36\x30\x34\xA0\x11" DER_TIME "\xA1\x05" DER_USEC "\xA2\x13" DER_KEY
		"\xA3\x03\x02\x01\x11",
		.time = SAMPLE_TIME, .subkey = SAMPLE_KEY, .has_seq_number = true,
		.seq_number = 17),
	SAMPLE("EncAPRepPart, optional fields absent", enc_ap_rep_part,
		"\x7B\x1C\x30\x1A\xA0\x11" DER_TIME "\xA1\x05" DER_USEC, .time = SAMPLE_TIME),
	SAMPLE("KRB-ERROR", krb_error,
		"\x7E\x81\xBA\x30\x81\xB7\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x1E\xA2\x11" DER_TIME
		"\xA3\x05" DER_USEC "\xA4\x11" DER_TIME "\xA5\x05" DER_USEC
		"\xA6\x03\x02\x01\x3C\xA7\x10" DER_REALM "\xA8\x1A" DER_NAME "\xA9\x10" DER_REALM
		"\xAA\x1A" DER_NAME "\xAB\x0A\x1B\x08\x6B\x72\x62\x35\x64\x61\x74\x61\xAC\x0A\x04"
		"\x08\x6B\x72\x62\x35\x64\x61\x74\x61",
		.has_ctime = true, .has_cusec = true, .ctime = SAMPLE_TIME, .stime = SAMPLE_TIME,
		.error_code = KRB_ERR_GENERIC, .client = SAMPLE_PRINCIPAL,
		.server = SAMPLE_PRINCIPAL, .text = LITERAL("krb5data"),
		.data = LITERAL("krb5data")),
	SAMPLE("KRB-ERROR, optional fields absent but cusec", krb_error,
		"\x7E\x60\x30\x5E\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x1E\xA3\x05" DER_USEC
		"\xA4\x11" DER_TIME "\xA5\x05" DER_USEC "\xA6\x03\x02\x01\x3C\xA9\x10" DER_REALM
		"\xAA\x1A" DER_NAME,
		.has_cusec = true, .ctime = {0, SAMPLE_MICROSECONDS}, .stime = SAMPLE_TIME,
		.error_code = KRB_ERR_GENERIC, .server = SAMPLE_PRINCIPAL),
	SAMPLE("AuthorizationData", authorization_data, DER_ADS, .count = 2,
		.element = {SAMPLE_AD, SAMPLE_AD}),
	SAMPLE("AD-KDCIssued", ad_kdc_issued,
		"\x30\x65\xA0\x0F" DER_CHECKSUM "\xA1\x10" DER_REALM "\xA2\x1A" DER_NAME
		"\xA3\x24" DER_ADS,
		.checksum = SAMPLE_CHECKSUM, .issuer = SAMPLE_PRINCIPAL, .elements = SAMPLE_ADS),
	SAMPLE("AD-KDCIssued, optional fields absent", ad_kdc_issued,
		"\x30\x37\xA0\x0F" DER_CHECKSUM "\xA3\x24" DER_ADS, .checksum = SAMPLE_CHECKSUM,
		.elements = SAMPLE_ADS),
	SAMPLE("AD-AND-OR", ad_and_or, "\x30\x2B\xA0\x03\x02\x01\x01\xA1\x24" DER_ADS,
		.condition_count = 1, .elements = SAMPLE_ADS),
	SAMPLE("EtypeList", etype_list, "\x30\x09\x02\x01\x14\x02\x01\x13\x02\x01\x12", .count = 3,
		.etype = {20, 19, 18}),
	SAMPLE("KRB-CRED", krb_cred,
		"\x76\x81\xF6\x30\x81\xF3\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x16\xA2\x81\xBF\x30"
		"\x81\xBC" DER_TICKET DER_TICKET "\xA3\x25" DER_ENCRYPTED,
		.count = 2,
		.ticket = {{SAMPLE_PRINCIPAL, SAMPLE_ENCRYPTED},
			{SAMPLE_PRINCIPAL, SAMPLE_ENCRYPTED}},
		.enc_part = SAMPLE_ENCRYPTED),
	SAMPLE("EncKrbCredPart", enc_krb_cred_part,
		"\x7D\x82\x02\x23\x30\x82\x02\x1F\xA0\x82\x01\xDA\x30\x82\x01\xD6" DER_CRED_INFO
			DER_CRED_INFO "\xA1\x03\x02\x01\x2A\xA2\x11" DER_TIME "\xA3\x05" DER_USEC
		"\xA4\x0F" DER_ADDRESS "\xA5\x0F" DER_ADDRESS,
		.count = 2, .info = {SAMPLE_CRED_INFO, SAMPLE_CRED_INFO}, .has_nonce = true,
		.nonce = 42, .has_timestamp = true, .has_usec = true, .timestamp = SAMPLE_TIME,
		.sender = SAMPLE_ADDRESS, .recipient = SAMPLE_ADDRESS),
	SAMPLE("EncKrbCredPart, optional fields absent", enc_krb_cred_part,
		"\x7D\x82\x01\x0E\x30\x82\x01\x0A\xA0\x82\x01\x06\x30\x82\x01\x02\x30\x15\xA0"
		"\x13" DER_KEY DER_CRED_INFO,
		.count = 2, .info = {{.key = SAMPLE_KEY}, SAMPLE_CRED_INFO}),
	KDC_SAMPLES,
};
#define SAMPLE_COUNT (sizeof samples / sizeof *samples)
/* Of the largest struct and of the longest message among them. */
#define SAMPLE_MAX_SIZE sizeof(struct enc_krb_cred_part)
#define SAMPLE_MAX_LENGTH 0x300

/* The sample of this name. */
static inline const struct sample *sample_named(const char *name)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		if (strcmp(samples[i].name, name) == 0)
			return &samples[i];
	abort();
}

#endif
