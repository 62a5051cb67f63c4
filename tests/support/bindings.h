/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bindings.h - channel bindings for tests: those of one TLS connection, and of
 * another.
 */
#ifndef TESTS_SUPPORT_BINDINGS_H
#define TESTS_SUPPORT_BINDINGS_H

#include <sasl/sasl.h>

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

extern const sasl_channel_binding_t tls;
extern const sasl_channel_binding_t tls_critical;
extern const sasl_channel_binding_t other;
extern const sasl_channel_binding_t other_critical;

#endif
