/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * seed_messages.c - good inputs to begin with, for the fuzz targets of the
 * messages.
 *
 *	seed_messages DIR
 *
 * fills DIR/fuzz_ap_req, DIR/fuzz_ap_rep, DIR/fuzz_channel, DIR/fuzz_gss_token,
 * DIR/fuzz_kcm, DIR/fuzz_kdc, DIR/fuzz_krb_error and DIR/fuzz_pac.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "asn1/der_packet.h"
#include "gss/gss.h"
#include "gss/gss_message.h"
#include "kdc/as.h"
#include "kdc/tgs.h"
#include "mech/kerberos_v5_channel.h"
#include "store/ccache_marshal.h"
#include "store/kcm.h"
#include "tests/support/exchange.h"
#include "tests/support/fake_kdc.h"
#include "tests/support/delegation.h"
#include "tests/support/pac_maker.h"

static const char *folder;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "seed_messages: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_folder(const char *target)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, target);
	must(mkdir(path, 0777) == 0 || errno == EEXIST, path);
}

static void save(const char *target, const char *name, struct slice input)
{
	char path[4096];
	struct error err;
	snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
	must(mint_file(path, input, &err) == STATUS_OK, path);
}

/* An input of which the first octet says what it is. */
static void save_with_kind(const char *target, const char *name, uint8_t kind, struct slice input)
{
	AUTO_BUFFER out = {0};
	mint_u8(&out, kind);
	mint_octets(&out, input);
	save(target, name, buffer_slice(&out));
}

static void save_parts(
	struct exchange *x, const struct authenticator *authenticator, const char *name)
{
	struct error err;
	AUTO_BUFFER ticket = {0};
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER out = {0};
	must(der_write_enc_ticket_part(&x->ticket.part, &ticket, &err) == STATUS_OK, "ticket");
	must(der_write_authenticator(authenticator, &plain, &err) == STATUS_OK, "authenticator");
	mint_u16(&out, (uint16_t)ticket.len);
	mint_octets(&out, buffer_slice(&ticket));
	mint_octets(&out, buffer_slice(&plain));
	save_with_kind("fuzz_ap_req", name, 1, buffer_slice(&out));
}

/* A ticket and an authenticator with everything that may be in them. */
static void save_full_parts(struct exchange *x, const char *transited, const char *name)
{
	static const unsigned char address[] = {192, 0, 2, 1};
	struct error err;
	AUTO_BUFFER optional = {0};
	AUTO_BUFFER choice = {0};
	AUTO_BUFFER pac = {0};
	AUTO_BUFFER certificate = {0};
	AUTO_KEY subkey = exchange_key(ENCTYPE_AES128_SHA1, 'i');
	struct enc_ticket_part *part = &x->ticket.part;
	struct authenticator authenticator = exchange_authenticator(x);
	part->flags &= ~TICKET_TRANSITED_POLICY_CHECKED;
	part->client.realm = authenticator.client.realm = SLICE_LITERAL("OTHER.TEST");
	part->transited = slice_string(transited);
	part->has_renew_till = true;
	part->renew_till = EXCHANGE_NOW + 86400;
	part->addresses.count = 1;
	part->addresses.element[0] =
		(struct host_address){ADDRESS_IPV4, slice_of(address, sizeof address)};
	must(mint_authdata(&part->authorization_data, 4711, SLICE_LITERAL("some"), AD_IF_RELEVANT,
		     &optional, &err) == STATUS_OK,
		"authorization data");
	const struct ad_and_or and_or = {1, part->authorization_data};
	must(der_write_ad_and_or(&and_or, &choice, &err) == STATUS_OK, "AD-AND-OR");
	must(mint_authdata(&part->authorization_data, AD_AND_OR, buffer_slice(&choice), 0, NULL,
		     &err) == STATUS_OK,
		"authorization data");
	const struct mint_account account = mint_account(part->authtime);
	mint_account_pac(&account, x->service_key, &certificate);
	must(mint_authdata(&part->authorization_data, AD_WIN2K_PAC, buffer_slice(&certificate),
		     AD_IF_RELEVANT, &pac, &err) == STATUS_OK,
		"PAC");

	authenticator.checksum = (struct checksum){16, SLICE_LITERAL("twelve octet")};
	authenticator.subkey = (struct encryption_key){ENCTYPE_AES128_SHA1, key_octets(subkey)};
	authenticator.has_seq_number = true;
	authenticator.seq_number = 0x3fffffff;
	AUTO_BUFFER channel = {0};
	const struct channel_hash hash = {"0123456789abcdef0123456789abcde"};
	must(channel_hash_write(&hash, &channel, &err) == STATUS_OK, "channel bindings");
	authenticator.authorization_data = (struct authorization_data){
		.count = 2,
		.element = {{-1, SLICE_LITERAL("binding")},
			{AD_IF_RELEVANT, buffer_slice(&channel)}},
	};
	save_parts(x, &authenticator, name);
	part->authorization_data.count = 0;
}

static void save_answers(struct exchange *x)
{
	struct error err;
	AUTO_BUFFER reply = {0};
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER refusal = {0};
	const struct enc_ap_rep_part part = {.time = x->initiator.now,
		.subkey = x->ticket.part.key,
		.has_seq_number = true,
		.seq_number = 7};
	const struct ap_refusal what = {.code = KRB_AP_ERR_SKEW,
		.now = {EXCHANGE_NOW, 0},
		.server = &x->ticket.server,
		.client_time = {EXCHANGE_NOW + 432, 1},
		.text = "clock skew too great"};
	must(exchange_read(x, &err) == STATUS_OK, "AP-REQ");
	must(ap_rep_make(key_type(x->server.session_key), NULL, &x->server, &reply, &err) ==
			STATUS_OK,
		"AP-REP");
	must(der_write_enc_ap_rep_part(&part, &plain, &err) == STATUS_OK, "AP-REP");
	must(krb_error_make(&what, &refusal, &err) == STATUS_OK, "KRB-ERROR");
	save_with_kind("fuzz_ap_rep", "message", 0, buffer_slice(&reply));
	save_with_kind("fuzz_ap_rep", "part", 1, buffer_slice(&plain));
	save("fuzz_krb_error", "skew", buffer_slice(&refusal));
}

static void save_gss_tokens(struct exchange *x)
{
	struct error err;
	AUTO_BUFFER request = {0};
	AUTO_BUFFER reply = {0};
	AUTO_BUFFER refusal = {0};
	const struct enctype_list permitted = {2, {ENCTYPE_AES256_SHA384, ENCTYPE_AES256_SHA1}};
	const struct gss_initiator initiator = {.credential = &x->credential,
		.protection = GSS_CONF | GSS_INTEG,
		.now = x->initiator.now,
		.mutual = true,
		.permitted = &permitted};
	const struct gss_accepted accepted = {.subkey = key_type(x->session_key)};
	const struct ap_refusal what = {
		.code = KRB_AP_ERR_REPEAT, .now = x->initiator.now, .server = &x->ticket.server};
	ap_context_clear(&x->client);
	must(gss_initiate(&initiator, NULL, &x->client, &request, &err) == STATUS_OK, "token");
	must(gss_reply(&accepted, NULL, &x->server, &reply, &err) == STATUS_OK, "token");
	must(gss_refuse(&what, &refusal, &err) == STATUS_OK, "token");
	save_with_kind("fuzz_gss_token", "request", 0, buffer_slice(&request));
	save_with_kind("fuzz_gss_token", "reply", 0, buffer_slice(&reply));
	save_with_kind("fuzz_gss_token", "refusal", 0, buffer_slice(&refusal));
}

/* What the fake KDC answers, whole and in part; kinds as in fuzz_kdc.c. */
static const char *kdc_seed;
static uint8_t kdc_kind;

static void save_kdc_answer(struct buffer *octets)
{
	save_with_kind("fuzz_kdc", kdc_seed, kdc_kind, buffer_slice(octets));
}

static void save_kdc_part(struct enc_kdc_rep_part *part)
{
	struct error err;
	char name[40];
	AUTO_BUFFER plain = {0};
	snprintf(name, sizeof name, "%s-part", kdc_seed);
	must(der_write_enc_as_rep_part(part, &plain, &err) == STATUS_OK, "part");
	save_with_kind("fuzz_kdc", name, (uint8_t)(kdc_kind + 2), buffer_slice(&plain));
}

static void save_kdc_answers(void)
{
	static const char srv[] =
		"\x12\x34\x81\x80\0\1\0\1\0\0\0\0\x01R\0\0\x21\0\1\xc0\x0c\0\x21\0\1"
		"\0\0\0\x3c\0\x0c\0\1\0\1\0\x58\x03kdc\xc0\x0c";
	static const char methods[] = "0\x0c0\x0a\xa1\3\2\1\2\xa2\3\4\1\0";
	struct fake_world world;
	struct error err;
	struct credential_box tgt = {0}, ticket = {0};
	fake_open(&world, "");
	world.kdc[0].change_part = save_kdc_part;
	world.kdc[0].change_octets = save_kdc_answer;
	struct kdc_session session = fake_session(&world);
	const struct principal alice = {
		NT_PRINCIPAL, 1, {SLICE_LITERAL("alice")}, SLICE_LITERAL("EXAMPLE.TEST")};
	const struct principal imap = {NT_SRV_HST, 2,
		{SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")}, SLICE_EMPTY};
	const struct as_login login = {&alice, {.password = SLICE_LITERAL(FAKE_PASSWORD)}};
	kdc_seed = "as";
	kdc_kind = 0;
	must(as_get(&session, &login, &tgt, &err) == STATUS_OK, "AS");
	const struct tgs_request request = {.tgt = &tgt.credential, .server = &imap};
	kdc_seed = "tgs";
	kdc_kind = 1;
	must(tgs_get(&session, &request, &ticket, &err) == STATUS_OK, "TGS");
	save_with_kind("fuzz_kdc", "methods", 4, SLICE_LITERAL(methods));
	save_with_kind("fuzz_kdc", "srv", 5, SLICE_LITERAL(srv));
	credential_box_clear(&ticket);
	credential_box_clear(&tgt);
	fake_close(&world);
}

static void save_gss_parts(struct exchange *x)
{
	static const struct gss_bindings bindings = {"0123456789abcdef"};
	struct error err;
	unsigned char value[GSS_CHECKSUM_LENGTH];
	struct delegation d = {0};
	AUTO_BUFFER cred = {0};
	AUTO_BUFFER part = {0};
	AUTO_BUFFER checksum = {0};
	AUTO_BUFFER etypes = {0};
	AUTO_BUFFER data = {0};
	const struct etype_list list = {3, {20, 18, 17}};
	struct authorization_data inside = {.count = 1};
	delegation_open(&d, x);
	delegation_make(&d, &cred);
	delegation_checksum(GSS_MUTUAL, buffer_slice(&cred), &checksum);
	must(der_write_enc_krb_cred_part(&d.part, &part, &err) == STATUS_OK, "EncKrbCredPart");
	must(der_write_etype_list(&list, &etypes, &err) == STATUS_OK, "EtypeList");
	inside.element[0] = (struct ad_element){AD_ETYPE_NEGOTIATION, buffer_slice(&etypes)};
	must(der_write_authorization_data(&inside, &data, &err) == STATUS_OK, "AuthorizationData");
	save_with_kind("fuzz_gss_token", "checksum", 1,
		gss_checksum_make(GSS_MUTUAL | GSS_CONF, &bindings, value).value);
	save_with_kind("fuzz_gss_token", "delegation", 1, buffer_slice(&checksum));
	save_with_kind("fuzz_gss_token", "authorization_data", 2, buffer_slice(&data));
	save_with_kind("fuzz_gss_token", "etypes", 3, buffer_slice(&etypes));
	save_with_kind("fuzz_gss_token", "cred", 4, buffer_slice(&cred));
	save_with_kind("fuzz_gss_token", "cred_part", 5, buffer_slice(&part));
	delegation_close(&d);
}

/* What a channel reads that has the same key, from its initiator, if `kind` has no side in it. */
static void save_protected(const struct protection *protection, uint8_t kind, const char *name)
{
	struct error err;
	AUTO_BUFFER message = {0};
	struct slice data = SLICE_LITERAL("data");
	AUTO_KEY key = exchange_key(ENCTYPE_AES256_SHA1, 'k');
	struct channel channel = {0};
	channel.key = key;
	channel.is_initiator = (kind & 8) == 0;
	channel.has_acceptor_subkey = kind & 16;
	channel.send_seq = 1000;
	must(protection->make(&channel, &data, 1, &message, &err) == STATUS_OK, name);
	save_with_kind("fuzz_channel", name, kind, buffer_slice(&message));
}

#define HEX_SEQ "\0\0\0\0\0\0\x03\xe8"

static void save_channel(void)
{
	struct error err;
	AUTO_BUFFER mic = {0};
	AUTO_BUFFER part = {0};
	AUTO_BUFFER safe = {0};
	AUTO_KEY key = exchange_key(ENCTYPE_AES256_SHA1, 'k');
	struct channel channel = {.key = key, .is_initiator = true, .send_seq = 1000};
	const struct slice data = SLICE_LITERAL("data");
	const struct packet_body body = {.pieces = &data,
		.piece_count = 1,
		.seq_number = 1000,
		.sender = {ADDRESS_DIRECTIONAL, SLICE_LITERAL("\0\0\0\0")}};
	const struct krb_safe whole = {
		.body = body, .checksum = {16, SLICE_LITERAL("twelve octet")}};
	struct slice safe_body;
	save_protected(&protection_integrity, 0, "safe");
	save_protected(&protection_privacy, 1, "priv");
	save_protected(gss_protections.integrity, 2, "wrap");
	save_protected(gss_protections.privacy, 2 | 8 | 16, "sealed");
	must(gss_mic_make(&channel, data, &mic, &err) == STATUS_OK, "MIC");
	must(der_write_krb_safe(&whole, &safe_body, &safe, &err) == STATUS_OK, "KRB-SAFE");
	must(der_write_enc_krb_priv_part(&body, &part, &err) == STATUS_OK, "KRB-PRIV");
	save_with_kind("fuzz_channel", "mic", 3, buffer_slice(&mic));
	save_with_kind("fuzz_channel", "safe_body", 4, safe_body);
	save_with_kind("fuzz_channel", "priv_part", 5, buffer_slice(&part));
	save_with_kind("fuzz_channel", "unsealed_parts", 6,
		SLICE_LITERAL("\5\4\0\xff\0\x0c\0\x05" HEX_SEQ "data"));
	save_with_kind("fuzz_channel", "sealed_parts", 7,
		SLICE_LITERAL("\5\4\2\xff\0\4\0\x1c" HEX_SEQ "datafill"
			      "\5\4\2\xff\0\4\0\0" HEX_SEQ));
}

static void add_reply(struct buffer *dialogue, int32_t code, struct slice results)
{
	mint_u32(dialogue, (uint32_t)(4 + results.len));
	mint_u32(dialogue, 0);
	mint_u32(dialogue, (uint32_t)code);
	mint_octets(dialogue, results);
}

#define TWO_IDENTIFIERS SLICE_LITERAL("0123456789abcdefFEDCBA9876543210")

/* A name, a client, an offset, and one credential: in a list, or by its identifier. */
static void add_cache(
	struct buffer *dialogue, struct slice client, struct slice credential, bool listed)
{
	AUTO_BUFFER list = {0};
	mint_u32(&list, 1);
	mint_u32(&list, (uint32_t)credential.len);
	mint_octets(&list, credential);
	add_reply(dialogue, KCM_OK, SLICE_LITERAL("0\0"));
	add_reply(dialogue, KCM_OK, client);
	add_reply(dialogue, KCM_OK, SLICE_LITERAL("\xff\xff\xff\xf0"));
	if (listed) {
		add_reply(dialogue, KCM_OK, buffer_slice(&list));
		return;
	}
	add_reply(dialogue, KCM_INTERNAL, SLICE_EMPTY);
	add_reply(dialogue, KCM_OK, TWO_IDENTIFIERS);
	add_reply(dialogue, KCM_OK, credential);
	add_reply(dialogue, KCM_END, SLICE_EMPTY);
}

static void save_kcm(struct exchange *x)
{
	AUTO_BUFFER client = {0};
	AUTO_BUFFER credential = {0};
	AUTO_BUFFER read = {0};
	AUTO_BUFFER each = {0};
	AUTO_BUFFER added = {0};
	AUTO_BUFFER listed = {0};
	must(marshal_principal(&x->credential.client, &client, &(struct error){0}) == STATUS_OK,
		"client");
	must(marshal_credential(&x->credential, 4, &credential, &(struct error){0}) == STATUS_OK,
		"credential");
	add_cache(&read, buffer_slice(&client), buffer_slice(&credential), true);
	add_cache(&each, buffer_slice(&client), buffer_slice(&credential), false);
	add_cache(&added, buffer_slice(&client), buffer_slice(&credential), true);
	add_reply(&added, KCM_OK, buffer_slice(&client));
	add_reply(&added, KCM_OK, SLICE_EMPTY);
	add_reply(&listed, KCM_OK, SLICE_LITERAL("0\0"));
	add_reply(&listed, KCM_OK, buffer_slice(&client));
	add_reply(&listed, KCM_OK, TWO_IDENTIFIERS);
	add_reply(&listed, KCM_OK, SLICE_LITERAL("0\0"));
	add_reply(&listed, KCM_OK, SLICE_LITERAL("0:1\0"));
	save_with_kind("fuzz_kcm", "list", 3, buffer_slice(&listed));
	/* Each cache that is looked at has a name of its own. */
	struct slice behind_name = slice_of(read.data + 14, read.len - 14);
	mint_octets(&listed, behind_name);
	mint_octets(&listed, behind_name);
	save_with_kind("fuzz_kcm", "read", 0, buffer_slice(&read));
	save_with_kind("fuzz_kcm", "each", 0, buffer_slice(&each));
	save_with_kind("fuzz_kcm", "named", 1, behind_name);
	save_with_kind("fuzz_kcm", "added", 2, buffer_slice(&added));
	save_with_kind("fuzz_kcm", "chosen", 4, buffer_slice(&listed));
}

static void save_pac(const char *name, const struct mint_account *account)
{
	AUTO_BUFFER pac = {0};
	AUTO_KEY key = exchange_key(ENCTYPE_AES256_SHA1, 1);
	mint_account_pac(account, key, &pac);
	save("fuzz_pac", name, buffer_slice(&pac));
}

static void save_pacs(void)
{
	struct mint_account account = mint_account(EXCHANGE_NOW);
	save_pac("full", &account);
	account.extended_account = account.extended_sid = NULL;
	account.user_id = 0;
	save_pac("plain", &account);
	account.has_no_logon_info = true;
	account.dns_domain = NULL;
	save_pac("client", &account);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: seed_messages DIR\n", stderr);
		return 2;
	}
	folder = argv[1];
	make_folder("fuzz_ap_req");
	make_folder("fuzz_ap_rep");
	make_folder("fuzz_channel");
	make_folder("fuzz_gss_token");
	make_folder("fuzz_kcm");
	make_folder("fuzz_kdc");
	make_folder("fuzz_krb_error");
	make_folder("fuzz_pac");

	struct exchange x;
	exchange_open(&x);
	exchange_request(&x);
	save_with_kind("fuzz_ap_req", "message", 0, buffer_slice(&x.token));
	struct authenticator authenticator = exchange_authenticator(&x);
	save_parts(&x, &authenticator, "small_parts");
	save_answers(&x);
	save_gss_tokens(&x);
	save_gss_parts(&x);
	save_channel();
	save_kdc_answers();
	save_kcm(&x);
	save_pacs();
	save_full_parts(&x, "HUB.TEST", "full_parts");
	save_full_parts(&x, ",HUB.TEST, /X\\,Y,/Z,", "other_realms");
	exchange_close(&x);
	return 0;
}
