/*
 * enctype_list.h - lists of encryption types as krb5.conf(5) writes them.
 */
#ifndef CONF_ENCTYPE_LIST_H
#define CONF_ENCTYPE_LIST_H

#include "crypto/enctype.h"

/*
 * Words separated by blanks or commas: a type's name or alias, a family
 * (aes, aes256-sha1 ..., camellia, des3, rc4), DEFAULT, each with an optional
 * '+' (add) or '-' (take away) before it. Unknown and weak names are passed
 * over, as MIT does for unknown ones; the table of this module bounds what
 * remains. ERR_SYNTAX, naming the text, where nothing is left.
 */
MUST_CHECK enum status enctype_list_parse(
	const char *text, struct enctype_list *out, struct error *err);

#endif
