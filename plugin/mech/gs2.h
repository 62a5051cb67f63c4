/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gs2.h - the mechanism GS2-KRB5 (RFC 5801), which libsasl2 offers as
 * GS2-KRB5-PLUS too if the application has channel bindings, and the header of
 * its own.
 *
 *   1. client: the header, and the initial token of gss/gss.h without the framing
 *              of RFC 2743
 *   2. server: the AP-REP token
 *
 * The header is authenticated: the channel bindings in the initial token are
 * over it and, with the flag "p", over the application's. There is no layer.
 */
#ifndef MECH_GS2_H
#define MECH_GS2_H

#include "base/bytes.h"
#include "base/error.h"
#include "mech/mechanism.h"

#define GS2_NAME "GS2-KRB5"

extern const struct mechanism gs2_mechanism;
extern const struct server_side gs2_server;
extern const struct client_side gs2_client;

/* What a client says of channel bindings, as the octet of the header. */
enum gs2_flag {
	GS2_NO_BINDINGS = 'n',   /* the client has none */
	GS2_NONE_THERE = 'y',    /* it has some, and believes that the server has none */
	GS2_USES_BINDINGS = 'p', /* the initial token is bound to them */
};

/* Section 4: ["F,"] flag ["=" binding-name] "," ["a=" authzid] "," */
struct gs2_header {
	enum gs2_flag flag;
	struct slice binding_name; /* with GS2_USES_BINDINGS: tls-unique, ... */
	struct slice authzid;      /* without escapes; empty: none */
};

/*
 * Appends the header, without "F,". ERR_SYNTAX for the name of bindings that is
 * none: letters, digits, '.' and '-'. ERR_NO_MEMORY.
 */
MUST_CHECK enum status gs2_header_write(
	const struct gs2_header *header, struct buffer *out, struct error *err);

/* The client's first message. All slices but header.authzid point into it. */
struct gs2_message {
	struct gs2_header header;
	struct slice bound; /* the header as it came, without "F," */
	bool framed;        /* "F,": the token comes with whatever framing it has */
	struct slice token;
};

/*
 * `authzid` is the memory of header.authzid. ERR_SYNTAX, which says what
 * is wrong, for a header that section 4 does not have, and for an authorization
 * identity that is too long for a name (identity.h).
 */
MUST_CHECK enum status gs2_message_read(
	struct slice octets, struct gs2_message *out, struct buffer *authzid, struct error *err);

/*
 * Section 5.1: the application data of GSS-API's channel bindings, appended to
 * `out`. `binding` is the application's, NULL without GS2_USES_BINDINGS.
 * ERR_NO_MEMORY.
 */
MUST_CHECK enum status gs2_bound_data(struct slice bound, const sasl_channel_binding_t *binding,
	struct buffer *out, struct error *err);

#endif
