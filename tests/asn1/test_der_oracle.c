/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every kind of message, judged by libtasn1 (tests/support/der_oracle.h): the published
 * vectors, values at random, and what is still taken of a message that was spoilt.
 */
#include "tests/support/packet_samples.h"

#include "asn1/schema.h"
#include "tests/support/der_oracle.h"
#include "tests/support/suite.h"

enum { RANDOM_ROUNDS = 100, MAX_VALUE = sizeof(struct enc_krb_cred_part) };

static _Alignas(16) unsigned char value[MAX_VALUE], back[MAX_VALUE];

/* ---- values at random, always the same ones ---- */

static uint32_t random_state;

static uint32_t random_number(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static uint64_t random_bits(unsigned bits)
{
	uint64_t number = 0;
	for (unsigned i = 0; i < 4; i++)
		number = number << 16 | random_number(0x10000);
	return number >> (64 - bits);
}

/* Of every length in octets, and at their limits. */
static int64_t random_in_range(int64_t min, int64_t max)
{
	int64_t number = (int64_t)random_bits(1 + random_number(33));
	if (random_number(4) == 0)
		number = (INT64_C(1) << random_number(33)) - (int64_t)random_number(2);
	if (random_number(2))
		number = -number;
	return number < min ? min : number > max ? max : number;
}

static struct slice random_octets(void)
{
	static const size_t lengths[] = {0, 1, 5, 16, 127, 128, 130, 255, 256, 300, 70000};
	size_t len = lengths[random_number(random_number(50) ? 10 : 11)];
	static unsigned char octets[70000];
	octets[random_number(sizeof octets)] ^= (unsigned char)random_number(256);
	return slice_of(octets, len);
}

static void make(const struct schema_node *n, void *place);

static void *at(void *record, size_t offset)
{
	return (char *)record + offset;
}

static void make_simple(const struct schema_node *n, void *place)
{
	static struct slice pieces[3];
	switch (n->base->member) {
	case MEMBER_INT32:
		*(int32_t *)place = (int32_t)random_in_range(n->base->min, n->base->max);
		break;
	case MEMBER_UINT32:
		*(uint32_t *)place = (uint32_t)random_in_range(0, UINT32_MAX);
		break;
	case MEMBER_INT64:
		*(int64_t *)place = random_in_range(-62167219200, 253402300799);
		break;
	case MEMBER_SLICE:
		*(struct slice *)place = random_octets();
		break;
	case MEMBER_PIECES:
		for (unsigned i = 0; i < COUNT_OF(pieces); i++)
			pieces[i] = random_octets();
		*(const struct slice **)at(place, n->row->presence - n->row->offset) = pieces;
		*(size_t *)at(place, n->row->count - n->row->offset) = random_number(4);
		break;
	default:
		break;
	}
}

static void make_list(const struct schema_node *n, void *record)
{
	unsigned max = (unsigned)n->row->max, count = random_number(4);
	if (random_number(20) == 0)
		count = max;
	if (count > max || max * n->row->size > 5000)
		count = random_number(3);
	*(unsigned *)at(record, n->row->count) = count;
	for (unsigned i = 0; i < count; i++)
		make(n->element, at(record, n->row->offset + i * n->row->size));
}

/* Where a struct says of a part that it is absent, that has to be empty. */
static void make_field(const struct schema_node *f, void *record)
{
	bool absent = f->when != ALWAYS && f->when != NEEDED && random_number(2);
	if (!f->row || f->when == REFUSED || f->row->fixed || absent)
		return;
	if (f->when == IF_FLAG)
		*(bool *)at(record, f->row->presence) = true;
	if (f->row->member != MEMBER_NONE)
		make(f, f->element ? record : at(record, f->row->offset));
	if (f->row->keep == AS_IT_IS)
		*(struct slice *)at(record, f->row->whole) =
			strcmp(f->type, "Ticket") == 0 ? sample_named("Ticket")->der
						       : sample_named("KDC-REQ-BODY")->der;
}

static void make(const struct schema_node *n, void *place)
{
	if (n->base)
		make_simple(n, place);
	else if (n->element)
		make_list(n, place);
	else
		for (unsigned i = 0; i < n->record->count; i++)
			make_field(&n->record->fields[i], place);
}

static void judge_written(struct der_record *record, struct slice der)
{
	const char *wrong = oracle_check_written(record, value, der);
	if (wrong)
		fail_msg("%s, written: %s", record->type, wrong);
}

static void judge_read(struct der_record *record, struct slice der)
{
	struct error err = {0};
	/* Whatever was there before is gone. */
	memset(back, 0xee, sizeof back);
	if (der_read(record, der, back, &err))
		fail_msg("%s", err.text);
	const char *wrong = oracle_check_read(record, der, back);
	if (wrong)
		fail_msg("%s, read: %s", record->type, wrong);
}

static void check_at_random(struct der_record *record)
{
	AUTO_BUFFER der = {0};
	struct error err = {0};
	memset(value, 0, sizeof value);
	make(schema_node_of(record, &err), value);
	if (der_write(record, value, &der, &err))
		fail_msg("%s", err.text);
	judge_written(record, buffer_slice(&der));
	if (der.len <= DER_MAX_TOKEN)
		judge_read(record, buffer_slice(&der));
}

static void values_at_random_are_as_libtasn1_has_them(void **state UNUSED)
{
	random_state = 1;
	for (unsigned i = 0; oracle_records[i]; i++)
		for (unsigned round = 0; round < RANDOM_ROUNDS; round++)
			check_at_random(oracle_records[i]);
}

/* ---- the published vectors ---- */

static struct der_record *record_named(const char *name)
{
	size_t len = strcspn(name, ",");
	for (unsigned i = 0; oracle_records[i]; i++)
		if (strlen(oracle_records[i]->type) == len &&
			memcmp(oracle_records[i]->type, name, len) == 0)
			return oracle_records[i];
	fail_msg("%s is not among the oracle's records", name);
	return NULL;
}

static void published_vectors_are_as_libtasn1_has_them(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct der_record *record = record_named(samples[i].name);
		judge_read(record, samples[i].der);
		memcpy(value, samples[i].value, samples[i].size);
		judge_written(record, samples[i].der);
	}
}

/* Nothing that is read or written by itself is left out. */
static void the_oracle_has_all_records(void **state UNUSED)
{
	unsigned count = 0;
	for (const struct der_table *t = der_tables; t->definitions; t++)
		for (size_t i = 0; t->records[i]; i++) {
			const struct schema_node *n =
				schema_node_of(t->records[i], &(struct error){0});
			bool is_message = n->number || n->element || (n->tag[0] & 0xc0) == 0x40;
			for (size_t j = 0; is_message; j++) {
				if (!oracle_records[j])
					fail_msg("%s is missing", t->records[i]->type);
				if (oracle_records[j] == t->records[i])
					break;
			}
			count++;
		}
	assert_true(count > 30);
}

/* ---- spoilt messages ---- */

struct tally {
	unsigned taken, refused;
};

static void try_spoilt(struct der_record *record, struct slice der, struct tally *tally)
{
	memset(back, 0xee, record->size);
	if (der_read(record, der, back, &(struct error){0})) {
		tally->refused++;
		return;
	}
	tally->taken++;
	const char *wrong = oracle_check_read(record, der, back);
	if (wrong)
		fail_msg("%s: taken when spoilt, but: %s", record->type, wrong);
}

/* Each octet with other values, left out, said twice, with another before it; and cut short. */
static void spoil(struct der_record *record, struct slice sample, struct tally *tally)
{
	static unsigned char copy[SAMPLE_MAX_LENGTH + 100];
	assert_in_range(sample.len, 1, sizeof copy - 1);
	unsigned step = sample.len < 80 ? 5 : sample.len < 300 ? 51 : 85;
	for (size_t at = 0; at < sample.len; at++) {
		memcpy(copy, sample.data, sample.len);
		for (unsigned change = 1; change < 256; change += step) {
			copy[at] = (unsigned char)(sample.data[at] ^ change);
			try_spoilt(record, slice_of(copy, sample.len), tally);
		}
		memcpy(copy + at, sample.data + at + 1, sample.len - at - 1);
		try_spoilt(record, slice_of(copy, sample.len - 1), tally);
		try_spoilt(record, slice_of(sample.data, at), tally);
		memcpy(copy + at + 1, sample.data + at, sample.len - at);
		for (unsigned octet = 0; octet < 256; octet += step) {
			copy[at] = (unsigned char)octet;
			try_spoilt(record, slice_of(copy, sample.len + 1), tally);
		}
	}
}

static void what_is_taken_of_spoilt_messages_libtasn1_takes(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct tally tally = {0};
		spoil(record_named(samples[i].name), samples[i].der, &tally);
		if (tally.taken < 15 || tally.refused < 100)
			fail_msg("%s: %u taken, %u refused", samples[i].name, tally.taken,
				tally.refused);
	}
}

/* ---- the oracle itself ---- */

static struct slice sequence_number_of(struct slice number)
{
	return APPLICATION(27, SEQUENCE(FIELD(0, NOW), FIELD(1, INTEGER(1)), FIELD(3, number)));
}

static void expect_part(const struct enc_ap_rep_part *part, struct slice der, const char *text)
{
	const char *wrong = oracle_check_read(&der_enc_ap_rep_part, der, part);
	if (!text)
		assert_null(wrong);
	else if (!wrong || !strstr(wrong, text))
		fail_msg("\"%s\" does not say \"%s\"", wrong ? wrong : "", text);
}

static void the_oracle_tells_what_differs(void **state UNUSED)
{
	const struct slice der = sequence_number_of(INTEGER(7));
	const struct enc_ap_rep_part right = {
		.time = {1769854830, 1}, .has_seq_number = true, .seq_number = 7};
	struct enc_ap_rep_part part = right;
	expect_part(&part, der, NULL);
	part.seq_number = 8;
	expect_part(&part, der, "seq-number: 8, and libtasn1 reads 7");
	part = right;
	part.has_seq_number = false;
	expect_part(&part, der, "seq-number: absent, and for libtasn1 it is there");
	part = right;
	part.subkey.value = SLICE_LITERAL("key");
	expect_part(&part, der, "subkey: there, and for libtasn1 it is absent");
	part = right;
	part.time.seconds++;
	expect_part(&part, der, "ctime: time 20260131102031Z, not 20260131102030Z");
	part = right;
	part.seq_number = 0xffffffff;
	expect_part(&part, sequence_number_of(INTEGER(0xff)), NULL);
	expect_part(&right, slice_of(der.data, der.len - 1), "decoding: ");
	expect_part(&right, sequence_number_of(OCTETS("7")), "decoding: ");
}

static void the_oracle_tells_other_octets(void **state UNUSED)
{
	const struct sample *s = sample_named("Checksum");
	struct checksum sum = {1, SLICE_LITERAL("1234")};
	assert_null(oracle_check_written(&der_checksum, &sum, s->der));
	sum.type = 2;
	assert_non_null(oracle_check_written(&der_checksum, &sum, s->der));
	sum = (struct checksum){1, SLICE_LITERAL("1235")};
	assert_non_null(oracle_check_written(&der_checksum, &sum, s->der));
	assert_non_null(oracle_check_read(&der_checksum, s->der, &sum));
}

SUITE(test_der_oracle)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oracle_tells_what_differs),
		cmocka_unit_test(the_oracle_tells_other_octets),
		cmocka_unit_test(the_oracle_has_all_records),
		cmocka_unit_test(published_vectors_are_as_libtasn1_has_them),
		cmocka_unit_test(values_at_random_are_as_libtasn1_has_them),
		cmocka_unit_test(what_is_taken_of_spoilt_messages_libtasn1_takes),
	};
	return cmocka_run_group_tests(tests, open_all, close_all);
}
