/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * minting.h - tickets, keytabs and credential caches without a KDC.
 *
 * What tests/tools/mint is made of, for tests in C as well. Files are put together
 * in buffers, octet by octet, from what the formats' descriptions say, so
 * that the readers in plugin/store/ meet bytes that they did not write.
 * Functions that return nothing end the program where there is no memory.
 */
#ifndef TESTS_SUPPORT_MINTING_H
#define TESTS_SUPPORT_MINTING_H

#include "asn1/der.h"
#include "crypto/key.h"
#include "store/ccache.h"

/* Integers in network order, and octets as they are. */
void mint_u8(struct buffer *out, uint8_t value);
void mint_u16(struct buffer *out, uint16_t value);
void mint_u32(struct buffer *out, uint32_t value);
void mint_octets(struct buffer *out, struct slice octets);

/* Hexadecimal digits, as "0x..." too. ERR_SYNTAX for anything else or an odd number of them. */
MUST_CHECK enum status mint_hex(struct slice text, struct buffer *out, struct error *err);

/*
 * A ticket and what it is for. All of it borrows; `part.key` is the session
 * key.
 */
struct mint_ticket {
	struct principal server;
	struct key *key; /* the service's, in which the ticket is encrypted */
	bool has_kvno;
	uint32_t kvno;
	struct enc_ticket_part part;
};

/*
 * A ticket as a KDC would have given it a minute ago for ten hours: flags
 * INITIAL, PRE-AUTHENT and TRANSITED-POLICY-CHECKED, kvno 1, no addresses and
 * no authorization data. `session_key` has to live as long as the result.
 */
struct mint_ticket mint_ticket_of(const struct principal *client, const struct principal *server,
	struct key *key, const struct key *session_key, int64_t now);

/* Appends the Ticket's DER. Errors of der_write_*() and key_encrypt(). */
MUST_CHECK enum status mint_ticket(
	const struct mint_ticket *ticket, struct buffer *out, struct error *err);

/*
 * The same with one more element of authorization data, inside
 * AD-IF-RELEVANT, that brings the ticket to `size` octets, or one octet less
 * where the length of a length leaves no choice. ERR_SYNTAX where it is
 * longer without it, or the list is full.
 */
MUST_CHECK enum status mint_ticket_of_size(
	const struct mint_ticket *ticket, size_t size, struct buffer *out, struct error *err);

/* What a cache holds of it; `der` is what mint_ticket() made. */
struct credential mint_credential(const struct mint_ticket *ticket, struct slice der);

/*
 * Adds an element { type, data } to a list. `inside` is the type of an element
 * to wrap it in (AD_IF_RELEVANT), or 0; the wrapped one is put into `storage`,
 * which has to be empty and to live as long as the list.
 */
MUST_CHECK enum status mint_authdata(struct authorization_data *list, int32_t type,
	struct slice data, int32_t inside, struct buffer *storage, struct error *err);

#define MINT_KEYTAB_1 0x0501
#define MINT_KEYTAB_2 0x0502

struct mint_keytab_entry {
	struct principal principal;
	uint32_t timestamp;
	uint32_t kvno; /* written in 8 bits, then in 32 unless short_kvno */
	bool short_kvno;
	int32_t enctype;
	struct slice key;
};

void mint_keytab_start(struct buffer *out, uint16_t version);
void mint_keytab_entry(struct buffer *out, uint16_t version, const struct mint_keytab_entry *entry);
void mint_keytab_hole(struct buffer *out, uint16_t version, uint32_t size);

/* `version` is 3 or 4 in all of these; 3 does not keep the offset. */
void mint_ccache_start(
	struct buffer *out, int version, const struct principal *client, int32_t kdc_offset);
void mint_ccache_credential(struct buffer *out, int version, const struct credential *credential,
	const struct host_addresses *addresses);
void mint_ccache_configuration(struct buffer *out, int version, const struct principal *client,
	const char *key, struct slice value);

/*
 * Replaces the file at once (written beside it, then renamed), with mode
 * 0600. ERR_FILE, with the path.
 */
MUST_CHECK enum status mint_file(const char *path, struct slice contents, struct error *err);

#endif
