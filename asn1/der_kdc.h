/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_kdc.h - the messages between a client and a KDC (RFC 4120 section 5.4),
 * and the pre-authentication data in them (section 5.2.7).
 *
 * They are read and written like the messages of der.h. AS and TGS messages
 * differ in their numbers alone: each pair shares its structs.
 */
#ifndef ASN1_DER_KDC_H
#define ASN1_DER_KDC_H

#include "asn1/der.h"

/* Message types, section 7.5.7. */
enum {
	KRB_AS_REQ = 10,
	KRB_AS_REP = 11,
	KRB_TGS_REQ = 12,
	KRB_TGS_REP = 13,
};

/* KDCOptions (section 5.4.1; CANONICALIZE: RFC 6806 section 3), as TicketFlags in der.h. */
#define KDC_OPTION_FORWARDABLE TICKET_FLAG(1)
#define KDC_OPTION_FORWARDED TICKET_FLAG(2)
#define KDC_OPTION_PROXIABLE TICKET_FLAG(3)
#define KDC_OPTION_RENEWABLE TICKET_FLAG(8)
#define KDC_OPTION_CANONICALIZE TICKET_FLAG(15)
#define KDC_OPTION_RENEWABLE_OK TICKET_FLAG(27)

/* The reply's encrypted-pa-data say what the KDC was asked (RFC 6806 section 11). */
#define TICKET_ENC_PA_REP TICKET_FLAG(15)

/* Types of pre-authentication data (section 7.5.2; the last: RFC 6806 section 11). */
enum {
	PA_TGS_REQ = 1,
	PA_ENC_TIMESTAMP = 2,
	PA_ETYPE_INFO2 = 19,
	PA_REQ_ENC_PA_REP = 149,
};

/* A list of PA-DATA, which METHOD-DATA is too; count 0: absent. */
struct padata {
	unsigned count;
	struct padata_element {
		int32_t type;
		struct slice value;
	} element[DER_MAX_ELEMENTS];
};

struct kdc_req_body {
	uint32_t options;
	struct principal client; /* cname alone; count 0: absent */
	struct principal server; /* sname (count 0: absent), realm: of the KDC that is asked */
	int64_t till;
	bool has_rtime;
	int64_t rtime;
	uint32_t nonce;
	unsigned etype_count;
	int32_t etype[DER_MAX_ELEMENTS];
	struct host_addresses addresses;
};

/* AS-REQ and TGS-REQ. */
struct kdc_req {
	struct padata padata;
	struct slice body_der; /* KDC-REQ-BODY as it was read; what is sent */
};

/* AS-REP and TGS-REP. */
struct kdc_rep {
	struct padata padata;
	struct principal client; /* not authenticated */
	struct ticket ticket;
	struct slice ticket_der; /* the Ticket as it was read; what is sent */
	struct encrypted_data enc_part;
};

/* EncASRepPart and EncTGSRepPart. */
struct enc_kdc_rep_part {
	struct encryption_key key;
	struct last_req {
		unsigned count;
		struct last_req_element {
			int32_t type;
			int64_t value;
		} element[DER_MAX_ELEMENTS];
	} last_req;
	uint32_t nonce;
	bool has_key_expiration;
	int64_t key_expiration;
	uint32_t flags;
	int64_t authtime;
	bool has_starttime;
	int64_t starttime;
	int64_t endtime;
	bool has_renew_till;
	int64_t renew_till;
	struct principal server; /* sname and srealm */
	struct host_addresses addresses;
	struct padata encrypted_padata;
};

/* ETYPE-INFO2 (section 5.2.7.5). */
struct etype_info2 {
	unsigned count;
	struct etype_info2_entry {
		int32_t etype;
		struct slice salt;       /* data == NULL: absent */
		struct slice parameters; /* s2kparams; likewise */
	} element[DER_MAX_ELEMENTS];
};

/* PA-ENC-TS-ENC (section 5.2.7.2). */
struct pa_enc_ts_enc {
	bool has_microseconds;
	struct timestamp time;
};

/* ERR_SYNTAX too where a kdc_req is written without body_der, or a kdc_rep without ticket_der. */
DER_MESSAGE(as_req, kdc_req)
DER_MESSAGE(tgs_req, kdc_req)
DER_MESSAGE(as_rep, kdc_rep)
DER_MESSAGE(tgs_rep, kdc_rep)
DER_MESSAGE(kdc_req_body, kdc_req_body)

DER_WRITER(enc_as_rep_part, enc_kdc_rep_part)
DER_WRITER(enc_tgs_rep_part, enc_kdc_rep_part)

/*
 * Takes [APPLICATION 25] and [APPLICATION 26] alike: deployed KDCs put the
 * second, a TGS-REP's, into AS-REPs too (section 5.4.2 allows for it). Which
 * of the two a cipher text was, its key usage tells.
 */
MUST_CHECK enum status der_read_enc_kdc_rep_part(
	struct slice der, struct enc_kdc_rep_part *out, struct error *err);

DER_MESSAGE(padata, padata) /* METHOD-DATA */
DER_MESSAGE(etype_info2, etype_info2)
DER_MESSAGE(pa_enc_ts_enc, pa_enc_ts_enc)

/* By themselves, as pre-authentication data have them. */
DER_MESSAGE(encrypted_data, encrypted_data)
DER_MESSAGE(checksum, checksum)

#endif
