/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * principal.h - Kerberos names (RFC 4120 section 5.2.2 and 6.2).
 *
 * Components and realm are slices: octet strings of any content, borrowed
 * from the message or file they were read from. They are compared octet by
 * octet; the name type is a hint and is never compared.
 */
#ifndef BASE_PRINCIPAL_H
#define BASE_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define PRINCIPAL_MAX_COMPONENTS 16

/* Name types, RFC 4120 section 6.2. */
enum {
	NT_UNKNOWN = 0,
	NT_PRINCIPAL = 1,
	NT_SRV_INST = 2,
	NT_SRV_HST = 3,
	NT_ENTERPRISE = 10,
};

struct principal {
	int32_t type;
	unsigned count;
	struct slice component[PRINCIPAL_MAX_COMPONENTS];
	struct slice realm; /* empty where a name without realm is meant */
};

/* Components only. */
bool principal_name_equal(const struct principal *a, const struct principal *b);

/* Of what principal_name_equal() compares: names that are equal have one number. */
uint32_t principal_name_hash(const struct principal *p);

/* Components and realm. */
bool principal_equal(const struct principal *a, const struct principal *b);

/* Of what principal_equal() compares. */
uint32_t principal_hash(const struct principal *p);

/* Components and realm; where `wanted` has no realm, components only. */
bool principal_fits(const struct principal *p, const struct principal *wanted);

/*
 * Nobody in particular (RFC 8062 section 3): the realm WELLKNOWN:ANONYMOUS, or
 * the name WELLKNOWN/ANONYMOUS in any realm.
 */
bool principal_is_anonymous(const struct principal *p);

/*
 * Reads "component/component@REALM" with backslash escapes (\/ \@ \\ \n \t
 * \b \0) as krb5 writes it. The text is copied into `storage`, into which the
 * result's slices point; without '@' the realm is empty. ERR_SYNTAX says
 * what is wrong: no component, too many, a second '@', a dangling backslash.
 */
MUST_CHECK enum status principal_parse(
	struct slice text, struct principal *out, struct buffer *storage, struct error *err);

/*
 * Writes the name for a log line or a sentence: "imap/mail.example@EXAMPLE".
 * '/', '@' and '\' inside a component or '@' and '\' inside a realm are
 * preceded by a backslash, everything else as in text_escape(). Without a
 * realm there is no '@'. Returns `out`.
 */
const char *principal_text(const struct principal *p, char *out, size_t size);
#define PRINCIPAL_TEXT_SIZE 400
#define PRINCIPAL_TEXT(p) principal_text((p), (char[PRINCIPAL_TEXT_SIZE]){0}, PRINCIPAL_TEXT_SIZE)

#endif
