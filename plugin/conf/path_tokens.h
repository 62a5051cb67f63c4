/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * path_tokens.h - names of keytabs and credential caches, and the tokens in
 * them (MIT's krb5.conf(5), "Parameter expansion").
 */
#ifndef CONF_PATH_TOKENS_H
#define CONF_PATH_TOKENS_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/principal.h"

#define PATH_NAME_MAX 4096

/*
 * `out` is cleared and receives `text`, NUL-terminated, the NUL not counted,
 * with
 *
 *	%{uid}, %{USERID}   the real user id
 *	%{euid}             the effective user id
 *	%{username}         the name of the effective user
 *	%{TEMP}             $TMPDIR (ignored in set-uid programs), else /tmp
 *	%{null}             nothing
 *
 * replaced. ERR_SYNTAX for another token, an unclosed brace, or a result of
 * more than PATH_NAME_MAX octets; ERR_FILE where the system knows no name for
 * the user. `out` is empty then.
 */
MUST_CHECK enum status path_tokens_expand(const char *text, struct buffer *out, struct error *err);

/*
 * The same, and
 *
 *	%{principal}        the name of this principal: letters, digits and @._-$+ as they
 *	                    are, any other octet as % and two digits, so that no name leaves
 *	                    a folder, or a part of a keyring's or a daemon's name
 *
 * NULL: there is nobody; ERR_SYNTAX for that token then. ERR_NO_MEMORY.
 */
MUST_CHECK enum status path_tokens_expand_for(
	const char *text, const struct principal *principal, struct buffer *out, struct error *err);

/* The same for a text whose tokens, if any, have been expanded already. */
MUST_CHECK enum status path_name_copy(const char *text, struct buffer *out, struct error *err);

#endif
