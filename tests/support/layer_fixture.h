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

void session_of(int32_t enctype);

void expect_login(struct pair *pair);

unsigned number(const struct peer *peer, int property);

struct peer_setup limits(sasl_ssf_t min, sasl_ssf_t max, unsigned buffer);

#define USUAL_BUFFER 65536

#endif
