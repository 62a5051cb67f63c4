/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * enctype_list.h - lists of encryption types as krb5.conf(5) writes them.
 */
#ifndef CONF_ENCTYPE_LIST_H
#define CONF_ENCTYPE_LIST_H

#include "crypto/enctype.h"

/*
 * Words separated by blanks or commas, each with an optional '+' (add) or '-'
 * (take away) before it: a type's name or alias (aes256-cts, aes256-sha2), a
 * family (aes, camellia; des3 and rc4 have only weak types), or DEFAULT, the
 * whole table. The order is that of the first mention. Words that are unknown
 * are passed over, as MIT krb5 does, and so are types that are weak or that
 * OpenSSL has not got. ERR_SYNTAX, naming the text, where nothing is left;
 * errors of crypto_open().
 */
MUST_CHECK enum status enctype_list_parse(
	const char *text, struct enctype_list *out, struct error *err);

#endif
