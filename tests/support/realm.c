/* SPDX-License-Identifier: BSD-3-Clause */
#undef _FORTIFY_SOURCE /* its headers define gethostname() themselves */
#include "tests/support/realm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "tests/support/must.h"

/*
 * With each connection libsasl2 asks the resolver for this host's whole name,
 * which takes seconds if nobody knows it. An address is answered at once.
 */
__attribute__((visibility("default"))) int gethostname(char *name, size_t size)
{
	return snprintf(name, size, "127.0.0.1") < (int)size ? 0 : -1;
}

static char folder[] = "/tmp/kerberos5-realm.XXXXXX";

const char *realm_path(const char *name)
{
	static char path[10][sizeof folder + 64];
	static unsigned next;
	char *out = path[next++ % 10];
	snprintf(out, sizeof path[0], "%s/%s", folder, name);
	return out;
}

static void write_file(const char *name, struct slice contents)
{
	struct error err;
	must_succeed(mint_file(realm_path(name), contents, &err), &err);
}

void realm_configure(const char *krb5_conf)
{
	write_file("krb5.conf", slice_string(krb5_conf));
}

void realm_start(void)
{
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(99);
	}
	realm_configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	setenv("KRB5_CONFIG", realm_path("krb5.conf"), 1);
	setenv("KRB5_KTNAME", realm_path("keytab"), 1);
	setenv("KRB5CCNAME", realm_path("ccache"), 1);
	char replay_cache[200];
	snprintf(replay_cache, sizeof replay_cache, "file2:%s", realm_path("rcache"));
	setenv("KRB5RCACHENAME", replay_cache, 1);
	unsetenv("KRB5_TRACE");
}

void realm_stop(void)
{
	static const char *const names[] = {"krb5.conf", "keytab", "ccache", "rcache", "trace"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(realm_path(names[i]));
	if (rmdir(folder) != 0)
		perror(folder);
}

static void write_keytab(const struct mint_ticket *ticket, int64_t now)
{
	const struct mint_keytab_entry entry = {
		.principal = ticket->server,
		.timestamp = (uint32_t)now,
		.kvno = ticket->kvno,
		.enctype = enctype_number(key_type(ticket->key)),
		.key = key_octets(ticket->key),
	};
	AUTO_BUFFER contents = {0};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	write_file("keytab", buffer_slice(&contents));
}

static void write_ccache(const struct mint_ticket *ticket, struct slice der)
{
	AUTO_BUFFER contents = {0};
	const struct credential credential = mint_credential(ticket, der);
	mint_ccache_start(&contents, 4, &ticket->part.client, 0);
	mint_ccache_credential(&contents, 4, &credential, &ticket->part.addresses);
	write_file("ccache", buffer_slice(&contents));
}

static void new_key(int32_t enctype, struct key **key)
{
	struct error err;
	const struct enctype *type =
		enctype_by_number(enctype ? enctype : ENCTYPE_AES256_SHA1, &err);
	if (!type)
		must_succeed(err.status, &err);
	must_succeed(key_random(type, key, &err), &err);
}

static void parse(const char *text, struct principal *out, struct buffer *storage)
{
	struct error err;
	must_succeed(principal_parse(slice_string(text), out, storage, &err), &err);
}

void realm_issue(const struct realm_ticket *how)
{
	AUTO_BUFFER client_storage = {0};
	AUTO_BUFFER server_storage = {0};
	AUTO_BUFFER der = {0};
	AUTO_KEY key = NULL;
	AUTO_KEY session_key = NULL;
	struct principal client, server;
	struct error err;

	parse(how->client ? how->client : REALM_CLIENT, &client, &client_storage);
	parse(how->server ? how->server : REALM_SERVER, &server, &server_storage);
	new_key(how->ticket_enctype, &key);
	new_key(how->session_enctype, &session_key);

	int64_t now = timestamp_now().seconds;
	struct mint_ticket ticket = mint_ticket_of(&client, &server, key, session_key, now);
	ticket.has_kvno = !how->no_kvno;
	ticket.kvno = how->kvno ? how->kvno : 1;
	if (how->change)
		how->change(&ticket, how->arg);
	must_succeed(how->size ? mint_ticket_of_size(&ticket, how->size, &der, &err)
			       : mint_ticket(&ticket, &der, &err),
		&err);
	if (!how->keep_keytab)
		write_keytab(&ticket, now);
	write_ccache(&ticket, buffer_slice(&der));
}
