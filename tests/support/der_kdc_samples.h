/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_kdc_samples.h - the messages of asn1/der_kdc.h, for der_samples.h.
 *
 * EncASRepPart is the published EncTGSRepPart with the other's tag: MIT krb5
 * sends the second for both. Checksum is a part of other vectors.
 */
#ifndef TESTS_SUPPORT_DER_KDC_SAMPLES_H
#define TESTS_SUPPORT_DER_KDC_SAMPLES_H

#include "asn1/der_kdc.h"

#define DER_PADATA                                                                                 \
	"\x30\x24\x30\x10\xA1\x03\x02\x01\x0D\xA2\x09\x04\x07\x70\x61\x2D\x64\x61\x74\x61\x30\x10" \
	"\xA1\x03\x02\x01\x0D\xA2\x09\x04\x07\x70\x61\x2D\x64\x61\x74\x61"
#define DER_BODY                                                                                   \
	"\x30\x59\xA0\x07\x03\x05\x00\xFE\xDC\xBA\x90\xA2\x10" DER_REALM "\xA3\x1A" DER_NAME       \
	"\xA5\x11" DER_TIME "\xA7\x03\x02\x01\x2A\xA8\x08\x30\x06\x02\x01\x00\x02\x01\x01"
#define DER_FULL_BODY                                                                              \
	"\x30\x82\x01\xA6\xA0\x07\x03\x05\x00\xFE\xDC\xBA\x90\xA1\x1A" DER_NAME                    \
	"\xA2\x10" DER_REALM "\xA3\x1A" DER_NAME "\xA4\x11" DER_TIME "\xA5\x11" DER_TIME           \
	"\xA6\x11" DER_TIME                                                                        \
	"\xA7\x03\x02\x01\x2A\xA8\x08\x30\x06\x02\x01\x00\x02\x01\x01\xA9\x20\x30\x1E" DER_ADDRESS \
		DER_ADDRESS "\xAA\x25" DER_ENCRYPTED                                               \
	"\xAB\x81\xBF\x30\x81\xBC" DER_TICKET DER_TICKET
#define SAMPLE_PADATA                                                                              \
	{                                                                                          \
		2,                                                                                 \
		{                                                                                  \
			{13, LITERAL("pa-data")},                                                  \
			{                                                                          \
				13, LITERAL("pa-data")                                             \
			}                                                                          \
		}                                                                                  \
	}
#define SAMPLE_TICKET                                                                              \
	{                                                                                          \
		SAMPLE_PRINCIPAL, SAMPLE_ENCRYPTED                                                 \
	}

SAMPLE_FUNCTIONS(as_req)
SAMPLE_FUNCTIONS(tgs_req)
SAMPLE_FUNCTIONS(kdc_req_body)
SAMPLE_FUNCTIONS(as_rep)
SAMPLE_FUNCTIONS(tgs_rep)
SAMPLE_FUNCTIONS(padata)
SAMPLE_FUNCTIONS(etype_info2)
SAMPLE_FUNCTIONS(pa_enc_ts_enc)
SAMPLE_FUNCTIONS(encrypted_data)
SAMPLE_FUNCTIONS(checksum)

/* One reader takes both. */
static inline enum status sample_read_enc_kdc_rep_part(
	struct slice der, void *out, struct error *err)
{
	return der_read_enc_kdc_rep_part(der, out, err);
}
#define sample_read_enc_as_rep_part sample_read_enc_kdc_rep_part
#define sample_read_enc_tgs_rep_part sample_read_enc_kdc_rep_part

static inline enum status sample_write_enc_as_rep_part(
	const void *in, struct buffer *out, struct error *err)
{
	return der_write_enc_as_rep_part(in, out, err);
}

static inline enum status sample_write_enc_tgs_rep_part(
	const void *in, struct buffer *out, struct error *err)
{
	return der_write_enc_tgs_rep_part(in, out, err);
}

#define KDC_SAMPLES                                                                                \
	SAMPLE_OF("AS-REQ", as_req, kdc_req,                                                       \
		"\x6A\x82\x01\xE4\x30\x82\x01\xE0\xA1\x03\x02\x01\x05\xA2\x03\x02\x01\x0A\xA3"     \
		"\x26" DER_PADATA "\xA4\x82\x01\xAA" DER_FULL_BODY,                                \
		.padata = SAMPLE_PADATA, .body_der = LITERAL(DER_FULL_BODY)),                      \
		SAMPLE_OF("AS-REQ, optional fields absent", as_req, kdc_req,                       \
			"\x6A\x69\x30\x67\xA1\x03\x02\x01\x05\xA2\x03\x02\x01\x0A\xA4"             \
			"\x5B" DER_BODY,                                                           \
			.body_der = LITERAL(DER_BODY)),                                            \
		SAMPLE_OF("TGS-REQ", tgs_req, kdc_req,                                             \
			"\x6C\x82\x01\xE4\x30\x82\x01\xE0\xA1\x03\x02\x01\x05\xA2\x03\x02\x01\x0C" \
			"\xA3\x26" DER_PADATA "\xA4\x82\x01\xAA" DER_FULL_BODY,                    \
			.padata = SAMPLE_PADATA, .body_der = LITERAL(DER_FULL_BODY)),              \
		SAMPLE("KDC-REQ-BODY", kdc_req_body, DER_BODY, .options = 0xfedcba90,              \
			.server = SAMPLE_PRINCIPAL, .till = SAMPLE_SECONDS, .nonce = 42,           \
			.etype_count = 2, .etype = {0, 1}),                                        \
		SAMPLE_OF("AS-REP", as_rep, kdc_rep,                                               \
			"\x6B\x81\xEA\x30\x81\xE7\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x0B\xA2"     \
			"\x26" DER_PADATA "\xA3\x10" DER_REALM "\xA4\x1A" DER_NAME                 \
			"\xA5\x5E" DER_TICKET "\xA6\x25" DER_ENCRYPTED,                            \
			.padata = SAMPLE_PADATA, .client = SAMPLE_PRINCIPAL,                       \
			.ticket = SAMPLE_TICKET, .ticket_der = LITERAL(DER_TICKET),                \
			.enc_part = SAMPLE_ENCRYPTED),                                             \
		SAMPLE_OF("AS-REP, optional fields absent", as_rep, kdc_rep,                       \
			"\x6B\x81\xC2\x30\x81\xBF\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x0B\xA3"     \
			"\x10" DER_REALM "\xA4\x1A" DER_NAME "\xA5\x5E" DER_TICKET                 \
			"\xA6\x25" DER_ENCRYPTED,                                                  \
			.client = SAMPLE_PRINCIPAL, .ticket = SAMPLE_TICKET,                       \
			.ticket_der = LITERAL(DER_TICKET), .enc_part = SAMPLE_ENCRYPTED),          \
		SAMPLE_OF("TGS-REP", tgs_rep, kdc_rep,                                             \
			"\x6D\x81\xEA\x30\x81\xE7\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x0D\xA2"     \
			"\x26" DER_PADATA "\xA3\x10" DER_REALM "\xA4\x1A" DER_NAME                 \
			"\xA5\x5E" DER_TICKET "\xA6\x25" DER_ENCRYPTED,                            \
			.padata = SAMPLE_PADATA, .client = SAMPLE_PRINCIPAL,                       \
			.ticket = SAMPLE_TICKET, .ticket_der = LITERAL(DER_TICKET),                \
			.enc_part = SAMPLE_ENCRYPTED),                                             \
		SAMPLE_OF("EncTGSRepPart", enc_tgs_rep_part, enc_kdc_rep_part,                     \
			"\x7A\x82\x01\x0E\x30\x82\x01\x0A\xA0\x13" DER_KEY                         \
			"\xA1\x36\x30\x34\x30\x18\xA0\x03\x02\x01\xFB\xA1\x11" DER_TIME            \
			"\x30\x18\xA0\x03\x02\x01\xFB\xA1\x11" DER_TIME                            \
			"\xA2\x03\x02\x01\x2A\xA3\x11" DER_TIME                                    \
			"\xA4\x07\x03\x05\x00\xFE\xDC\xBA\x98\xA5\x11" DER_TIME                    \
			"\xA6\x11" DER_TIME "\xA7\x11" DER_TIME "\xA8\x11" DER_TIME                \
			"\xA9\x10" DER_REALM "\xAA\x1A" DER_NAME                                   \
			"\xAB\x20\x30\x1E" DER_ADDRESS DER_ADDRESS,                                \
			.key = SAMPLE_KEY,                                                         \
			.last_req = {2, {{-5, SAMPLE_SECONDS}, {-5, SAMPLE_SECONDS}}},             \
			.nonce = 42, .flags = 0xfedcba98, .authtime = SAMPLE_SECONDS,              \
			.endtime = SAMPLE_SECONDS, .server = SAMPLE_PRINCIPAL,                     \
			.has_key_expiration = true, .key_expiration = SAMPLE_SECONDS,              \
			.has_starttime = true, .starttime = SAMPLE_SECONDS,                        \
			.has_renew_till = true, .renew_till = SAMPLE_SECONDS,                      \
			.addresses = {2, {SAMPLE_ADDRESS, SAMPLE_ADDRESS}}),                       \
		SAMPLE_OF("EncTGSRepPart, optional fields absent", enc_tgs_rep_part,               \
			enc_kdc_rep_part,                                                          \
			"\x7A\x81\xB2\x30\x81\xAF\xA0\x13" DER_KEY                                 \
			"\xA1\x36\x30\x34\x30\x18\xA0\x03\x02\x01\xFB\xA1\x11" DER_TIME            \
			"\x30\x18\xA0\x03\x02\x01\xFB\xA1\x11" DER_TIME                            \
			"\xA2\x03\x02\x01\x2A\xA4\x07\x03\x05\x00\xFE\x5C\xBA\x98\xA5"             \
			"\x11" DER_TIME "\xA7\x11" DER_TIME "\xA9\x10" DER_REALM                   \
			"\xAA\x1A" DER_NAME,                                                       \
			.key = SAMPLE_KEY,                                                         \
			.last_req = {2, {{-5, SAMPLE_SECONDS}, {-5, SAMPLE_SECONDS}}},             \
			.nonce = 42, .flags = 0xfe5cba98, .authtime = SAMPLE_SECONDS,              \
			.endtime = SAMPLE_SECONDS, .server = SAMPLE_PRINCIPAL),                    \
		SAMPLE_OF("EncASRepPart", enc_as_rep_part, enc_kdc_rep_part,                       \
			"\x79\x81\xB2\x30\x81\xAF\xA0\x13" DER_KEY                                 \
			"\xA1\x36\x30\x34\x30\x18\xA0\x03\x02\x01\xFB\xA1\x11" DER_TIME            \
			"\x30\x18\xA0\x03\x02\x01\xFB\xA1\x11" DER_TIME                            \
			"\xA2\x03\x02\x01\x2A\xA4\x07\x03\x05\x00\xFE\x5C\xBA\x98\xA5"             \
			"\x11" DER_TIME "\xA7\x11" DER_TIME "\xA9\x10" DER_REALM                   \
			"\xAA\x1A" DER_NAME,                                                       \
			.key = SAMPLE_KEY,                                                         \
			.last_req = {2, {{-5, SAMPLE_SECONDS}, {-5, SAMPLE_SECONDS}}},             \
			.nonce = 42, .flags = 0xfe5cba98, .authtime = SAMPLE_SECONDS,              \
			.endtime = SAMPLE_SECONDS, .server = SAMPLE_PRINCIPAL),                    \
		SAMPLE("METHOD-DATA", padata, DER_PADATA, .count = 2,                              \
			.element = {{13, LITERAL("pa-data")}, {13, LITERAL("pa-data")}}),          \
		SAMPLE("ETYPE-INFO2", etype_info2,                                                 \
			"\x30\x51\x30\x1E\xA0\x03\x02\x01\x00\xA1\x0D\x1B\x0B\x4D\x6F\x72\x74\x6F" \
			"\x6E\x27\x73\x20\x23\x30\xA2\x08\x04\x06\x73\x32\x6B\x3A\x20\x30\x30\x0F" \
			"\xA0\x03\x02\x01\x01\xA2\x08\x04\x06\x73\x32\x6B\x3A\x20\x31\x30\x1E\xA0" \
			"\x03\x02\x01\x02\xA1\x0D\x1B\x0B\x4D\x6F\x72\x74\x6F\x6E\x27\x73\x20\x23" \
			"\x32\xA2\x08\x04\x06\x73\x32\x6B\x3A\x20\x32",                            \
			.count = 3,                                                                \
			.element = {{0, LITERAL("Morton's #0"), LITERAL("s2k: 0")},                \
				{1, {NULL, 0}, LITERAL("s2k: 1")},                                 \
				{2, LITERAL("Morton's #2"), LITERAL("s2k: 2")}}),                  \
		SAMPLE("PA-ENC-TS-ENC", pa_enc_ts_enc,                                             \
			"\x30\x1A\xA0\x11" DER_TIME "\xA1\x05" DER_USEC, .has_microseconds = true, \
			.time = SAMPLE_TIME),                                                      \
		SAMPLE("PA-ENC-TS-ENC, optional fields absent", pa_enc_ts_enc,                     \
			"\x30\x13\xA0\x11" DER_TIME, .time = {SAMPLE_SECONDS, 0}),                 \
		SAMPLE("EncryptedData", encrypted_data, DER_ENCRYPTED, .etype = 0,                 \
			.has_kvno = true, .kvno = 5, .cipher = LITERAL("krbASN.1 test message")),  \
		SAMPLE("Checksum", checksum, DER_CHECKSUM, 1, LITERAL("1234"))

#endif
