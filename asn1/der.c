/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der.h"

#include "asn1/der_tables.h"

/* Section 5.2 */

#define VERSION FIXED(KRB5_PVNO, KRB_AP_ERR_BADVERSION)

static const struct der_row principal_name_rows[] = {
	{"name-type", AT(principal, type)},
	{"name-string", LIST(principal, count, component)},
	{0},
};
/* Its realm is a field of its own. */
static struct der_record principal_name = {
	RECORD("PrincipalName", principal), .rows = principal_name_rows};

static const struct der_row host_address_rows[] = {
	{"addr-type", AT(host_address, type)},
	{"address", AT(host_address, address)},
	{0},
};
static struct der_record host_address = {
	RECORD("HostAddress", host_address), .rows = host_address_rows};

static const struct der_row ad_element_rows[] = {
	{"ad-type", AT(ad_element, type)},
	{"ad-data", AT(ad_element, data)},
	{0},
};
static struct der_record ad_element = {
	RECORD("AuthorizationData", ad_element), .rows = ad_element_rows};

#define AUTHORIZATION_DATA(s, member) LIST(s, member.count, member.element), WHOLE(s, member.der)

static const struct der_row authorization_data_rows[] = {
	{"", LIST(authorization_data, count, element), WHOLE(authorization_data, der)},
	{0},
};
struct der_record der_authorization_data = {
	RECORD("AuthorizationData", authorization_data), .rows = authorization_data_rows};

/* Section 5.2.9 */

static const struct der_row encrypted_data_rows[] = {
	{"etype", AT(encrypted_data, etype)},
	{"kvno", AT_IF_FLAG(encrypted_data, kvno, has_kvno)},
	{"cipher", AT(encrypted_data, cipher)},
	{0},
};
struct der_record der_encrypted_data = {
	RECORD("EncryptedData", encrypted_data), .rows = encrypted_data_rows};

static const struct der_row encryption_key_rows[] = {
	{"keytype", AT(encryption_key, type)},
	{"keyvalue", AT(encryption_key, value)},
	{0},
};
static struct der_record encryption_key = {
	RECORD("EncryptionKey", encryption_key), .rows = encryption_key_rows};

static const struct der_row checksum_rows[] = {
	{"cksumtype", AT(checksum, type)},
	{"checksum", AT(checksum, value)},
	{0},
};
struct der_record der_checksum = {RECORD("Checksum", checksum), .rows = checksum_rows};

/* Section 5.3 */

static const struct der_row ticket_rows[] = {
	{"tkt-vno", VERSION},
	{"realm", AT(ticket, server.realm)},
	{"sname", AT(ticket, server)},
	{"enc-part", AT(ticket, enc_part)},
	{0},
};
struct der_record der_ticket = {RECORD("Ticket", ticket), .rows = ticket_rows};

static const struct der_row transited_rows[] = {
	{"tr-type", AT(enc_ticket_part, transited_type)},
	{"contents", AT(enc_ticket_part, transited)},
	{0},
};
static struct der_record transited = {
	RECORD("TransitedEncoding", enc_ticket_part), .rows = transited_rows};

static const struct der_row enc_ticket_part_rows[] = {
	{"flags", AT(enc_ticket_part, flags)},
	{"key", AT(enc_ticket_part, key)},
	{"crealm", AT(enc_ticket_part, client.realm)},
	{"cname", AT(enc_ticket_part, client)},
	{"transited", ITSELF(enc_ticket_part)},
	{"authtime", AT(enc_ticket_part, authtime)},
	{"starttime", AT_IF_FLAG(enc_ticket_part, starttime, has_starttime)},
	{"endtime", AT(enc_ticket_part, endtime)},
	{"renew-till", AT_IF_FLAG(enc_ticket_part, renew_till, has_renew_till)},
	{"caddr", LIST(enc_ticket_part, addresses.count, addresses.element)},
	{"authorization-data", AUTHORIZATION_DATA(enc_ticket_part, authorization_data)},
	{0},
};
struct der_record der_enc_ticket_part = {
	RECORD("EncTicketPart", enc_ticket_part), .rows = enc_ticket_part_rows};

/* Section 5.5 */

static const struct der_row ap_req_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"ap-options", AT(ap_req, options)},
	{"ticket", AT(ap_req, ticket), WRITTEN_AS(ap_req, ticket_der)},
	{"authenticator", AT(ap_req, authenticator)},
	{0},
};
struct der_record der_ap_req = {RECORD("AP-REQ", ap_req), .rows = ap_req_rows};

static const struct der_row authenticator_rows[] = {
	{"authenticator-vno", VERSION},
	{"crealm", AT(authenticator, client.realm)},
	{"cname", AT(authenticator, client)},
	{"cksum", AT_IF_DATA(authenticator, checksum, checksum.value)},
	{"cusec", AT(authenticator, time.microseconds)},
	{"ctime", AT(authenticator, time.seconds)},
	{"subkey", AT_IF_DATA(authenticator, subkey, subkey.value)},
	{"seq-number", AT_IF_FLAG(authenticator, seq_number, has_seq_number)},
	{"authorization-data", AUTHORIZATION_DATA(authenticator, authorization_data)},
	{0},
};
struct der_record der_authenticator = {
	RECORD("Authenticator", authenticator), .rows = authenticator_rows};

static const struct der_row ap_rep_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"enc-part", AT(ap_rep, enc_part)},
	{0},
};
struct der_record der_ap_rep = {RECORD("AP-REP", ap_rep), .rows = ap_rep_rows};

static const struct der_row enc_ap_rep_part_rows[] = {
	{"ctime", AT(enc_ap_rep_part, time.seconds)},
	{"cusec", AT(enc_ap_rep_part, time.microseconds)},
	{"subkey", AT_IF_DATA(enc_ap_rep_part, subkey, subkey.value)},
	{"seq-number", AT_IF_FLAG(enc_ap_rep_part, seq_number, has_seq_number)},
	{0},
};
struct der_record der_enc_ap_rep_part = {
	RECORD("EncAPRepPart", enc_ap_rep_part), .rows = enc_ap_rep_part_rows};

/* Section 5.9 */

static const struct der_row krb_error_rows[] = {
	{"pvno", VERSION},
	{"msg-type", MSG_TYPE},
	{"ctime", AT_IF_FLAG(krb_error, ctime.seconds, has_ctime)},
	{"cusec", AT_IF_FLAG(krb_error, ctime.microseconds, has_cusec)},
	{"stime", AT(krb_error, stime.seconds)},
	{"susec", AT(krb_error, stime.microseconds)},
	{"error-code", AT(krb_error, error_code)},
	{"crealm", AT_IF_DATA(krb_error, client.realm, client.realm)},
	{"cname", AT_IF_COUNT(krb_error, client, client.count)},
	{"realm", AT(krb_error, server.realm)},
	{"sname", AT(krb_error, server)},
	{"e-text", AT_IF_DATA(krb_error, text, text)},
	{"e-data", AT_IF_DATA(krb_error, data, data)},
	{0},
};
struct der_record der_krb_error = {RECORD("KRB-ERROR", krb_error), .rows = krb_error_rows};

/* Section 5.2.6 */

static const struct der_row ad_kdc_issued_rows[] = {
	{"ad-checksum", AT(ad_kdc_issued, checksum)},
	{"i-realm", AT_IF_DATA(ad_kdc_issued, issuer.realm, issuer.realm)},
	{"i-sname", AT_IF_COUNT(ad_kdc_issued, issuer, issuer.count)},
	{"elements", AUTHORIZATION_DATA(ad_kdc_issued, elements)},
	{0},
};
struct der_record der_ad_kdc_issued = {
	RECORD("AD-KDCIssued", ad_kdc_issued), .rows = ad_kdc_issued_rows};

static const struct der_row ad_and_or_rows[] = {
	{"condition-count", AT(ad_and_or, condition_count)},
	{"elements", AUTHORIZATION_DATA(ad_and_or, elements)},
	{0},
};
struct der_record der_ad_and_or = {RECORD("AD-AND-OR", ad_and_or), .rows = ad_and_or_rows};

/* RFC 4537 */

static const struct der_row etype_list_rows[] = {
	{"", LIST(etype_list, count, etype)},
	{0},
};
struct der_record der_etype_list = {RECORD("EtypeList", etype_list), .rows = etype_list_rows};

struct der_record *const der_records[] = {
	&principal_name,
	&host_address,
	&ad_element,
	&der_authorization_data,
	&der_encrypted_data,
	&encryption_key,
	&der_checksum,
	&der_ticket,
	&transited,
	&der_enc_ticket_part,
	&der_ap_req,
	&der_authenticator,
	&der_ap_rep,
	&der_enc_ap_rep_part,
	&der_krb_error,
	&der_ad_kdc_issued,
	&der_ad_and_or,
	&der_etype_list,
	NULL,
};
