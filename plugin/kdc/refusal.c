/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/refusal.h"

#include "base/refusal.h"

enum status kdc_refusal(const struct krb_error *message, const struct kdc_request_names *names,
	struct timestamp now, struct error *err)
{
	return error_refused(err, &(struct refusal){
					  .code = message->error_code,
					  .time = message->stime,
					  .text = message->text,
					  .kdc_realm = names->realm,
					  .client = names->client,
					  .service = names->server,
					  .now = now,
				  });
}
