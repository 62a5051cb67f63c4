/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No login inherits from another: what an earlier one left on the server's
 * connection makes no difference.
 */
#include <string.h>

#include "tests/attack/scene.h"

/* All of what the server's application sees of it. */
struct outcome {
	bool succeeded;
	sasl_ssf_t ssf;
	unsigned max_out;
	char user[64], authid[64];
};

static void keep_text(const struct side *side, int property, char out[64])
{
	const void *value = NULL;
	if (sasl_getprop(side->conn, property, &value) == SASL_OK && value)
		strncpy(out, value, 63);
}

static struct outcome log_in(struct scene *scene, enum mechanism_tried mechanism)
{
	struct outcome outcome = {0};
	const struct side *server = &scene->server;
	const void *max_out = NULL;
	side_open(scene, &scene->client, server->success_data);
	client_start(scene, mechanism);
	server_start(scene, mechanism, scene->letter.is_there);
	for (int i = 0; i < 3 && server->state == BUSY; i++) {
		client_step(scene);
		server_step(scene);
	}
	if (server->state != LOGGED_IN)
		return outcome;
	outcome.succeeded = true;
	outcome.ssf = side_ssf(server);
	if (sasl_getprop(server->conn, SASL_MAXOUTBUF, &max_out) == SASL_OK)
		outcome.max_out = *(const unsigned *)max_out;
	keep_text(server, SASL_USERNAME, outcome.user);
	keep_text(server, SASL_AUTHUSER, outcome.authid);
	return outcome;
}

void judge_login(struct scene *scene, enum mechanism_tried mechanism)
{
	struct side *server = &scene->server;
	if (server->logins > 0 || scene->exchanges + 2 > MAX_EXCHANGES)
		return;        /* libsasl2 takes no other after one that succeeded */
	if (server->has_begun) /* libsasl2 has memory for no more than at first */
		server->terms.security.maxbufsize = server->max_buffer;
	const struct outcome here = log_in(scene, mechanism);
	side_open(scene, server, server->success_data);
	const struct outcome there = log_in(scene, mechanism);
	if (memcmp(&here, &there, sizeof here) != 0)
		scene_violated(scene,
			"a login after another on a connection: %d, \"%s\" as "
			"\"%s\", SSF %u; on a "
			"new one: %d, \"%s\" as \"%s\", SSF %u",
			here.succeeded, here.authid, here.user, here.ssf, there.succeeded,
			there.authid, there.user, there.ssf);
}
