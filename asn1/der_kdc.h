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

/* KRB_AP_ERR_BADVERSION and KRB_AP_ERR_MSG_TYPE as in der.h. */
MUST_CHECK enum status der_read_as_req(struct slice der, struct kdc_req *out, struct error *err);
MUST_CHECK enum status der_read_tgs_req(struct slice der, struct kdc_req *out, struct error *err);
MUST_CHECK enum status der_read_as_rep(struct slice der, struct kdc_rep *out, struct error *err);
MUST_CHECK enum status der_read_tgs_rep(struct slice der, struct kdc_rep *out, struct error *err);
MUST_CHECK enum status der_read_kdc_req_body(
	struct slice der, struct kdc_req_body *out, struct error *err);

/*
 * Takes [APPLICATION 25] and [APPLICATION 26] alike: deployed KDCs put the
 * second, a TGS-REP's, into AS-REPs too (section 5.4.2 allows for it). Which
 * of the two a cipher text was, its key usage tells.
 */
MUST_CHECK enum status der_read_enc_kdc_rep_part(
	struct slice der, struct enc_kdc_rep_part *out, struct error *err);

/* METHOD-DATA. */
MUST_CHECK enum status der_read_padata(struct slice der, struct padata *out, struct error *err);
MUST_CHECK enum status der_read_etype_info2(
	struct slice der, struct etype_info2 *out, struct error *err);
MUST_CHECK enum status der_read_pa_enc_ts_enc(
	struct slice der, struct pa_enc_ts_enc *out, struct error *err);

/* By themselves, as pre-authentication data have them. */
MUST_CHECK enum status der_read_encrypted_data(
	struct slice der, struct encrypted_data *out, struct error *err);
MUST_CHECK enum status der_read_checksum(struct slice der, struct checksum *out, struct error *err);

/* As in der.h; ERR_SYNTAX too for a kdc_req without body_der or a kdc_rep without ticket_der. */
MUST_CHECK enum status der_write_as_req(
	const struct kdc_req *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_tgs_req(
	const struct kdc_req *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_as_rep(
	const struct kdc_rep *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_tgs_rep(
	const struct kdc_rep *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_kdc_req_body(
	const struct kdc_req_body *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_enc_as_rep_part(
	const struct enc_kdc_rep_part *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_enc_tgs_rep_part(
	const struct enc_kdc_rep_part *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_padata(
	const struct padata *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_etype_info2(
	const struct etype_info2 *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_pa_enc_ts_enc(
	const struct pa_enc_ts_enc *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_encrypted_data(
	const struct encrypted_data *in, struct buffer *out, struct error *err);
MUST_CHECK enum status der_write_checksum(
	const struct checksum *in, struct buffer *out, struct error *err);

#endif
