/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data, once a login is done. Whatever is read was sent, by the other end of
 * this very login, and nothing of it is missing or out of order; after a bad
 * packet nothing is read or sent any more; without a layer octets go through as
 * they are, whatever layer an earlier login had.
 */
#include <string.h>

#include "tests/attack/scene.h"

#define USUAL_BUFFER 65536

static struct stream *stream_of(struct scene *scene, unsigned exchange, bool by_initiator)
{
	return &scene->stream[exchange][by_initiator ? 0 : 1];
}

/* The packets in it are no longer than the peer said. */
static void check_packets(struct scene *scene, const struct side *side, struct slice octets)
{
	struct reader r = reader_of(octets);
	while (r.rest.len > 0 && !r.failed) {
		uint32_t length = read_u32(&r);
		(void)read_bytes(&r, length);
		if (side->peer_buffer && length > side->peer_buffer)
			scene_violated(scene, "a packet of %u octets, where the peer takes %u",
				length, side->peer_buffer);
	}
	if (r.failed)
		scene_violated(scene, "packets that are not whole");
}

/* The server is done but for an empty message: no application sends or reads
 * yet. */
static bool is_between(const struct side *side)
{
	return side->state == BUSY && side->is_pending;
}

void side_send(struct scene *scene, struct side *side, unsigned len, unsigned char fill)
{
	unsigned char data[4096];
	const char *out = NULL;
	unsigned out_len = 0;
	len %= sizeof data;
	memset(data, fill, len);
	if (is_between(side))
		return;
	int result = sasl_encode(side->conn, (const char *)data, len, &out, &out_len);
	letter_write(&scene->letter, PACKET, result == SASL_OK ? out : NULL, out_len);
	bool has_layer = side->state == LOGGED_IN && side_ssf(side) > 0;
	if (result != SASL_OK) {
		if (side->state == LOGGED_IN && !has_layer && side->max_buffer > 0 && len > 0)
			scene_violated(scene, "without a layer, data cannot be sent");
		return;
	}
	struct slice octets = slice_of(out, out_len), given = slice_of(data, len);
	if (!has_layer) {
		if (!slice_equal(octets, given))
			scene_violated(scene, "without a layer, data are sent changed");
		return;
	}
	if (side->layer_is_dead)
		scene_violated(scene, "after a bad packet, %u octets are sent", len);
	check_packets(scene, side, octets);
	mint_octets(&stream_of(scene, side->exchange, !side->is_server)->sent, given);
}

static void check_received(struct scene *scene, struct side *side, struct slice data)
{
	const struct stream *from = stream_of(scene, side->exchange, side->is_server);
	const char *who = side->is_server ? "server" : "client";
	if (side->layer_is_dead || (side->got_bad_packet && data.len > 0)) {
		scene_violated(scene, "after a bad packet, the %s reads on", who);
	} else if (from->sent.len - side->taken < data.len ||
		   (data.len > 0 &&
			   memcmp(from->sent.data + side->taken, data.data, data.len) != 0)) {
		scene_violated(scene, "the %s reads %zu octets that nobody sent it", who, data.len);
	} else {
		side->taken += data.len;
		scene->tally->packets += data.len > 0;
	}
}

/* One packet with its length as it was, and something else in it. */
static bool is_bad(const struct letter *letter)
{
	struct reader r = reader_of(buffer_slice(&letter->octets));
	uint32_t length = read_u32(&r);
	return letter->kind == PACKET && letter_is_changed(letter) && !r.failed &&
	       letter->octets.len == letter->original.len && r.rest.len == length;
}

void side_receive(struct scene *scene, struct side *side)
{
	const struct buffer *octets = &scene->letter.octets;
	const char *out = NULL;
	unsigned len = 0;
	if (is_between(side) || octets->len == 0)
		return;
	bool has_layer = side->state == LOGGED_IN && side_ssf(side) > 0;
	/* Without one libsasl2 takes memory for all that the application would read.
	 */
	if (!has_layer && side->max_buffer > USUAL_BUFFER)
		return;
	side->got_bad_packet = side->got_bad_packet || is_bad(&scene->letter);
	int result = sasl_decode(
		side->conn, (const char *)octets->data, (unsigned)octets->len, &out, &len);
	if (!has_layer) {
		if (result == SASL_OK && !slice_equal(slice_of(out, len), buffer_slice(octets)))
			scene_violated(scene, "without a layer, data are read changed");
		return;
	}
	if (result == SASL_OK) {
		check_received(scene, side, slice_of(out, len));
		return;
	}
	scene->tally->dead_layers += !side->layer_is_dead;
	side->layer_is_dead = true;
}
