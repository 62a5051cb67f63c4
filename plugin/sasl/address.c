#include "sasl/address.h"

#include <arpa/inet.h>
#include <string.h>

struct host_address address_parse(const char *text, unsigned char storage[ADDRESS_MAX_LENGTH])
{
	char address[INET6_ADDRSTRLEN];
	size_t len = text ? strcspn(text, ";%") : 0;
	if (len == 0 || len >= sizeof address)
		return (struct host_address){0};
	memcpy(address, text, len);
	address[len] = '\0';

	if (inet_pton(AF_INET, address, storage) == 1)
		return (struct host_address){ADDRESS_IPV4, slice_of(storage, 4)};
	if (inet_pton(AF_INET6, address, storage) == 1)
		return (struct host_address){ADDRESS_IPV6, slice_of(storage, 16)};
	return (struct host_address){0};
}

struct slice host_name(const char *text)
{
	struct slice name = slice_string(text);
	if (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}
