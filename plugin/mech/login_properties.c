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

static const struct {
	const char *name;
	struct slice (*value)(const struct ap_context *context, char text[PRINCIPAL_TEXT_SIZE]);
} property_table[] = {
	{"krb5PrincipalName", principal_name},
	{"krb5Realm", realm},
	{"krb5AuthTime", auth_time},
	{"krb5EndTime", end_time},
	{"krb5TicketFlags", ticket_flags},
	{"krb5EncType", session_enctype},
	{"krb5AuthorizationData", authorization_data},
};

int login_properties_set(const sasl_server_params_t *params, const struct ap_context *context)
{
	for (size_t i = 0; i < sizeof property_table / sizeof *property_table; i++) {
		const char *name = property_table[i].name;
		if (!property_wanted(params, name))
			continue;
		char text[PRINCIPAL_TEXT_SIZE];
		int result = property_set(params, name, property_table[i].value(context, text));
		if (result != SASL_OK)
			return result;
	}
	return SASL_OK;
}
