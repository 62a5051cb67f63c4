/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/gs2.h"

#include "base/text.h"
#include "sasl/identity.h"

const struct mechanism gs2_mechanism = {
	.name = GS2_NAME,
	.only_if_named = true,
	.security_flags = KERBEROS_SECURITY_FLAGS | SASL_SEC_PASS_CREDENTIALS,
	.server = &gs2_server,
	.client = &gs2_client,
};

/* An octet of a name as it is, three for one that is escaped. */
#define MAX_ESCAPED (3 * IDENTITY_MAX_LENGTH)

static bool is_of_binding_name(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-';
}

static bool is_binding_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_of_binding_name(name.data[i]))
			return false;
	return name.len > 0;
}

static enum status escape(struct slice name, struct buffer *out)
{
	for (size_t i = 0; i < name.len; i++) {
		struct slice octet = slice_of(name.data + i, 1);
		if (name.data[i] == ',')
			octet = SLICE_LITERAL("=2C");
		else if (name.data[i] == '=')
			octet = SLICE_LITERAL("=3D");
		if (buffer_append(out, octet))
			return ERR_NO_MEMORY;
	}
	return STATUS_OK;
}

enum status gs2_header_write(const struct gs2_header *header, struct buffer *out, struct error *err)
{
	const unsigned char flag = (unsigned char)header->flag;
	bool bound = header->flag == GS2_USES_BINDINGS;
	if (bound && !is_binding_name(header->binding_name))
		return error_set(err, ERR_SYNTAX,
			"\"%s\" is no name of a type of channel bindings: it has letters, digits, "
			"'.' and '-'",
			TEXT(header->binding_name));
	if (buffer_append(out, slice_of(&flag, 1)) ||
		(bound && (buffer_append(out, SLICE_LITERAL("=")) ||
				  buffer_append(out, header->binding_name))) ||
		buffer_append(out, SLICE_LITERAL(",")) ||
		(header->authzid.len > 0 && (buffer_append(out, SLICE_LITERAL("a=")) ||
						    escape(header->authzid, out))) ||
		buffer_append(out, SLICE_LITERAL(",")))
		return error_no_memory(err);
	return STATUS_OK;
}

/* ---- reading ---- */

static bool takes(struct slice *rest, struct slice prefix)
{
	if (rest->len < prefix.len || !slice_equal(slice_of(rest->data, prefix.len), prefix))
		return false;
	*rest = slice_of(rest->data + prefix.len, rest->len - prefix.len);
	return true;
}

/* What is before the next comma, which goes too; false if there is none. */
static bool take_field(struct slice *rest, struct slice *field)
{
	for (size_t i = 0; i < rest->len; i++)
		if (rest->data[i] == ',') {
			*field = slice_of(rest->data, i);
			*rest = slice_of(rest->data + i + 1, rest->len - i - 1);
			return true;
		}
	return false;
}

static enum status malformed(struct error *err, const char *what)
{
	return error_set_shown(err, ERR_SYNTAX, "the header of the client's GS2 message %s", what);
}

static enum status read_flag(struct slice field, struct gs2_header *header, struct error *err)
{
	static const char wrong[] =
		"does not begin with \"p=\" and a type of channel bindings, \"n\" or \"y\"";
	if (takes(&field, SLICE_LITERAL("p="))) {
		header->flag = GS2_USES_BINDINGS;
		header->binding_name = field;
		return is_binding_name(field) ? STATUS_OK : malformed(err, wrong);
	}
	if (field.len != 1 || (field.data[0] != GS2_NO_BINDINGS && field.data[0] != GS2_NONE_THERE))
		return malformed(err, wrong);
	header->flag = field.data[0];
	return STATUS_OK;
}

/* Takes one octet of a name; false for an escape that is none. */
static bool unescape(struct slice *escaped, unsigned char *octet)
{
	*octet = escaped->data[0];
	if (takes(escaped, SLICE_LITERAL("=2C")))
		*octet = ',';
	else if (!takes(escaped, SLICE_LITERAL("=3D"))) {
		*escaped = slice_of(escaped->data + 1, escaped->len - 1);
		return *octet != '=';
	}
	return true;
}

static enum status read_authzid(struct slice field, struct buffer *authzid, struct error *err)
{
	if (field.len == 0)
		return STATUS_OK;
	if (!takes(&field, SLICE_LITERAL("a=")) || field.len == 0)
		return malformed(err,
			"has something other than \"a=\" and an authorization identity between its "
			"two last commas");
	if (field.len > MAX_ESCAPED)
		return malformed(err, "has an authorization identity that is too long");
	while (field.len > 0) {
		unsigned char octet;
		if (!unescape(&field, &octet))
			return malformed(err,
				"has an authorization identity in which '=' is not followed by 2C "
				"or 3D");
		if (buffer_append(authzid, slice_of(&octet, 1)))
			return error_no_memory(err);
	}
	return STATUS_OK;
}

enum status gs2_message_read(
	struct slice octets, struct gs2_message *out, struct buffer *authzid, struct error *err)
{
	struct slice rest = octets, flag, name;
	*out = (struct gs2_message){.framed = takes(&rest, SLICE_LITERAL("F,"))};
	const unsigned char *start = rest.data;
	if (!take_field(&rest, &flag))
		return malformed(err, "has no comma");
	if (read_flag(flag, &out->header, err))
		return err->status;
	if (!take_field(&rest, &name))
		return malformed(err, "has no second comma");
	if (read_authzid(name, authzid, err))
		return err->status;
	out->header.authzid = buffer_slice(authzid);
	out->bound = slice_of(start, (size_t)(rest.data - start));
	out->token = rest;
	return STATUS_OK;
}

enum status gs2_bound_data(struct slice bound, const sasl_channel_binding_t *binding,
	struct buffer *out, struct error *err)
{
	if (buffer_append(out, bound) ||
		(binding && buffer_append(out, slice_of(binding->data, binding->len))))
		return error_no_memory(err);
	return STATUS_OK;
}
