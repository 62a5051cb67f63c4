/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/kerberos_v5_channel.h"

enum status channel_hash_of(
	const sasl_channel_binding_t *binding, struct channel_hash *out, struct error *err)
{
	AUTO_BUFFER hashed = {0};
	if (buffer_append(&hashed, slice_string(binding->name)) ||
		buffer_append(&hashed, SLICE_LITERAL("\0")) ||
		buffer_append(&hashed, slice_of(binding->data, binding->len)))
		return error_no_memory(err);
	enum status status = digest_sha256(buffer_slice(&hashed), out->octets, err);
	return status ? error_prefix(err, "KERBEROS_V5's channel bindings") : STATUS_OK;
}

bool channel_hash_equal(const struct channel_hash *hash, struct slice sent)
{
	return slice_equal_secret(slice_of(hash->octets, sizeof hash->octets), sent);
}

enum status channel_hash_write(
	const struct channel_hash *hash, struct buffer *out, struct error *err)
{
	const struct authorization_data inside = {
		.count = 1,
		.element = {{AD_KERBEROS_V5_CHANNEL, slice_of(hash->octets, sizeof hash->octets)}},
	};
	return der_write_authorization_data(&inside, out, err);
}

static enum status take(const struct ad_element *element, struct slice *sent, struct error *err)
{
	if (element->type != AD_KERBEROS_V5_CHANNEL)
		return STATUS_OK;
	if (element->data.len != SHA256_LENGTH)
		return error_set_shown(err, ERR_SYNTAX,
			"the authenticator's channel bindings have %zu octets instead of %d",
			element->data.len, SHA256_LENGTH);
	if (sent->len > 0)
		return error_set_shown(
			err, ERR_SYNTAX, "the authenticator has channel bindings more than once");
	*sent = element->data;
	return STATUS_OK;
}

enum status channel_hash_find(
	const struct authorization_data *list, struct slice *sent, struct error *err)
{
	*sent = SLICE_EMPTY;
	for (unsigned i = 0; i < list->count; i++) {
		struct authorization_data inside;
		if (list->element[i].type != AD_IF_RELEVANT)
			continue;
		if (der_read_authorization_data(list->element[i].data, &inside, err))
			return error_prefix(err, "AD-IF-RELEVANT");
		for (unsigned j = 0; j < inside.count; j++)
			if (take(&inside.element[j], sent, err))
				return err->status;
	}
	return STATUS_OK;
}
