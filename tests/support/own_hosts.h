/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * own_hosts.h - the names of hosts that a test knows, in place of /etc/hosts and
 * of name servers: getaddrinfo() and getnameinfo() for the whole program. Of
 * numbers the C library makes addresses, and any other name is unknown.
 */
#ifndef TESTS_SUPPORT_OWN_HOSTS_H
#define TESTS_SUPPORT_OWN_HOSTS_H

#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OWN_ADDRESSES 2

/* The first one's name is what an address of it has. Ends with a NULL. */
struct own_host {
	const char *name;
	const char *address[OWN_ADDRESSES]; /* NULL: no more */
};
extern const struct own_host own_hosts[];

/* For a program that needs no more. */
#define OWN_LOCALHOST                                                                              \
	const struct own_host own_hosts[] = {{"localhost", {"127.0.0.1"}}, {NULL, {NULL}}};

static inline int own_real_getaddrinfo(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	struct addrinfo numeric = hints ? *hints : (struct addrinfo){0};
	numeric.ai_flags |= AI_NUMERICHOST;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(host, service, &numeric, out);
}

static inline int own_getaddrinfo(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo **end = out;
	const struct own_host *own = own_hosts;
	while (own->name && strcasecmp(own->name, host) != 0)
		own++;
	if (!own->name)
		return own_real_getaddrinfo(host, service, hints, out);
	*out = NULL;
	for (unsigned i = 0; i < OWN_ADDRESSES && own->address[i]; i++) {
		if (own_real_getaddrinfo(own->address[i], service, hints, end) != 0)
			return EAI_NONAME;
		if ((*end)->ai_canonname) {
			free((*end)->ai_canonname);
			(*end)->ai_canonname = strdup(own->name);
		}
		while (*end)
			end = &(*end)->ai_next;
	}
	return 0;
}

#ifndef OWN_GETADDRINFO
int getaddrinfo(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	return own_getaddrinfo(host, service, hints, out);
}
#endif

int getnameinfo(const struct sockaddr *address, socklen_t address_length, char *host,
	socklen_t host_length, char *service, socklen_t service_length, int flags)
{
	int (*real)(const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int);
	char text[NI_MAXHOST];
	*(void **)&real = dlsym(RTLD_NEXT, "getnameinfo");
	if ((flags & NI_NUMERICHOST) || !host)
		return real(
			address, address_length, host, host_length, service, service_length, flags);
	int result = real(address, address_length, text, sizeof text, service, service_length,
		(flags & ~NI_NAMEREQD) | NI_NUMERICHOST);
	for (const struct own_host *own = own_hosts; !result && own->name; own++) {
		for (unsigned i = 0; i < OWN_ADDRESSES && own->address[i]; i++) {
			if (strcmp(own->address[i], text) == 0 && strlen(own->name) < host_length) {
				strcpy(host, own->name);
				return 0;
			}
		}
	}
	return result ? result : EAI_NONAME;
}

#endif
