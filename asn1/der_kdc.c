/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_kdc.h"

#include "asn1/der_read.h"
#include "asn1/der_tables.h"

#define VERSION FIXED(KRB5_PVNO, KRB_AP_ERR_BADVERSION)

/* Section 5.2.7 */

static const struct der_row padata_element_rows[] = {
	{"padata-type", AT(padata_element, type)},
	{"padata-value", AT(padata_element, value)},
	{0},
};
static struct der_record padata_element = {
	RECORD("PA-DATA", padata_element), .rows = padata_element_rows};

static const struct der_row padata_rows[] = {
	{"", LIST(padata, count, element)},
	{0},
};
struct der_record der_padata = {RECORD("METHOD-DATA", padata), .rows = padata_rows};

static const struct der_row etype_info2_entry_rows[] = {
	{"etype", AT(etype_info2_entry, etype)},
	{"salt", AT_IF_DATA(etype_info2_entry, salt, salt)},
	{"s2kparams", AT_IF_DATA(etype_info2_entry, parameters, parameters)},
	{0},
};
static struct der_record etype_info2_entry = {
	RECORD("ETYPE-INFO2-ENTRY", etype_info2_entry), .rows = etype_info2_entry_rows};

static const struct der_row etype_info2_rows[] = {
	{"", LIST(etype_info2, count, element)},
	{0},
};
struct der_record der_etype_info2 = {RECORD("ETYPE-INFO2", etype_info2), .rows = etype_info2_rows};

static const struct der_row pa_enc_ts_enc_rows[] = {
	{"patimestamp", AT(pa_enc_ts_enc, time.seconds)},
	{"pausec", AT_IF_FLAG(pa_enc_ts_enc, time.microseconds, has_microseconds)},
	{0},
};
struct der_record der_pa_enc_ts_enc = {
	RECORD("PA-ENC-TS-ENC", pa_enc_ts_enc), .rows = pa_enc_ts_enc_rows};

/* Section 5.4.1 */

static const struct der_row kdc_req_body_rows[] = {
	{"kdc-options", AT(kdc_req_body, options)},
	{"cname", AT_IF_COUNT(kdc_req_body, client, client.count)},
	{"realm", AT(kdc_req_body, server.realm)},
	{"sname", AT_IF_COUNT(kdc_req_body, server, server.count)},
	{"till", AT(kdc_req_body, till)},
	{"rtime", AT_IF_FLAG(kdc_req_body, rtime, has_rtime)},
	{"nonce", AT(kdc_req_body, nonce)},
	{"etype", LIST(kdc_req_body, etype_count, etype)},
	{"addresses", LIST(kdc_req_body, addresses.count, addresses.element)},
	{0},
};
struct der_record der_kdc_req_body = {
	RECORD("KDC-REQ-BODY", kdc_req_body), .rows = kdc_req_body_rows};

static const struct der_row kdc_req_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"padata", LIST(kdc_req, padata.count, padata.element)},
	{"req-body", WRITTEN_AS(kdc_req, body_der)},
	{0},
};
static struct der_record kdc_req = {RECORD("KDC-REQ", kdc_req), .rows = kdc_req_rows};
struct der_record der_as_req = {RECORD("AS-REQ", kdc_req)};
struct der_record der_tgs_req = {RECORD("TGS-REQ", kdc_req)};

/* Section 5.4.2 */

static const struct der_row kdc_rep_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"padata", LIST(kdc_rep, padata.count, padata.element)},
	{"crealm", AT(kdc_rep, client.realm)},
	{"cname", AT(kdc_rep, client)},
	{"ticket", AT(kdc_rep, ticket), WRITTEN_AS(kdc_rep, ticket_der)},
	{"enc-part", AT(kdc_rep, enc_part)},
	{0},
};
static struct der_record kdc_rep = {RECORD("KDC-REP", kdc_rep), .rows = kdc_rep_rows};
struct der_record der_as_rep = {RECORD("AS-REP", kdc_rep)};
struct der_record der_tgs_rep = {RECORD("TGS-REP", kdc_rep)};

static const struct der_row last_req_element_rows[] = {
	{"lr-type", AT(last_req_element, type)},
	{"lr-value", AT(last_req_element, value)},
	{0},
};
static struct der_record last_req_element = {
	RECORD("LastReq", last_req_element), .rows = last_req_element_rows};

static const struct der_row enc_kdc_rep_part_rows[] = {
	{"key", AT(enc_kdc_rep_part, key)},
	{"last-req", LIST(enc_kdc_rep_part, last_req.count, last_req.element)},
	{"nonce", AT(enc_kdc_rep_part, nonce)},
	{"key-expiration", AT_IF_FLAG(enc_kdc_rep_part, key_expiration, has_key_expiration)},
	{"flags", AT(enc_kdc_rep_part, flags)},
	{"authtime", AT(enc_kdc_rep_part, authtime)},
	{"starttime", AT_IF_FLAG(enc_kdc_rep_part, starttime, has_starttime)},
	{"endtime", AT(enc_kdc_rep_part, endtime)},
	{"renew-till", AT_IF_FLAG(enc_kdc_rep_part, renew_till, has_renew_till)},
	{"srealm", AT(enc_kdc_rep_part, server.realm)},
	{"sname", AT(enc_kdc_rep_part, server)},
	{"caddr", LIST(enc_kdc_rep_part, addresses.count, addresses.element)},
	{"encrypted-pa-data",
		LIST(enc_kdc_rep_part, encrypted_padata.count, encrypted_padata.element)},
	{0},
};
static struct der_record enc_kdc_rep_part = {
	RECORD("EncKDCRepPart", enc_kdc_rep_part), .rows = enc_kdc_rep_part_rows};
struct der_record der_enc_as_rep_part = {RECORD("EncASRepPart", enc_kdc_rep_part)};
struct der_record der_enc_tgs_rep_part = {RECORD("EncTGSRepPart", enc_kdc_rep_part)};

enum status der_read_enc_kdc_rep_part(
	struct slice der, struct enc_kdc_rep_part *out, struct error *err)
{
	bool is_tgs = der_begins(&der_enc_tgs_rep_part, der);
	return der_read(is_tgs ? &der_enc_tgs_rep_part : &der_enc_as_rep_part, der, out, err);
}

struct der_record *const der_kdc_records[] = {
	&padata_element,
	&der_padata,
	&etype_info2_entry,
	&der_etype_info2,
	&der_pa_enc_ts_enc,
	&der_kdc_req_body,
	&kdc_req,
	&der_as_req,
	&der_tgs_req,
	&kdc_rep,
	&der_as_rep,
	&der_tgs_rep,
	&last_req_element,
	&enc_kdc_rep_part,
	&der_enc_as_rep_part,
	&der_enc_tgs_rep_part,
	NULL,
};
