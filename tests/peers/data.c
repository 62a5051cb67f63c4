/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/peers/data.h"

#include <stdlib.h>
#include <string.h>

#include "tests/peers/line.h"

#define PACKET_HEADER 4

/* The octet at a place in the stream of a side: neither period nor side can be mistaken. */
static unsigned char octet_at(unsigned long place, bool from_server)
{
	return (unsigned char)(place * 131 + place / 257 + (from_server ? 7 : 0));
}

static int failed(struct data *data, int result, const char *what)
{
	data->failed = what;
	return result;
}

/* ---- what may happen to packets on their way; `before` is how many went before this one ---- */

/* One that is held back, or changed. */
static char kept[1 << 16];
static unsigned kept_len;

static void keep(const char *packet, unsigned len)
{
	kept_len = len < sizeof kept ? len : sizeof kept;
	memcpy(kept, packet, kept_len);
}

static void pass(const char *packet, unsigned len, unsigned before)
{
	(void)before;
	line_send('\0', packet, len, NULL);
}

static void repeat(const char *packet, unsigned len, unsigned before)
{
	pass(packet, len, before);
	if (before == 1)
		pass(packet, len, before);
}

static void drop(const char *packet, unsigned len, unsigned before)
{
	if (before != 1)
		pass(packet, len, before);
}

static void swap(const char *packet, unsigned len, unsigned before)
{
	if (before == 1)
		keep(packet, len);
	else
		pass(packet, len, before);
	if (before == 2)
		pass(kept, kept_len, before);
}

static void change(const char *packet, unsigned len, unsigned before)
{
	if (before != 1) {
		pass(packet, len, before);
		return;
	}
	keep(packet, len);
	kept[kept_len - 1] ^= 1;
	pass(kept, kept_len, before);
}

static void send_packet(struct data *data, const char *packet, unsigned len)
{
	static const struct {
		const char *name;
		void (*send)(const char *packet, unsigned len, unsigned before);
	} ways[] = {
		{"pass", pass},
		{"repeat", repeat},
		{"drop", drop},
		{"swap", swap},
		{"change", change},
	};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(data->setup->way, ways[i].name) == 0)
			ways[i].send(packet, len, data->packets);
	data->packets++;
}

static int send_message(struct data *data, unsigned long size)
{
	const char *packet;
	unsigned len;
	char *message = malloc(size + 1);
	if (!message)
		return failed(data, SASL_NOMEM, "malloc");
	for (unsigned long i = 0; i < size; i++)
		message[i] = (char)octet_at(data->sent + i, data->setup->is_server);
	int result = sasl_encode(data->conn, message, (unsigned)size, &packet, &len);
	free(message);
	if (result != SASL_OK)
		return failed(data, result, "sasl_encode");
	send_packet(data, packet, len);
	data->sent += size;
	return SASL_OK;
}

int data_send(struct data *data)
{
	const void *limit;
	if (sasl_getprop(data->conn, SASL_MAXOUTBUF, &limit) != SASL_OK)
		return failed(data, SASL_FAIL, "SASL_MAXOUTBUF");
	for (unsigned i = 0; i < data->setup->batches; i++) {
		const struct batch *batch = &data->setup->send[i];
		for (unsigned long n = 0; n < batch->count; n++) {
			int result = send_message(
				data, batch->largest ? *(const unsigned *)limit : batch->size);
			if (result != SASL_OK)
				return result;
		}
	}
	line_send('.', NULL, 0, NULL);
	return SASL_OK;
}

static int receive_packet(struct data *data, const struct line *line)
{
	const char *out;
	unsigned len;
	if (line->len > data->largest)
		data->largest = line->len;
	if (line->len > data->setup->maxbufsize + PACKET_HEADER)
		return failed(data, SASL_BUFOVER, "the size of a packet");
	int result = sasl_decode(data->conn, line->octets, line->len, &out, &len);
	if (result != SASL_OK)
		return failed(data, result, "sasl_decode");
	for (unsigned i = 0; i < len; i++)
		if ((unsigned char)out[i] != octet_at(data->received + i, !data->setup->is_server))
			return failed(data, SASL_BADPROT, "the octets of a message");
	data->received += len;
	return SASL_OK;
}

int data_receive(struct data *data)
{
	struct line line;
	for (line_receive(&line); line.mark == '\0'; line_receive(&line)) {
		int result = receive_packet(data, &line);
		if (result != SASL_OK)
			return result;
	}
	return line.mark == '.' ? SASL_OK
				: failed(data, SASL_FAIL, "messages: the other side has given up");
}
