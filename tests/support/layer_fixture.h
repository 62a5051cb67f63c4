/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layer_fixture.h - what the tests of security layers through libsasl2's
 * public API share: logins with a session key of a type and within limits.
 */
#ifndef TESTS_SUPPORT_LAYER_FIXTURE_H
#define TESTS_SUPPORT_LAYER_FIXTURE_H

#include "tests/support/login_fixture.h"

#include "ap/channel.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static inline void session_of(int32_t enctype)
{
	realm_issue(&(struct realm_ticket){.session_enctype = enctype});
}

static inline void expect_login(struct pair *pair)
{
	if (!pair_run(pair))
		fail_msg("client %d: %s; server %d: %s; server's log: %s", pair->client.result,
			peer_detail(&pair->client), pair->server.result, peer_detail(&pair->server),
			peer_log(&pair->server));
}

static inline unsigned number(const struct peer *peer, int property)
{
	const void *value = NULL;
	assert_int_equal(sasl_getprop(peer->conn, property, &value), SASL_OK);
	return *(const unsigned *)value;
}

static inline struct peer_setup limits(sasl_ssf_t min, sasl_ssf_t max, unsigned buffer)
{
	return (struct peer_setup){
		.security = {.min_ssf = min, .max_ssf = max, .maxbufsize = buffer}};
}

#define USUAL_BUFFER 65536

#endif
