/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/delegation.h"

#include <stdlib.h>

static void delegation_must(enum status status)
{
	if (status != STATUS_OK)
		abort();
}

void delegation_open(struct delegation *d, const struct exchange *x)
{
	struct principal krbtgt =
		exchange_principal("krbtgt/EXAMPLE.TEST@EXAMPLE.TEST", &d->storage);
	*d = (struct delegation){.storage = d->storage, .key = x->session_key, .usage = 14};
	d->cred.count = d->part.count = 1;
	d->cred.ticket[0] = (struct ticket){
		.server = krbtgt,
		.enc_part = {.etype = 18, .cipher = SLICE_LITERAL("for the KDC alone to read")},
	};
	d->cred.enc_part.etype = enctype_number(key_type(x->session_key));
	d->part.info[0] = (struct krb_cred_info){
		.key = {18, SLICE_LITERAL("the key of a delegated ticket...")},
		.client = x->ticket.part.client,
		.has_flags = true,
		.flags = TICKET_FORWARDABLE | TICKET_FORWARDED,
		.has_endtime = true,
		.endtime = EXCHANGE_NOW + 3600,
		.server = krbtgt,
	};
}

void delegation_close(struct delegation *d)
{
	buffer_free(&d->storage);
}

void delegation_enclose(struct delegation *d, struct slice plain, struct buffer *out)
{
	AUTO_BUFFER cipher = {0};
	d->cred.enc_part.cipher = plain;
	if (d->key) {
		delegation_must(key_encrypt(d->key, d->usage, plain, &cipher, &(struct error){0}));
		d->cred.enc_part.cipher = buffer_slice(&cipher);
	}
	delegation_must(der_write_krb_cred(&d->cred, out, &(struct error){0}));
	d->cred.enc_part.cipher = SLICE_EMPTY;
}

void delegation_make(struct delegation *d, struct buffer *out)
{
	AUTO_BUFFER plain = {0};
	delegation_must(der_write_enc_krb_cred_part(&d->part, &plain, &(struct error){0}));
	delegation_enclose(d, buffer_slice(&plain), out);
}

void delegation_checksum(uint32_t flags, struct slice krb_cred, struct buffer *out)
{
	const struct gss_bindings none = {{0}};
	unsigned char value[GSS_CHECKSUM_LENGTH];
	mint_octets(out, gss_checksum_make(flags | GSS_DELEG, &none, value).value);
	mint_u8(out, 1);
	mint_u8(out, 0);
	mint_u8(out, (uint8_t)krb_cred.len);
	mint_u8(out, (uint8_t)(krb_cred.len >> 8));
	mint_octets(out, krb_cred);
}
