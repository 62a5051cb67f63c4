#include "asn1/der_cred.h"

#include "asn1/der_read.h"
#include "asn1/der_write.h"

static const struct der_list tickets_list = {
	.element = &der_ticket,
	.max = KRB_CRED_MAX_TICKETS,
	.count = offsetof(struct krb_cred, count),
	.first = offsetof(struct krb_cred, ticket),
	.size = sizeof(struct ticket),
};
static const struct der_type tickets = {
	TAG_SEQUENCE, der_list_read, der_list_write, .list = &tickets_list};

static const struct der_type cred_type = DER_CONSTANT(KRB_CRED, KRB_AP_ERR_MSG_TYPE);

static const struct der_field cred_fields[] = {
	{"pvno", 0, &der_version_5, NOWHERE},
	{"msg-type", 1, &cred_type, NOWHERE},
	{"tickets", 2, &tickets, ITSELF},
	{"enc-part", 3, &der_encrypted_data, AT(krb_cred, enc_part)},
	{0},
};

static const struct der_message cred_message = {
	.form = FORM_KRB_CRED,
	.type = &(const struct der_type)DER_APPLICATION(KRB_CRED, cred_fields),
	.size = sizeof(struct krb_cred),
	.number = KRB_CRED,
};

static const struct der_field info_fields[] = {
	{"key", 0, &der_encryption_key, AT(krb_cred_info, key)},
	{"prealm", 1, &der_string, AT_IF_DATA(krb_cred_info, client.realm, client.realm)},
	{"pname", 2, &der_principal_name, AT_IF_COUNT(krb_cred_info, client, client.count)},
	{"flags", 3, &der_flags, AT_IF_FLAG(krb_cred_info, flags, has_flags)},
	{"authtime", 4, &der_time, AT_IF_FLAG(krb_cred_info, authtime, has_authtime)},
	{"starttime", 5, &der_time, AT_IF_FLAG(krb_cred_info, starttime, has_starttime)},
	{"endtime", 6, &der_time, AT_IF_FLAG(krb_cred_info, endtime, has_endtime)},
	{"renew-till", 7, &der_time, AT_IF_FLAG(krb_cred_info, renew_till, has_renew_till)},
	{"srealm", 8, &der_string, AT_IF_DATA(krb_cred_info, server.realm, server.realm)},
	{"sname", 9, &der_principal_name, AT_IF_COUNT(krb_cred_info, server, server.count)},
	{"caddr", 10, &der_host_addresses, AT_IF_COUNT(krb_cred_info, addresses, addresses.count)},
	{0},
};
static const struct der_type info = DER_RECORD(info_fields);

static const struct der_list infos_list = {
	.element = &info,
	.max = KRB_CRED_MAX_TICKETS,
	.count = offsetof(struct enc_krb_cred_part, count),
	.first = offsetof(struct enc_krb_cred_part, info),
	.size = sizeof(struct krb_cred_info),
};
static const struct der_type infos = {
	TAG_SEQUENCE, der_list_read, der_list_write, .list = &infos_list};

static const struct der_field enc_part_fields[] = {
	{"ticket-info", 0, &infos, ITSELF},
	{"nonce", 1, &der_uint32, AT_IF_FLAG(enc_krb_cred_part, nonce, has_nonce)},
	{"timestamp", 2, &der_time,
		AT_IF_FLAG(enc_krb_cred_part, timestamp.seconds, has_timestamp)},
	{"usec", 3, &der_microseconds,
		AT_IF_FLAG(enc_krb_cred_part, timestamp.microseconds, has_usec)},
	{"s-address", 4, &der_host_address, AT_IF_DATA(enc_krb_cred_part, sender, sender.address)},
	{"r-address", 5, &der_host_address,
		AT_IF_DATA(enc_krb_cred_part, recipient, recipient.address)},
	{0},
};

static const struct der_message enc_part_message = {
	.form = FORM_ENC_KRB_CRED_PART,
	.type = &(const struct der_type)DER_APPLICATION(29, enc_part_fields),
	.size = sizeof(struct enc_krb_cred_part),
};

enum status der_read_krb_cred(struct slice der, struct krb_cred *out, struct error *err)
{
	return der_read(&cred_message, der, out, err);
}

enum status der_read_enc_krb_cred_part(
	struct slice der, struct enc_krb_cred_part *out, struct error *err)
{
	return der_read(&enc_part_message, der, out, err);
}

enum status der_write_krb_cred(const struct krb_cred *in, struct buffer *out, struct error *err)
{
	return der_write(&cred_message, in, out, err);
}

enum status der_write_enc_krb_cred_part(
	const struct enc_krb_cred_part *in, struct buffer *out, struct error *err)
{
	return der_write(&enc_part_message, in, out, err);
}
