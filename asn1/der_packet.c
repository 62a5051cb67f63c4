/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_packet.h"

#include "asn1/der_tables.h"
#include "asn1/der_write.h"

#define VERSION FIXED(KRB5_PVNO, KRB_AP_ERR_BADVERSION)
#define ANY_LENGTH SIZE_MAX

/* What KRB-SAFE-BODY and EncKrbPrivPart have; packets are numbered, and not stamped. */
static const struct der_row body_rows[] = {
	{"user-data", PIECES(packet_body, user_data, pieces, piece_count)},
	{"timestamp", NOT_TAKEN},
	{"usec", NOT_TAKEN},
	{"seq-number", AT_NEEDED(packet_body, seq_number)},
	{"s-address", AT(packet_body, sender)},
	{"r-address", NOT_TAKEN},
	{0},
};

/* Section 5.6 */

static struct der_record safe_body = {RECORD("KRB-SAFE-BODY", packet_body), .rows = body_rows};

static const struct der_row safe_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"safe-body", AT(krb_safe, body), MARKED_WHOLE(krb_safe, body_der)},
	{"cksum", AT(krb_safe, checksum)},
	{0},
};
struct der_record der_krb_safe = {
	RECORD("KRB-SAFE", krb_safe), .rows = safe_rows, .limit = ANY_LENGTH};

/* Section 5.7 */

static const struct der_row priv_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"enc-part", AT(krb_priv, enc_part)},
	{0},
};
struct der_record der_krb_priv = {
	RECORD("KRB-PRIV", krb_priv), .rows = priv_rows, .limit = ANY_LENGTH};

struct der_record der_enc_krb_priv_part = {
	RECORD("EncKrbPrivPart", packet_body), .rows = body_rows, .limit = ANY_LENGTH};

enum status der_write_krb_safe(
	const struct krb_safe *in, struct slice *body, struct buffer *out, struct error *err)
{
	return der_write_marked(&der_krb_safe, in, body, out, err);
}

size_t der_length_krb_safe(const struct krb_safe *in)
{
	return der_length(&der_krb_safe, in);
}

size_t der_length_krb_priv(const struct krb_priv *in)
{
	return der_length(&der_krb_priv, in);
}

size_t der_length_enc_krb_priv_part(const struct packet_body *in)
{
	return der_length(&der_enc_krb_priv_part, in);
}

struct der_record *const der_packet_records[] = {
	&safe_body,
	&der_krb_safe,
	&der_krb_priv,
	&der_enc_krb_priv_part,
	NULL,
};
