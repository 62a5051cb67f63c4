/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bindings.h - channel bindings for tests: those of one TLS connection, and of
 * another.
 */
#ifndef TESTS_SUPPORT_BINDINGS_H
#define TESTS_SUPPORT_BINDINGS_H

#include <sasl/sasl.h>

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

#define TLS_BINDING(octets)                                                                        \
	.name = "tls-server-end-point", .len = sizeof(octets) - 1,                                 \
	.data = (const unsigned char *)(octets)

static const sasl_channel_binding_t tls = {TLS_BINDING("tls:ABCDEFGH")};
static const sasl_channel_binding_t tls_critical = {TLS_BINDING("tls:ABCDEFGH"), .critical = 1};
static const sasl_channel_binding_t other = {TLS_BINDING("tls:ABCDEFGI")};
static const sasl_channel_binding_t other_critical = {TLS_BINDING("tls:ABCDEFGI"), .critical = 1};

#endif
