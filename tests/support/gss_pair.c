/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/gss_pair.h"

#include <stdio.h>
#include <string.h>

static void gss_pair_trace(void *arg, const char *text)
{
	struct gss_pair *p = arg;
	size_t len = strlen(p->traced);
	snprintf(p->traced + len, sizeof p->traced - len, "%s\n", text);
}

void gss_pair_open(struct gss_pair *p)
{
	*p = (struct gss_pair){0};
	exchange_open(&p->x);
	for (unsigned i = 0; i < 2; i++)
		p->permitted[i] =
			(struct enctype_list){2, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1}};
	p->initiator = (struct gss_initiator){
		.credential = &p->x.credential,
		.now = p->x.initiator.now,
		.asked = &p->x.ticket.server,
		.mutual = true,
		.protection = GSS_CONF | GSS_INTEG,
		.permitted = &p->permitted[0],
	};
	p->acceptor.permitted = &p->permitted[1];
	p->acceptor.delegated = &p->delegated;
	p->trace = (struct ap_trace){gss_pair_trace, p};
}

void gss_pair_close(struct gss_pair *p)
{
	buffer_free(&p->request);
	buffer_free(&p->reply);
	gss_delegated_clear(&p->delegated);
	exchange_close(&p->x);
}

enum status gss_pair_request(struct gss_pair *p, struct error *err)
{
	buffer_clear(&p->request);
	ap_context_clear(&p->x.client);
	return gss_initiate(&p->initiator, &p->trace, &p->x.client, &p->request, err);
}

enum status gss_pair_answer(struct gss_pair *p, struct error *err)
{
	struct slice ap_req;
	buffer_clear(&p->reply);
	ap_context_clear(&p->x.server);
	p->accepted = (struct gss_accepted){0};
	gss_delegated_clear(&p->delegated);
	enum status status = gss_request_read(buffer_slice(&p->request), &ap_req, err);
	if (status ||
		(status = ap_req_read(&p->x.acceptor, ap_req, &p->trace, &p->x.server, err)) ||
		(status = gss_accept(&p->acceptor, &p->trace, &p->x.server, &p->accepted, err)))
		return status;
	return p->x.server.mutual ? gss_reply(&p->accepted, &p->trace, &p->x.server, &p->reply, err)
				  : STATUS_OK;
}

enum status gss_pair_finish(struct gss_pair *p, struct error *err)
{
	return gss_initiate_finish(
		&p->initiator, buffer_slice(&p->reply), &p->trace, &p->x.client, err);
}

enum status gss_pair_establish(struct gss_pair *p, struct error *err)
{
	enum status status = gss_pair_request(p, err);
	if (status || (status = gss_pair_answer(p, err)) || !p->x.server.mutual)
		return status;
	return gss_pair_finish(p, err);
}
