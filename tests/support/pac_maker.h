/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pac_maker.h - PACs without a KDC, octet by octet as MS-PAC describes them, so
 * that plugin/pac/ meets what it did not write. Functions end the program where
 * there is no memory.
 */
#ifndef TESTS_SUPPORT_PAC_MAKER_H
#define TESTS_SUPPORT_PAC_MAKER_H

#include "pac/pac_buffers.h"
#include "tests/support/minting.h"

#define MINT_GROUP_ATTRIBUTES 7 /* mandatory, enabled by default, enabled */
#define MINT_MAX_GROUPS 4

struct mint_group {
	const char *sid; /* of ExtraSids */
	uint32_t rid;    /* of GroupIds and ResourceGroupIds */
	uint32_t attributes;
};

struct mint_groups {
	unsigned count;
	struct mint_group group[MINT_MAX_GROUPS];
};

/* What the buffers of a PAC say of an account. Texts are ASCII; NULL is a null pointer, or "". */
struct mint_account {
	const char *account;
	const char *domain;     /* the NetBIOS name */
	const char *domain_sid; /* "S-1-5-21-1-2-3" */
	uint32_t user_id, primary_group_id, user_flags;
	struct mint_groups groups, extra_sids, resource_groups;
	const char *resource_domain_sid;
	bool has_no_logon_info; /* no such buffer, as in what MIT krb5 makes */

	const char *dns_domain; /* NULL: no UPN_DNS_INFO */
	const char *upn;
	const char *extended_account; /* NULL: not the extended form */
	const char *extended_sid;

	const char *client; /* of PAC_CLIENT_INFO; NULL: no such buffer */
	int64_t authtime;
};

/*
 * alice (RID 1104) of EXAMPLE.TEST, S-1-5-21-1-2-3, with the primary group 513
 * and the groups 513 and 1200, the extra SID S-1-18-1, and the resource group
 * 1300 of the same domain; her UPN is alice@example.test.
 */
struct mint_account mint_account(int64_t authtime);

void mint_logon_info(const struct mint_account *account, struct buffer *out);
void mint_upn_dns_info(const struct mint_account *account, struct buffer *out);
void mint_client_info(const struct mint_account *account, struct buffer *out);

/* A PAC with these buffers, and behind them the server's and the KDC's signature. */
void mint_pac(
	const struct pac_buffer *buffers, unsigned count, struct key *key, struct buffer *out);

/* The whole of an account's, likewise. */
void mint_account_pac(const struct mint_account *account, struct key *key, struct buffer *out);

/* Where the octets of a buffer are, by the PAC's header, which has to be in order. */
unsigned char *mint_pac_buffer(struct buffer *pac, uint32_t type);

/* Signs anew what was changed: the server's signature. */
void mint_pac_sign(struct buffer *pac, struct key *key);

/* Little-endian. */
void mint_le16(struct buffer *out, uint16_t value);
void mint_le32(struct buffer *out, uint32_t value);
void mint_le64(struct buffer *out, uint64_t value);
void mint_utf16(struct buffer *out, const char *ascii);

/* The packet form of "S-1-5-21-...". */
void mint_sid(struct buffer *out, const char *text);

#endif
