/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/attack/world.h"
#include "tests/support/offered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

struct world world;

#define IDENTITY(the_principal, the_name, number, type)                                            \
	{                                                                                          \
		.principal = the_principal, .name = the_name, .cache = "MEMORY:" number,           \
		.enctype = type                                                                    \
	}

static struct identity identities[] = {
	IDENTITY("alice@EXAMPLE.TEST", "alice", "0", ENCTYPE_AES256_SHA1),
	IDENTITY("bob@EXAMPLE.TEST", "bob", "1", ENCTYPE_AES128_SHA1),
	IDENTITY("mallory@EXAMPLE.TEST", "mallory", "2", ENCTYPE_AES256_SHA384),
	IDENTITY("carol@OTHER.TEST", "carol@OTHER.TEST", "3", ENCTYPE_AES128_SHA256),
};

void world_must(enum status status, const struct error *err)
{
	if (status == STATUS_OK)
		return;
	fprintf(stderr, "attack: %s\n", err->text);
	exit(99);
}

static struct buffer service_storage, client_storage[COUNT_OF(identities)];

static void name(const char *text, struct principal *out, struct buffer *storage)
{
	struct error err;
	world_must(principal_parse(slice_string(text), out, storage, &err), &err);
}

static struct key *new_key(int32_t enctype)
{
	struct error err;
	struct key *key = NULL;
	world_must(key_random(enctype_usable(enctype), &key, &err), &err);
	return key;
}

static void issue(struct identity *who, struct buffer *storage)
{
	struct error err;
	struct principal client;
	name(who->principal, &client, storage);
	who->session_key = new_key(who->enctype);
	const struct mint_ticket ticket = mint_ticket_of(&client, &world.service, world.service_key,
		who->session_key, timestamp_now().seconds);
	world_must(mint_ticket(&ticket, &who->ticket, &err), &err);
	who->credential = mint_credential(&ticket, buffer_slice(&who->ticket));
	const struct ccache_start start = {
		.client = &client, .credential = &who->credential, .count = 1};
	world_must(ccache_create(who->cache, &start, &err), &err);
}

static void write_keytab(void)
{
	struct error err;
	AUTO_BUFFER contents = {0};
	const struct mint_keytab_entry entry = {
		.principal = world.service,
		.kvno = 1,
		.enctype = ENCTYPE_AES256_SHA1,
		.key = key_octets(world.service_key),
	};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	world_must(mint_file(realm_path("keytab"), buffer_slice(&contents), &err), &err);
}

void world_open(void)
{
	struct error err;
	realm_start();
	world.has_md5 = md5_is_offered();
	realm_configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n"
			"\tdns_canonicalize_hostname = false\n\trdns = false\n"
			"\tdns_lookup_kdc = false\n");
	world.service_key = new_key(ENCTYPE_AES256_SHA1);
	name(REALM_SERVER, &world.service, &service_storage);
	write_keytab();
	for (size_t i = 0; i < COUNT_OF(identities); i++)
		issue(&identities[i], &client_storage[i]);
	world_must(krb5_conf_get(timestamp_now(), &world.conf, &err), &err);
	world_must(
		keytab_get(realm_path("keytab"), KEYTAB_SERVER, &world.keytab, NULL, &err), &err);
}

void world_close(void)
{
	for (size_t i = 0; i < COUNT_OF(identities); i++) {
		key_release(identities[i].session_key);
		buffer_free(&identities[i].ticket);
		buffer_free(&client_storage[i]);
	}
	key_release(world.service_key);
	keytab_release(world.keytab);
	krb5_conf_release(world.conf);
	buffer_free(&service_storage);
	keytab_forget();
	krb5_conf_forget();
	ccache_forget();
	realm_stop();
}

void world_forget(void)
{
	unlink(realm_path("rcache"));
}

const struct identity *world_identity(unsigned char octet)
{
	return &identities[octet % COUNT_OF(identities)];
}

/* "nobody" is for the application to refuse, the last for the module. */
const char *world_authzid(unsigned char octet)
{
	static const char *const names[] = {"", "bob", "root", "nobody", "alice", "a\001b"};
	return names[octet % COUNT_OF(names)];
}

#define TEXT_BINDING(text, is_critical)                                                            \
	{                                                                                          \
		.name = "tls-server-end-point", .critical = (is_critical),                         \
		.len = sizeof(text) - 1, .data = (const unsigned char *)(text),                    \
	}

const sasl_channel_binding_t *world_binding(unsigned char octet)
{
	static const sasl_channel_binding_t bindings[] = {
		TEXT_BINDING("the one channel", 0),
		TEXT_BINDING("the other channel", 0),
		TEXT_BINDING("the one channel", 1),
		TEXT_BINDING("the other channel", 1),
	};
	unsigned n = octet % 8;
	return n < 4 || !world.has_md5 ? NULL : &bindings[n - 4];
}

uint32_t world_buffer(unsigned char octet)
{
	static const uint32_t sizes[] = {
		65536, 4096, 1024, 200, 100, 60, 1, 0, 0xffffff, 0x1000000, UINT32_MAX};
	return sizes[octet % COUNT_OF(sizes)];
}

sasl_security_properties_t world_security(unsigned char ssf, unsigned char buffer)
{
	static const sasl_ssf_t limits[][2] = {{0, 0}, {0, 256}, {0, 1}, {1, 1}, {1, 256}, {2, 256},
		{0, 128}, {128, 128}, {256, 256}};
	const sasl_ssf_t *limit = limits[(ssf & 0x7f) % COUNT_OF(limits)];
	return (sasl_security_properties_t){
		.min_ssf = limit[0],
		.max_ssf = limit[1],
		.maxbufsize = world_buffer(buffer),
		.security_flags = ssf & 0x80 ? SASL_SEC_MUTUAL_AUTH : 0,
	};
}

sasl_ssf_t world_external(unsigned char octet)
{
	static const sasl_ssf_t strengths[] = {0, 0, 0, 0, 0, 1, 128, 256};
	return strengths[octet % COUNT_OF(strengths)];
}

const char *world_option(const char *option, bool mutual)
{
	if (strcmp(option, "log_level") == 0)
		return "2";
	if (strcmp(option, "kerberos5_mutual") == 0)
		return mutual ? NULL : "no";
	return NULL;
}
