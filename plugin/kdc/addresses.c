/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/text.h"

static bool read_address(const struct sockaddr *address, struct host_address *out)
{
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

/* Begins a list, with room for all, so that what has been copied stays where it is. */
static enum status begin(struct host_addresses *out, struct buffer *storage, struct error *err)
{
	out->count = 0;
	buffer_clear(storage);
	if (buffer_reserve(storage, DER_MAX_ELEMENTS * sizeof(struct in6_addr)))
		return error_no_memory(err);
	return STATUS_OK;
}

static enum status add(const struct sockaddr *socket_address, struct host_addresses *out,
	struct buffer *storage, struct error *err)
{
	struct host_address address;
	if (out->count == DER_MAX_ELEMENTS || !read_address(socket_address, &address) ||
		has(out, &address))
		return STATUS_OK;
	const unsigned char *place = storage->data + storage->len;
	if (buffer_append(storage, address.address))
		return error_no_memory(err);
	address.address.data = place;
	out->element[out->count++] = address;
	return STATUS_OK;
}

static void free_interfaces(struct ifaddrs **interfaces)
{
	if (*interfaces)
		freeifaddrs(*interfaces);
}

enum status addresses_of_this_host(
	struct host_addresses *out, struct buffer *storage, struct error *err)
{
	__attribute__((cleanup(free_interfaces))) struct ifaddrs *interfaces = NULL;
	if (getifaddrs(&interfaces))
		return error_set(err, ERR_FILE, "this host's network addresses: %m");
	if (begin(out, storage, err))
		return err->status;
	for (const struct ifaddrs *i = interfaces; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_flags & IFF_UP && !(i->ifa_flags & IFF_LOOPBACK) &&
			add(i->ifa_addr, out, storage, err))
			return err->status;
	return STATUS_OK;
}

static void free_found(struct addrinfo **found)
{
	if (*found)
		freeaddrinfo(*found);
}

enum status addresses_of_host(
	struct slice host, struct host_addresses *out, struct buffer *storage, struct error *err)
{
	__attribute__((cleanup(free_found))) struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char name[NI_MAXHOST];
	int result = EAI_NONAME;
	if (host.len < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)host.len, (const char *)host.data);
		result = getaddrinfo(name, NULL, &hints, &found);
	}
	if (result != 0)
		return error_set(err, ERR_NOT_FOUND, "the network addresses of host %s: %s",
			TEXT(host), gai_strerror(result));
	if (begin(out, storage, err))
		return err->status;
	for (const struct addrinfo *i = found; i; i = i->ai_next)
		if (add(i->ai_addr, out, storage, err))
			return err->status;
	return STATUS_OK;
}
