/* The strict walk: what libtasn1 never gets to see, rule by rule as in der_walk.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "asn1/der_walk.h"
#include "tests/unit/der_samples.h"

#define UNUSED __attribute__((unused))

static void assert_passes(struct slice der)
{
	AUTO_BUFFER masked = {0};
	struct error err = {0};
	enum status status = der_walk(der, DER_MAX_TOKEN, &masked, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(status, STATUS_OK);
	assert_int_equal(masked.len, der.len);
}

static void assert_refused(struct slice der, const char *text)
{
	AUTO_BUFFER masked = {0};
	struct error err = {0};
	assert_int_equal(der_walk(der, DER_MAX_TOKEN, &masked, &err), ERR_SYNTAX);
	assert_string_equal(err.text, text);
}

static void test_passes_every_kind_of_message(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		assert_passes(samples[i].der);
}

/* ---- the message as a whole ---- */

static void test_refuses_an_empty_message(void **state UNUSED)
{
	assert_refused(NOTHING, "an empty message");
}

static void test_passes_64_KiB_and_refuses_more(void **state UNUSED)
{
	assert_passes(MAKE(0x04, sample_repeat(0, 65536 - 4)));
	assert_refused(MAKE(0x04, sample_repeat(0, 65537 - 4)),
		"a message of 65537 octets, of which at most 65536 are read");
}

static void test_refuses_octets_after_the_message(void **state UNUSED)
{
	assert_refused(
		BYTES(0x02, 1, 5, 0), "malformed at octet 3: octets after the end of the message");
	assert_refused(BYTES(0x30, 0, 0x02, 1, 5),
		"malformed at octet 2: octets after the end of the message");
}

/* ---- lengths ---- */

#define BEYOND "a length that reaches beyond what is there"

static void test_refuses_a_message_cut_short(void **state UNUSED)
{
	assert_refused(BYTES(0x30), "malformed at octet 0: " BEYOND);
	assert_refused(BYTES(0x30, 3, 2, 1), "malformed at octet 0: " BEYOND);
	assert_refused(BYTES(0x30, 0x82, 1), "malformed at octet 0: " BEYOND);
	assert_refused(BYTES(0x30, 0x82), "malformed at octet 0: " BEYOND);
	assert_refused(BYTES(0x30, 0xff), "malformed at octet 0: " BEYOND);
}

static void test_refuses_an_element_longer_than_the_one_around_it(void **state UNUSED)
{
	assert_refused(BYTES(0x30, 5, 0xa0, 3, 0x02, 2, 5), "malformed at octet 4: " BEYOND);
	assert_refused(BYTES(0x30, 5, 0xa0, 4, 0x02, 1, 5), "malformed at octet 2: " BEYOND);
}

static void test_refuses_an_element_shorter_than_its_tag(void **state UNUSED)
{
	assert_refused(BYTES(0x30, 6, 0xa0, 4, 0x02, 1, 5, 0),
		"malformed at octet 7: a second element inside one tag");
	assert_refused(BYTES(0x30, 6, 0xa0, 3, 0x02, 1, 5, 0),
		"malformed at octet 7: something other than a field among fields");
}

static void test_refuses_a_length_too_large_to_count(void **state UNUSED)
{
	assert_refused(BYTES(0x04, 0x84, 0xff, 0xff, 0xff, 0xff), "malformed at octet 0: " BEYOND);
	assert_refused(
		BYTES(0x04, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7), "malformed at octet 0: " BEYOND);
}

static void test_refuses_an_indefinite_length(void **state UNUSED)
{
	assert_refused(BYTES(0x30, 0x80, 0x02, 1, 5, 0, 0),
		"malformed at octet 0: an indefinite length, where DER has definite ones");
	assert_refused(BYTES(0x30, 7, 0xa0, 0x80, 0x02, 1, 5, 0, 0),
		"malformed at octet 2: an indefinite length, where DER has definite ones");
}

static void test_refuses_a_length_in_more_octets_than_it_needs(void **state UNUSED)
{
	assert_refused(BYTES(0x04, 0x81, 1, 7),
		"malformed at octet 0: a length in more octets than it needs");
	assert_refused(BYTES(0x04, 0x82, 0, 1, 7),
		"malformed at octet 0: a length in more octets than it needs");
	assert_refused(BYTES(0x04, 0x81, 0),
		"malformed at octet 0: a length in more octets than it needs");

	struct slice der = MAKE(0x04, sample_repeat(7, 127));
	assert_passes(der);
	assert_refused(MAKE(0x30, BYTES(0x04, 0x81, 127), sample_repeat(7, 127)),
		"malformed at octet 3: a length in more octets than it needs");
	assert_passes(MAKE(0x04, sample_repeat(7, 128)));
	assert_refused(MAKE(0x30, BYTES(0x04, 0x82, 0, 255), sample_repeat(7, 255)),
		"malformed at octet 4: a length in more octets than it needs");
	assert_passes(MAKE(0x04, sample_repeat(7, 255)));
	assert_passes(MAKE(0x04, sample_repeat(7, 256)));
}

/* ---- tags ---- */

static void test_refuses_a_tag_of_several_octets(void **state UNUSED)
{
	assert_refused(BYTES(0x7f, 0x1f, 2, 0x30, 0), "malformed at octet 0: a tag of more than "
						      "one octet, which no Kerberos message has");
}

static void test_refuses_the_private_class(void **state UNUSED)
{
	assert_refused(BYTES(0xe1, 2, 0x30, 0),
		"malformed at octet 0: a tag of the private class, which no Kerberos message has");
	assert_refused(BYTES(0xc1, 1, 0),
		"malformed at octet 0: a tag of the private class, which no Kerberos message has");
}

#define NOT_DER "a type in an encoding (primitive or constructed) that DER does not have for it"

static void test_refuses_a_constructed_string(void **state UNUSED)
{
	assert_refused(BYTES(0x24, 3, 0x04, 1, 'a'), "malformed at octet 0: " NOT_DER);
	assert_refused(BYTES(0x3b, 3, 0x1b, 1, 'a'), "malformed at octet 0: " NOT_DER);
	assert_refused(BYTES(0x23, 4, 0x03, 2, 0, 1), "malformed at octet 0: " NOT_DER);
}

static void test_refuses_a_primitive_sequence(void **state UNUSED)
{
	assert_refused(BYTES(0x10, 0), "malformed at octet 0: " NOT_DER);
}

static void test_refuses_a_set(void **state UNUSED)
{
	assert_refused(BYTES(0x31, 3, 0x02, 1, 5), "malformed at octet 0: " NOT_DER);
}

static void test_refuses_an_implicit_tag(void **state UNUSED)
{
	assert_refused(BYTES(0x30, 3, 0x80, 1, 5),
		"malformed at octet 2: a tag without an element inside (Kerberos' tags are "
		"explicit)");
	assert_refused(BYTES(0x4e, 1, 5),
		"malformed at octet 0: a tag without an element inside (Kerberos' tags are "
		"explicit)");
}

static void test_refuses_a_tag_around_nothing(void **state UNUSED)
{
	assert_refused(BYTES(0x30, 2, 0xa0, 0), "malformed at octet 2: a tag with nothing inside");
	assert_refused(BYTES(0x6e, 0), "malformed at octet 0: a tag with nothing inside");
}

static void test_refuses_a_tag_around_two_elements(void **state UNUSED)
{
	assert_refused(FIELD(0, INTEGER(5), INTEGER(6)),
		"malformed at octet 5: a second element inside one tag");
}

/* ---- fields and lists ---- */

static void test_refuses_a_field_twice(void **state UNUSED)
{
	assert_refused(SEQUENCE(FIELD(1, INTEGER(5)), FIELD(1, INTEGER(5))),
		"malformed at octet 7: a field that is there twice or out of order");
}

static void test_refuses_fields_out_of_order(void **state UNUSED)
{
	assert_refused(SEQUENCE(FIELD(1, INTEGER(5)), FIELD(0, INTEGER(5))),
		"malformed at octet 7: a field that is there twice or out of order");
}

static void test_refuses_fields_and_elements_in_one_sequence(void **state UNUSED)
{
	assert_refused(SEQUENCE(FIELD(1, INTEGER(5)), INTEGER(5)),
		"malformed at octet 7: something other than a field among fields");
	assert_refused(SEQUENCE(INTEGER(5), FIELD(1, INTEGER(5))),
		"malformed at octet 5: a field in a list");
}

static void test_passes_16_strings_and_refuses_17(void **state UNUSED)
{
	assert_passes(MAKE(0x30, sample_copies(STRING("a"), 16)));
	assert_refused(MAKE(0x30, sample_copies(STRING("a"), 17)),
		"malformed at octet 50: a name of more than 16 components");
}

static void test_passes_64_elements_and_refuses_65(void **state UNUSED)
{
	assert_passes(MAKE(0x30, sample_copies(SEQUENCE(NOTHING), 64)));
	assert_refused(MAKE(0x30, sample_copies(SEQUENCE(NOTHING), 65)),
		"malformed at octet 131: a list of more than 64 elements");
	assert_passes(MAKE(0x30, sample_copies(INTEGER(1), 64)));
	assert_refused(MAKE(0x30, sample_copies(INTEGER(1), 65)),
		"malformed at octet 195: a list of more than 64 elements");
}

static void test_counts_each_list_by_itself(void **state UNUSED)
{
	struct slice list = MAKE(0x30, sample_copies(INTEGER(1), 64));
	assert_passes(SEQUENCE(FIELD(0, list), FIELD(1, list)));
}

static struct slice nested(unsigned depth)
{
	struct slice der = INTEGER(1);
	while (--depth > 0)
		der = depth % 2 ? SEQUENCE(der) : FIELD(0, der);
	return der;
}

static void test_passes_16_levels_and_refuses_17(void **state UNUSED)
{
	assert_passes(nested(16));
	assert_refused(nested(17), "malformed at octet 32: elements nested deeper than 16");
}

static void test_refuses_deep_nesting_without_following_it(void **state UNUSED)
{
	/* Were it followed to the end, the integer there would be refused. */
	struct slice der = INTEGER(0, 5);
	for (int i = 0; i < 60; i++)
		der = SEQUENCE(der);
	assert_refused(der, "malformed at octet 32: elements nested deeper than 16");
}

/* ---- contents ---- */

#define INTEGER_NOT_MINIMAL "an integer in no octets or in more than it needs"

static void test_refuses_an_integer_that_is_not_minimal(void **state UNUSED)
{
	assert_refused(BYTES(0x02, 0), "malformed at octet 0: " INTEGER_NOT_MINIMAL);
	assert_refused(INTEGER(0, 5), "malformed at octet 0: " INTEGER_NOT_MINIMAL);
	assert_refused(INTEGER(0, 0), "malformed at octet 0: " INTEGER_NOT_MINIMAL);
	assert_refused(INTEGER(0xff, 0xff), "malformed at octet 0: " INTEGER_NOT_MINIMAL);
	assert_refused(INTEGER(0xff, 0x80, 0), "malformed at octet 0: " INTEGER_NOT_MINIMAL);
}

static void test_passes_integers_that_need_their_first_octet(void **state UNUSED)
{
	assert_passes(INTEGER(0));
	assert_passes(INTEGER(0xff));
	assert_passes(INTEGER(0, 0x80));
	assert_passes(INTEGER(0xff, 0x7f));
	assert_passes(INTEGER(0x7f, 0xff));
	assert_passes(INTEGER(0x80, 0));
}

#define BITS_NOT_CANONICAL                                                                         \
	"a bit string whose unused bits are more than 7, more than there are, or not zero"

static void test_refuses_odd_unused_bits(void **state UNUSED)
{
	assert_refused(BYTES(0x03, 0), "malformed at octet 0: " BITS_NOT_CANONICAL);
	assert_refused(BYTES(0x03, 1, 1), "malformed at octet 0: " BITS_NOT_CANONICAL);
	assert_refused(BYTES(0x03, 2, 8, 0), "malformed at octet 0: " BITS_NOT_CANONICAL);
	assert_refused(BYTES(0x03, 2, 0xff, 0), "malformed at octet 0: " BITS_NOT_CANONICAL);
	assert_refused(BYTES(0x03, 2, 1, 0x01), "malformed at octet 0: " BITS_NOT_CANONICAL);
	assert_refused(BYTES(0x03, 2, 7, 0x40), "malformed at octet 0: " BITS_NOT_CANONICAL);
}

static void test_passes_up_to_7_unused_bits(void **state UNUSED)
{
	assert_passes(BYTES(0x03, 1, 0));
	assert_passes(BYTES(0x03, 2, 0, 0xff));
	assert_passes(BYTES(0x03, 2, 1, 0xfe));
	assert_passes(BYTES(0x03, 2, 7, 0x80));
}

/* ---- the masked copy ---- */

static void test_masks_octet_strings_and_nothing_else(void **state UNUSED)
{
	struct slice der = SEQUENCE(FIELD(0, INTEGER(17)), FIELD(1, OCTETS("secret")),
		FIELD(2, STRING("name")), FIELD(3, OCTETS("")), FIELD(4, OCTETS("key")));
	struct slice masked = SEQUENCE(FIELD(0, INTEGER(17)), FIELD(1, OCTETS("\0\0\0\0\0\0")),
		FIELD(2, STRING("name")), FIELD(3, OCTETS("")), FIELD(4, OCTETS("\0\0\0")));

	AUTO_BUFFER copy = {0};
	assert_int_equal(der_walk(der, DER_MAX_TOKEN, &copy, NULL), STATUS_OK);
	assert_int_equal(copy.len, masked.len);
	assert_memory_equal(copy.data, masked.data, masked.len);
}

static void test_no_key_is_left_in_the_masked_copy(void **state UNUSED)
{
	AUTO_BUFFER copy = {0};
	assert_int_equal(der_walk(sample_named("EncTicketPart")->der, DER_MAX_TOKEN, &copy, NULL),
		STATUS_OK);
	assert_null(memmem(copy.data, copy.len, "12345678", 8));
	assert_non_null(memmem(copy.data, copy.len, "hftsai", 6));
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passes_every_kind_of_message),
		cmocka_unit_test(test_refuses_an_empty_message),
		cmocka_unit_test(test_passes_64_KiB_and_refuses_more),
		cmocka_unit_test(test_refuses_octets_after_the_message),
		cmocka_unit_test(test_refuses_a_message_cut_short),
		cmocka_unit_test(test_refuses_an_element_longer_than_the_one_around_it),
		cmocka_unit_test(test_refuses_an_element_shorter_than_its_tag),
		cmocka_unit_test(test_refuses_a_length_too_large_to_count),
		cmocka_unit_test(test_refuses_an_indefinite_length),
		cmocka_unit_test(test_refuses_a_length_in_more_octets_than_it_needs),
		cmocka_unit_test(test_refuses_a_tag_of_several_octets),
		cmocka_unit_test(test_refuses_the_private_class),
		cmocka_unit_test(test_refuses_a_constructed_string),
		cmocka_unit_test(test_refuses_a_primitive_sequence),
		cmocka_unit_test(test_refuses_a_set),
		cmocka_unit_test(test_refuses_an_implicit_tag),
		cmocka_unit_test(test_refuses_a_tag_around_nothing),
		cmocka_unit_test(test_refuses_a_tag_around_two_elements),
		cmocka_unit_test(test_refuses_a_field_twice),
		cmocka_unit_test(test_refuses_fields_out_of_order),
		cmocka_unit_test(test_refuses_fields_and_elements_in_one_sequence),
		cmocka_unit_test(test_passes_16_strings_and_refuses_17),
		cmocka_unit_test(test_passes_64_elements_and_refuses_65),
		cmocka_unit_test(test_counts_each_list_by_itself),
		cmocka_unit_test(test_passes_16_levels_and_refuses_17),
		cmocka_unit_test(test_refuses_deep_nesting_without_following_it),
		cmocka_unit_test(test_refuses_an_integer_that_is_not_minimal),
		cmocka_unit_test(test_passes_integers_that_need_their_first_octet),
		cmocka_unit_test(test_refuses_odd_unused_bits),
		cmocka_unit_test(test_passes_up_to_7_unused_bits),
		cmocka_unit_test(test_masks_octet_strings_and_nothing_else),
		cmocka_unit_test(test_no_key_is_left_in_the_masked_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
