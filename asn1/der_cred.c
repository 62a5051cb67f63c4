/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_cred.h"

#include "asn1/der_tables.h"

static const struct der_row krb_cred_rows[] = {
	{"pvno", FIXED(KRB5_PVNO, KRB_AP_ERR_BADVERSION)},
	{"msg-type", MSG_TYPE},
	{"tickets", LIST(krb_cred, count, ticket)},
	{"enc-part", AT(krb_cred, enc_part)},
	{0},
};
struct der_record der_krb_cred = {RECORD("KRB-CRED", krb_cred), .rows = krb_cred_rows};

static const struct der_row info_rows[] = {
	{"key", AT(krb_cred_info, key)},
	{"prealm", AT_IF_DATA(krb_cred_info, client.realm, client.realm)},
	{"pname", AT_IF_COUNT(krb_cred_info, client, client.count)},
	{"flags", AT_IF_FLAG(krb_cred_info, flags, has_flags)},
	{"authtime", AT_IF_FLAG(krb_cred_info, authtime, has_authtime)},
	{"starttime", AT_IF_FLAG(krb_cred_info, starttime, has_starttime)},
	{"endtime", AT_IF_FLAG(krb_cred_info, endtime, has_endtime)},
	{"renew-till", AT_IF_FLAG(krb_cred_info, renew_till, has_renew_till)},
	{"srealm", AT_IF_DATA(krb_cred_info, server.realm, server.realm)},
	{"sname", AT_IF_COUNT(krb_cred_info, server, server.count)},
	{"caddr", LIST(krb_cred_info, addresses.count, addresses.element)},
	{0},
};
static struct der_record info = {RECORD("KrbCredInfo", krb_cred_info), .rows = info_rows};

static const struct der_row enc_krb_cred_part_rows[] = {
	{"ticket-info", LIST(enc_krb_cred_part, count, info)},
	{"nonce", AT_IF_FLAG(enc_krb_cred_part, nonce, has_nonce)},
	{"timestamp", AT_IF_FLAG(enc_krb_cred_part, timestamp.seconds, has_timestamp)},
	{"usec", AT_IF_FLAG(enc_krb_cred_part, timestamp.microseconds, has_usec)},
	{"s-address", AT_IF_DATA(enc_krb_cred_part, sender, sender.address)},
	{"r-address", AT_IF_DATA(enc_krb_cred_part, recipient, recipient.address)},
	{0},
};
struct der_record der_enc_krb_cred_part = {
	RECORD("EncKrbCredPart", enc_krb_cred_part), .rows = enc_krb_cred_part_rows};

struct der_record *const der_cred_records[] = {
	&der_krb_cred,
	&info,
	&der_enc_krb_cred_part,
	NULL,
};
