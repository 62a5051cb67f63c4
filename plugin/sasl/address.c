/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/address.h"

#include <arpa/inet.h>
#include <string.h>

_Static_assert(ADDRESS_TEXT_LENGTH + 1 == INET6_ADDRSTRLEN, "the longest address that there is");

/* What stands before port and scope; false if that is empty or too long. */
static bool without_port(const char *text, char out[ADDRESS_TEXT_LENGTH + 1])
{
	size_t len = text ? strcspn(text, ";%") : 0;
	if (len == 0 || len > ADDRESS_TEXT_LENGTH)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

struct host_address address_parse(const char *text, unsigned char storage[ADDRESS_MAX_LENGTH])
{
	char address[ADDRESS_TEXT_LENGTH + 1];
	if (!without_port(text, address))
		return (struct host_address){0};
	if (inet_pton(AF_INET, address, storage) == 1)
		return (struct host_address){ADDRESS_IPV4, slice_of(storage, 4)};
	if (inet_pton(AF_INET6, address, storage) == 1)
		return (struct host_address){ADDRESS_IPV6, slice_of(storage, 16)};
	return (struct host_address){0};
}

bool peer_address_text(const char *text, char out[ADDRESS_TEXT_LENGTH + 1])
{
	unsigned char octets[ADDRESS_MAX_LENGTH];
	return without_port(text, out) && address_parse(text, octets).type != 0;
}

struct slice host_name(const char *text)
{
	struct slice name = slice_string(text);
	if (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}
