/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/attack/attack.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <string.h>

#include "tests/attack/scene.h"
#include "tests/attack/script.h"
#include "tests/support/must.h"

enum { MAX_WORDS = 200 };

/* The module's, linked in (plugin/plugin.c). */
extern sasl_server_plug_init_t sasl_server_plug_init;
extern sasl_client_plug_init_t sasl_client_plug_init;

static int get_no_path(void *context, const char **path)
{
	(void)context;
	*path = "/nonexistent";
	return SASL_OK;
}

void attack_start(bool restarts_clients)
{
	static const sasl_callback_t callbacks[] = {
		{SASL_CB_GETPATH, (int (*)(void))(void (*)(void))get_no_path, NULL},
		{SASL_CB_GETCONFPATH, (int (*)(void))(void (*)(void))get_no_path, NULL},
		{SASL_CB_LIST_END, NULL, NULL},
	};
	world.restarts_clients = restarts_clients;
	world_open();
	must_sasl(sasl_client_init(callbacks), "sasl_client_init");
	must_sasl(sasl_server_init(callbacks, "attack"), "sasl_server_init");
	must_sasl(sasl_client_add_plugin("kerberos5", sasl_client_plug_init),
		"sasl_client_add_plugin");
	must_sasl(sasl_server_add_plugin("kerberos5", sasl_server_plug_init),
		"sasl_server_add_plugin");
}

void attack_stop(void)
{
	world_close();
	sasl_client_done();
	sasl_server_done();
}

/* ---- words ---- */

static void client_terms(struct scene *scene, struct reader *script)
{
	unsigned char octet[7];
	for (size_t i = 0; i < sizeof octet; i++)
		octet[i] = read_u8(script);
	scene->client.terms = (struct terms){
		.identity = world_identity(octet[0]),
		.security = world_security(octet[1], octet[2]),
		.external = world_external(octet[3]),
		.binding = world_binding(octet[4]),
		.authzid = world_authzid(octet[5]),
		.mutual = (octet[6] & 1) == 0,
	};
}

static void server_terms(struct scene *scene, struct reader *script)
{
	unsigned char octet[4];
	for (size_t i = 0; i < sizeof octet; i++)
		octet[i] = read_u8(script);
	scene->server.terms = (struct terms){
		.security = world_security(octet[0], octet[1]),
		.external = world_external(octet[2]),
		.binding = world_binding(octet[3]),
	};
}

static void relay(struct scene *scene, unsigned steps)
{
	bool to_server = scene->letter.kind == REQUEST || scene->letter.kind == CHOICE ||
			 scene->letter.kind == OTHER;
	for (unsigned i = 0; i < steps % 8; i++) {
		(to_server ? server_step : client_step)(scene);
		to_server = !to_server;
	}
}

static void flip(struct letter *letter, unsigned at, unsigned char with)
{
	if (letter->octets.len > 0)
		letter->octets.data[at % letter->octets.len] ^= with;
}

static void splice(struct letter *letter, const struct letter *other, unsigned at)
{
	AUTO_BUFFER whole = {0};
	if (letter->octets.len == 0 || other->octets.len == 0 || letter->claims != 1 ||
		other->claims != 1 || letter->kind != other->kind || letter_is_changed(letter) ||
		letter_is_changed(other))
		return;
	at %= letter->octets.len < other->octets.len ? letter->octets.len : other->octets.len;
	mint_octets(&whole, slice_of(letter->octets.data, at));
	mint_octets(&whole, slice_of(other->octets.data + at, other->octets.len - at));
	buffer_clear(&letter->octets);
	mint_octets(&letter->octets, buffer_slice(&whole));
	letter->claim[letter->claims++] = other->claim[0];
}

static void write_letter(struct scene *scene, struct reader *script)
{
	unsigned char octets[256];
	size_t len = read_u8(script);
	for (size_t i = 0; i < len; i++)
		octets[i] = read_u8(script);
	letter_write(&scene->letter, OTHER, octets, len);
}

static void man_in_the_middle(struct scene *scene, enum word word, struct reader *script)
{
	struct letter *letter = &scene->letter;
	struct letter *slot = &scene->slot[word == KEEP || word == REPEAT || word == SPLICE
						   ? read_u8(script) % SLOTS
						   : 0];
	unsigned char extension;
	unsigned at;
	switch (word) {
	case DROP:
		letter_write(letter, OTHER, read_u8(script) & 1 ? NULL : "", 0);
		break;
	case KEEP:
		letter_copy(slot, letter);
		break;
	case REPEAT:
		letter_copy(letter, slot);
		break;
	case FLIP:
		at = read_u16(script);
		flip(letter, at, read_u8(script));
		break;
	case CUT:
		at = read_u16(script);
		letter->octets.len -= letter->octets.len ? at % letter->octets.len : 0;
		break;
	case EXTEND:
		extension = read_u8(script);
		mint_octets(&letter->octets, slice_of(&extension, 1));
		break;
	case SPLICE:
		splice(letter, slot, read_u16(script));
		break;
	default:
		write_letter(scene, script);
	}
}

static void data(struct scene *scene, enum word word, struct reader *script)
{
	bool by_client = word == CLIENT_SENDS || word == CLIENT_RECEIVES;
	struct side *side = by_client ? &scene->client : &scene->server;
	if (word == CLIENT_SENDS || word == SERVER_SENDS) {
		unsigned len = read_u16(script);
		side_send(scene, side, len, read_u8(script));
	} else {
		side_receive(scene, side);
	}
}

static void rogue_client(struct scene *scene, enum word word, struct reader *script)
{
	struct forgery how = {0};
	unsigned octet, len;
	if (word == FORGE_V5 || word == FORGE_REQUEST)
		how.identity = world_identity(read_u8(script));
	if (word == FORGE_REQUEST) {
		octet = read_u8(script);
		how.flags = octet & 0x7f;
		how.negotiates = octet & 0x80;
		how.binding = world_binding(read_u8(script));
		rogue_request_gss(scene, &how);
	} else if (word == FORGE_READ) {
		rogue_read_reply(scene);
	} else if (word == FORGE_PACKET) {
		octet = read_u8(script);
		len = read_u16(script);
		rogue_packet(scene, octet, len, read_u8(script));
	} else {
		how.layers = read_u8(script);
		how.max_buffer = world_buffer(read_u8(script));
		how.authzid = world_authzid(read_u8(script));
		octet = read_u8(script);
		if (word == FORGE_CHOICE) {
			rogue_choose(scene, &how, octet & 1, (octet >> 1) & 1);
			return;
		}
		how.faults = octet & FORGE_FAULTS;
		how.octet = read_u8(script);
		rogue_request_v5(scene, &how);
	}
}

static void rogue_server(struct scene *scene, enum word word, struct reader *script)
{
	unsigned octet = read_u8(script);
	uint32_t size;
	switch (word) {
	case POSE_CHALLENGE:
		rogue_challenge(scene, octet, world_buffer(read_u8(script)));
		break;
	case POSE_ACCEPT:
		rogue_accept(scene, octet & 1);
		break;
	case POSE_REPLY:
		rogue_reply(scene, octet & 1, octet & 2);
		break;
	default:
		size = world_buffer(read_u8(script));
		rogue_offer(scene, octet, size, read_u8(script) & 1);
	}
}

static void honest(struct scene *scene, enum word word, struct reader *script)
{
	enum mechanism_tried mechanism;
	switch (word) {
	case NEW_CLIENT:
		side_open(scene, &scene->client, read_u8(script) & 1);
		break;
	case NEW_SERVER:
		side_open(scene, &scene->server, read_u8(script) & 1);
		break;
	case LIST_MECHANISMS:
		side_list(&scene->server);
		break;
	case START_CLIENT:
		client_start(scene, read_u8(script) % MECHANISMS);
		break;
	case START_SERVER:
		mechanism = read_u8(script) % MECHANISMS;
		server_start(scene, mechanism, read_u8(script) & 1);
		break;
	case STEP_CLIENT:
		client_step(scene);
		break;
	case STEP_SERVER:
		server_step(scene);
		break;
	case RELAY:
		relay(scene, read_u8(script));
		break;
	default:
		judge_login(scene, read_u8(script) % MECHANISMS);
	}
}

static void obey(struct scene *scene, enum word word, struct reader *script)
{
	if (word == CLIENT_TERMS)
		client_terms(scene, script);
	else if (word == SERVER_TERMS)
		server_terms(scene, script);
	else if (word <= LOGIN)
		honest(scene, word, script);
	else if (word <= WRITE)
		man_in_the_middle(scene, word, script);
	else if (word <= SERVER_RECEIVES)
		data(scene, word, script);
	else if (word <= FORGE_PACKET)
		rogue_client(scene, word, script);
	else
		rogue_server(scene, word, script);
}

static void clear(struct scene *scene)
{
	side_close(&scene->client);
	side_close(&scene->server);
	rogue_close(&scene->rogue);
	letter_clear(&scene->letter);
	for (unsigned i = 0; i < SLOTS; i++)
		letter_clear(&scene->slot[i]);
	for (unsigned i = 0; i <= MAX_EXCHANGES; i++) {
		buffer_free(&scene->stream[i][0].sent);
		buffer_free(&scene->stream[i][1].sent);
	}
	world_forget();
}

const char *attack_run(const uint8_t *script, size_t size, struct attack_tally *tally)
{
	static struct scene scene;
	struct reader r = reader_of(slice_of(script, size));
	scene = (struct scene){.tally = tally};
	scene.client.terms =
		(struct terms){.identity = world_identity(0), .authzid = "", .mutual = true};
	side_open(&scene, &scene.client, true);
	side_open(&scene, &scene.server, true);
	for (unsigned i = 0; i < MAX_WORDS && r.rest.len > 0 && !scene.verdict[0]; i++)
		obey(&scene, read_u8(&r) % WORD_COUNT, &r);
	clear(&scene);
	return scene.verdict[0] ? scene.verdict : NULL;
}
