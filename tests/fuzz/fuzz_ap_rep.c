/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_ap_rep.c - any octets as an AP-REP: refused with a sentence and
 * without a trace in the client's context, or accepted.
 *
 * By its lowest bit the first octet says what the rest is: the message as it
 * stands, or the plain text of its encrypted part.
 */

#include "tests/support/exchange.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct exchange x;

static void set_up(void)
{
	if (x.keytab)
		return;
	exchange_open(&x);
	exchange_request(&x);
}

static bool put_together(struct slice plain, struct buffer *token)
{
	AUTO_BUFFER cipher = {0};
	must(key_encrypt(x.session_key, USAGE_AP_REP, plain, &cipher, &(struct error){0}) ==
		STATUS_OK);
	const struct ap_rep rep = {.enc_part = {.etype = enctype_number(key_type(x.session_key)),
					   .cipher = buffer_slice(&cipher)}};
	return der_write_ap_rep(&rep, token, &(struct error){0}) == STATUS_OK;
}

static void forget_answer(void)
{
	key_release(x.client.acceptor_subkey);
	x.client.acceptor_subkey = NULL;
	x.client.has_acceptor_seq = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	set_up();
	AUTO_BUFFER storage = {0};
	struct reader r = reader_of(slice_of(data, size));
	bool is_plain = read_u8(&r) & 1;
	struct slice token = r.rest;
	if (is_plain) {
		if (!put_together(r.rest, &storage))
			return 0;
		token = buffer_slice(&storage);
	}

	struct error err = {0};
	enum status status = ap_rep_read(token, NULL, &x.client, &err);
	if (status != STATUS_OK)
		must(err.status == status && err.text[0] && !x.client.acceptor_subkey &&
			!x.client.has_acceptor_seq);
	forget_answer();
	return 0;
}
