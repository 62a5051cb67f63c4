/*
 * address.h - libsasl2's "ADDRESS;PORT" as a Kerberos HostAddress.
 */
#ifndef SASL_ADDRESS_H
#define SASL_ADDRESS_H

#include "asn1/der.h"

#define ADDRESS_MAX_LENGTH 16

/*
 * "192.0.2.1;143" or "2001:db8::1;143", the port and a scope ("%eth0") being
 * passed over. The octets go to `storage`, into which the result points.
 * Type 0 for NULL and for anything else: the address is not known.
 */
struct host_address address_parse(const char *text, unsigned char storage[ADDRESS_MAX_LENGTH]);

#endif
