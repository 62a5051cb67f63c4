#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct status_row {
	enum status status;
	const char *text;
} status_table[] = {
	{KDC_ERR_NAME_EXP, "the client's entry in the database has expired"},
	{KDC_ERR_SERVICE_EXP, "the server's entry in the database has expired"},
	{KDC_ERR_C_PRINCIPAL_UNKNOWN, "the client is not known"},
	{KDC_ERR_S_PRINCIPAL_UNKNOWN, "the server is not known"},
	{KDC_ERR_PRINCIPAL_NOT_UNIQUE, "a name is in the database more than once"},
	{KDC_ERR_NULL_KEY, "client or server has no key"},
	{KDC_ERR_NEVER_VALID, "the requested time span is empty"},
	{KDC_ERR_POLICY, "policy rejects the request"},
	{KDC_ERR_BADOPTION, "the KDC cannot accommodate an option"},
	{KDC_ERR_ETYPE_NOSUPP, "the encryption type is not supported"},
	{KDC_ERR_SUMTYPE_NOSUPP, "the checksum type is not supported"},
	{KDC_ERR_CLIENT_REVOKED, "the client's credentials have been revoked"},
	{KDC_ERR_SERVICE_REVOKED, "the server's credentials have been revoked"},
	{KDC_ERR_TGT_REVOKED, "the ticket-granting ticket has been revoked"},
	{KDC_ERR_CLIENT_NOTYET, "the client is not yet valid"},
	{KDC_ERR_SERVICE_NOTYET, "the server is not yet valid"},
	{KDC_ERR_KEY_EXPIRED, "the password has expired"},
	{KDC_ERR_PREAUTH_FAILED, "pre-authentication failed"},
	{KDC_ERR_PREAUTH_REQUIRED, "pre-authentication is required"},
	{KDC_ERR_SERVER_NOMATCH, "ticket and server do not match"},
	{KDC_ERR_MUST_USE_USER2USER, "the server is for user-to-user tickets only"},
	{KDC_ERR_PATH_NOT_ACCEPTED, "the KDC does not accept the path of realms"},
	{KDC_ERR_SVC_UNAVAILABLE, "a service of the KDC is not available"},
	{KRB_AP_ERR_BAD_INTEGRITY, "the integrity check on a decrypted field failed"},
	{KRB_AP_ERR_TKT_EXPIRED, "the ticket has expired"},
	{KRB_AP_ERR_TKT_NYV, "the ticket is not yet valid"},
	{KRB_AP_ERR_REPEAT, "the request is a replay"},
	{KRB_AP_ERR_NOT_US, "the ticket is not for this server"},
	{KRB_AP_ERR_BADMATCH, "ticket and authenticator do not match"},
	{KRB_AP_ERR_SKEW, "clock skew too great"},
	{KRB_AP_ERR_BADADDR, "the network address is not one of the ticket's"},
	{KRB_AP_ERR_BADVERSION, "the protocol version is not 5"},
	{KRB_AP_ERR_MSG_TYPE, "the message type is not the one expected"},
	{KRB_AP_ERR_MODIFIED, "the message has been modified"},
	{KRB_AP_ERR_BADORDER, "the message is out of order"},
	{KRB_AP_ERR_ILL_CR_TKT, "the cross-realm path of the ticket is not accepted"},
	{KRB_AP_ERR_BADKEYVER, "the server has no key of the ticket's version"},
	{KRB_AP_ERR_NOKEY, "the server has no key for the ticket"},
	{KRB_AP_ERR_MUT_FAIL, "mutual authentication failed"},
	{KRB_AP_ERR_BADDIRECTION, "the message's direction is wrong"},
	{KRB_AP_ERR_METHOD, "another authentication method is required"},
	{KRB_AP_ERR_BADSEQ, "the sequence number is wrong"},
	{KRB_AP_ERR_INAPP_CKSUM, "the checksum's type is inappropriate"},
	{KRB_AP_PATH_NOT_ACCEPTED, "policy rejects the path of the ticket"},
	{KRB_ERR_RESPONSE_TOO_BIG, "the response is too big for a datagram"},
	{KRB_ERR_GENERIC, "a failure without a code of its own"},
	{KRB_ERR_FIELD_TOOLONG, "a field is too long"},
	{KDC_ERR_WRONG_REALM, "the client is in another realm"},
	{ERR_NO_MEMORY, "out of memory"},
	{ERR_SYNTAX, "the message is malformed"},
	{ERR_NOT_FOUND, "not found"},
	{ERR_FILE, "a file cannot be read"},
	{ERR_UNTRUSTED, "a file could be somebody else's"},
	{ERR_TOO_LONG, "a file is too long"},
	{ERR_UNSUPPORTED, "not supported"},
	{ERR_CRYPTO, "OpenSSL on the server lacks an algorithm or failed, see the server's log"},
	{ERR_UNREACHABLE, "nobody answers"},
};

const char *status_text(enum status status)
{
	for (size_t i = 0; i < sizeof status_table / sizeof *status_table; i++)
		if (status_table[i].status == status)
			return status_table[i].text;
	return "an error of unknown number";
}

enum status error_set(struct error *err, enum status status, const char *fmt, ...)
{
	if (!err)
		return status;
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	err->status = status;
	err->shown[0] = '\0';
	return status;
}

enum status error_set_shown(struct error *err, enum status status, const char *fmt, ...)
{
	if (!err)
		return status;
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	err->status = status;
	snprintf(err->shown, sizeof err->shown, "%.*s", (int)sizeof err->shown - 1, err->text);
	return status;
}

enum status error_show(struct error *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->shown, sizeof err->shown, fmt, args);
	va_end(args);
	return err->status;
}

enum status error_prefix(struct error *err, const char *fmt, ...)
{
	char rest[sizeof err->text];
	memcpy(rest, err->text, sizeof rest);

	va_list args;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	size_t used = strlen(err->text);
	if (used + sizeof ": " < sizeof err->text) {
		memcpy(err->text + used, ": ", 2);
		used += 2;
		size_t room = sizeof err->text - used - 1;
		size_t len = strnlen(rest, room);
		memcpy(err->text + used, rest, len);
		err->text[used + len] = '\0';
	}
	return err->status;
}

enum status error_no_memory(struct error *err)
{
	return error_set(err, ERR_NO_MEMORY, "out of memory");
}

const char *error_shown(const struct error *err)
{
	return err->shown[0] ? err->shown : status_text(err->status);
}
