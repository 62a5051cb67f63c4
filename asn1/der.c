#include "asn1/der.h"

#include "asn1/der_read.h"
#include "asn1/der_type.h"
#include "asn1/der_write.h"

/* RFC 4120's types as tables. */

/* Section 5.2 */

const struct der_type der_version_5 = DER_CONSTANT(KRB5_PVNO, KRB_AP_ERR_BADVERSION);

static const struct der_list components_list = {
	.element = &der_string,
	.max = PRINCIPAL_MAX_COMPONENTS,
	.count = offsetof(struct principal, count),
	.first = offsetof(struct principal, component),
	.size = sizeof(struct slice),
};
static const struct der_type components = {
	TAG_SEQUENCE, der_list_read, der_list_write, .list = &components_list};

static const struct der_field principal_name_fields[] = {
	{"name-type", 0, &der_int32, AT(principal, type)},
	{"name-string", 1, &components, ITSELF},
	{0},
};
const struct der_type der_principal_name = DER_RECORD(principal_name_fields);

static const struct der_field host_address_fields[] = {
	{"addr-type", 0, &der_int32, AT(host_address, type)},
	{"address", 1, &der_octets, AT(host_address, address)},
	{0},
};
const struct der_type der_host_address = DER_RECORD(host_address_fields);

static const struct der_list host_addresses_list = {
	.element = &der_host_address,
	.max = DER_MAX_ELEMENTS,
	.count = offsetof(struct host_addresses, count),
	.first = offsetof(struct host_addresses, element),
	.size = sizeof(struct host_address),
};
const struct der_type der_host_addresses = {
	TAG_SEQUENCE, der_list_read, der_list_write, .list = &host_addresses_list};

static const struct der_field ad_element_fields[] = {
	{"ad-type", 0, &der_int32, AT(ad_element, type)},
	{"ad-data", 1, &der_octets, AT(ad_element, data)},
	{0},
};
static const struct der_type ad_element = DER_RECORD(ad_element_fields);

static const struct der_list authorization_data_list = {
	.element = &ad_element,
	.max = DER_MAX_ELEMENTS,
	.count = offsetof(struct authorization_data, count),
	.first = offsetof(struct authorization_data, element),
	.size = sizeof(struct ad_element),
};

static enum status authorization_data_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	struct authorization_data *out = value;
	out->der = r->element.whole;
	return der_list_read(r, type, value);
}

static const struct der_type authorization_data = {
	TAG_SEQUENCE, authorization_data_read, der_list_write, .list = &authorization_data_list};

/* Section 5.2.9 */

static const struct der_field encrypted_data_fields[] = {
	{"etype", 0, &der_int32, AT(encrypted_data, etype)},
	{"kvno", 1, &der_uint32, AT_IF_FLAG(encrypted_data, kvno, has_kvno)},
	{"cipher", 2, &der_octets, AT(encrypted_data, cipher)},
	{0},
};
const struct der_type der_encrypted_data = DER_RECORD(encrypted_data_fields);

static const struct der_field encryption_key_fields[] = {
	{"keytype", 0, &der_int32, AT(encryption_key, type)},
	{"keyvalue", 1, &der_octets, AT(encryption_key, value)},
	{0},
};
const struct der_type der_encryption_key = DER_RECORD(encryption_key_fields);

static const struct der_field checksum_fields[] = {
	{"cksumtype", 0, &der_int32, AT(checksum, type)},
	{"checksum", 1, &der_octets, AT(checksum, value)},
	{0},
};
const struct der_type der_checksum = DER_RECORD(checksum_fields);

/* Section 5.3 */

static const struct der_field ticket_fields[] = {
	{"tkt-vno", 0, &der_version_5, NOWHERE},
	{"realm", 1, &der_string, AT(ticket, server.realm)},
	{"sname", 2, &der_principal_name, AT(ticket, server)},
	{"enc-part", 3, &der_encrypted_data, AT(ticket, enc_part)},
	{0},
};

const struct der_type der_ticket = DER_APPLICATION(1, ticket_fields);

static const struct der_message ticket_message = {
	.form = FORM_TICKET,
	.type = &der_ticket,
	.size = sizeof(struct ticket),
};

static const struct der_field transited_fields[] = {
	{"tr-type", 0, &der_int32, AT(enc_ticket_part, transited_type)},
	{"contents", 1, &der_octets, AT(enc_ticket_part, transited)},
	{0},
};
static const struct der_type transited = DER_RECORD(transited_fields);

static const struct der_field enc_ticket_part_fields[] = {
	{"flags", 0, &der_flags, AT(enc_ticket_part, flags)},
	{"key", 1, &der_encryption_key, AT(enc_ticket_part, key)},
	{"crealm", 2, &der_string, AT(enc_ticket_part, client.realm)},
	{"cname", 3, &der_principal_name, AT(enc_ticket_part, client)},
	{"transited", 4, &transited, ITSELF},
	{"authtime", 5, &der_time, AT(enc_ticket_part, authtime)},
	{"starttime", 6, &der_time, AT_IF_FLAG(enc_ticket_part, starttime, has_starttime)},
	{"endtime", 7, &der_time, AT(enc_ticket_part, endtime)},
	{"renew-till", 8, &der_time, AT_IF_FLAG(enc_ticket_part, renew_till, has_renew_till)},
	{"caddr", 9, &der_host_addresses, AT_IF_COUNT(enc_ticket_part, addresses, addresses.count)},
	{"authorization-data", 10, &authorization_data,
		AT_IF_COUNT(enc_ticket_part, authorization_data, authorization_data.count)},
	{0},
};

static const struct der_message enc_ticket_part_message = {
	.form = FORM_ENC_TICKET_PART,
	.type = &(const struct der_type)DER_APPLICATION(3, enc_ticket_part_fields),
	.size = sizeof(struct enc_ticket_part),
};

/* Section 5.5 */

static enum status ap_req_ticket_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	struct ap_req *out = value;
	out->ticket_der = r->element.whole;
	return der_record_read(r, type, &out->ticket);
}

static enum status ap_req_ticket_write(
	struct der_writer *w, const struct der_type *type, const void *value)
{
	const struct ap_req *in = value;
	if (in->ticket_der.len == 0)
		return error_set(w->err, ERR_SYNTAX, "no [APPLICATION %d] to send",
			type->tag - TAG_APPLICATION);
	der_put(w, in->ticket_der);
	return STATUS_OK;
}

static const struct der_type ap_req_ticket = {
	TAG_APPLICATION + 1, ap_req_ticket_read, ap_req_ticket_write, .fields = ticket_fields};
static const struct der_type ap_req_type = DER_CONSTANT(KRB_AP_REQ, KRB_AP_ERR_MSG_TYPE);

static const struct der_field ap_req_fields[] = {
	{"pvno", 0, &der_version_5, NOWHERE},
	{"msg-type", 1, &ap_req_type, NOWHERE},
	{"ap-options", 2, &der_flags, AT(ap_req, options)},
	{"ticket", 3, &ap_req_ticket, ITSELF},
	{"authenticator", 4, &der_encrypted_data, AT(ap_req, authenticator)},
	{0},
};

static const struct der_message ap_req_message = {
	.form = FORM_AP_REQ,
	.type = &(const struct der_type)DER_APPLICATION(KRB_AP_REQ, ap_req_fields),
	.size = sizeof(struct ap_req),
	.number = KRB_AP_REQ,
};

static const struct der_field authenticator_fields[] = {
	{"authenticator-vno", 0, &der_version_5, NOWHERE},
	{"crealm", 1, &der_string, AT(authenticator, client.realm)},
	{"cname", 2, &der_principal_name, AT(authenticator, client)},
	{"cksum", 3, &der_checksum, AT_IF_DATA(authenticator, checksum, checksum.value)},
	{"cusec", 4, &der_microseconds, AT(authenticator, time.microseconds)},
	{"ctime", 5, &der_time, AT(authenticator, time.seconds)},
	{"subkey", 6, &der_encryption_key, AT_IF_DATA(authenticator, subkey, subkey.value)},
	{"seq-number", 7, &der_uint32, AT_IF_FLAG(authenticator, seq_number, has_seq_number)},
	{"authorization-data", 8, &authorization_data,
		AT_IF_COUNT(authenticator, authorization_data, authorization_data.count)},
	{0},
};

static const struct der_message authenticator_message = {
	.form = FORM_AUTHENTICATOR,
	.type = &(const struct der_type)DER_APPLICATION(2, authenticator_fields),
	.size = sizeof(struct authenticator),
};

static const struct der_type ap_rep_type = DER_CONSTANT(KRB_AP_REP, KRB_AP_ERR_MSG_TYPE);

static const struct der_field ap_rep_fields[] = {
	{"pvno", 0, &der_version_5, NOWHERE},
	{"msg-type", 1, &ap_rep_type, NOWHERE},
	{"enc-part", 2, &der_encrypted_data, AT(ap_rep, enc_part)},
	{0},
};

static const struct der_message ap_rep_message = {
	.form = FORM_AP_REP,
	.type = &(const struct der_type)DER_APPLICATION(KRB_AP_REP, ap_rep_fields),
	.size = sizeof(struct ap_rep),
	.number = KRB_AP_REP,
};

static const struct der_field enc_ap_rep_part_fields[] = {
	{"ctime", 0, &der_time, AT(enc_ap_rep_part, time.seconds)},
	{"cusec", 1, &der_microseconds, AT(enc_ap_rep_part, time.microseconds)},
	{"subkey", 2, &der_encryption_key, AT_IF_DATA(enc_ap_rep_part, subkey, subkey.value)},
	{"seq-number", 3, &der_uint32, AT_IF_FLAG(enc_ap_rep_part, seq_number, has_seq_number)},
	{0},
};

static const struct der_message enc_ap_rep_part_message = {
	.form = FORM_ENC_AP_REP_PART,
	.type = &(const struct der_type)DER_APPLICATION(27, enc_ap_rep_part_fields),
	.size = sizeof(struct enc_ap_rep_part),
};

/* Section 5.9 */

static const struct der_type krb_error_type = DER_CONSTANT(KRB_ERROR, KRB_AP_ERR_MSG_TYPE);

static const struct der_field krb_error_fields[] = {
	{"pvno", 0, &der_version_5, NOWHERE},
	{"msg-type", 1, &krb_error_type, NOWHERE},
	{"ctime", 2, &der_time, AT_IF_FLAG(krb_error, ctime.seconds, has_ctime)},
	{"cusec", 3, &der_microseconds, AT_IF_FLAG(krb_error, ctime.microseconds, has_cusec)},
	{"stime", 4, &der_time, AT(krb_error, stime.seconds)},
	{"susec", 5, &der_microseconds, AT(krb_error, stime.microseconds)},
	{"error-code", 6, &der_int32, AT(krb_error, error_code)},
	{"crealm", 7, &der_string, AT_IF_DATA(krb_error, client.realm, client.realm)},
	{"cname", 8, &der_principal_name, AT_IF_COUNT(krb_error, client, client.count)},
	{"realm", 9, &der_string, AT(krb_error, server.realm)},
	{"sname", 10, &der_principal_name, AT(krb_error, server)},
	{"e-text", 11, &der_string, AT_IF_DATA(krb_error, text, text)},
	{"e-data", 12, &der_octets, AT_IF_DATA(krb_error, data, data)},
	{0},
};

static const struct der_message krb_error_message = {
	.form = FORM_KRB_ERROR,
	.type = &(const struct der_type)DER_APPLICATION(KRB_ERROR, krb_error_fields),
	.size = sizeof(struct krb_error),
	.number = KRB_ERROR,
};

/* Section 5.2.6 */

static const struct der_message authorization_data_message = {
	.form = FORM_AUTHORIZATION_DATA,
	.type = &authorization_data,
	.size = sizeof(struct authorization_data),
};

static const struct der_field ad_kdc_issued_fields[] = {
	{"ad-checksum", 0, &der_checksum, AT(ad_kdc_issued, checksum)},
	{"i-realm", 1, &der_string, AT_IF_DATA(ad_kdc_issued, issuer.realm, issuer.realm)},
	{"i-sname", 2, &der_principal_name, AT_IF_COUNT(ad_kdc_issued, issuer, issuer.count)},
	{"elements", 3, &authorization_data, AT(ad_kdc_issued, elements)},
	{0},
};

static const struct der_message ad_kdc_issued_message = {
	.form = FORM_AD_KDC_ISSUED,
	.type = &(const struct der_type)DER_RECORD(ad_kdc_issued_fields),
	.size = sizeof(struct ad_kdc_issued),
};

static const struct der_field ad_and_or_fields[] = {
	{"condition-count", 0, &der_int32, AT(ad_and_or, condition_count)},
	{"elements", 1, &authorization_data, AT(ad_and_or, elements)},
	{0},
};

static const struct der_message ad_and_or_message = {
	.form = FORM_AD_AND_OR,
	.type = &(const struct der_type)DER_RECORD(ad_and_or_fields),
	.size = sizeof(struct ad_and_or),
};

/* RFC 4537 */

static const struct der_list etypes_list = {
	.element = &der_int32,
	.max = DER_MAX_ELEMENTS,
	.count = offsetof(struct etype_list, count),
	.first = offsetof(struct etype_list, etype),
	.size = sizeof(int32_t),
};

static const struct der_message etype_list_message = {
	.form = FORM_ETYPE_LIST,
	.type = &(const struct der_type){TAG_SEQUENCE, der_list_read, der_list_write,
		.list = &etypes_list},
	.size = sizeof(struct etype_list),
};

enum status der_read_ticket(struct slice der, struct ticket *out, struct error *err)
{
	return der_read(&ticket_message, der, out, err);
}

enum status der_read_enc_ticket_part(
	struct slice der, struct enc_ticket_part *out, struct error *err)
{
	return der_read(&enc_ticket_part_message, der, out, err);
}

enum status der_read_ap_req(struct slice der, struct ap_req *out, struct error *err)
{
	return der_read(&ap_req_message, der, out, err);
}

enum status der_read_authenticator(struct slice der, struct authenticator *out, struct error *err)
{
	return der_read(&authenticator_message, der, out, err);
}

enum status der_read_ap_rep(struct slice der, struct ap_rep *out, struct error *err)
{
	return der_read(&ap_rep_message, der, out, err);
}

enum status der_read_enc_ap_rep_part(
	struct slice der, struct enc_ap_rep_part *out, struct error *err)
{
	return der_read(&enc_ap_rep_part_message, der, out, err);
}

enum status der_read_krb_error(struct slice der, struct krb_error *out, struct error *err)
{
	return der_read(&krb_error_message, der, out, err);
}

enum status der_read_authorization_data(
	struct slice der, struct authorization_data *out, struct error *err)
{
	return der_read(&authorization_data_message, der, out, err);
}

enum status der_read_ad_kdc_issued(struct slice der, struct ad_kdc_issued *out, struct error *err)
{
	return der_read(&ad_kdc_issued_message, der, out, err);
}

enum status der_read_ad_and_or(struct slice der, struct ad_and_or *out, struct error *err)
{
	return der_read(&ad_and_or_message, der, out, err);
}

enum status der_read_etype_list(struct slice der, struct etype_list *out, struct error *err)
{
	return der_read(&etype_list_message, der, out, err);
}

enum status der_write_ticket(const struct ticket *in, struct buffer *out, struct error *err)
{
	return der_write(&ticket_message, in, out, err);
}

enum status der_write_enc_ticket_part(
	const struct enc_ticket_part *in, struct buffer *out, struct error *err)
{
	return der_write(&enc_ticket_part_message, in, out, err);
}

enum status der_write_ap_req(const struct ap_req *in, struct buffer *out, struct error *err)
{
	return der_write(&ap_req_message, in, out, err);
}

enum status der_write_authenticator(
	const struct authenticator *in, struct buffer *out, struct error *err)
{
	return der_write(&authenticator_message, in, out, err);
}

enum status der_write_ap_rep(const struct ap_rep *in, struct buffer *out, struct error *err)
{
	return der_write(&ap_rep_message, in, out, err);
}

enum status der_write_enc_ap_rep_part(
	const struct enc_ap_rep_part *in, struct buffer *out, struct error *err)
{
	return der_write(&enc_ap_rep_part_message, in, out, err);
}

enum status der_write_krb_error(const struct krb_error *in, struct buffer *out, struct error *err)
{
	return der_write(&krb_error_message, in, out, err);
}

enum status der_write_authorization_data(
	const struct authorization_data *in, struct buffer *out, struct error *err)
{
	return der_write(&authorization_data_message, in, out, err);
}

enum status der_write_ad_kdc_issued(
	const struct ad_kdc_issued *in, struct buffer *out, struct error *err)
{
	return der_write(&ad_kdc_issued_message, in, out, err);
}

enum status der_write_ad_and_or(const struct ad_and_or *in, struct buffer *out, struct error *err)
{
	return der_write(&ad_and_or_message, in, out, err);
}

enum status der_write_etype_list(const struct etype_list *in, struct buffer *out, struct error *err)
{
	return der_write(&etype_list_message, in, out, err);
}
