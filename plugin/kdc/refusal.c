#include "kdc/refusal.h"

#include <stdio.h>

#include "base/text.h"

#define E_TEXT_MAX 200

/* What stands in the middle of a sentence. */
enum detail {
	NOTHING,
	CLIENT,
	SERVER,
	SKEW, /* how this host's clock stands to the KDC's */
	CODE,
};

/* After "the KDC of REALM ". The last row is for all codes that are not known. */
static const struct meaning {
	enum status code;
	const char *before;
	enum detail detail;
	const char *after;
} meanings[] = {
	{KDC_ERR_NAME_EXP, "says that the account ", CLIENT,
		" has expired: its administrator can renew it"},
	{KDC_ERR_SERVICE_EXP, "says that the entry of ", SERVER,
		" has expired: its administrator can renew it"},
	{KDC_ERR_C_PRINCIPAL_UNKNOWN, "does not know ", CLIENT,
		": is the name spelt right, and is this its realm?"},
	{KDC_ERR_S_PRINCIPAL_UNKNOWN, "does not know ", SERVER,
		": is the service registered under another name?"},
	{KDC_ERR_PRINCIPAL_NOT_UNIQUE, "has more than one entry for ", SERVER, ""},
	{KDC_ERR_NULL_KEY, "has no key for ", SERVER, ", or for the client"},
	{KDC_ERR_NEVER_VALID,
		"would give no ticket that is ever valid: is ticket_lifetime in krb5.conf 0, or ",
		SKEW, "?"},
	{KDC_ERR_POLICY, "does not give a ticket for ", SERVER, " to this client, by its policy"},
	{KDC_ERR_BADOPTION, "does not give a ticket for ", SERVER,
		" with the options that were asked for"},
	{KDC_ERR_ETYPE_NOSUPP, "shares no encryption type with this host for ", SERVER,
		": see permitted_enctypes, default_tkt_enctypes and default_tgs_enctypes in "
		"krb5.conf, and the keys of client and service"},
	{KDC_ERR_CLIENT_REVOKED, "says that the account ", CLIENT,
		" is locked or disabled: its administrator can unlock it"},
	{KDC_ERR_SERVICE_REVOKED, "says that ", SERVER, " is locked or disabled"},
	{KDC_ERR_TGT_REVOKED, "says that the ticket-granting ticket of ", CLIENT,
		" has been revoked: run kinit"},
	{KDC_ERR_CLIENT_NOTYET, "says that the account ", CLIENT, " is not valid yet"},
	{KDC_ERR_SERVICE_NOTYET, "says that the entry of ", SERVER, " is not valid yet"},
	{KDC_ERR_KEY_EXPIRED, "says that the password of ", CLIENT,
		" has expired: change it (kpasswd)"},
	{KDC_ERR_PREAUTH_FAILED, "does not accept the key of ", CLIENT,
		": the password is wrong, or the keytab is out of date"},
	{KDC_ERR_PREAUTH_REQUIRED, "wants more proof of the identity of ", CLIENT, ""},
	{KDC_ERR_SERVER_NOMATCH, "says that the ticket is not one for ", SERVER, ""},
	{KDC_ERR_MUST_USE_USER2USER, "gives only user-to-user tickets for ", SERVER,
		", which are not supported"},
	{KDC_ERR_PATH_NOT_ACCEPTED, "does not accept the path of realms to ", SERVER, ""},
	{KDC_ERR_SVC_UNAVAILABLE, "says that a service it needs is not available", NOTHING, ""},
	{KRB_AP_ERR_BAD_INTEGRITY, "cannot decrypt what was sent to get a ticket for ", SERVER,
		": has a key changed? Run kinit"},
	{KRB_AP_ERR_TKT_EXPIRED, "says that the ticket-granting ticket of ", CLIENT,
		" has expired: run kinit"},
	{KRB_AP_ERR_TKT_NYV, "says that the ticket-granting ticket of ", CLIENT,
		" is not valid yet: check this host's clock"},
	{KRB_AP_ERR_REPEAT, "takes the request for a replay", NOTHING, ""},
	{KRB_AP_ERR_NOT_US, "says that the ticket-granting ticket of ", CLIENT,
		" is for another realm"},
	{KRB_AP_ERR_BADMATCH, "says that ticket and authenticator name different clients", NOTHING,
		""},
	{KRB_AP_ERR_SKEW, "finds the clocks too far apart: ", SKEW, ""},
	{KRB_AP_ERR_BADADDR, "says that the ticket-granting ticket of ", CLIENT,
		" is for other network addresses (noaddresses in krb5.conf)"},
	{KRB_AP_ERR_MODIFIED, "says that the request was modified on its way", NOTHING, ""},
	{KRB_AP_ERR_ILL_CR_TKT, "does not trust the path of realms by which ", CLIENT, " comes"},
	{KRB_AP_ERR_BADKEYVER, "no longer has the key of the ticket-granting ticket of ", CLIENT,
		": run kinit"},
	{KRB_AP_ERR_INAPP_CKSUM, "does not accept the checksum's type", NOTHING, ""},
	{KRB_AP_PATH_NOT_ACCEPTED, "does not accept the path of realms to ", SERVER, ""},
	{KRB_ERR_RESPONSE_TOO_BIG, "has an answer that is too big for a datagram", NOTHING, ""},
	{KRB_ERR_FIELD_TOOLONG, "finds the request too long", NOTHING, ""},
	{KDC_ERR_WRONG_REALM, "says that ", CLIENT, " is in another realm"},
	{KRB_ERR_GENERIC, "refuses, with error code ", CODE, ""},
};

static const struct meaning *meaning_of(int32_t code)
{
	const struct meaning *m = meanings;
	while (m->code != KRB_ERR_GENERIC && (int32_t)m->code != code)
		m++;
	return m;
}

static void skew_text(struct timestamp now, struct timestamp kdc, char *out, size_t size)
{
	int64_t distance = timestamp_distance(now, kdc);
	if (distance <= 1)
		snprintf(out, size, "this host's clock does not differ from the KDC's now");
	else
		snprintf(out, size, "this host is %s %s the KDC", SPAN_TEXT(distance),
			now.seconds < kdc.seconds ? "behind" : "ahead of");
}

static void detail_text(enum detail detail, const struct krb_error *message,
	const struct kdc_request_names *names, struct timestamp now, char out[PRINCIPAL_TEXT_SIZE])
{
	switch (detail) {
	case NOTHING:
		out[0] = '\0';
		break;
	case CLIENT:
		principal_text(names->client, out, PRINCIPAL_TEXT_SIZE);
		break;
	case SERVER:
		principal_text(names->server, out, PRINCIPAL_TEXT_SIZE);
		break;
	case SKEW:
		skew_text(now, message->stime, out, PRINCIPAL_TEXT_SIZE);
		break;
	case CODE:
		snprintf(out, PRINCIPAL_TEXT_SIZE, "%d", (int)message->error_code);
		break;
	}
}

enum status kdc_refusal(const struct krb_error *message, const struct kdc_request_names *names,
	struct timestamp now, struct error *err)
{
	const struct meaning *m = meaning_of(message->error_code);
	char detail[PRINCIPAL_TEXT_SIZE], e_text[E_TEXT_MAX + 1];
	detail_text(m->detail, message, names, now, detail);
	bool has_text = message->text.len > 0;
	return error_set(err, m->code, "the KDC of %s %s%s%s%s%s", TEXT(slice_string(names->realm)),
		m->before, detail, m->after, has_text ? "; it says (unverified): " : "",
		has_text ? text_escape(message->text, e_text, sizeof e_text) : "");
}
