/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/login_properties.h"

#include <stdio.h>

#include "sasl/properties.h"

/*
 * Each writes its value into `text` or
 * points to what the context owns; times are KerberosTime, flags as in
 * TicketFlags.
 */
static struct slice principal_name(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	return slice_string(principal_text(&context->client, text, PRINCIPAL_TEXT_SIZE));
}

static struct slice realm(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	(void)text;
	return context->client.realm;
}

static struct slice time_of(int64_t seconds, char text[PRINCIPAL_TEXT_SIZE])
{
	return kerberos_time_format(seconds, text) ? slice_string(text) : SLICE_EMPTY;
}

static struct slice auth_time(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	return time_of(context->authtime, text);
}

static struct slice end_time(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	return time_of(context->endtime, text);
}

static struct slice ticket_flags(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	snprintf(text, PRINCIPAL_TEXT_SIZE, "0x%08x", context->ticket_flags);
	return slice_string(text);
}

static struct slice session_enctype(
	const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	(void)text;
	return slice_string(enctype_name(key_type(context->session_key)));
}

static struct slice authorization_data(
	const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	(void)text;
	return context->authorization_data;
}

/* Of the PAC, if it is believed: the others have nothing in them. */
static struct slice pac_account(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	(void)text;
	return context->pac ? buffer_slice(&context->pac->account) : SLICE_EMPTY;
}

static struct slice pac_domain_name(
	const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	(void)text;
	return context->pac ? pac_domain(context->pac) : SLICE_EMPTY;
}

static struct slice pac_sid(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE])
{
	bool has_sid = context->pac && context->pac->has_sid;
	return has_sid ? slice_string(sid_text(&context->pac->sid, text)) : SLICE_EMPTY;
}

static struct slice pac_group(
	const struct ap_context *context, unsigned n, char text[PRINCIPAL_TEXT_SIZE])
{
	bool has_it = context->pac && n < context->pac->group_count;
	return has_it ? slice_string(sid_text(&context->pac->group[n], text)) : SLICE_EMPTY;
}

static const struct {
	const char *name;
	struct slice (*value)(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE]);
	/* Of a property with several values, in place of `value`: the one of number n, or empty. */
	struct slice (*item)(
		const struct ap_context *context, unsigned n, char text[PRINCIPAL_TEXT_SIZE]);
} property_table[] = {
	{"krb5PrincipalName", principal_name, NULL},
	{"krb5Realm", realm, NULL},
	{"krb5AuthTime", auth_time, NULL},
	{"krb5EndTime", end_time, NULL},
	{"krb5TicketFlags", ticket_flags, NULL},
	{"krb5EncType", session_enctype, NULL},
	{"krb5AuthorizationData", authorization_data, NULL},
	{"krb5PACAccount", pac_account, NULL},
	{"krb5PACDomain", pac_domain_name, NULL},
	{"krb5PACSid", pac_sid, NULL},
	{"krb5PACGroups", NULL, pac_group},
};

static int set_row(const sasl_server_params_t *params, size_t row, const struct ap_context *context)
{
	char text[PRINCIPAL_TEXT_SIZE];
	const char *name = property_table[row].name;
	if (property_table[row].value)
		return property_set(params, name, property_table[row].value(context, text));
	struct slice item = property_table[row].item(context, 0, text);
	int result = property_set(params, name, item);
	for (unsigned n = 1; item.len > 0 && result == SASL_OK; n++) {
		item = property_table[row].item(context, n, text);
		result = property_add(params, name, item);
	}
	return result;
}

int login_properties_set(const sasl_server_params_t *params, const struct ap_context *context)
{
	for (size_t row = 0; row < sizeof property_table / sizeof *property_table; row++) {
		if (!property_wanted(params, property_table[row].name))
			continue;
		int result = set_row(params, row, context);
		if (result != SASL_OK)
			return result;
	}
	return SASL_OK;
}
