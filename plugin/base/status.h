/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * status.h - what a function that can fail returns.
 *
 * Numbers below 256 are RFC 4120's error codes (section 7.5.9), so that a
 * refusal can go to the peer in a KRB-ERROR as it is; those from 256 on are
 * our own and stay in the house. The compiler makes every caller look.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdint.h>

enum status {
	STATUS_OK = 0,

	KDC_ERR_NAME_EXP = 1,
	KDC_ERR_SERVICE_EXP = 2,
	KDC_ERR_C_PRINCIPAL_UNKNOWN = 6,
	KDC_ERR_S_PRINCIPAL_UNKNOWN = 7,
	KDC_ERR_PRINCIPAL_NOT_UNIQUE = 8,
	KDC_ERR_NULL_KEY = 9,
	KDC_ERR_NEVER_VALID = 11,
	KDC_ERR_POLICY = 12,
	KDC_ERR_BADOPTION = 13,
	KDC_ERR_ETYPE_NOSUPP = 14,
	KDC_ERR_SUMTYPE_NOSUPP = 15,
	KDC_ERR_CLIENT_REVOKED = 18,
	KDC_ERR_SERVICE_REVOKED = 19,
	KDC_ERR_TGT_REVOKED = 20,
	KDC_ERR_CLIENT_NOTYET = 21,
	KDC_ERR_SERVICE_NOTYET = 22,
	KDC_ERR_KEY_EXPIRED = 23,
	KDC_ERR_PREAUTH_FAILED = 24,
	KDC_ERR_PREAUTH_REQUIRED = 25,
	KDC_ERR_SERVER_NOMATCH = 26,
	KDC_ERR_MUST_USE_USER2USER = 27,
	KDC_ERR_PATH_NOT_ACCEPTED = 28,
	KDC_ERR_SVC_UNAVAILABLE = 29,
	KRB_AP_ERR_BAD_INTEGRITY = 31,
	KRB_AP_ERR_TKT_EXPIRED = 32,
	KRB_AP_ERR_TKT_NYV = 33,
	KRB_AP_ERR_REPEAT = 34,
	KRB_AP_ERR_NOT_US = 35,
	KRB_AP_ERR_BADMATCH = 36,
	KRB_AP_ERR_SKEW = 37,
	KRB_AP_ERR_BADADDR = 38,
	KRB_AP_ERR_BADVERSION = 39,
	KRB_AP_ERR_MSG_TYPE = 40,
	KRB_AP_ERR_MODIFIED = 41,
	KRB_AP_ERR_BADORDER = 42,
	KRB_AP_ERR_ILL_CR_TKT = 43,
	KRB_AP_ERR_BADKEYVER = 44,
	KRB_AP_ERR_NOKEY = 45,
	KRB_AP_ERR_MUT_FAIL = 46,
	KRB_AP_ERR_BADDIRECTION = 47,
	KRB_AP_ERR_METHOD = 48,
	KRB_AP_ERR_BADSEQ = 49,
	KRB_AP_ERR_INAPP_CKSUM = 50,
	KRB_AP_PATH_NOT_ACCEPTED = 51,
	KRB_ERR_RESPONSE_TOO_BIG = 52,
	KRB_ERR_GENERIC = 60,
	KRB_ERR_FIELD_TOOLONG = 61,
	KDC_ERR_WRONG_REALM = 68,

	ERR_NO_MEMORY = 256, /* an allocation failed */
	ERR_SYNTAX,          /* bytes that are not what they should be: file, token, option */
	ERR_NOT_FOUND,       /* the thing asked for does not exist; often not a fault */
	ERR_FILE,            /* a file cannot be opened or read */
	ERR_UNTRUSTED,       /* a file that somebody else could have written */
	ERR_TOO_LONG,        /* a file has more octets than it may have */
	ERR_UNSUPPORTED,     /* recognized, and deliberately or not yet handled */
	ERR_CRYPTO,          /* the cryptographic library failed */
	ERR_UNREACHABLE,     /* nobody answers, or nobody is known who could */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * What is said about a status: a short meaning (RFC 4120's of an error code),
 * and what a client says of a refusal with this code, by a server and by a
 * KDC. refusal.h completes these two; NULL if there is nothing to say but the
 * code's number.
 */
struct status_words {
	enum status status;
	const char *meaning;
	const char *from_server;
	const char *from_kdc; /* after "the KDC of REALM " */
};

/* Of any number, also one that is no status: a general meaning, and no more. Never NULL. */
const struct status_words *status_words(int32_t code);

#endif
