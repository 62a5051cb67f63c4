/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/bindings.h"

/* KERB_AP_OPTIONS_CBT; the four octets are in little-endian order. */
#define AP_OPTIONS_LENGTH 4
#define CBT_OCTET 1
#define CBT_BIT 0x40

enum status bindings_judge(
	const struct bindings_here *here, enum bindings_sent sent, bool *match, struct error *err)
{
	*match = here->present && sent == BINDINGS_SENT_SAME;
	if (*match || !here->present)
		return STATUS_OK;
	if (sent == BINDINGS_SENT_OTHERS)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client's channel bindings are not those of this connection: it is "
			"another TLS connection's, or somebody stands between");
	if (here->awaited)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client sent no channel bindings, though it says that it does so if it "
			"has some: its program gives none, or somebody stands between");
	if (here->critical)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client sent no channel bindings, and this service demands them");
	return STATUS_OK;
}

enum status bindings_check_policy(enum bindings_policy policy, bool critical, struct error *err)
{
	if (policy != BINDINGS_NEVER || !critical)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_METHOD,
		"the application demands channel bindings, and the option "
		"kerberos5_channel_bindings is never");
}

enum status bindings_announce(struct buffer *der, struct ad_element *out, struct error *err)
{
	static const unsigned char options[AP_OPTIONS_LENGTH] = {[CBT_OCTET] = CBT_BIT};
	const struct authorization_data inside = {
		.count = 1,
		.element = {{AD_AP_OPTIONS, slice_of(options, sizeof options)}},
	};
	if (der_write_authorization_data(&inside, der, err))
		return err->status;
	*out = (struct ad_element){AD_IF_RELEVANT, buffer_slice(der)};
	return STATUS_OK;
}

static enum status look_into(struct slice data, bool *announced, struct error *err)
{
	struct authorization_data inside;
	if (der_read_authorization_data(data, &inside, err))
		return error_prefix(err, "AD-IF-RELEVANT");
	for (unsigned i = 0; i < inside.count; i++) {
		const struct ad_element *element = &inside.element[i];
		if (element->type != AD_AP_OPTIONS)
			continue;
		if (element->data.len != AP_OPTIONS_LENGTH)
			return error_set_shown(err, ERR_SYNTAX,
				"the authenticator's AP options (authorization data of type %d) "
				"have %zu octets instead of %d",
				AD_AP_OPTIONS, element->data.len, AP_OPTIONS_LENGTH);
		if (element->data.data[CBT_OCTET] & CBT_BIT)
			*announced = true;
	}
	return STATUS_OK;
}

enum status bindings_announced(
	const struct authorization_data *list, bool *announced, struct error *err)
{
	*announced = false;
	for (unsigned i = 0; i < list->count; i++)
		if (list->element[i].type == AD_IF_RELEVANT &&
			look_into(list->element[i].data, announced, err))
			return err->status;
	return STATUS_OK;
}
