/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/bindings.h"

#define TLS_BINDING(octets)                                                                        \
	.name = "tls-server-end-point", .len = sizeof(octets) - 1,                                 \
	.data = (const unsigned char *)(octets)

const sasl_channel_binding_t tls = {TLS_BINDING("tls:ABCDEFGH")};
const sasl_channel_binding_t tls_critical = {TLS_BINDING("tls:ABCDEFGH"), .critical = 1};
const sasl_channel_binding_t other = {TLS_BINDING("tls:ABCDEFGI")};
const sasl_channel_binding_t other_critical = {TLS_BINDING("tls:ABCDEFGI"), .critical = 1};
