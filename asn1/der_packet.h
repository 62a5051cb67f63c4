/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_packet.h - KRB-SAFE and KRB-PRIV (RFC 4120 sections 5.6 and 5.7), the
 * messages that carry an application's data once two sides share a key.
 *
 * They are read and written like the messages of der.h, but may be of any
 * length, and carry neither time stamps nor a recipient's address: a packet
 * with them is refused. The application's data is gathered from pieces and
 * copied once, to where it is encrypted or sent.
 */
#ifndef ASN1_DER_PACKET_H
#define ASN1_DER_PACKET_H

#include "asn1/der.h"

/* KRB-SAFE-BODY and EncKrbPrivPart, which have the same fields. */
struct packet_body {
	struct slice user_data;     /* as it was read */
	const struct slice *pieces; /* what is written, in this order */
	size_t piece_count;
	uint32_t seq_number;
	struct host_address sender; /* s-address */
};

struct krb_safe {
	struct packet_body body;
	struct checksum checksum;
	struct slice body_der; /* KRB-SAFE-BODY as it was read: what the checksum covers */
};

struct krb_priv {
	struct encrypted_data enc_part;
};

DER_READER(krb_safe, krb_safe)
DER_MESSAGE(krb_priv, krb_priv)
DER_MESSAGE(enc_krb_priv_part, packet_body)

/*
 * Where a checksum's value or a cipher has no data (NULL) but a length, room is
 * left for it, which is at the message's end. `body` receives where in `out` the
 * KRB-SAFE-BODY lies.
 */
MUST_CHECK enum status der_write_krb_safe(
	const struct krb_safe *in, struct slice *body, struct buffer *out, struct error *err);

/* How long that would be; 0 where it cannot be expressed. Data are not looked at, lengths alone. */
size_t der_length_krb_safe(const struct krb_safe *in);
size_t der_length_krb_priv(const struct krb_priv *in);
size_t der_length_enc_krb_priv_part(const struct packet_body *in);

#endif
