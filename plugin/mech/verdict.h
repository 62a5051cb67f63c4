/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verdict.h - how a server says that a login succeeded or failed: to the log,
 * to the client, and to libsasl2.
 *
 * Lines that concern one login begin with the same words whatever the reason
 * is, so that a filter of the log is written once (libkerberos5(5) has one):
 *
 *	login accepted from ADDRESS: ...
 *	login refused from ADDRESS (CLIENT): ...
 *	login failed from ADDRESS (CLIENT): ...
 *
 * "refused" is what the peer caused, "failed" a fault of this host. " from
 * ADDRESS" is missing if the program gave libsasl2 no address, " (CLIENT)"
 * as long as no ticket told who the client is. ADDRESS is digits, letters
 * a to f, ':' and '.'; CLIENT is escaped (text.h).
 */
#ifndef MECH_VERDICT_H
#define MECH_VERDICT_H

#include "mech/acceptor.h"

/*
 * libsasl2's result for a failure: SASL_NOMEM, SASL_FAIL for another fault of
 * this host, SASL_BADAUTH for all that the peer caused.
 */
int verdict_result(const struct error *err);

/*
 * Ends a login: logs it, at SASL_LOG_FAIL or, for a fault of this host
 * (SASL_NOMEM, SASL_FAIL), at SASL_LOG_ERR, and sets sasl_errdetail() to what
 * the peer may read. `context` has the client's name as far as it is known.
 * Returns `result`, which is kept in the acceptor for the steps after this.
 */
int verdict_refuse(struct acceptor *acceptor, const struct ap_context *context, int result,
	const struct error *err);

/*
 * The message from which the client's user reads why, in place of the AP-REP:
 * made by krb_error_make() or gss_refuse(), in `out`, which is emptied first.
 * False if there is none: this server fails at once (acceptor.h), the client
 * does not wait for an AP-REP, or there is no memory.
 */
typedef enum status verdict_message_make(
	const struct ap_refusal *refusal, struct buffer *token, struct error *err);
bool verdict_message(const struct acceptor *acceptor, const struct ap_context *context,
	const struct error *err, verdict_message_make *make, struct buffer *out);

/*
 * The line that says who logged in, at SASL_LOG_NOTE. libsasl2 asks the
 * application whether the one identity may act as the other only after the
 * last step, so that the line does not say that it does.
 */
void verdict_accepted(const struct acceptor *acceptor, const struct ap_context *context,
	const sasl_out_params_t *oparams);

#endif
