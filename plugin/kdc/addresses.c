/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

/* False if it is none to tell a KDC. */
static bool read_address(const struct ifaddrs *interface, struct host_address *out)
{
	const struct sockaddr *address = interface->ifa_addr;
	if (!address || !(interface->ifa_flags & IFF_UP) || interface->ifa_flags & IFF_LOOPBACK)
		return false;
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
		*out = (struct host_address){
			ADDRESS_IPV4, slice_of(&in->sin_addr, sizeof in->sin_addr)};
		return true;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)address;
		*out = (struct host_address){
			ADDRESS_IPV6, slice_of(&in->sin6_addr, sizeof in->sin6_addr)};
		return !IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr);
	}
	return false;
}

static bool has(const struct host_addresses *list, const struct host_address *address)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->element[i].type == address->type &&
			slice_equal(list->element[i].address, address->address))
			return true;
	return false;
}

static void free_interfaces(struct ifaddrs **interfaces)
{
	if (*interfaces)
		freeifaddrs(*interfaces);
}

enum status local_addresses(struct host_addresses *out, struct buffer *storage, struct error *err)
{
	__attribute__((cleanup(free_interfaces))) struct ifaddrs *interfaces = NULL;
	struct host_address address;
	out->count = 0;
	if (getifaddrs(&interfaces))
		return error_set(err, ERR_FILE, "this host's network addresses: %m");
	/* Room for all, so that what has been copied stays where it is. */
	if (buffer_reserve(storage, DER_MAX_ELEMENTS * sizeof(struct in6_addr)))
		return error_no_memory(err);
	for (const struct ifaddrs *i = interfaces; i && out->count < DER_MAX_ELEMENTS;
		i = i->ifa_next) {
		if (!read_address(i, &address) || has(out, &address))
			continue;
		const unsigned char *place = storage->data + storage->len;
		if (buffer_append(storage, address.address))
			return error_no_memory(err);
		address.address.data = place;
		out->element[out->count++] = address;
	}
	return STATUS_OK;
}
