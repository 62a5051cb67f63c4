/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_mechanism.h - mechanisms of GSS-API by their OIDs, which are the contents of an
 * OBJECT IDENTIFIER here, and how a sentence calls them.
 */
#ifndef GSS_GSS_MECHANISM_H
#define GSS_GSS_MECHANISM_H

#include "base/bytes.h"

/* 1.2.840.113554.1.2.2 (RFC 4121); 1.2.840.48018.1.2.2, as Windows has it (MS-SPNG section 1.9). */
#define GSS_OID_KERBEROS SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")
#define GSS_OID_KERBEROS_WINDOWS SLICE_LITERAL("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02")
/* 1.3.6.1.5.5.2 (RFC 4178). */
#define GSS_OID_SPNEGO SLICE_LITERAL("\x2b\x06\x01\x05\x05\x02")

/* "NTLM"; NULL if the module has no name for it. */
const char *gss_mechanism_name(struct slice oid);

/*
 * The name, or the numbers with dots between them. What does not fit, and a number
 * above 2^32, ends in "...". Returns `out`.
 */
#define GSS_MECHANISM_TEXT_SIZE 64
const char *gss_mechanism_text(struct slice oid, char out[GSS_MECHANISM_TEXT_SIZE]);

#endif
