/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/layer_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void session_of(int32_t enctype)
{
	realm_issue(&(struct realm_ticket){.session_enctype = enctype});
}

void expect_login(struct pair *pair)
{
	if (!pair_run(pair))
		fail_msg("client %d: %s; server %d: %s; server's log: %s", pair->client.result,
			peer_detail(&pair->client), pair->server.result, peer_detail(&pair->server),
			peer_log(&pair->server));
}

unsigned number(const struct peer *peer, int property)
{
	const void *value = NULL;
	assert_int_equal(sasl_getprop(peer->conn, property, &value), SASL_OK);
	return *(const unsigned *)value;
}

struct peer_setup limits(sasl_ssf_t min, sasl_ssf_t max, unsigned buffer)
{
	return (struct peer_setup){
		.security = {.min_ssf = min, .max_ssf = max, .maxbufsize = buffer}};
}
