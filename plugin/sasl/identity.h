/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * identity.h - Kerberos names as SASL identities, and libsasl2's canonical
 * form of them.
 */
#ifndef SASL_IDENTITY_H
#define SASL_IDENTITY_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "base/error.h"
#include "base/principal.h"

/*
 * libsasl2 has room for 1024 octets, adds a realm of its own to some names,
 * and leaks memory over those that do not fit.
 */
#define IDENTITY_MAX_LENGTH 512

/*
 * The authentication identity of a client, NUL-terminated in `out` (the NUL
 * is not counted): components joined by '/', followed by "@REALM" unless
 * `default_realm` is not NULL and is the client's realm. ERR_SYNTAX, naming
 * the client in escaped form, for a name that could pass for another: what is
 * not UTF-8, NUL, control characters (U+0080 to U+009F too), characters that
 * change the direction of text (U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069) or cannot be seen (U+200B, U+FEFF), or outer blanks anywhere, '@', '/' or '\' inside a
 * component, '@' or '\' inside the realm, an empty name or realm, more than
 * IDENTITY_MAX_LENGTH octets.
 */
MUST_CHECK enum status identity_of(const struct principal *client, const char *default_realm,
	struct buffer *out, struct error *err);

/*
 * ERR_SYNTAX for a local name that a rule made of the client's and that could pass
 * for another: an empty one, one that is too long or not UTF-8, or has one of these characters
 * or outer blanks. What separates names is the rule's to have.
 */
MUST_CHECK enum status identity_check_local(
	const struct principal *client, struct slice local, struct error *err);

/* ERR_SYNTAX for an authorization identity that is too long, is not UTF-8, or has one of these
 * characters or outer blanks. */
MUST_CHECK enum status identity_check_authzid(struct slice authzid, struct error *err);

/* Both libsasl2's server and client parameters have one of these. */
typedef int identity_canon_user(sasl_conn_t *conn, const char *user, unsigned len, unsigned flags,
	sasl_out_params_t *oparams);

struct identity_request {
	const sasl_utils_t *utils;
	identity_canon_user *canon_user;
	struct slice authid, authzid; /* authzid empty: the same */
};

/*
 * Has libsasl2 canonicalize the authentication identity and the authorization identity
 * into `oparams`, as names that were
 * verified externally, so that no auxprop plugin has to know them. Returns
 * libsasl2's result; for other than SASL_OK `err` says which name it refused.
 */
int identity_canonicalize(
	const struct identity_request *request, sasl_out_params_t *oparams, struct error *err);

#endif
