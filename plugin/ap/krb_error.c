/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/ap.h"

#include "base/refusal.h"
#include "base/text.h"

#define E_TEXT_MAX 200

/* A time of zero is one that is not known. */
static bool is_known(struct timestamp time)
{
	return time.seconds != 0 || time.microseconds != 0;
}

/*
 * The client's name is left out even where the ticket told it: the message
 * goes over the wire in clear, and whoever replays a request would learn it.
 */
enum status krb_error_make(
	const struct ap_refusal *refusal, struct buffer *token, struct error *err)
{
	bool in_rfc = refusal->code > STATUS_OK && refusal->code < ERR_NO_MEMORY;
	char text[E_TEXT_MAX + 1];
	struct krb_error message = {
		.has_ctime = is_known(refusal->client_time),
		.has_cusec = is_known(refusal->client_time),
		.ctime = refusal->client_time,
		.stime = refusal->now,
		.error_code = in_rfc ? (int32_t)refusal->code : KRB_ERR_GENERIC,
		.server = *refusal->server,
	};
	if (refusal->text)
		message.text =
			slice_string(text_escape(slice_string(refusal->text), text, sizeof text));
	return der_write_krb_error(&message, token, err);
}

enum status krb_error_read(
	struct slice token, struct timestamp now, const struct principal *asked, struct error *err)
{
	struct krb_error message;
	if (der_read_krb_error(token, &message, err))
		return error_prefix(err, "the server's refusal cannot be read");
	return error_refused(err, &(struct refusal){
					  .code = message.error_code,
					  .time = message.stime,
					  .text = message.text,
					  .service = asked,
					  .now = now,
				  });
}
