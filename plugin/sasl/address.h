/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * address.h - where the other side is, from libsasl2's texts: "ADDRESS;PORT" as
 * a Kerberos HostAddress, and a host's name.
 */
#ifndef SASL_ADDRESS_H
#define SASL_ADDRESS_H

#include <stdbool.h>

#include "asn1/der.h"

#define ADDRESS_MAX_LENGTH 16

/*
 * "192.0.2.1;143" or "2001:db8::1;143", the port and a scope ("%eth0") being
 * passed over. The octets go to `storage`, into which the result points.
 * Type 0 for NULL and for anything else: the address is not known.
 */
struct host_address address_parse(const char *text, unsigned char storage[ADDRESS_MAX_LENGTH]);

/*
 * The same address as text, "192.0.2.1" or "2001:db8::1", as libsasl2 has it;
 * false if it is not known.
 */
#define ADDRESS_TEXT_LENGTH 45
bool peer_address_text(const char *text, char out[ADDRESS_TEXT_LENGTH + 1]);

/* A host name as libsasl2 has it, without a final dot; empty for NULL. */
struct slice host_name(const char *text);

#endif
