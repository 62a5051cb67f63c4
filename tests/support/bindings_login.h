/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bindings_login.h - what tests of channel bindings share: bindings, and a
 * mechanism of the tests' own that does about bindings what libsasl2's PLAIN
 * does, which is nothing.
 */
#ifndef TESTS_SUPPORT_BINDINGS_LOGIN_H
#define TESTS_SUPPORT_BINDINGS_LOGIN_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "tests/support/bindings.h"
#include "tests/support/login_fixture.h"

#define SILENT "SILENT"

/* libsasl2's oparams of the connection on which SILENT was last. */
extern const sasl_out_params_t *server_told, *client_told;

/* A case's beginning: the usual realm, and libsasl2 with SILENT. */
int bindings_realm(void **state);

#define BINDINGS_CASE(name) cmocka_unit_test_setup(name, bindings_realm)

/* A refusal may have its reason as the last message: what comes after that. */
void must_have_refused(struct pair *pair);

/* SILENT as the server's mechanism: libsasl2's result. */
int log_in_silently(struct peer *server);

/* Lets SILENT see both sides' oparams; it fails on both. */
void peek(struct pair *pair);

#endif
