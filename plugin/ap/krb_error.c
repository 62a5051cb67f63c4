#include "ap/ap.h"

#include <stdio.h>

#include "base/text.h"

#define E_TEXT_MAX 200

/* A time of zero is one that is not known. */
static bool is_known(struct timestamp time)
{
	return time.seconds != 0 || time.microseconds != 0;
}

/*
 * The client's name is left out even where the ticket told it: the message
 * goes over the wire in clear, and whoever replays a request would learn it.
 */
enum status krb_error_make(
	const struct ap_refusal *refusal, struct buffer *token, struct error *err)
{
	bool in_rfc = refusal->code > STATUS_OK && refusal->code < ERR_NO_MEMORY;
	char text[E_TEXT_MAX + 1];
	struct krb_error message = {
		.has_ctime = is_known(refusal->client_time),
		.has_cusec = is_known(refusal->client_time),
		.ctime = refusal->client_time,
		.stime = refusal->now,
		.error_code = in_rfc ? (int32_t)refusal->code : KRB_ERR_GENERIC,
		.server = *refusal->server,
	};
	if (refusal->text)
		message.text =
			slice_string(text_escape(slice_string(refusal->text), text, sizeof text));
	return der_write_krb_error(&message, token, err);
}

/* What stands in the middle of a sentence. */
enum detail {
	NOTHING,
	SERVICE,     /* the name that the client asked for */
	SERVER_TIME, /* as the server says */
	SKEW,        /* how this host's clock stands to that */
	CODE,        /* the error code's number */
};

/* The client cannot know which of both is out of date. */
#define RUN_KINIT "run kinit; if that does not help, the server's keytab is out of date"
#define ASKED ", the service that was asked for"

/* What a client says about a code. */
static const struct meaning {
	enum status code;
	const char *before;
	enum detail detail;
	const char *after;
} meanings[] = {
	{KDC_ERR_NAME_EXP, "the client's entry in the Kerberos database has expired", NOTHING, ""},
	{KDC_ERR_SERVICE_EXP, "the Kerberos database's entry has expired for ", SERVICE, ASKED},
	{KDC_ERR_C_PRINCIPAL_UNKNOWN, "the client is not in the Kerberos database", NOTHING, ""},
	{KDC_ERR_S_PRINCIPAL_UNKNOWN, "the Kerberos database does not know ", SERVICE, ASKED},
	{KDC_ERR_POLICY, "the server's policy rejects the ticket", NOTHING, ""},
	{KDC_ERR_ETYPE_NOSUPP, "the server does not accept an encryption type in the ticket for ",
		SERVICE, ASKED},
	{KDC_ERR_SUMTYPE_NOSUPP, "the server does not support the checksum's type", NOTHING, ""},
	{KDC_ERR_CLIENT_REVOKED, "the client's credentials have been revoked", NOTHING, ""},
	{KDC_ERR_KEY_EXPIRED, "the client's password has expired: change it", NOTHING, ""},
	{KDC_ERR_PREAUTH_FAILED, "pre-authentication failed", NOTHING, ""},
	{KDC_ERR_PREAUTH_REQUIRED, "pre-authentication is required", NOTHING, ""},
	{KRB_AP_ERR_BAD_INTEGRITY, "the server cannot decrypt the ticket for ", SERVICE,
		ASKED ": its key may have been changed, " RUN_KINIT},
	{KRB_AP_ERR_TKT_EXPIRED, "the ticket has expired by the server's clock, which shows ",
		SERVER_TIME, ": get a new one (kinit)"},
	{KRB_AP_ERR_TKT_NYV, "the ticket is not yet valid by the server's clock, which shows ",
		SERVER_TIME, ""},
	{KRB_AP_ERR_REPEAT, "the server takes the request for a replay", NOTHING, ""},
	{KRB_AP_ERR_NOT_US, "the server holds no key for ", SERVICE, ASKED},
	{KRB_AP_ERR_BADMATCH, "ticket and authenticator name different clients", NOTHING, ""},
	{KRB_AP_ERR_SKEW, "clock skew too great: ", SKEW, ""},
	{KRB_AP_ERR_BADADDR, "the ticket may not be used from this network address", NOTHING, ""},
	{KRB_AP_ERR_BADVERSION, "the server expects another protocol version", NOTHING, ""},
	{KRB_AP_ERR_MSG_TYPE, "the server expects another type of message", NOTHING, ""},
	{KRB_AP_ERR_MODIFIED, "the message was modified on its way to the server", NOTHING, ""},
	{KRB_AP_ERR_BADORDER, "the message reached the server out of order", NOTHING, ""},
	{KRB_AP_ERR_ILL_CR_TKT, "the server does not trust the path of realms to ", SERVICE, ASKED},
	{KRB_AP_ERR_BADKEYVER, "the server has no key of the ticket's version for ", SERVICE,
		ASKED ": " RUN_KINIT},
	{KRB_AP_ERR_NOKEY, "the server has no key of the ticket's encryption type for ", SERVICE,
		ASKED},
	{KRB_AP_ERR_MUT_FAIL, "mutual authentication failed", NOTHING, ""},
	{KRB_AP_ERR_BADDIRECTION, "the message's direction is wrong", NOTHING, ""},
	{KRB_AP_ERR_METHOD, "the server requires another way to authenticate", NOTHING, ""},
	{KRB_AP_ERR_BADSEQ, "the message's sequence number is wrong", NOTHING, ""},
	{KRB_AP_ERR_INAPP_CKSUM, "the server does not accept the checksum's type", NOTHING, ""},
	{KRB_AP_PATH_NOT_ACCEPTED, "the server's policy rejects the path of realms to ", SERVICE,
		ASKED},
	{KRB_ERR_RESPONSE_TOO_BIG, "the response is too big for a datagram", NOTHING, ""},
	{KRB_ERR_FIELD_TOOLONG, "a field of the message is too long for the server", NOTHING, ""},
	{KRB_ERR_GENERIC,
		"the server has a fault of its own, or cannot read the message (error code ", CODE,
		"); its log says more"},
};

static const struct meaning unknown = {
	KRB_ERR_GENERIC, "the server refuses, with error code ", CODE, ""};

static const struct meaning *meaning_of(int32_t code)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if ((int32_t)meanings[i].code == code)
			return &meanings[i];
	return &unknown;
}

static void skew_text(struct timestamp now, struct timestamp server, char *out, size_t size)
{
	int64_t distance = timestamp_distance(now, server);
	if (distance <= 1)
		snprintf(out, size, "the server's clock does not differ from this host's now");
	else
		snprintf(out, size, "this host is %s %s the server", SPAN_TEXT(distance),
			now.seconds < server.seconds ? "behind" : "ahead of");
}

#define DETAIL_SIZE PRINCIPAL_TEXT_SIZE

static void detail_text(enum detail detail, const struct krb_error *message, struct timestamp now,
	const struct principal *asked, char out[DETAIL_SIZE])
{
	switch (detail) {
	case NOTHING:
		out[0] = '\0';
		break;
	case SERVICE:
		principal_text(asked, out, DETAIL_SIZE);
		break;
	case SERVER_TIME:
		snprintf(out, DETAIL_SIZE, "%s", TIME_TEXT(message->stime.seconds));
		break;
	case SKEW:
		skew_text(now, message->stime, out, DETAIL_SIZE);
		break;
	case CODE:
		snprintf(out, DETAIL_SIZE, "%d", message->error_code);
		break;
	}
}

enum status krb_error_read(
	struct slice token, struct timestamp now, const struct principal *asked, struct error *err)
{
	struct krb_error message;
	if (der_read_krb_error(token, &message, err))
		return error_prefix(err, "the server's refusal cannot be read");

	const struct meaning *meaning = meaning_of(message.error_code);
	char detail[DETAIL_SIZE], e_text[E_TEXT_MAX + 1];
	detail_text(meaning->detail, &message, now, asked, detail);
	bool has_text = message.text.len > 0;
	error_set(err, meaning->code, "%s%s%s%s%s", meaning->before, detail, meaning->after,
		has_text ? "; server says (unverified): " : "",
		has_text ? text_escape(message.text, e_text, sizeof e_text) : "");
	return error_show(err, "%s%s%s", meaning->before, detail, meaning->after);
}
