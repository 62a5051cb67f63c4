/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/service_name.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "conf/kdc_conf.h"

static void change_case(unsigned char *text, size_t len, char first, char last, int by)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= first && text[i] <= last)
			text[i] = (unsigned char)(text[i] + by);
}

/* In lower case, without a dot at its end, NUL-terminated. */
static enum status put_host(struct slice host, struct buffer *out, struct error *err)
{
	if (host.len > 0 && host.data[host.len - 1] == '.')
		host.len--;
	if (buffer_append(out, host) || buffer_append(out, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	out->len--;
	change_case(out->data, out->len, 'A', 'Z', 'a' - 'A');
	return STATUS_OK;
}

/* Adds SERVICE/host. */
static enum status add(struct service_names *names, const struct krb5_conf *conf,
	struct slice service, struct slice host, struct error *err)
{
	struct buffer *storage = &names->storage[names->count];
	if (put_host(host, storage, err))
		return err->status;
	names->principal[names->count++] = (struct principal){
		.type = NT_SRV_HST,
		.count = 2,
		.component = {service, buffer_slice(storage)},
		.realm = slice_string(krb5_conf_host_realm(conf, (const char *)storage->data)),
	};
	return STATUS_OK;
}

/* Backwards again, from the address to a name; false if it has none. */
static bool name_of_address(const struct addrinfo *address, char out[NI_MAXHOST])
{
	return getnameinfo(address->ai_addr, address->ai_addrlen, out, NI_MAXHOST, NULL, 0,
		       NI_NAMEREQD) == 0;
}

/* False if DNS knows no such host. */
static bool canonical_name(struct slice host, bool rdns, char out[NI_MAXHOST])
{
	const struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;
	if (host.len == 0 || host.len >= NI_MAXHOST || memchr(host.data, '\0', host.len))
		return false;
	memcpy(out, host.data, host.len);
	out[host.len] = '\0';
	if (getaddrinfo(out, NULL, &hints, &found) != 0)
		return false;
	bool known = rdns && name_of_address(found, out);
	if (!known && found->ai_canonname && strlen(found->ai_canonname) < NI_MAXHOST) {
		memcpy(out, found->ai_canonname, strlen(found->ai_canonname) + 1);
		known = true;
	}
	freeaddrinfo(found);
	return known && out[0];
}

enum status service_names_of_host(const struct krb5_conf *conf, const char *service,
	struct slice host, struct service_names *out, struct error *err)
{
	struct host_conf settings;
	char canonical[NI_MAXHOST];
	*out = (struct service_names){.given = host};
	if (host.len == 0)
		return error_set(err, KRB_ERR_GENERIC,
			"the application gave no name of the server's host, which Kerberos needs");
	if (host_conf_read(conf, &settings, err))
		return err->status;
	out->has_fallback = settings.canonicalization == CANONICALIZE_FALLBACK;
	if (settings.canonicalization == CANONICALIZE_ALWAYS &&
		canonical_name(host, settings.rdns, canonical))
		host = slice_string(canonical);
	return add(out, conf, slice_string(service), host, err);
}

enum status service_names_of_text(const char *text, struct service_names *out, struct error *err)
{
	*out = (struct service_names){.count = 0};
	if (principal_parse(slice_string(text), &out->principal[0], &out->storage[0], err))
		return err->status;
	out->count = 1;
	return STATUS_OK;
}

/* A fault here is one of the name that was given, too: its own sentence is told. */
static void add_fallback(struct service_names *names, const struct krb5_conf *conf)
{
	const struct principal *given = &names->principal[0];
	struct host_conf settings;
	NEW_ERROR(err);
	char canonical[NI_MAXHOST];
	names->has_fallback = false;
	if (host_conf_read(conf, &settings, &err) ||
		!canonical_name(given->component[1], settings.rdns, canonical) ||
		add(names, conf, given->component[0], slice_string(canonical), &err))
		return;
	if (principal_name_equal(given, &names->principal[1]))
		names->count = 1;
}

const struct principal *service_names_at(
	struct service_names *names, const struct krb5_conf *conf, unsigned n)
{
	if (n == names->count && names->has_fallback)
		add_fallback(names, conf);
	return n < names->count ? &names->principal[n] : NULL;
}

void service_names_explain(const struct service_names *names, struct error *err)
{
	const struct error before = *err;
	struct slice realm = names->principal[0].realm;
	const char *given = TEXT(names->given), *mapped = TEXT(realm);
	if (names->given.len == 0)
		return;
	if (err->status == ERR_UNREACHABLE && realm.len > 0 && strstr(before.text, mapped))
		error_set(err, before.status,
			"%s; [domain_realm] in krb5.conf has the host %s in this realm",
			before.text, given);
	if (err->status == KDC_ERR_S_PRINCIPAL_UNKNOWN)
		error_set(err, before.status,
			"%s (the program gave the host name %s: for an alias, a short name or an "
			"address see dns_canonicalize_hostname in krb5.conf; its realm is %s%s, by "
			"[domain_realm])",
			before.text, given, realm.len > 0 ? "" : "not known", mapped);
}

void service_names_clear(struct service_names *names)
{
	for (unsigned i = 0; i < 2; i++)
		buffer_free(&names->storage[i]);
	*names = (struct service_names){.count = 0};
}

/* No name's last label is a number (RFC 3696 section 2). */
static bool is_address(struct slice host)
{
	size_t i = host.len;
	while (i > 0 && host.data[i - 1] >= '0' && host.data[i - 1] <= '9')
		i--;
	return i < host.len && i > 0 && host.data[i - 1] == '.';
}

bool service_domain_realm(const struct principal *server, char out[KDC_REALM_SIZE])
{
	struct slice host = server->component[server->count - 1];
	const unsigned char *dot = host.len ? memchr(host.data, '.', host.len) : NULL;
	if (server->count != 2 || !dot)
		return false;
	if (is_address(host))
		return false;
	struct slice domain = slice_of(dot + 1, host.len - (size_t)(dot + 1 - host.data));
	if (kdc_realm_text(domain, out, &(struct error){.status = STATUS_OK}))
		return false;
	change_case((unsigned char *)out, domain.len, 'a', 'z', 'A' - 'a');
	return true;
}
