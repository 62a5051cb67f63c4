/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/pac_maker.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/must.h"

void mint_le16(struct buffer *out, uint16_t value)
{
	value = htole16(value);
	mint_octets(out, slice_of(&value, sizeof value));
}

void mint_le32(struct buffer *out, uint32_t value)
{
	value = htole32(value);
	mint_octets(out, slice_of(&value, sizeof value));
}

void mint_le64(struct buffer *out, uint64_t value)
{
	value = htole64(value);
	mint_octets(out, slice_of(&value, sizeof value));
}

void mint_utf16(struct buffer *out, const char *ascii)
{
	for (; ascii && *ascii; ascii++)
		mint_le16(out, (unsigned char)*ascii);
}

static void align(struct buffer *out, size_t size)
{
	while (out->len % size != 0)
		mint_u8(out, 0);
}

/* ---- SIDs ---- */

static unsigned count_parts(const char *sid)
{
	unsigned dashes = 0;
	for (; *sid; sid++)
		dashes += *sid == '-';
	return dashes - 2;
}

void mint_sid(struct buffer *out, const char *text)
{
	const char *at = text + strlen("S-1-");
	char *end;
	uint64_t authority = htobe64(strtoull(at, &end, 10));
	mint_u8(out, 1);
	mint_u8(out, (uint8_t)count_parts(text));
	mint_octets(out, slice_of((const unsigned char *)&authority + 2, 6));
	while (*end == '-')
		mint_le32(out, (uint32_t)strtoull(end + 1, &end, 10));
}

/* As NDR has it: with the number of sub-authorities before it. */
static void conformant_sid(struct buffer *out, const char *text)
{
	if (!text)
		return;
	align(out, 4);
	mint_le32(out, count_parts(text));
	mint_sid(out, text);
}

/* ---- KERB_VALIDATION_INFO ---- */

static void pointer(struct buffer *out, bool present)
{
	align(out, 4);
	mint_le32(out, present ? 0x20000 : 0);
}

static void string_head(struct buffer *out, const char *text)
{
	uint16_t length = (uint16_t)(2 * strlen(text ? text : ""));
	align(out, 4);
	mint_le16(out, length);
	mint_le16(out, length);
	pointer(out, text != NULL);
}

static void string(struct buffer *out, const char *text)
{
	if (!text)
		return;
	align(out, 4);
	mint_le32(out, (uint32_t)strlen(text));
	mint_le32(out, 0);
	mint_le32(out, (uint32_t)strlen(text));
	mint_utf16(out, text);
}

static void array_head(struct buffer *out, const struct mint_groups *groups)
{
	mint_le32(out, groups->count);
	pointer(out, groups->count > 0);
}

static void memberships(struct buffer *out, const struct mint_groups *groups, bool are_sids)
{
	if (groups->count == 0)
		return;
	align(out, 4);
	mint_le32(out, groups->count);
	for (unsigned i = 0; i < groups->count; i++) {
		if (are_sids)
			pointer(out, true);
		else
			mint_le32(out, groups->group[i].rid);
		mint_le32(out, groups->group[i].attributes);
	}
	for (unsigned i = 0; are_sids && i < groups->count; i++)
		conformant_sid(out, groups->group[i].sid);
}

static void zeros(struct buffer *out, size_t count)
{
	for (; count > 0; count--)
		mint_u8(out, 0);
}

static void logon_info_head(struct buffer *out, const struct mint_account *account)
{
	zeros(out, 48);
	string_head(out, account->account);
	for (unsigned i = 0; i < 5; i++)
		string_head(out, "");
	mint_le32(out, 0);
	mint_le32(out, account->user_id);
	mint_le32(out, account->primary_group_id);
	array_head(out, &account->groups);
	mint_le32(out, account->user_flags);
	zeros(out, 16);
	string_head(out, "DC");
	string_head(out, account->domain);
	pointer(out, account->domain_sid != NULL);
	zeros(out, 40);
	array_head(out, &account->extra_sids);
	pointer(out, account->resource_domain_sid != NULL);
	array_head(out, &account->resource_groups);
}

void mint_logon_info(const struct mint_account *account, struct buffer *out)
{
	AUTO_BUFFER object = {0};
	pointer(&object, true);
	logon_info_head(&object, account);
	string(&object, account->account);
	for (unsigned i = 0; i < 5; i++)
		string(&object, "");
	memberships(&object, &account->groups, false);
	string(&object, "DC");
	string(&object, account->domain);
	conformant_sid(&object, account->domain_sid);
	memberships(&object, &account->extra_sids, true);
	conformant_sid(&object, account->resource_domain_sid);
	memberships(&object, &account->resource_groups, false);
	align(&object, 8);

	mint_le32(out, 0x00081001);
	mint_le32(out, 0xcccccccc);
	mint_le32(out, (uint32_t)object.len);
	mint_le32(out, 0);
	mint_octets(out, buffer_slice(&object));
}

/* ---- the other buffers ---- */

void mint_client_info(const struct mint_account *account, struct buffer *out)
{
	mint_le64(out, ((uint64_t)account->authtime + UINT64_C(11644473600)) * 10000000);
	mint_le16(out, (uint16_t)(2 * strlen(account->client)));
	mint_utf16(out, account->client);
}

/* Length and offset in `out`, the octets in `text`, which comes behind `header` octets. */
static void place(struct buffer *out, struct buffer *text, size_t header, struct slice octets)
{
	align(text, 8);
	mint_le16(out, (uint16_t)octets.len);
	mint_le16(out, (uint16_t)(header + text->len));
	mint_octets(text, octets);
}

static void place_text(struct buffer *out, struct buffer *text, size_t header, const char *ascii)
{
	AUTO_BUFFER wide = {0};
	mint_utf16(&wide, ascii);
	place(out, text, header, buffer_slice(&wide));
}

void mint_upn_dns_info(const struct mint_account *account, struct buffer *out)
{
	AUTO_BUFFER text = {0};
	AUTO_BUFFER sid = {0};
	bool extended = account->extended_account || account->extended_sid;
	size_t header = extended ? 24 : 16;
	place_text(out, &text, header, account->upn);
	place_text(out, &text, header, account->dns_domain);
	mint_le32(out, extended ? 2 : 0);
	if (extended) {
		if (account->extended_sid)
			mint_sid(&sid, account->extended_sid);
		place_text(out, &text, header, account->extended_account);
		place(out, &text, header, buffer_slice(&sid));
	}
	align(out, 8);
	mint_octets(out, buffer_slice(&text));
}

/* ---- the container ---- */

/* Its PAC_INFO_BUFFER; the program ends where there is none of that type. */
static const unsigned char *info_of(const struct buffer *pac, uint32_t type)
{
	uint32_t found;
	const unsigned char *info = pac->data + 8;
	for (;; info += 16) {
		must(info + 16 <= pac->data + pac->len);
		memcpy(&found, info, sizeof found);
		if (le32toh(found) == type)
			return info;
	}
}

static uint32_t read_le32(const unsigned char *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return le32toh(value);
}

unsigned char *mint_pac_buffer(struct buffer *pac, uint32_t type)
{
	return pac->data + read_le32(info_of(pac, type) + 8);
}

static void clear_value(struct buffer *pac, uint32_t type)
{
	memset(mint_pac_buffer(pac, type) + 4, 0, read_le32(info_of(pac, type) + 4) - 4);
}

void mint_pac_sign(struct buffer *pac, struct key *key)
{
	NEW_ERROR(err);
	AUTO_BUFFER copy = {0};
	unsigned char value[CHECKSUM_MAX_LENGTH];
	mint_octets(&copy, buffer_slice(pac));
	clear_value(&copy, PAC_SERVER_SIGNATURE);
	clear_value(&copy, PAC_KDC_SIGNATURE);
	struct slice all = buffer_slice(&copy);
	must_succeed(key_checksum(key, USAGE_PAC_SIGNATURE, (struct pieces){&all, 1}, value, &err),
		&err);
	memcpy(mint_pac_buffer(pac, PAC_SERVER_SIGNATURE) + 4, value,
		enctype_checksum_length(key_type(key)));
}

static void header(struct buffer *out, const struct pac_buffer *buffers, unsigned count)
{
	size_t offset = 8 + 16 * count;
	mint_le32(out, count);
	mint_le32(out, 0);
	for (unsigned i = 0; i < count; i++) {
		mint_le32(out, buffers[i].type);
		mint_le32(out, (uint32_t)buffers[i].data.len);
		mint_le64(out, offset);
		offset += (buffers[i].data.len + 7) / 8 * 8;
	}
}

void mint_pac(const struct pac_buffer *buffers, unsigned count, struct key *key, struct buffer *out)
{
	AUTO_BUFFER signature = {0};
	struct pac_buffer all[PAC_MAX_BUFFERS];
	memcpy(all, buffers, count * sizeof *buffers);
	mint_le32(&signature, (uint32_t)enctype_checksum_type(key_type(key)));
	zeros(&signature, enctype_checksum_length(key_type(key)));
	all[count++] = (struct pac_buffer){PAC_SERVER_SIGNATURE, buffer_slice(&signature)};
	all[count++] = (struct pac_buffer){PAC_KDC_SIGNATURE, buffer_slice(&signature)};
	header(out, all, count);
	for (unsigned i = 0; i < count; i++) {
		mint_octets(out, all[i].data);
		align(out, 8);
	}
	mint_pac_sign(out, key);
}

void mint_account_pac(const struct mint_account *account, struct key *key, struct buffer *out)
{
	AUTO_BUFFER logon_info = {0};
	AUTO_BUFFER client_info = {0};
	AUTO_BUFFER upn_dns_info = {0};
	struct pac_buffer buffers[3];
	unsigned count = 0;
	if (!account->has_no_logon_info) {
		mint_logon_info(account, &logon_info);
		buffers[count++] = (struct pac_buffer){PAC_LOGON_INFO, buffer_slice(&logon_info)};
	}
	if (account->client) {
		mint_client_info(account, &client_info);
		buffers[count++] = (struct pac_buffer){PAC_CLIENT_INFO, buffer_slice(&client_info)};
	}
	if (account->dns_domain) {
		mint_upn_dns_info(account, &upn_dns_info);
		buffers[count++] =
			(struct pac_buffer){PAC_UPN_DNS_INFO, buffer_slice(&upn_dns_info)};
	}
	mint_pac(buffers, count, key, out);
}

struct mint_account mint_account(int64_t authtime)
{
	return (struct mint_account){
		.account = "alice",
		.domain = "EXAMPLE",
		.domain_sid = "S-1-5-21-1-2-3",
		.user_id = 1104,
		.primary_group_id = 513,
		.user_flags = 0x220,
		.groups = {2, {{.rid = 513, .attributes = MINT_GROUP_ATTRIBUTES},
				      {.rid = 1200, .attributes = MINT_GROUP_ATTRIBUTES}}},
		.extra_sids = {1, {{.sid = "S-1-18-1", .attributes = MINT_GROUP_ATTRIBUTES}}},
		.resource_domain_sid = "S-1-5-21-1-2-3",
		.resource_groups = {1, {{.rid = 1300, .attributes = 0x20000007}}},
		.dns_domain = "EXAMPLE.TEST",
		.upn = "alice@example.test",
		.extended_account = "alice",
		.extended_sid = "S-1-5-21-1-2-3-1104",
		.client = "alice",
		.authtime = authtime,
	};
}
