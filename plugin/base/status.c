/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

#include <stddef.h>

#define ASKED "the service that was asked for"
/* The client cannot know which of both is out of date. */
#define RUN_KINIT "run kinit; if that does not help, the server's keytab is out of date"

static const struct status_words table[] = {
	{KDC_ERR_NAME_EXP, "the client's entry in the database has expired",
		.from_server = "the client's entry in the Kerberos database has expired",
		.from_kdc = "says that the account {client} has expired: its administrator can "
			    "renew it"},
	{KDC_ERR_SERVICE_EXP, "the server's entry in the database has expired",
		.from_server = "the Kerberos database's entry has expired for {service}, " ASKED,
		.from_kdc = "says that the entry of {service} has expired: its administrator can "
			    "renew it"},
	{KDC_ERR_C_PRINCIPAL_UNKNOWN, "the client is not known",
		.from_server = "the client is not in the Kerberos database",
		.from_kdc =
			"does not know {client}: is the name spelt right, and is this its realm?"},
	{KDC_ERR_S_PRINCIPAL_UNKNOWN, "the server is not known",
		.from_server = "the Kerberos database does not know {service}, " ASKED,
		.from_kdc =
			"does not know {service}: is the service registered under another name?"},
	{KDC_ERR_PRINCIPAL_NOT_UNIQUE, "a name is in the database more than once",
		.from_kdc = "has more than one entry for {service}"},
	{KDC_ERR_NULL_KEY, "client or server has no key",
		.from_kdc = "has no key for {service}, or for the client"},
	{KDC_ERR_NEVER_VALID, "the requested time span is empty",
		.from_kdc = "would give no ticket that is ever valid: is ticket_lifetime in "
			    "krb5.conf 0, or {skew}?"},
	{KDC_ERR_POLICY, "policy rejects the request",
		.from_server = "the server's policy rejects the ticket",
		.from_kdc = "does not give a ticket for {service} to this client, by its policy"},
	{KDC_ERR_BADOPTION, "the KDC cannot accommodate an option",
		.from_kdc = "does not give a ticket for {service} with the options that were asked "
			    "for"},
	{KDC_ERR_ETYPE_NOSUPP, "the encryption type is not supported",
		.from_server = "the server does not accept an encryption type in the ticket for "
			       "{service}, " ASKED,
		.from_kdc = "shares no encryption type with this host for {service}: see "
			    "permitted_enctypes, default_tkt_enctypes and default_tgs_enctypes in "
			    "krb5.conf, and the keys of client and service"},
	{KDC_ERR_SUMTYPE_NOSUPP, "the checksum type is not supported",
		.from_server = "the server does not support the checksum's type"},
	{KDC_ERR_CLIENT_REVOKED, "the client's credentials have been revoked",
		.from_server = "the client's credentials have been revoked",
		.from_kdc = "says that the account {client} is locked or disabled: its "
			    "administrator can unlock it"},
	{KDC_ERR_SERVICE_REVOKED, "the server's credentials have been revoked",
		.from_kdc = "says that {service} is locked or disabled"},
	{KDC_ERR_TGT_REVOKED, "the ticket-granting ticket has been revoked",
		.from_kdc = "says that the ticket-granting ticket of {client} has been revoked: "
			    "run kinit"},
	{KDC_ERR_CLIENT_NOTYET, "the client is not yet valid",
		.from_kdc = "says that the account {client} is not valid yet"},
	{KDC_ERR_SERVICE_NOTYET, "the server is not yet valid",
		.from_kdc = "says that the entry of {service} is not valid yet"},
	{KDC_ERR_KEY_EXPIRED, "the password has expired",
		.from_server = "the client's password has expired: change it",
		.from_kdc = "says that the password of {client} has expired: change it (kpasswd)"},
	{KDC_ERR_PREAUTH_FAILED, "pre-authentication failed",
		.from_server = "pre-authentication failed",
		.from_kdc = "does not accept the key of {client}: the password is wrong, or the "
			    "keytab is out of date"},
	{KDC_ERR_PREAUTH_REQUIRED, "pre-authentication is required",
		.from_server = "pre-authentication is required",
		.from_kdc = "wants more proof of the identity of {client}"},
	{KDC_ERR_SERVER_NOMATCH, "ticket and server do not match",
		.from_kdc = "says that the ticket is not one for {service}"},
	{KDC_ERR_MUST_USE_USER2USER, "the server is for user-to-user tickets only",
		.from_kdc =
			"gives only user-to-user tickets for {service}, which are not supported"},
	{KDC_ERR_PATH_NOT_ACCEPTED, "the KDC does not accept the path of realms",
		.from_kdc = "does not accept the path of realms to {service}"},
	{KDC_ERR_SVC_UNAVAILABLE, "a service of the KDC is not available",
		.from_kdc = "says that a service it needs is not available"},
	{KRB_AP_ERR_BAD_INTEGRITY, "the integrity check on a decrypted field failed",
		.from_server = "the server cannot decrypt the ticket for {service}, " ASKED
			       ": its key may have been changed, " RUN_KINIT,
		.from_kdc = "cannot decrypt what was sent to get a ticket for {service}: has a key "
			    "changed? Run kinit"},
	{KRB_AP_ERR_TKT_EXPIRED, "the ticket has expired",
		.from_server = "the ticket has expired by the server's clock, which shows {time}: "
			       "get a new one (kinit)",
		.from_kdc =
			"says that the ticket-granting ticket of {client} has expired: run kinit"},
	{KRB_AP_ERR_TKT_NYV, "the ticket is not yet valid",
		.from_server =
			"the ticket is not yet valid by the server's clock, which shows {time}",
		.from_kdc = "says that the ticket-granting ticket of {client} is not valid yet: "
			    "check this host's clock"},
	{KRB_AP_ERR_REPEAT, "the request is a replay",
		.from_server = "the server takes the request for a replay",
		.from_kdc = "takes the request for a replay"},
	{KRB_AP_ERR_NOT_US, "the ticket is not for this server",
		.from_server = "the server holds no key for {service}, " ASKED,
		.from_kdc =
			"says that the ticket-granting ticket of {client} is for another realm"},
	{KRB_AP_ERR_BADMATCH, "ticket and authenticator do not match",
		.from_server = "ticket and authenticator name different clients",
		.from_kdc = "says that ticket and authenticator name different clients"},
	{KRB_AP_ERR_SKEW, "clock skew too great", .from_server = "clock skew too great: {skew}",
		.from_kdc = "finds the clocks too far apart: {skew}"},
	{KRB_AP_ERR_BADADDR, "the network address is not one of the ticket's",
		.from_server = "the ticket may not be used from this network address",
		.from_kdc = "says that the ticket-granting ticket of {client} is for other network "
			    "addresses (noaddresses in krb5.conf)"},
	{KRB_AP_ERR_BADVERSION, "the protocol version is not 5",
		.from_server = "the server expects another protocol version"},
	{KRB_AP_ERR_MSG_TYPE, "the message type is not the one expected",
		.from_server = "the server expects another type of message"},
	{KRB_AP_ERR_MODIFIED, "the message has been modified",
		.from_server = "the message was modified on its way to the server",
		.from_kdc = "says that the request was modified on its way"},
	{KRB_AP_ERR_BADORDER, "the message is out of order",
		.from_server = "the message reached the server out of order"},
	{KRB_AP_ERR_ILL_CR_TKT, "the cross-realm path of the ticket is not accepted",
		.from_server = "the server does not trust the path of realms to {service}, " ASKED,
		.from_kdc = "does not trust the path of realms by which {client} comes"},
	{KRB_AP_ERR_BADKEYVER, "the server has no key of the ticket's version",
		.from_server = "the server has no key of the ticket's version for {service}, " ASKED
			       ": " RUN_KINIT,
		.from_kdc = "no longer has the key of the ticket-granting ticket of {client}: run "
			    "kinit"},
	{KRB_AP_ERR_NOKEY, "the server has no key for the ticket",
		.from_server = "the server has no key of the ticket's encryption type for "
			       "{service}, " ASKED},
	{KRB_AP_ERR_MUT_FAIL, "mutual authentication failed",
		.from_server = "mutual authentication failed"},
	{KRB_AP_ERR_BADDIRECTION, "the message's direction is wrong",
		.from_server = "the message's direction is wrong"},
	{KRB_AP_ERR_METHOD, "another authentication method is required",
		.from_server = "the server requires another way to authenticate"},
	{KRB_AP_ERR_BADSEQ, "the sequence number is wrong",
		.from_server = "the message's sequence number is wrong"},
	{KRB_AP_ERR_INAPP_CKSUM, "the checksum's type is inappropriate",
		.from_server = "the server does not accept the checksum's type",
		.from_kdc = "does not accept the checksum's type"},
	{KRB_AP_PATH_NOT_ACCEPTED, "policy rejects the path of the ticket",
		.from_server =
			"the server's policy rejects the path of realms to {service}, " ASKED,
		.from_kdc = "does not accept the path of realms to {service}"},
	{KRB_ERR_RESPONSE_TOO_BIG, "the response is too big for a datagram",
		.from_server = "the response is too big for a datagram",
		.from_kdc = "has an answer that is too big for a datagram"},
	{KRB_ERR_GENERIC, "a failure without a code of its own",
		.from_server = "the server has a fault of its own, or cannot read the message "
			       "(error code {code}); its log says more"},
	{KRB_ERR_FIELD_TOOLONG, "a field is too long",
		.from_server = "a field of the message is too long for the server",
		.from_kdc = "finds the request too long"},
	{KDC_ERR_WRONG_REALM, "the client is in another realm",
		.from_kdc = "says that {client} is in another realm"},
	{ERR_NO_MEMORY, .meaning = "out of memory"},
	{ERR_SYNTAX, .meaning = "the message is malformed"},
	{ERR_NOT_FOUND, .meaning = "not found"},
	{ERR_FILE, .meaning = "a file cannot be read"},
	{ERR_UNTRUSTED, .meaning = "a file could be somebody else's"},
	{ERR_TOO_LONG, .meaning = "a file is too long"},
	{ERR_UNSUPPORTED, .meaning = "not supported"},
	{ERR_CRYPTO,
		.meaning =
			"OpenSSL on the server lacks an algorithm or failed, see the server's log"},
	{ERR_UNREACHABLE, .meaning = "nobody answers"},
};

static const struct status_words unknown = {.meaning = "an error of unknown number"};

const struct status_words *status_words(int32_t code)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if ((int32_t)table[i].status == code)
			return &table[i];
	return &unknown;
}
