/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/framing.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define LENGTH_OCTETS 4

/* Between calls a layer keeps no more memory than this of what passed through. */
#define KEPT_MEMORY 2048

void framing_close(struct framing *framing)
{
	buffer_free(&framing->partial);
	buffer_free(&framing->sent);
	buffer_free(&framing->received);
	buffer_free(&framing->storage);
	free(framing->failure);
	*framing = (struct framing){0};
}

/* Wipes what is no longer needed, before it is filled anew. */
static void empty(struct buffer *buffer)
{
	if (buffer->capacity > KEPT_MEMORY)
		buffer_free(buffer);
	else
		buffer_clear(buffer);
}

static int die(struct framing *framing, const struct error *err)
{
	framing->result = logger_result(err, SASL_BADMAC);
	framing->failure = strdup(err->text);
	logger_line(framing->log, SASL_LOG_FAIL, "the security layer failed: %s", err->text);
	logger_set_detail(framing->log, err->text);
	buffer_free(&framing->partial);
	buffer_free(&framing->received);
	buffer_free(&framing->sent);
	return framing->result;
}

/*
 * libsasl2 keeps encode and decode of a login when another one begins on its
 * connection, and calls them with what the new one has, if anything.
 */
static bool is_open(const struct framing *framing)
{
	return framing && framing->mechanism;
}

static int dead(const struct framing *framing)
{
	logger_set_detail(framing->log, framing->failure ? framing->failure : "out of memory");
	return framing->result;
}

/* libsasl2's vector as slices; up to FEW of them need no memory. */
#define FEW 16

static enum status encode(
	struct framing *framing, const struct iovec *pieces, unsigned count, struct error *err)
{
	struct slice few[FEW], *slices = few;
	struct slice *many = NULL;
	if (count > FEW && !(slices = many = calloc(count, sizeof *many)))
		return error_no_memory(err);
	for (unsigned i = 0; i < count; i++)
		slices[i] = slice_of(pieces[i].iov_base, pieces[i].iov_len);

	enum status status = STATUS_OK;
	if (buffer_append(&framing->sent, SLICE_LITERAL("\0\0\0\0")))
		status = error_no_memory(err);
	else
		status = framing->mechanism->protect(
			framing->arg, slices, count, &framing->sent, err);
	free(many);
	if (!status)
		store_u32(framing->sent.data, (uint32_t)(framing->sent.len - LENGTH_OCTETS));
	return status;
}

int framing_encode(void *context, const struct iovec *pieces, unsigned count, const char **out,
	unsigned *out_len)
{
	struct framing *framing = context;
	NEW_ERROR(err);
	*out = NULL;
	*out_len = 0;
	if (!is_open(framing))
		return SASL_NOTDONE;
	if (framing->result != SASL_OK)
		return dead(framing);
	empty(&framing->sent);
	if (encode(framing, pieces, count, &err))
		return die(framing, &err);
	*out = (const char *)framing->sent.data;
	*out_len = (unsigned)framing->sent.len;
	return SASL_OK;
}

static enum status packet_length(
	const struct framing *framing, struct slice head, size_t *length, struct error *err)
{
	struct reader r = reader_of(head);
	*length = 0;
	uint32_t declared = read_u32(&r);
	if (declared > framing->max_packet)
		return error_set(err, ERR_SYNTAX,
			"a packet of %u octets is announced, %u is the most that was agreed",
			declared, framing->max_packet);
	*length = LENGTH_OCTETS + (size_t)declared;
	return STATUS_OK;
}

/* Moves octets from `in` until `partial` has `want` of them. True if it has. */
static bool fill(struct framing *framing, struct slice *in, size_t want, enum status *status)
{
	size_t missing = want > framing->partial.len ? want - framing->partial.len : 0;
	size_t part = missing < in->len ? missing : in->len;
	*status = buffer_append(&framing->partial, slice_of(in->data, part));
	*in = slice_of(in->data + part, in->len - part);
	return *status == STATUS_OK && framing->partial.len >= want;
}

static enum status unprotect(struct framing *framing, struct slice packet, struct error *err)
{
	return framing->mechanism->unprotect(
		framing->arg, packet, &framing->storage, &framing->received, err);
}

/* Takes what is left of a packet that began in an earlier call, as far as `in` reaches. */
static enum status continue_packet(struct framing *framing, struct slice *in, struct error *err)
{
	size_t length;
	enum status status;
	if (!fill(framing, in, LENGTH_OCTETS, &status))
		return status ? error_no_memory(err) : STATUS_OK;
	if (packet_length(framing, buffer_slice(&framing->partial), &length, err))
		return err->status;
	if (!fill(framing, in, length, &status))
		return status ? error_no_memory(err) : STATUS_OK;

	struct slice packet = slice_of(
		framing->partial.data + LENGTH_OCTETS, framing->partial.len - LENGTH_OCTETS);
	status = unprotect(framing, packet, err);
	empty(&framing->partial);
	return status;
}

/* Packets that are whole in `in` are read where they are. */
static enum status whole_packets(struct framing *framing, struct slice *in, struct error *err)
{
	while (in->len >= LENGTH_OCTETS) {
		size_t length;
		if (packet_length(framing, *in, &length, err))
			return err->status;
		if (in->len < length)
			return STATUS_OK;
		struct slice packet = slice_of(in->data + LENGTH_OCTETS, length - LENGTH_OCTETS);
		if (unprotect(framing, packet, err))
			return err->status;
		*in = slice_of(in->data + length, in->len - length);
	}
	return STATUS_OK;
}

static enum status decode(struct framing *framing, struct slice in, struct error *err)
{
	enum status status = STATUS_OK;
	if (framing->partial.len > 0)
		status = continue_packet(framing, &in, err);
	if (!status && framing->partial.len == 0)
		status = whole_packets(framing, &in, err);
	if (!status && in.len > 0)
		status = continue_packet(framing, &in, err);
	return status;
}

int framing_decode(
	void *context, const char *in, unsigned in_len, const char **out, unsigned *out_len)
{
	struct framing *framing = context;
	NEW_ERROR(err);
	*out = NULL;
	*out_len = 0;
	if (!is_open(framing))
		return SASL_NOTDONE;
	if (framing->result != SASL_OK)
		return dead(framing);
	empty(&framing->received);
	enum status status = decode(framing, slice_of(in, in_len), &err);
	empty(&framing->storage);
	if (status)
		return die(framing, &err);
	*out = (const char *)framing->received.data;
	*out_len = (unsigned)framing->received.len;
	return SASL_OK;
}
