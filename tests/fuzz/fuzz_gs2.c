/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_gs2.c - any octets as a client's first message of GS2-KRB5: refused with
 * a sentence that is fit to be read, or read into what, written again, is the
 * header that came.
 */
#include <stdlib.h>

#include "mech/gs2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_printable(const char *text)
{
	must(text[0]);
	for (; *text; text++)
		must(*text >= 0x20 && *text <= 0x7e);
}

static void check_read(struct slice octets, const struct gs2_message *message)
{
	AUTO_BUFFER again = {0};
	struct error err = {0};
	size_t before = message->framed ? 2 : 0;
	must(message->bound.data == octets.data + before);
	must(message->token.data == message->bound.data + message->bound.len);
	must(message->token.data + message->token.len == octets.data + octets.len);
	must(gs2_header_write(&message->header, &again, &err) == STATUS_OK);
	must(slice_equal(buffer_slice(&again), message->bound));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUFFER authzid = {0};
	struct gs2_message message;
	struct error err = {0};
	struct slice octets = slice_of(data, size);
	if (gs2_message_read(octets, &message, &authzid, &err) == STATUS_OK) {
		check_read(octets, &message);
		return 0;
	}
	must(err.status == ERR_SYNTAX);
	must_be_printable(err.text);
	must_be_printable(error_shown(&err));
	return 0;
}
