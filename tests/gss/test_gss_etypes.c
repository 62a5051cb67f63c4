/* SPDX-License-Identifier: BSD-3-Clause */
/* The type of the acceptor's subkey: what is offered and what is chosen (RFC 4537). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/gss_pair.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define TYPES(...)                                                                                 \
	((struct etype_list){.count = sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t),          \
		.etype = {__VA_ARGS__}})
#define NO_TYPES ((struct etype_list){0})
#define PERMITTED(...)                                                                             \
	((struct enctype_list){.count = sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t),        \
		.number = {__VA_ARGS__}})

static struct gss_pair p;
static struct buffer storage[3];

static int start(void **state UNUSED)
{
	gss_pair_open(&p);
	p.permitted[1] = PERMITTED(ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA384,
		ENCTYPE_AES128_SHA256);
	return 0;
}

static int finish(void **state UNUSED)
{
	gss_pair_close(&p);
	for (size_t i = 0; i < sizeof storage / sizeof *storage; i++)
		buffer_free(&storage[i]);
	return 0;
}

static void set_session(int32_t enctype)
{
	exchange_set_session_key(&p.x, enctype);
	exchange_issue(&p.x);
}

/* ---- what the initiator offers ---- */

/* The list in the authenticator that the acceptor has read; count 0: there is none. */
static struct etype_list offered(void)
{
	struct error err = {0};
	struct authorization_data inside;
	struct etype_list list = {0};
	const struct authorization_data *data = &p.x.server.authenticator_data;
	if (data->count == 0)
		return list;
	assert_int_equal(data->count, 1);
	assert_int_equal(data->element[0].type, AD_IF_RELEVANT);
	assert_success(der_read_authorization_data(data->element[0].data, &inside, &err), &err);
	assert_int_equal(inside.count, 1);
	assert_int_equal(inside.element[0].type, AD_ETYPE_NEGOTIATION);
	assert_success(der_read_etype_list(inside.element[0].data, &list, &err), &err);
	return list;
}

static void assert_offers(struct enctype_list permitted, struct etype_list expected)
{
	struct error err = {0};
	p.permitted[0] = permitted;
	assert_success(gss_pair_establish(&p, &err), &err);
	struct etype_list list = offered();
	assert_int_equal(list.count, expected.count);
	for (unsigned i = 0; i < expected.count; i++)
		assert_int_equal(list.etype[i], expected.etype[i]);
}

static void nothing_is_offered_where_the_session_keys_type_comes_first(void **state UNUSED)
{
	assert_offers(PERMITTED(18, 17, 20, 19), NO_TYPES);
	assert_offers(PERMITTED(18), NO_TYPES);
}

static void preferred_types_are_offered_and_the_session_keys_last(void **state UNUSED)
{
	assert_offers(PERMITTED(20, 19, 18, 17), TYPES(20, 19, 18));
	assert_offers(PERMITTED(20, 18), TYPES(20, 18));
	assert_offers(PERMITTED(26, 25, 20, 19, 17, 18), TYPES(26, 25, 20, 19, 17, 18));
}

/* Whether such a session key may be used is for those who found the ticket. */
static void a_session_keys_type_that_is_not_permitted_is_the_last_too(void **state UNUSED)
{
	assert_offers(PERMITTED(20, 17), TYPES(20, 17, 18));
	assert_offers((struct enctype_list){0}, NO_TYPES);
}

static void nothing_is_offered_where_no_answer_is_asked_for(void **state UNUSED)
{
	p.initiator.mutual = false;
	assert_offers(PERMITTED(20, 19, 18, 17), NO_TYPES);
}

/* ---- what the acceptor chooses ---- */

/* Puts elements into the authenticator, and has the acceptor read it. */
static enum status accept_elements(
	const struct ad_element *elements, unsigned count, struct error *err)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	struct authenticator a = exchange_authenticator(&p.x);
	a.checksum = gss_checksum_make(GSS_MUTUAL, &p.initiator.bindings, value);
	a.authorization_data.count = count;
	for (unsigned i = 0; i < count; i++)
		a.authorization_data.element[i] = elements[i];
	exchange_forge(&p.x, &a, AP_OPTION_MUTUAL_REQUIRED);
	enum status status = exchange_read(&p.x, err);
	if (status)
		return status;
	return gss_accept(&p.acceptor, &p.trace, &p.x.server, &p.accepted, err);
}

static struct ad_element list_element(const struct etype_list *list, struct buffer *der)
{
	struct error err = {0};
	buffer_clear(der);
	assert_success(der_write_etype_list(list, der, &err), &err);
	return (struct ad_element){AD_ETYPE_NEGOTIATION, buffer_slice(der)};
}

static struct ad_element if_relevant(
	const struct ad_element *elements, unsigned count, struct buffer *der)
{
	struct error err = {0};
	struct authorization_data list = {.count = count};
	for (unsigned i = 0; i < count; i++)
		list.element[i] = elements[i];
	buffer_clear(der);
	assert_success(der_write_authorization_data(&list, der, &err), &err);
	return (struct ad_element){AD_IF_RELEVANT, buffer_slice(der)};
}

static void assert_chosen(int32_t expected, struct etype_list list)
{
	struct error err = {0};
	struct ad_element inner = list_element(&list, &storage[0]);
	struct ad_element outer = if_relevant(&inner, 1, &storage[1]);
	assert_success(accept_elements(&outer, 1, &err), &err);
	assert_int_equal(enctype_number(p.accepted.subkey), expected);

	buffer_clear(&p.reply);
	assert_success(gss_reply(&p.accepted, &p.trace, &p.x.server, &p.reply, &err), &err);
	assert_int_equal(enctype_number(key_type(p.x.server.acceptor_subkey)), expected);
}

static void without_a_list_it_is_the_session_keys_type(void **state UNUSED)
{
	struct error err = {0};
	assert_success(accept_elements(NULL, 0, &err), &err);
	assert_int_equal(enctype_number(p.accepted.subkey), 18);
	assert_chosen(18, NO_TYPES);
}

static void the_first_permitted_one_is_chosen(void **state UNUSED)
{
	assert_chosen(20, TYPES(20, 19, 18));
	assert_chosen(20, TYPES(26, 20, 18));
	assert_chosen(18, TYPES(18, 20));
	p.permitted[1] = PERMITTED(ENCTYPE_AES256_SHA1);
	assert_chosen(18, TYPES(20, 19, 18));
}

static void unknown_and_weak_types_are_passed_over(void **state UNUSED)
{
	/* 23, 3 and 16 are RC4, DES and triple DES; -140 and 99 are nobody's. */
	assert_chosen(18, TYPES(23, 3, 16, -140, 99, 0, INT32_MAX, INT32_MIN));
	assert_chosen(20, TYPES(23, 99, 20, 18));
	/* Not even where krb5.conf could have them. */
	p.permitted[1] = PERMITTED(23, 3, 99, 18);
	assert_chosen(18, TYPES(23, 3, 99));
}

static void a_stronger_type_is_chosen(void **state UNUSED)
{
	set_session(ENCTYPE_AES128_SHA1);
	assert_chosen(18, TYPES(18, 17));
	assert_chosen(20, TYPES(20, 18, 19, 17));
	assert_chosen(19, TYPES(19, 17));
	assert_chosen(17, TYPES(17));
}

static void a_weaker_type_is_never_chosen(void **state UNUSED)
{
	assert_chosen(18, TYPES(17, 19));
	assert_chosen(18, TYPES(17, 18));
	assert_chosen(20, TYPES(19, 17, 20, 18));
}

static void the_list_is_found_wherever_it_stands(void **state UNUSED)
{
	static const struct ad_element other = {99, {(const unsigned char *)"x", 1}};
	struct error err = {0};
	struct etype_list list = TYPES(20, 18);
	struct ad_element inner[] = {other, list_element(&list, &storage[0]), other};
	struct ad_element outer[] = {
		if_relevant(&other, 1, &storage[1]),
		if_relevant(inner, 3, &storage[2]),
	};
	assert_success(accept_elements(outer, 2, &err), &err);
	assert_int_equal(enctype_number(p.accepted.subkey), 20);
}

/* The first of several; two of them prove nothing. */
static void the_first_list_counts(void **state UNUSED)
{
	struct error err = {0};
	struct etype_list first = TYPES(20, 18), second = TYPES(18);
	struct ad_element inner[] = {
		list_element(&first, &storage[0]),
		list_element(&second, &storage[1]),
	};
	struct ad_element outer = if_relevant(inner, 2, &storage[2]);
	assert_success(accept_elements(&outer, 1, &err), &err);
	assert_int_equal(enctype_number(p.accepted.subkey), 20);
}

static void a_list_outside_if_relevant_has_to_be_understood(void **state UNUSED)
{
	struct error err = {0};
	struct etype_list list = TYPES(20, 18);
	struct ad_element element = list_element(&list, &storage[0]);
	enum status status = accept_elements(&element, 1, &err);
	assert_refusal(status, &err, KDC_ERR_POLICY, "type 129 is not understood", "type 129");
	p.x.acceptor.understood_ad_type = AD_ETYPE_NEGOTIATION;
	assert_success(accept_elements(&element, 1, &err), &err);
	assert_int_equal(enctype_number(p.accepted.subkey), 20);
}

static void a_list_that_cannot_be_read_is_refused(void **state UNUSED)
{
	struct error err = {0};
	struct ad_element inner = {AD_ETYPE_NEGOTIATION, SLICE_LITERAL("\x30\x03\x02\x01")};
	struct ad_element outer = if_relevant(&inner, 1, &storage[1]);
	enum status status = accept_elements(&outer, 1, &err);
	assert_refusal(status, &err, ERR_SYNTAX,
		"the authenticator's list of encryption types: EtypeList: malformed at octet",
		"the message is malformed");
	assert_null(p.accepted.subkey);
	inner.data = SLICE_EMPTY;
	inner.data.data = (const unsigned char *)"";
	outer = if_relevant(&inner, 1, &storage[1]);
	status = accept_elements(&outer, 1, &err);
	assert_refusal(status, &err, ERR_SYNTAX, "EtypeList: an empty message", "malformed");
}

/* ---- what the initiator accepts ---- */

static void an_agreed_type_protects_messages(void **state UNUSED)
{
	struct error err = {0};
	p.permitted[0] = PERMITTED(20, 18);
	assert_success(gss_pair_establish(&p, &err), &err);
	assert_int_equal(enctype_number(key_type(ap_context_key(&p.x.client))), 20);
	assert_in(p.traced, "encryption types offered for the acceptor's subkey: 2, the first "
			    "aes256-cts-hmac-sha384-192");
	assert_in(p.traced, "encryption types offered for the acceptor's subkey: 2, chosen: "
			    "aes256-cts-hmac-sha384-192");
}

static void a_subkey_of_a_type_that_is_not_permitted_is_refused(void **state UNUSED)
{
	struct error err = {0};
	p.permitted[0] = PERMITTED(18, 17);
	assert_success(gss_pair_request(&p, &err), &err);
	assert_success(gss_pair_answer(&p, &err), &err);
	p.accepted.subkey = enctype_usable(20);
	buffer_clear(&p.reply);
	assert_success(gss_reply(&p.accepted, &p.trace, &p.x.server, &p.reply, &err), &err);
	enum status status = gss_pair_finish(&p, &err);
	assert_refusal(status, &err, KDC_ERR_ETYPE_NOSUPP,
		"the acceptor's subkey is of type aes256-cts-hmac-sha384-192, which is not among "
		"permitted_enctypes here",
		"aes256-cts-hmac-sha384-192");
}

/* Java's acceptor sends none. */
static void no_subkey_is_accepted(void **state UNUSED)
{
	struct error err = {0};
	assert_success(gss_pair_request(&p, &err), &err);
	assert_success(gss_pair_answer(&p, &err), &err);
	p.accepted.subkey = NULL;
	key_release(p.x.server.acceptor_subkey);
	p.x.server.acceptor_subkey = NULL;
	buffer_clear(&p.reply);
	assert_success(gss_reply(&p.accepted, &p.trace, &p.x.server, &p.reply, &err), &err);
	assert_success(gss_pair_finish(&p, &err), &err);
	assert_ptr_equal(ap_context_key(&p.x.client), p.x.client.initiator_subkey);
	struct channel client;
	gss_channel_open(&p.x.client, true, &client);
	assert_false(client.has_acceptor_subkey);
	channel_close(&client);
}

static void the_session_keys_type_is_accepted_even_if_not_permitted(void **state UNUSED)
{
	struct error err = {0};
	p.permitted[0] = PERMITTED(17);
	p.permitted[1] = PERMITTED(18);
	assert_success(gss_pair_establish(&p, &err), &err);
	assert_int_equal(enctype_number(key_type(p.x.client.acceptor_subkey)), 18);
}

SUITE(test_gss_etypes)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_offered_where_the_session_keys_type_comes_first),
		CASE(preferred_types_are_offered_and_the_session_keys_last),
		CASE(a_session_keys_type_that_is_not_permitted_is_the_last_too),
		CASE(nothing_is_offered_where_no_answer_is_asked_for),
		CASE(without_a_list_it_is_the_session_keys_type),
		CASE(the_first_permitted_one_is_chosen),
		CASE(unknown_and_weak_types_are_passed_over),
		CASE(a_stronger_type_is_chosen),
		CASE(a_weaker_type_is_never_chosen),
		CASE(the_list_is_found_wherever_it_stands),
		CASE(the_first_list_counts),
		CASE(a_list_outside_if_relevant_has_to_be_understood),
		CASE(a_list_that_cannot_be_read_is_refused),
		CASE(an_agreed_type_protects_messages),
		CASE(a_subkey_of_a_type_that_is_not_permitted_is_refused),
		CASE(no_subkey_is_accepted),
		CASE(the_session_keys_type_is_accepted_even_if_not_permitted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
