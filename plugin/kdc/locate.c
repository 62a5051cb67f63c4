/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/locate.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conf/profile.h"
#include "kdc/srv.h"

static const struct transport_row {
	const char *prefix;
	const char *label; /* in the names of SRV records */
} transports[] = {
	[KDC_UDP] = {"udp/", "_udp"},
	[KDC_TCP] = {"tcp/", "_tcp"},
};

static bool has_prefix(struct slice text, const char *prefix)
{
	size_t len = strlen(prefix);
	return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

static struct slice skip(struct slice text, size_t len)
{
	return slice_of(text.data + len, text.len - len);
}

/* "kdc.example.test", "kdc.example.test:88", "192.0.2.1:88", "[2001:db8::1]:88", "2001:db8::1" */
static bool split(struct slice text, struct slice *host, struct slice *port)
{
	const unsigned char *colon = memchr(text.data, ':', text.len);
	*port = SLICE_LITERAL(KDC_DEFAULT_PORT);
	if (text.data[0] == '[') {
		const unsigned char *bracket = memchr(text.data, ']', text.len);
		if (!bracket)
			return false;
		*host = slice_of(text.data + 1, (size_t)(bracket - text.data - 1));
		struct slice rest = skip(text, host->len + 2);
		if (rest.len > 0)
			*port = skip(rest, 1);
		return rest.len == 0 || rest.data[0] == ':';
	}
	*host = text;
	if (colon && !memchr(colon + 1, ':', text.len - (size_t)(colon + 1 - text.data))) {
		host->len = (size_t)(colon - text.data);
		*port = skip(text, host->len + 1);
	}
	return true;
}

static bool is_port(struct slice port)
{
	unsigned long number = 0;
	for (size_t i = 0; i < port.len; i++) {
		if (port.data[i] < '0' || port.data[i] > '9' || port.len >= KDC_PORT_SIZE)
			return false;
		number = 10 * number + (port.data[i] - '0');
	}
	return number >= 1 && number <= UINT16_MAX;
}

static bool take_server(struct slice text, struct kdc_server *out)
{
	struct slice host, port;
	if (text.len == 0 || !split(text, &host, &port) || host.len == 0 ||
		host.len >= sizeof out->host || !is_port(port))
		return false;
	memcpy(out->host, host.data, host.len);
	out->host[host.len] = '\0';
	memcpy(out->port, port.data, port.len);
	out->port[port.len] = '\0';
	return true;
}

/* One value of krb5.conf. False if it cannot be understood. */
static bool add_value(const char *value, enum kdc_transport transport, struct kdc_servers *out)
{
	struct slice text = slice_of(value, strcspn(value, " \t"));
	if (has_prefix(text, "https://") || has_prefix(text, "/")) {
		out->passed_over = true;
		return true;
	}
	if (has_prefix(text, transports[transport == KDC_UDP ? KDC_TCP : KDC_UDP].prefix))
		return true;
	if (has_prefix(text, transports[transport].prefix))
		text = skip(text, strlen(transports[transport].prefix));
	if (!take_server(text, &out->server[out->count]))
		return false;
	out->count++;
	return true;
}

static enum status refuse_value(
	const struct kdc_lookup *lookup, const char *relation, const char *value, struct error *err)
{
	const char *path[] = {"realms", lookup->realm, relation, NULL};
	(void)error_set(err, ERR_SYNTAX, "not a host or an address, maybe with \":port\"");
	return error_prefix(err, "%s: [realms] %s %s = %s",
		PROFILE_PLACE(krb5_conf_profile(lookup->conf), path),
		TEXT(slice_string(lookup->realm)), relation, TEXT(slice_string(value)));
}

/* Sets *found if krb5.conf has the relation at all: DNS is not asked then. */
static enum status look_in_conf(const struct kdc_lookup *lookup, const char *relation,
	struct kdc_servers *out, bool *found, struct error *err)
{
	const char *value;
	for (unsigned n = 0;
		out->count < KDC_MAX_SERVERS &&
		(value = krb5_conf_realm_value(lookup->conf, lookup->realm, relation, n));
		n++) {
		*found = true;
		if (!add_value(value, lookup->transport, out))
			return refuse_value(lookup, relation, value, err);
	}
	return STATUS_OK;
}

/* A realm that is no domain name has no records. */
static bool is_domain(const char *realm)
{
	static const char octets[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	return realm[0] && realm[0] != '.' && realm[strspn(realm, octets)] == '\0';
}

static void look_in_dns(const struct kdc_lookup *lookup, struct kdc_servers *out)
{
	char name[KDC_HOST_SIZE];
	int len = snprintf(name, sizeof name, "%s.%s.%s",
		lookup->primary ? "_kerberos-master" : "_kerberos",
		transports[lookup->transport].label, lookup->realm);
	if (len > 0 && (size_t)len < sizeof name)
		srv_lookup(name, out);
}

enum status kdc_locate(const struct kdc_lookup *lookup, struct kdc_servers *out, struct error *err)
{
	static const char *const any[] = {"kdc", NULL};
	static const char *const primaries[] = {"primary_kdc", "master_kdc", NULL};
	bool found = false;
	out->count = 0;
	out->dns_failed = out->passed_over = false;
	for (const char *const *relation = lookup->primary ? primaries : any; *relation && !found;
		relation++)
		if (look_in_conf(lookup, *relation, out, &found, err))
			return err->status;
	/* Of a realm that is in krb5.conf, DNS is not asked for the primary KDC alone. */
	if (lookup->primary && krb5_conf_realm_value(lookup->conf, lookup->realm, any[0], 0))
		found = true;
	if (!found && lookup->dns && is_domain(lookup->realm))
		look_in_dns(lookup, out);
	return STATUS_OK;
}
