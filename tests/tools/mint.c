/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mint - makes a keytab and a credential cache without a KDC.
 *
 * For tests and for the demonstration: whoever holds the service's key can
 * make tickets for the service, so that is all that this program needs.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/timestamp.h"
#include "store/keytab.h"
#include "tests/support/mint_values.h"
#include "tests/support/minting.h"

#define EXIT_USAGE 2
#define FILE_MAX_LENGTH (16 << 20)

/* One of each repeatable option, and what it points to. */
struct piece {
	struct buffer value;
	struct buffer wrapped;
};

/* What is asked for. */
struct order {
	int64_t now;
	struct slice realm;
	struct slice client_realm;
	struct principal client;
	struct principal server;
	struct buffer client_storage;
	struct buffer server_storage;
	const struct enctype *enctype;
	const struct enctype *session_enctype; /* NULL: as `enctype` */
	uint32_t kvno;
	bool no_kvno;
	struct buffer key; /* empty: from the password, the keytab, or at random */
	const char *password;
	const char *keytab;
	uint16_t keytab_version; /* 0: as the file is */
	const char *ccache;
	int ccache_version; /* 0: as the file is */
	bool add;
	int32_t kdc_offset;
	bool has_authtime, has_starttime, has_endtime, has_renew_till, has_flags, no_starttime;
	int64_t authtime, starttime, endtime, renew_till;
	uint32_t flags;
	struct host_addresses addresses;
	struct authorization_data authdata;
	struct slice transited;
	size_t ticket_size; /* 0: as it comes */
	struct piece piece[2 * DER_MAX_ELEMENTS];
	unsigned pieces;
};

typedef enum status take_function(struct order *o, const char *value, struct error *err);

static enum status take_realm(struct order *o, const char *value, struct error *err)
{
	(void)err;
	o->realm = slice_string(value);
	return STATUS_OK;
}

static enum status take_client_realm(struct order *o, const char *value, struct error *err)
{
	(void)err;
	o->client_realm = slice_string(value);
	return STATUS_OK;
}

static enum status take_client(struct order *o, const char *value, struct error *err)
{
	return principal_parse(slice_string(value), &o->client, &o->client_storage, err);
}

static enum status take_service(struct order *o, const char *value, struct error *err)
{
	enum status status =
		principal_parse(slice_string(value), &o->server, &o->server_storage, err);
	if (o->server.count > 1)
		o->server.type = NT_SRV_HST;
	return status;
}

static enum status take_enctype(struct order *o, const char *value, struct error *err)
{
	return value_enctype(value, &o->enctype, err);
}

static enum status take_session_enctype(struct order *o, const char *value, struct error *err)
{
	return value_enctype(value, &o->session_enctype, err);
}

static enum status take_kvno(struct order *o, const char *value, struct error *err)
{
	int64_t number = 0;
	enum status status = value_number(value, 0, UINT32_MAX, &number, err);
	o->kvno = (uint32_t)number;
	return status;
}

static enum status take_no_kvno(struct order *o, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	o->no_kvno = true;
	return STATUS_OK;
}

static enum status take_key(struct order *o, const char *value, struct error *err)
{
	buffer_clear(&o->key);
	return mint_hex(slice_string(value), &o->key, err);
}

static enum status take_password(struct order *o, const char *value, struct error *err)
{
	(void)err;
	o->password = value;
	return STATUS_OK;
}

static enum status take_keytab(struct order *o, const char *value, struct error *err)
{
	(void)err;
	o->keytab = value;
	return STATUS_OK;
}

static enum status take_keytab_version(struct order *o, const char *value, struct error *err)
{
	int64_t number = 0;
	enum status status = value_number(value, MINT_KEYTAB_1, MINT_KEYTAB_2, &number, err);
	o->keytab_version = (uint16_t)number;
	return status;
}

static enum status take_ccache(struct order *o, const char *value, struct error *err)
{
	(void)err;
	o->ccache = value;
	return STATUS_OK;
}

static enum status take_ccache_version(struct order *o, const char *value, struct error *err)
{
	int64_t number = 0;
	enum status status = value_number(value, 3, 4, &number, err);
	o->ccache_version = (int)number;
	return status;
}

static enum status take_add(struct order *o, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	o->add = true;
	return STATUS_OK;
}

static enum status take_kdc_offset(struct order *o, const char *value, struct error *err)
{
	int64_t number = 0;
	enum status status = value_number(value, INT32_MIN, INT32_MAX, &number, err);
	o->kdc_offset = (int32_t)number;
	return status;
}

static enum status take_authtime(struct order *o, const char *value, struct error *err)
{
	o->has_authtime = true;
	return value_time(value, o->now, &o->authtime, err);
}

static enum status take_starttime(struct order *o, const char *value, struct error *err)
{
	o->no_starttime = strcmp(value, "none") == 0;
	o->has_starttime = !o->no_starttime;
	return o->no_starttime ? STATUS_OK : value_time(value, o->now, &o->starttime, err);
}

static enum status take_endtime(struct order *o, const char *value, struct error *err)
{
	o->has_endtime = true;
	return value_time(value, o->now, &o->endtime, err);
}

static enum status take_renew_till(struct order *o, const char *value, struct error *err)
{
	o->has_renew_till = true;
	return value_time(value, o->now, &o->renew_till, err);
}

static enum status take_flags(struct order *o, const char *value, struct error *err)
{
	o->has_flags = true;
	return value_flags(value, &o->flags, err);
}

static enum status take_address(struct order *o, const char *value, struct error *err)
{
	if (o->addresses.count == DER_MAX_ELEMENTS)
		return error_set(err, ERR_SYNTAX, "more than %d addresses", DER_MAX_ELEMENTS);
	return value_address(value, &o->addresses.element[o->addresses.count++],
		&o->piece[o->pieces++].value, err);
}

static enum status add_element(
	struct order *o, const char *value, int32_t inside, struct error *err)
{
	if (o->authdata.count == DER_MAX_ELEMENTS)
		return error_set(err, ERR_SYNTAX, "more than %d elements of authorization data",
			DER_MAX_ELEMENTS);
	struct ad_element element;
	struct piece *piece = &o->piece[o->pieces++];
	enum status status = value_element(value, &element, &piece->value, err);
	if (status)
		return status;
	return mint_authdata(
		&o->authdata, element.type, element.data, inside, &piece->wrapped, err);
}

static enum status take_authdata(struct order *o, const char *value, struct error *err)
{
	return add_element(o, value, 0, err);
}

static enum status take_if_relevant(struct order *o, const char *value, struct error *err)
{
	return add_element(o, value, AD_IF_RELEVANT, err);
}

static enum status take_transited(struct order *o, const char *value, struct error *err)
{
	(void)err;
	o->transited = slice_string(value);
	return STATUS_OK;
}

static enum status take_ticket_size(struct order *o, const char *value, struct error *err)
{
	int64_t number = 0;
	enum status status = value_number(value, 1, DER_MAX_TOKEN, &number, err);
	o->ticket_size = (size_t)number;
	return status;
}

static const struct row {
	const char *name;
	const char *value; /* NULL: takes none */
	take_function *take;
	const char *help;
} option_table[] = {
	{"realm", "REALM", take_realm, "realm of client and service (EXAMPLE.TEST)"},
	{"client", "NAME", take_client, "client principal (alice)"},
	{"client-realm", "REALM", take_client_realm, "realm of the client, if it is another"},
	{"service", "NAME", take_service, "service principal (imap/mail.example.test)"},
	{"enctype", "TYPE", take_enctype, "of the service's key (aes256-cts-hmac-sha1-96)"},
	{"session-enctype", "TYPE", take_session_enctype,
		"of the session key (the service's key's)"},
	{"kvno", "N", take_kvno, "version of the service's key (1)"},
	{"no-kvno", NULL, take_no_kvno, "leave the version out of the ticket"},
	{"key", "HEX", take_key, "the service's key"},
	{"password", "TEXT", take_password, "the service's password, salted as a KDC does"},
	{"keytab", "FILE", take_keytab,
		"keytab to make or to add to; its key is taken where it has one"},
	{"keytab-version", "0x501|0x502", take_keytab_version, "its format (0x502)"},
	{"ccache", "FILE", take_ccache, "credential cache to make"},
	{"ccache-version", "3|4", take_ccache_version, "its format (4)"},
	{"add", NULL, take_add, "add the ticket to the cache that is there"},
	{"kdc-offset", "SECONDS", take_kdc_offset, "the KDC's clock less ours, for the cache (0)"},
	{"authtime", "TIME", take_authtime, "time of authentication (-1m)"},
	{"starttime", "TIME|none", take_starttime, "start of validity (authtime)"},
	{"endtime", "TIME", take_endtime, "end of validity (ten hours after authtime)"},
	{"renew-till", "TIME", take_renew_till, "end of renewal (none)"},
	{"flags", "LIST", take_flags, "(initial,pre-authent,transited-policy-checked)"},
	{"address", "ADDRESS", take_address, "restrict the ticket to it; repeatable"},
	{"authdata", "TYPE:HEX", take_authdata, "authorization data; repeatable"},
	{"ad-if-relevant", "TYPE:HEX", take_if_relevant,
		"the same inside AD-IF-RELEVANT; repeatable"},
	{"transited", "TEXT", take_transited, "realms that were passed (DOMAIN-X500-COMPRESS)"},
	{"ticket-size", "OCTETS", take_ticket_size, "pad the ticket to this size"},
	{"help", NULL, NULL, "this text"},
};
#define OPTION_COUNT (sizeof option_table / sizeof *option_table)

static void print_help(void)
{
	char names[400];
	printf("Usage: mint [--keytab FILE] [--ccache FILE] [OPTION]...\n"
	       "Makes a keytab and a credential cache without a KDC, for tests.\n\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct row *row = &option_table[i];
		int width = printf("  --%s%s%s", row->name, row->value ? " " : "",
			row->value ? row->value : "");
		printf("%*s%s\n", width < 32 ? 32 - width : 1, "", row->help);
	}
	printf("\nTIME is now, an offset (+10h, -5m, +90s, +7d) or YYYYMMDDHHMMSSZ.\n"
	       "LIST is one or more, with commas, of: %s;\nor a mask, as in 0x40800000.\n"
	       "Ends with status 0, 1 if something cannot be made, 2 if it was asked wrongly.\n",
		value_flag_names(names, sizeof names));
}

/* Exits where there is nothing to make. */
static void read_options(struct order *o, int argc, char **argv)
{
	struct option longs[OPTION_COUNT + 1] = {0};
	for (size_t i = 0; i < OPTION_COUNT; i++)
		longs[i] = (struct option){option_table[i].name,
			option_table[i].value ? required_argument : no_argument, NULL, (int)i};
	int n;
	while ((n = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (n >= (int)OPTION_COUNT)
			exit(EXIT_USAGE); /* getopt_long() has said why */
		struct error err = {0};
		if (!option_table[n].take) {
			print_help();
			exit(EXIT_SUCCESS);
		}
		if (option_table[n].take(o, optarg, &err)) {
			fprintf(stderr, "mint: --%s: %s\n", option_table[n].name, err.text);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "mint: \"%s\" is not an option (try --help)\n", argv[optind]);
		exit(EXIT_USAGE);
	}
	if (!o->keytab && !o->ccache) {
		fputs("mint: nothing to make: name a --keytab, a --ccache, or both (try --help)\n",
			stderr);
		exit(EXIT_USAGE);
	}
}

static enum status set_defaults(struct order *o, struct error *err)
{
	*o = (struct order){
		.now = timestamp_now().seconds,
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
		.kvno = 1,
	};
	enum status status = take_client(o, "alice", err);
	if (!status)
		status = take_service(o, "imap/mail.example.test", err);
	if (!status)
		status = take_enctype(o, "aes256-cts-hmac-sha1-96", err);
	return status;
}

/* Names without a realm of their own get the one that was asked for. */
static void complete(struct order *o)
{
	if (o->server.realm.len == 0)
		o->server.realm = o->realm;
	if (o->client.realm.len == 0)
		o->client.realm = o->client_realm.len > 0 ? o->client_realm : o->realm;
	if (!o->session_enctype)
		o->session_enctype = o->enctype;
}

/* The default salt: realm and components, one after the other (RFC 4120 section 4). */
static enum status key_of_password(const struct order *o, struct key **out, struct error *err)
{
	AUTO_BUFFER salt = {0};
	mint_octets(&salt, o->server.realm);
	for (unsigned i = 0; i < o->server.count; i++)
		mint_octets(&salt, o->server.component[i]);
	return key_from_password(o->enctype,
		&(struct password){slice_string(o->password), buffer_slice(&salt), SLICE_EMPTY},
		out, err);
}

/* The entry of exactly this kvno whose key is `key`, or any key where that is NULL. */
static const struct keytab_entry *entry_of(
	const struct order *o, const struct keytab *keytab, const struct key *key)
{
	const struct keytab_entry *entry;
	unsigned position = 0;
	while ((entry = keytab_find(keytab, &o->server,
			&(struct keytab_wanted){enctype_number(o->enctype), true, o->kvno},
			&position)))
		if (entry->kvno == o->kvno &&
			(!key || slice_equal_secret(key_octets(entry->key), key_octets(key))))
			return entry;
	return NULL;
}

static enum status choose_key(
	const struct order *o, const struct keytab *keytab, struct key **out, struct error *err)
{
	if (o->key.len > 0)
		return key_new(enctype_number(o->enctype), buffer_slice(&o->key), out, err);
	if (o->password)
		return key_of_password(o, out, err);
	const struct keytab_entry *entry = keytab ? entry_of(o, keytab, NULL) : NULL;
	if (!entry)
		return key_random(o->enctype, out, err);
	*out = key_ref(entry->key);
	return STATUS_OK;
}

/* The file's contents, or nothing where there is no file. */
static enum status read_if_there(const char *path, struct buffer *out, struct error *err)
{
	enum status status = file_read(path, FILE_MAX_LENGTH, out, NULL, err);
	return status == ERR_NOT_FOUND ? STATUS_OK : status;
}

static uint16_t version_of(struct slice file)
{
	return file.len < 2 ? 0 : (uint16_t)(file.data[0] << 8 | file.data[1]);
}

static enum status check_version(const char *path, uint16_t is, uint16_t wanted, struct error *err)
{
	if (wanted == 0 || is == wanted)
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"%s has version 0x%04x, not 0x%04x as asked: name another file", path, is, wanted);
}

/* Adds the service's key, unless it is there; `file` is what the keytab holds. */
static enum status write_keytab(
	const struct order *o, struct buffer *file, const struct key *key, struct error *err)
{
	if (file->len == 0)
		mint_keytab_start(file, o->keytab_version ? o->keytab_version : MINT_KEYTAB_2);
	uint16_t version = version_of(buffer_slice(file));
	struct mint_keytab_entry entry = {
		.principal = o->server,
		.timestamp = (uint32_t)o->now,
		.kvno = o->kvno,
		.enctype = enctype_number(o->enctype),
		.key = key_octets(key),
	};
	mint_keytab_entry(file, version, &entry);

	AUTO_KEYTAB keytab = NULL;
	enum status status = keytab_parse(buffer_slice(file), o->keytab, &keytab, err);
	if (!status && !entry_of(o, keytab, key))
		status = error_set(err, ERR_UNSUPPORTED,
			"%s has an end mark, behind which nothing is read: name another file",
			o->keytab);
	return status ? status : mint_file(o->keytab, buffer_slice(file), err);
}

static struct mint_ticket ticket_of(
	const struct order *o, struct key *key, const struct key *session_key)
{
	struct mint_ticket t = mint_ticket_of(&o->client, &o->server, key, session_key, o->now);
	struct enc_ticket_part *part = &t.part;
	t.kvno = o->kvno;
	t.has_kvno = !o->no_kvno;
	if (o->has_authtime)
		part->authtime = o->authtime;
	part->has_starttime = !o->no_starttime;
	part->starttime = o->has_starttime ? o->starttime : part->authtime;
	part->endtime = o->has_endtime ? o->endtime : part->authtime + 36000;
	part->has_renew_till = o->has_renew_till;
	part->renew_till = o->renew_till;
	if (o->has_flags)
		part->flags = o->flags;
	part->addresses = o->addresses;
	part->authorization_data = o->authdata;
	if (o->transited.len > 0)
		part->transited = o->transited;
	return t;
}

static enum status check_times(const struct credential *c, struct error *err)
{
	const int64_t times[] = {c->authtime, c->starttime, c->endtime, c->renew_till};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (times[i] < 0 || times[i] > UINT32_MAX)
			return error_set(err, ERR_UNSUPPORTED,
				"%s is not a time that a credential cache can hold",
				TIME_TEXT(times[i]));
	return STATUS_OK;
}

static enum status write_ccache(const struct order *o, const struct mint_ticket *ticket,
	struct slice der, struct error *err)
{
	struct credential credential = mint_credential(ticket, der);
	AUTO_BUFFER file = {0};
	enum status status = check_times(&credential, err);
	if (!status && o->add)
		status = read_if_there(o->ccache, &file, err);
	if (status)
		return status;
	uint16_t wanted = o->ccache_version ? (uint16_t)(0x0500 + o->ccache_version) : 0;
	if (file.len == 0)
		mint_ccache_start(&file, wanted ? o->ccache_version : 4, &o->client, o->kdc_offset);
	uint16_t version = version_of(buffer_slice(&file));
	status = check_version(o->ccache, version, wanted, err);
	AUTO_CCACHE there = NULL;
	if (!status)
		status = ccache_parse(buffer_slice(&file), o->ccache, &there, err);
	if (status)
		return status;
	mint_ccache_credential(&file, version & 0xff, &credential, &ticket->part.addresses);
	return mint_file(o->ccache, buffer_slice(&file), err);
}

static enum status make_keytab(const struct order *o, struct key **key, struct error *err)
{
	AUTO_BUFFER file = {0};
	AUTO_KEYTAB keytab = NULL;
	enum status status = o->keytab ? read_if_there(o->keytab, &file, err) : STATUS_OK;
	if (!status && file.len > 0)
		status = keytab_parse(buffer_slice(&file), o->keytab, &keytab, err);
	if (!status && keytab)
		status = check_version(
			o->keytab, version_of(buffer_slice(&file)), o->keytab_version, err);
	if (!status)
		status = choose_key(o, keytab, key, err);
	if (status || !o->keytab || (keytab && entry_of(o, keytab, *key)))
		return status;
	status = write_keytab(o, &file, *key, err);
	if (!status)
		printf("keytab %s: %s, kvno %u, %s\n", o->keytab, PRINCIPAL_TEXT(&o->server),
			o->kvno, enctype_name(o->enctype));
	return status;
}

static enum status make_ccache(const struct order *o, struct key *key, struct error *err)
{
	AUTO_KEY session_key = NULL;
	AUTO_BUFFER der = {0};
	enum status status = key_random(o->session_enctype, &session_key, err);
	if (status)
		return status;
	struct mint_ticket ticket = ticket_of(o, key, session_key);
	status = o->ticket_size ? mint_ticket_of_size(&ticket, o->ticket_size, &der, err)
				: mint_ticket(&ticket, &der, err);
	if (!status)
		status = write_ccache(o, &ticket, buffer_slice(&der), err);
	if (!status)
		printf("ccache %s: ticket of %s for %s, %zu octets, until %s\n", o->ccache,
			PRINCIPAL_TEXT(&o->client), PRINCIPAL_TEXT(&o->server), der.len,
			TIME_TEXT(ticket.part.endtime));
	return status;
}

static void clear(struct order *o)
{
	for (unsigned i = 0; i < o->pieces; i++) {
		buffer_free(&o->piece[i].value);
		buffer_free(&o->piece[i].wrapped);
	}
	buffer_free(&o->key);
	buffer_free(&o->client_storage);
	buffer_free(&o->server_storage);
}

int main(int argc, char **argv)
{
	static struct order order;
	struct error err = {0};
	AUTO_KEY key = NULL;
	enum status status = set_defaults(&order, &err);
	if (!status) {
		read_options(&order, argc, argv);
		complete(&order);
		status = make_keytab(&order, &key, &err);
	}
	if (!status && order.ccache)
		status = make_ccache(&order, key, &err);
	if (status)
		fprintf(stderr, "mint: %s\n", err.text);
	clear(&order);
	return status ? EXIT_FAILURE : EXIT_SUCCESS;
}
