/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gives its input to the reader of every message, and what it takes to libtasn1
 * (tests/support/der_oracle.h), whose strict decoder has to take it, with the same values, and
 * encode it to the same octets. What was read is written; libtasn1 has to make the same
 * of the same values, and it has to be read again.
 */
#include "tests/support/der_oracle.h"

#include <stdio.h>

#include "asn1/der_packet.h"
#include "asn1/der_record.h"
#include "tests/support/der_samples.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void judge(const struct der_record *record, const char *wrong)
{
	if (!wrong)
		return;
	fprintf(stderr, "%s: %s\n", record->type, wrong);
	abort();
}

/* What is written of a packet is its pieces. */
static void gather_pieces(const struct der_record *record, void *value)
{
	struct packet_body *body = NULL;
	if (record == &der_enc_krb_priv_part)
		body = value;
	else if (record == &der_krb_safe)
		body = &((struct krb_safe *)value)->body;
	if (body) {
		body->pieces = &body->user_data;
		body->piece_count = 1;
	}
}

static void write_and_read(struct der_record *record, void *value, struct buffer *out)
{
	static _Alignas(16) unsigned char again[SAMPLE_MAX_SIZE];
	struct error err;
	AUTO_BUFFER second = {0};
	gather_pieces(record, value);
	check(der_write(record, value, out, &err) == STATUS_OK);
	judge(record, oracle_check_written(record, value, buffer_slice(out)));
	check(der_read(record, buffer_slice(out), again, &err) == STATUS_OK);
	gather_pieces(record, again);
	check(der_write(record, again, &second, &err) == STATUS_OK);
	check(slice_equal(buffer_slice(out), buffer_slice(&second)));
}

static void check_kind(struct der_record *record, struct slice input)
{
	static _Alignas(16) unsigned char value[SAMPLE_MAX_SIZE], zero[SAMPLE_MAX_SIZE];
	AUTO_BUFFER written = {0};
	struct error err = {0};
	check(record->size <= sizeof value);
	if (der_read(record, input, value, &err)) {
		check(err.text[0] != '\0' && err.status != STATUS_OK);
		check(memcmp(value, zero, record->size) == 0);
		return;
	}
	judge(record, oracle_check_read(record, input, value));
	write_and_read(record, value, &written);
}

/* KRB-SAFE, KRB-PRIV and what is in that, which are not among the published vectors. */
static struct slice packet(unsigned index)
{
	static struct slice packets[3];
	if (!packets[0].data) {
		struct slice address = SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, OCTETS("1234")));
		struct slice body = SEQUENCE(
			FIELD(0, OCTETS("data")), FIELD(3, INTEGER(17)), FIELD(4, address));
		struct slice head = FIELD(0, INTEGER(5));
		packets[1] = APPLICATION(20, SEQUENCE(head, FIELD(1, INTEGER(20)), FIELD(2, body),
						     FIELD(3, sample_named("Checksum")->der)));
		packets[2] = APPLICATION(21, SEQUENCE(head, FIELD(1, INTEGER(21)),
						     FIELD(3, sample_named("EncryptedData")->der)));
		packets[0] = APPLICATION(28, body);
	}
	return packets[index];
}

/* Begins with a message of each kind instead of finding out what one looks like. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	unsigned kind = seed / 64 % (SAMPLE_COUNT + 3);
	struct slice der = kind < SAMPLE_COUNT ? samples[kind].der : packet(kind - SAMPLE_COUNT);
	if ((size <= 1 || seed % 64 == 0) && der.len <= max_size) {
		memcpy(data, der.data, der.len);
		size = der.len;
	}
	return LLVMFuzzerMutate(data, size, max_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; oracle_records[i]; i++)
		check_kind(oracle_records[i], slice_of(data, size));
	return 0;
}
