/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_cred.h - KRB-CRED (RFC 4120 section 5.8), the message by which one side
 * hands tickets to the other, with the keys to use them.
 *
 * Read and written like the messages of der.h, but with no more tickets than
 * KRB_CRED_MAX_TICKETS: where deployed peers send one it is a ticket-granting
 * ticket.
 */
#ifndef ASN1_DER_CRED_H
#define ASN1_DER_CRED_H

#include "asn1/der.h"

#define KRB_CRED_MAX_TICKETS 8

struct krb_cred {
	unsigned count;
	struct ticket ticket[KRB_CRED_MAX_TICKETS];
	struct encrypted_data enc_part;
};

/* Of one ticket, in the same order. Names that are absent are as in krb_error.client. */
struct krb_cred_info {
	struct encryption_key key;
	struct principal client; /* pname and prealm */
	bool has_flags;
	uint32_t flags;
	bool has_authtime;
	int64_t authtime;
	bool has_starttime;
	int64_t starttime;
	bool has_endtime;
	int64_t endtime;
	bool has_renew_till;
	int64_t renew_till;
	struct principal server; /* sname and srealm */
	struct host_addresses addresses;
};

struct enc_krb_cred_part {
	unsigned count;
	struct krb_cred_info info[KRB_CRED_MAX_TICKETS];
	bool has_nonce;
	uint32_t nonce;
	bool has_timestamp;
	bool has_usec;
	struct timestamp timestamp;
	struct host_address sender;    /* s-address; address.data == NULL: absent */
	struct host_address recipient; /* r-address; likewise */
};

DER_MESSAGE(krb_cred, krb_cred)
DER_MESSAGE(enc_krb_cred_part, enc_krb_cred_part)

#endif
