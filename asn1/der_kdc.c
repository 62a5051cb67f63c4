#include "asn1/der_kdc.h"

#include "asn1/der_read.h"
#include "asn1/der_write.h"

/* Lists: a count and an array in a struct of their own, or in the enclosing one. */
#define LIST(name, struct_name, type, count_member, first_member, limit)                           \
	static const struct der_list name##_list = {                                               \
		.element = &(type),                                                                \
		.max = (limit),                                                                    \
		.count = offsetof(struct struct_name, count_member),                               \
		.first = offsetof(struct struct_name, first_member),                               \
		.size = sizeof((struct struct_name){0}.first_member[0]),                           \
	};                                                                                         \
	static const struct der_type name = {                                                      \
		TAG_SEQUENCE, der_list_read, der_list_write, .list = &name##_list}

/* Section 5.2.7 */

static const struct der_field padata_element_fields[] = {
	{"padata-type", 1, &der_int32, AT(padata_element, type)},
	{"padata-value", 2, &der_octets, AT(padata_element, value)},
	{0},
};
static const struct der_type padata_element = DER_RECORD(padata_element_fields);
LIST(padata, padata, padata_element, count, element, DER_MAX_ELEMENTS);

static const struct der_message padata_message = {
	.form = FORM_METHOD_DATA,
	.type = &padata,
	.size = sizeof(struct padata),
};

static const struct der_field etype_info2_entry_fields[] = {
	{"etype", 0, &der_int32, AT(etype_info2_entry, etype)},
	{"salt", 1, &der_string, AT_IF_DATA(etype_info2_entry, salt, salt)},
	{"s2kparams", 2, &der_octets, AT_IF_DATA(etype_info2_entry, parameters, parameters)},
	{0},
};
static const struct der_type etype_info2_entry = DER_RECORD(etype_info2_entry_fields);
LIST(etype_info2, etype_info2, etype_info2_entry, count, element, DER_MAX_ELEMENTS);

static const struct der_message etype_info2_message = {
	.form = FORM_ETYPE_INFO2,
	.type = &etype_info2,
	.size = sizeof(struct etype_info2),
};

static const struct der_field pa_enc_ts_enc_fields[] = {
	{"patimestamp", 0, &der_time, AT(pa_enc_ts_enc, time.seconds)},
	{"pausec", 1, &der_microseconds,
		AT_IF_FLAG(pa_enc_ts_enc, time.microseconds, has_microseconds)},
	{0},
};

static const struct der_message pa_enc_ts_enc_message = {
	.form = FORM_PA_ENC_TS_ENC,
	.type = &(const struct der_type)DER_RECORD(pa_enc_ts_enc_fields),
	.size = sizeof(struct pa_enc_ts_enc),
};

static const struct der_message encrypted_data_message = {
	.form = FORM_ENCRYPTED_DATA,
	.type = &der_encrypted_data,
	.size = sizeof(struct encrypted_data),
};

static const struct der_message checksum_message = {
	.form = FORM_CHECKSUM,
	.type = &der_checksum,
	.size = sizeof(struct checksum),
};

/* Section 5.4.1 */

LIST(etypes, kdc_req_body, der_int32, etype_count, etype, DER_MAX_ELEMENTS);

static const struct der_field kdc_req_body_fields[] = {
	{"kdc-options", 0, &der_flags, AT(kdc_req_body, options)},
	{"cname", 1, &der_principal_name, AT_IF_COUNT(kdc_req_body, client, client.count)},
	{"realm", 2, &der_string, AT(kdc_req_body, server.realm)},
	{"sname", 3, &der_principal_name, AT_IF_COUNT(kdc_req_body, server, server.count)},
	{"till", 5, &der_time, AT(kdc_req_body, till)},
	{"rtime", 6, &der_time, AT_IF_FLAG(kdc_req_body, rtime, has_rtime)},
	{"nonce", 7, &der_uint32, AT(kdc_req_body, nonce)},
	{"etype", 8, &etypes, ITSELF},
	{"addresses", 9, &der_host_addresses,
		AT_IF_COUNT(kdc_req_body, addresses, addresses.count)},
	{0},
};

static const struct der_message kdc_req_body_message = {
	.form = FORM_KDC_REQ_BODY,
	.type = &(const struct der_type)DER_RECORD(kdc_req_body_fields),
	.size = sizeof(struct kdc_req_body),
};

/* What was read, or is written, whole. */
static enum status put_whole(struct der_writer *w, struct slice der)
{
	if (der.len == 0)
		return error_set(w->err, ERR_SYNTAX, "nothing to send");
	der_put(w, der);
	return STATUS_OK;
}

static enum status req_body_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	(void)type;
	struct kdc_req *out = value;
	out->body_der = r->element.whole;
	return STATUS_OK;
}

static enum status req_body_write(
	struct der_writer *w, const struct der_type *type, const void *value)
{
	(void)type;
	return put_whole(w, ((const struct kdc_req *)value)->body_der);
}

static const struct der_type req_body = {TAG_SEQUENCE, req_body_read, req_body_write, {0}};

/* The rows of an AS's and of a TGS's message differ in the msg-type alone. */
#define KDC_REQ_FIELDS(type)                                                                       \
	{                                                                                          \
		{"pvno", 1, &der_version_5, NOWHERE}, {"msg-type", 2, &(type), NOWHERE},           \
			{"padata", 3, &padata, AT_IF_COUNT(kdc_req, padata, padata.count)},        \
			{"req-body", 4, &req_body, ITSELF},                                        \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct der_type as_req_type = DER_CONSTANT(KRB_AS_REQ, KRB_AP_ERR_MSG_TYPE);
static const struct der_type tgs_req_type = DER_CONSTANT(KRB_TGS_REQ, KRB_AP_ERR_MSG_TYPE);
static const struct der_field as_req_fields[] = KDC_REQ_FIELDS(as_req_type);
static const struct der_field tgs_req_fields[] = KDC_REQ_FIELDS(tgs_req_type);

static const struct der_message as_req_message = {
	.form = FORM_AS_REQ,
	.type = &(const struct der_type)DER_APPLICATION(KRB_AS_REQ, as_req_fields),
	.size = sizeof(struct kdc_req),
	.number = KRB_AS_REQ,
};

static const struct der_message tgs_req_message = {
	.form = FORM_TGS_REQ,
	.type = &(const struct der_type)DER_APPLICATION(KRB_TGS_REQ, tgs_req_fields),
	.size = sizeof(struct kdc_req),
	.number = KRB_TGS_REQ,
};

/* Section 5.4.2 */

static enum status rep_ticket_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	(void)type;
	struct kdc_rep *out = value;
	out->ticket_der = r->element.whole;
	return der_ticket.read(r, &der_ticket, &out->ticket);
}

static enum status rep_ticket_write(
	struct der_writer *w, const struct der_type *type, const void *value)
{
	(void)type;
	return put_whole(w, ((const struct kdc_rep *)value)->ticket_der);
}

static const struct der_type rep_ticket = {
	TAG_APPLICATION + 1, rep_ticket_read, rep_ticket_write, {0}};

#define KDC_REP_FIELDS(type)                                                                       \
	{                                                                                          \
		{"pvno", 0, &der_version_5, NOWHERE}, {"msg-type", 1, &(type), NOWHERE},           \
			{"padata", 2, &padata, AT_IF_COUNT(kdc_rep, padata, padata.count)},        \
			{"crealm", 3, &der_string, AT(kdc_rep, client.realm)},                     \
			{"cname", 4, &der_principal_name, AT(kdc_rep, client)},                    \
			{"ticket", 5, &rep_ticket, ITSELF},                                        \
			{"enc-part", 6, &der_encrypted_data, AT(kdc_rep, enc_part)},               \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct der_type as_rep_type = DER_CONSTANT(KRB_AS_REP, KRB_AP_ERR_MSG_TYPE);
static const struct der_type tgs_rep_type = DER_CONSTANT(KRB_TGS_REP, KRB_AP_ERR_MSG_TYPE);
static const struct der_field as_rep_fields[] = KDC_REP_FIELDS(as_rep_type);
static const struct der_field tgs_rep_fields[] = KDC_REP_FIELDS(tgs_rep_type);

static const struct der_message as_rep_message = {
	.form = FORM_AS_REP,
	.type = &(const struct der_type)DER_APPLICATION(KRB_AS_REP, as_rep_fields),
	.size = sizeof(struct kdc_rep),
	.number = KRB_AS_REP,
};

static const struct der_message tgs_rep_message = {
	.form = FORM_TGS_REP,
	.type = &(const struct der_type)DER_APPLICATION(KRB_TGS_REP, tgs_rep_fields),
	.size = sizeof(struct kdc_rep),
	.number = KRB_TGS_REP,
};

static const struct der_field last_req_element_fields[] = {
	{"lr-type", 0, &der_int32, AT(last_req_element, type)},
	{"lr-value", 1, &der_time, AT(last_req_element, value)},
	{0},
};
static const struct der_type last_req_element = DER_RECORD(last_req_element_fields);
LIST(last_req, last_req, last_req_element, count, element, DER_MAX_ELEMENTS);

static const struct der_field enc_kdc_rep_part_fields[] = {
	{"key", 0, &der_encryption_key, AT(enc_kdc_rep_part, key)},
	{"last-req", 1, &last_req, AT(enc_kdc_rep_part, last_req)},
	{"nonce", 2, &der_uint32, AT(enc_kdc_rep_part, nonce)},
	{"key-expiration", 3, &der_time,
		AT_IF_FLAG(enc_kdc_rep_part, key_expiration, has_key_expiration)},
	{"flags", 4, &der_flags, AT(enc_kdc_rep_part, flags)},
	{"authtime", 5, &der_time, AT(enc_kdc_rep_part, authtime)},
	{"starttime", 6, &der_time, AT_IF_FLAG(enc_kdc_rep_part, starttime, has_starttime)},
	{"endtime", 7, &der_time, AT(enc_kdc_rep_part, endtime)},
	{"renew-till", 8, &der_time, AT_IF_FLAG(enc_kdc_rep_part, renew_till, has_renew_till)},
	{"srealm", 9, &der_string, AT(enc_kdc_rep_part, server.realm)},
	{"sname", 10, &der_principal_name, AT(enc_kdc_rep_part, server)},
	{"caddr", 11, &der_host_addresses,
		AT_IF_COUNT(enc_kdc_rep_part, addresses, addresses.count)},
	{"encrypted-pa-data", 12, &padata,
		AT_IF_COUNT(enc_kdc_rep_part, encrypted_padata, encrypted_padata.count)},
	{0},
};

static const struct der_message enc_as_rep_part_message = {
	.form = FORM_ENC_AS_REP_PART,
	.type = &(const struct der_type)DER_APPLICATION(25, enc_kdc_rep_part_fields),
	.size = sizeof(struct enc_kdc_rep_part),
};

static const struct der_message enc_tgs_rep_part_message = {
	.form = FORM_ENC_TGS_REP_PART,
	.type = &(const struct der_type)DER_APPLICATION(26, enc_kdc_rep_part_fields),
	.size = sizeof(struct enc_kdc_rep_part),
};

enum status der_read_as_req(struct slice der, struct kdc_req *out, struct error *err)
{
	return der_read(&as_req_message, der, out, err);
}

enum status der_read_tgs_req(struct slice der, struct kdc_req *out, struct error *err)
{
	return der_read(&tgs_req_message, der, out, err);
}

enum status der_read_as_rep(struct slice der, struct kdc_rep *out, struct error *err)
{
	return der_read(&as_rep_message, der, out, err);
}

enum status der_read_tgs_rep(struct slice der, struct kdc_rep *out, struct error *err)
{
	return der_read(&tgs_rep_message, der, out, err);
}

enum status der_read_kdc_req_body(struct slice der, struct kdc_req_body *out, struct error *err)
{
	return der_read(&kdc_req_body_message, der, out, err);
}

enum status der_read_enc_kdc_rep_part(
	struct slice der, struct enc_kdc_rep_part *out, struct error *err)
{
	bool is_tgs = der_message_type(der) == enc_tgs_rep_part_message.type->tag - TAG_APPLICATION;
	return der_read(
		is_tgs ? &enc_tgs_rep_part_message : &enc_as_rep_part_message, der, out, err);
}

enum status der_read_padata(struct slice der, struct padata *out, struct error *err)
{
	return der_read(&padata_message, der, out, err);
}

enum status der_read_etype_info2(struct slice der, struct etype_info2 *out, struct error *err)
{
	return der_read(&etype_info2_message, der, out, err);
}

enum status der_read_pa_enc_ts_enc(struct slice der, struct pa_enc_ts_enc *out, struct error *err)
{
	return der_read(&pa_enc_ts_enc_message, der, out, err);
}

enum status der_read_encrypted_data(struct slice der, struct encrypted_data *out, struct error *err)
{
	return der_read(&encrypted_data_message, der, out, err);
}

enum status der_read_checksum(struct slice der, struct checksum *out, struct error *err)
{
	return der_read(&checksum_message, der, out, err);
}

enum status der_write_as_req(const struct kdc_req *in, struct buffer *out, struct error *err)
{
	return der_write(&as_req_message, in, out, err);
}

enum status der_write_tgs_req(const struct kdc_req *in, struct buffer *out, struct error *err)
{
	return der_write(&tgs_req_message, in, out, err);
}

enum status der_write_as_rep(const struct kdc_rep *in, struct buffer *out, struct error *err)
{
	return der_write(&as_rep_message, in, out, err);
}

enum status der_write_tgs_rep(const struct kdc_rep *in, struct buffer *out, struct error *err)
{
	return der_write(&tgs_rep_message, in, out, err);
}

enum status der_write_kdc_req_body(
	const struct kdc_req_body *in, struct buffer *out, struct error *err)
{
	return der_write(&kdc_req_body_message, in, out, err);
}

enum status der_write_enc_as_rep_part(
	const struct enc_kdc_rep_part *in, struct buffer *out, struct error *err)
{
	return der_write(&enc_as_rep_part_message, in, out, err);
}

enum status der_write_enc_tgs_rep_part(
	const struct enc_kdc_rep_part *in, struct buffer *out, struct error *err)
{
	return der_write(&enc_tgs_rep_part_message, in, out, err);
}

enum status der_write_padata(const struct padata *in, struct buffer *out, struct error *err)
{
	return der_write(&padata_message, in, out, err);
}

enum status der_write_etype_info2(
	const struct etype_info2 *in, struct buffer *out, struct error *err)
{
	return der_write(&etype_info2_message, in, out, err);
}

enum status der_write_pa_enc_ts_enc(
	const struct pa_enc_ts_enc *in, struct buffer *out, struct error *err)
{
	return der_write(&pa_enc_ts_enc_message, in, out, err);
}

enum status der_write_encrypted_data(
	const struct encrypted_data *in, struct buffer *out, struct error *err)
{
	return der_write(&encrypted_data_message, in, out, err);
}

enum status der_write_checksum(const struct checksum *in, struct buffer *out, struct error *err)
{
	return der_write(&checksum_message, in, out, err);
}
