#include "asn1/der_packet.h"

#include "asn1/der_read.h"
#include "asn1/der_write.h"

/* user-data [0]: one slice when it is read, pieces when it is written. */
static enum status user_data_write(
	struct der_writer *w, const struct der_type *type, const void *value)
{
	const struct packet_body *in = value;
	size_t before = w->len;
	for (size_t i = in->piece_count; i-- > 0;)
		der_put(w, in->pieces[i]);
	der_put_header(w, type->tag, w->len - before);
	return STATUS_OK;
}

static enum status user_data_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	(void)type;
	struct packet_body *out = value;
	out->user_data = r->element.content;
	return STATUS_OK;
}

static const struct der_type user_data = {TAG_OCTET_STRING, user_data_read, user_data_write, {0}};

static const struct der_field body_fields[] = {
	{"user-data", 0, &user_data, ITSELF},
	{"seq-number", 3, &der_uint32, AT(packet_body, seq_number)},
	{"s-address", 4, &der_host_address, AT(packet_body, sender)},
	{0},
};

/* Section 5.6 */

/* What der_write_krb_safe() gives the writer, so that it can tell where the body came to lie. */
struct safe_writing {
	struct krb_safe safe;
	struct slice *body;
};

static enum status safe_body_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	struct krb_safe *out = value;
	out->body_der = r->element.whole;
	return der_record_read(r, type, &out->body);
}

static enum status safe_body_write(
	struct der_writer *w, const struct der_type *type, const void *value)
{
	const struct safe_writing *in = value;
	size_t before = w->len;
	enum status status = der_record_write(w, type, &in->safe.body);
	if (!status && w->end)
		*in->body = slice_of(w->end - w->len, w->len - before);
	return status;
}

static const struct der_type safe_body = {
	TAG_SEQUENCE, safe_body_read, safe_body_write, .fields = body_fields};
static const struct der_type safe_type = DER_CONSTANT(KRB_SAFE, KRB_AP_ERR_MSG_TYPE);

static const struct der_field safe_fields[] = {
	{"pvno", 0, &der_version_5, NOWHERE},
	{"msg-type", 1, &safe_type, NOWHERE},
	{"safe-body", 2, &safe_body, ITSELF},
	{"cksum", 3, &der_checksum, AT(krb_safe, checksum)},
	{0},
};

static const struct der_message safe_message = {
	.form = FORM_KRB_SAFE,
	.type = &(const struct der_type)DER_APPLICATION(KRB_SAFE, safe_fields),
	.size = sizeof(struct krb_safe),
	.number = KRB_SAFE,
	.is_packet = true,
};

/* Section 5.7 */

static const struct der_type priv_type = DER_CONSTANT(KRB_PRIV, KRB_AP_ERR_MSG_TYPE);

static const struct der_field priv_fields[] = {
	{"pvno", 0, &der_version_5, NOWHERE},
	{"msg-type", 1, &priv_type, NOWHERE},
	{"enc-part", 3, &der_encrypted_data, AT(krb_priv, enc_part)},
	{0},
};

static const struct der_message priv_message = {
	.form = FORM_KRB_PRIV,
	.type = &(const struct der_type)DER_APPLICATION(KRB_PRIV, priv_fields),
	.size = sizeof(struct krb_priv),
	.number = KRB_PRIV,
	.is_packet = true,
};

static const struct der_message enc_priv_part_message = {
	.form = FORM_ENC_KRB_PRIV_PART,
	.type = &(const struct der_type)DER_APPLICATION(28, body_fields),
	.size = sizeof(struct packet_body),
	.is_packet = true,
};

enum status der_read_krb_safe(struct slice der, struct krb_safe *out, struct error *err)
{
	return der_read(&safe_message, der, out, err);
}

enum status der_read_krb_priv(struct slice der, struct krb_priv *out, struct error *err)
{
	return der_read(&priv_message, der, out, err);
}

enum status der_read_enc_krb_priv_part(struct slice der, struct packet_body *out, struct error *err)
{
	return der_read(&enc_priv_part_message, der, out, err);
}

enum status der_write_krb_safe(
	const struct krb_safe *in, struct slice *body, struct buffer *out, struct error *err)
{
	const struct safe_writing writing = {*in, body};
	return der_write(&safe_message, &writing, out, err);
}

enum status der_write_krb_priv(const struct krb_priv *in, struct buffer *out, struct error *err)
{
	return der_write(&priv_message, in, out, err);
}

enum status der_write_enc_krb_priv_part(
	const struct packet_body *in, struct buffer *out, struct error *err)
{
	return der_write(&enc_priv_part_message, in, out, err);
}

size_t der_length_krb_safe(const struct krb_safe *in)
{
	const struct safe_writing writing = {*in, NULL};
	return der_length(&safe_message, &writing);
}

size_t der_length_krb_priv(const struct krb_priv *in)
{
	return der_length(&priv_message, in);
}

size_t der_length_enc_krb_priv_part(const struct packet_body *in)
{
	return der_length(&enc_priv_part_message, in);
}
