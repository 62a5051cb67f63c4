/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole logins and the beginnings of attacks, from which a search goes on.
 */
#include "tests/attack/attack.h"
#include "tests/attack/script.h"

enum { V5, GSS };
enum { NO_LAYER, ANY_LAYER, INTEGRITY_ONLY }; /* rows of world_security() */
enum { ALICE, BOB, MALLORY, CAROL };
enum { CHANNEL = 4, OTHER_CHANNEL = 5, CRITICAL = 6 }; /* of world_binding() */

#define LIMITS(client_ssf, server_ssf)                                                             \
	CLIENT_TERMS, ALICE, client_ssf, 0, 0, 0, 0, 0, SERVER_TERMS, server_ssf, 0, 0, 0
#define LOGIN_V5 START_CLIENT, V5, START_SERVER, V5, 0, RELAY, 3
#define LOGIN_GSS START_CLIENT, GSS, START_SERVER, GSS, 1, RELAY, 4
#define TALK                                                                                       \
	CLIENT_SENDS, 0, 100, 'c', SERVER_RECEIVES, SERVER_SENDS, 8, 0, 's', CLIENT_RECEIVES,      \
		CLIENT_SENDS, 0, 0, 0, SERVER_RECEIVES, CLIENT_SENDS, 0, 1, 'x', SERVER_RECEIVES
#define ROGUE_TALKS                                                                                \
	FORGE_PACKET, 0, 0, 20, 'r', SERVER_RECEIVES, FORGE_PACKET, 0, 1, 20, 'r',                 \
		SERVER_RECEIVES, SERVER_SENDS, 0, 5, 's', SERVER_SENDS, 0, 6, 't', FORGE_PACKET,   \
		1, 0, 20, 'r', SERVER_RECEIVES, FORGE_PACKET, 0, 0, 20, 'r', SERVER_RECEIVES

#define SCRIPT(name, ...) static const uint8_t name[] = {__VA_ARGS__}

SCRIPT(v5_none, LIMITS(NO_LAYER, NO_LAYER), LOGIN_V5, TALK);
SCRIPT(v5_integrity, LIMITS(INTEGRITY_ONLY, ANY_LAYER), LOGIN_V5, TALK);
SCRIPT(v5_privacy, LIMITS(ANY_LAYER, ANY_LAYER), LOGIN_V5, TALK);
SCRIPT(v5_two_steps, NEW_CLIENT, 0, NEW_SERVER, 0, LIMITS(ANY_LAYER, ANY_LAYER), LOGIN_V5,
	STEP_SERVER, TALK);
SCRIPT(v5_not_mutual, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0, 1, 1, LOGIN_V5, TALK);
SCRIPT(v5_carol, CLIENT_TERMS, CAROL, ANY_LAYER, 1, 0, 0, 2, 0, SERVER_TERMS, ANY_LAYER, 2, 0, 0,
	LOGIN_V5, TALK);
SCRIPT(v5_bindings, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CHANNEL, 0, 0, SERVER_TERMS, ANY_LAYER, 0,
	0, CHANNEL, LOGIN_V5, TALK);
SCRIPT(v5_critical, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CHANNEL, 3, 0, SERVER_TERMS, ANY_LAYER, 0,
	0, CRITICAL, LOGIN_V5, NEW_CLIENT, 1, CLIENT_TERMS, BOB, ANY_LAYER, 0, 0, 0, 0, 0, LOGIN_V5,
	NEW_CLIENT, 1, CLIENT_TERMS, BOB, ANY_LAYER, 0, 0, CHANNEL, 0, 0, LOGIN_V5, TALK);
SCRIPT(v5_critical_rogue, SERVER_TERMS, NO_LAYER, 0, 0, CRITICAL, START_SERVER, V5, 0, FORGE_V5,
	MALLORY, 9, 7, 0, 0, 0, STEP_SERVER);
SCRIPT(v5_client_demands, CLIENT_TERMS, ALICE, NO_LAYER, 0, 0, CRITICAL, 0, 1, SERVER_TERMS,
	0x80 | NO_LAYER, 0, 0, CHANNEL, LOGIN_V5, TALK);
SCRIPT(v5_client_demands_others, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CRITICAL, 0, 1, SERVER_TERMS,
	ANY_LAYER, 0, 0, OTHER_CHANNEL, LOGIN_V5, NEW_CLIENT, 1, SERVER_TERMS, ANY_LAYER, 0, 0, 0,
	LOGIN_V5);
/* The challenge says that bindings are compared, and was changed. */
SCRIPT(v5_client_is_told_a_lie, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CRITICAL, 0, 0, SERVER_TERMS,
	ANY_LAYER, 0, 0, 0, START_CLIENT, V5, START_SERVER, V5, 0, FLIP, 0, 0, 16, RELAY, 3);
SCRIPT(gss_client_demands, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CRITICAL, 0, 0, SERVER_TERMS,
	ANY_LAYER, 0, 0, CHANNEL, LOGIN_GSS);
SCRIPT(v5_after_refusal, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, V5, START_SERVER, V5, 0,
	STEP_CLIENT, FLIP, 0, 200, 1, STEP_SERVER, NEW_CLIENT, 1, LOGIN_V5, TALK);
SCRIPT(v5_replay, LIMITS(NO_LAYER, NO_LAYER), START_CLIENT, V5, START_SERVER, V5, 0, STEP_CLIENT,
	KEEP, 0, STEP_SERVER, NEW_SERVER, 1, START_SERVER, V5, 0, REPEAT, 0, STEP_SERVER,
	STEP_SERVER);
SCRIPT(v5_cut_offer, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, V5, START_SERVER, V5, 0, FLIP, 0,
	0, 4, RELAY, 3, TALK);
SCRIPT(v5_rogue_none, SERVER_TERMS, NO_LAYER, 0, 0, 0, START_SERVER, V5, 0, FORGE_V5, MALLORY, 9, 7,
	0, 0, 0, STEP_SERVER);
SCRIPT(v5_rogue_privacy, SERVER_TERMS, ANY_LAYER, 0, 0, 0, START_SERVER, V5, 0, FORGE_V5, MALLORY,
	12, 2, 1, 0, 0, STEP_SERVER, FORGE_READ, ROGUE_TALKS);
SCRIPT(v5_rogue_integrity, SERVER_TERMS, ANY_LAYER, 0, 0, 0, START_SERVER, V5, 0, FORGE_V5, BOB, 10,
	3, 0, 0, 0, STEP_SERVER, FORGE_READ, ROGUE_TALKS);
SCRIPT(v5_rogue_faults, START_SERVER, V5, 0, KEEP, 1, FORGE_V5, MALLORY, 9, 7, 0, 2, 20,
	STEP_SERVER, START_SERVER, V5, 0, FORGE_V5, MALLORY, 9, 7, 0, 4, 0, STEP_SERVER,
	START_SERVER, V5, 0, FORGE_V5, MALLORY, 9, 7, 3, 0, 0, STEP_SERVER, START_SERVER, V5, 0,
	FORGE_V5, MALLORY, 9, 7, 0, 0, 0, STEP_SERVER);
SCRIPT(v5_pose, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, V5, POSE_CHALLENGE, 15, 0, STEP_CLIENT,
	POSE_ACCEPT, 1, POSE_REPLY, 1, STEP_CLIENT, FORGE_PACKET, 0, 0, 30, 'p', CLIENT_RECEIVES,
	CLIENT_SENDS, 0, 3, 'c', NEW_CLIENT, 1, START_CLIENT, V5, POSE_CHALLENGE, 15, 0,
	STEP_CLIENT, POSE_ACCEPT, 0, POSE_REPLY, 1, STEP_CLIENT);

SCRIPT(v5_refused_then_right, START_SERVER, V5, 0, KEEP, 1, FORGE_V5, MALLORY, 9, 7, 0, 4, 0,
	STEP_SERVER, REPEAT, 1, FORGE_V5, MALLORY, 9, 7, 0, 0, 0, STEP_SERVER);

SCRIPT(gss_none, LIMITS(NO_LAYER, NO_LAYER), LOGIN_GSS, TALK);
SCRIPT(gss_integrity, LIMITS(ANY_LAYER, INTEGRITY_ONLY), LOGIN_GSS, TALK);
SCRIPT(gss_privacy, LIMITS(ANY_LAYER, ANY_LAYER), LOGIN_GSS, TALK);
SCRIPT(gss_no_initial, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, GSS, KEEP, 0, DROP, 1,
	START_SERVER, GSS, 0, REPEAT, 0, RELAY, 5, TALK);
SCRIPT(gss_not_mutual, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0, 1, 1, LOGIN_GSS, TALK);
SCRIPT(gss_not_mutual_replay, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0, 1, 1, START_CLIENT, GSS, KEEP,
	0, START_SERVER, GSS, 1, STEP_CLIENT, KEEP, 1, STEP_SERVER, NEW_SERVER, 1, REPEAT, 0,
	START_SERVER, GSS, 1, REPEAT, 1, STEP_SERVER);
SCRIPT(gss_bindings, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CHANNEL, 0, 0, SERVER_TERMS, ANY_LAYER,
	0, 0, CRITICAL, LOGIN_GSS, TALK);
SCRIPT(gss_bindings_then_none, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CHANNEL, 3, 0, SERVER_TERMS,
	ANY_LAYER, 0, 0, CHANNEL, LOGIN_GSS, NEW_CLIENT, 1, CLIENT_TERMS, BOB, ANY_LAYER, 0, 0, 0,
	0, 0, SERVER_TERMS, ANY_LAYER, 0, 0, 0, LOGIN_GSS, TALK);
SCRIPT(gss_after_refusal, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, GSS, START_SERVER, GSS, 1,
	RELAY, 3, FLIP, 0, 30, 1, STEP_SERVER, NEW_CLIENT, 1, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0,
	0, 0, LOGIN_GSS, TALK);
SCRIPT(gss_refused_then_right, SERVER_TERMS, ANY_LAYER, 0, 0, CHANNEL, FORGE_REQUEST, MALLORY, 62,
	OTHER_CHANNEL, START_SERVER, GSS, 1, FORGE_REQUEST, MALLORY, 62, CHANNEL, STEP_SERVER,
	FORGE_READ, STEP_SERVER, FORGE_CHOICE, 4, 2, 1, 0, STEP_SERVER);
SCRIPT(gss_critical, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CHANNEL, 3, 0, SERVER_TERMS, ANY_LAYER,
	0, 0, CRITICAL, LOGIN_GSS, SERVER_TERMS, ANY_LAYER, 0, 0, CRITICAL, NEW_CLIENT, 1,
	CLIENT_TERMS, BOB, ANY_LAYER, 0, 0, 0, 0, 0, LOGIN_GSS);
SCRIPT(gss_then_login, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, CHANNEL, 3, 0, SERVER_TERMS, ANY_LAYER,
	0, 0, CHANNEL, LOGIN_GSS, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0, 0, 0, SERVER_TERMS,
	ANY_LAYER, 0, 0, 0, LOGIN, GSS, TALK);
SCRIPT(v5_then_login, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, 0, 3, 0, SERVER_TERMS, ANY_LAYER, 0, 0,
	0, LOGIN_V5, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0, 0, 0, LOGIN, V5, TALK);
SCRIPT(v5_layer_then_none, CLIENT_TERMS, ALICE, ANY_LAYER, 0, 0, 0, 3, 0, SERVER_TERMS, ANY_LAYER,
	0, 0, 0, LOGIN_V5, NEW_CLIENT, 1, CLIENT_TERMS, BOB, NO_LAYER, 0, 0, 0, 0, 0, LOGIN_V5,
	TALK);
SCRIPT(gss_rogue_privacy, SERVER_TERMS, ANY_LAYER, 0, 0, 0, FORGE_REQUEST, MALLORY, 62, 0,
	START_SERVER, GSS, 1, FORGE_READ, STEP_SERVER, FORGE_CHOICE, 4, 2, 1, 0, STEP_SERVER,
	ROGUE_TALKS);
SCRIPT(gss_rogue_integrity, SERVER_TERMS, ANY_LAYER, 0, 0, 0, FORGE_REQUEST, BOB, 62, CHANNEL,
	START_SERVER, GSS, 1, FORGE_READ, STEP_SERVER, FORGE_CHOICE, 2, 3, 0, 1, STEP_SERVER,
	ROGUE_TALKS);
SCRIPT(gss_rogue_unnumbered, SERVER_TERMS, NO_LAYER, 0, 0, 0, FORGE_REQUEST, MALLORY, 2, 0,
	START_SERVER, GSS, 1, FORGE_READ, STEP_SERVER, FORGE_CHOICE, 1, 7, 0, 2, STEP_SERVER);
SCRIPT(gss_rogue_ahead, SERVER_TERMS, NO_LAYER, 0, 0, 0, FORGE_REQUEST, MALLORY, 62, 0,
	START_SERVER, GSS, 1, FORGE_READ, STEP_SERVER, FORGE_CHOICE, 1, 7, 0, 2, STEP_SERVER);
SCRIPT(gss_changed_reply, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, GSS, START_SERVER, GSS, 1,
	KEEP, 0, FLIP, 0, 100, 1, STEP_CLIENT, REPEAT, 0, STEP_CLIENT);
SCRIPT(other_times, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, GSS, POSE_ACCEPT, 1, POSE_REPLY, 3,
	STEP_CLIENT, POSE_OFFER, 7, 0, 0, STEP_CLIENT, NEW_CLIENT, 1, START_CLIENT, V5,
	POSE_CHALLENGE, 15, 0, STEP_CLIENT, POSE_ACCEPT, 1, POSE_REPLY, 3, STEP_CLIENT);
SCRIPT(gss_pose, LIMITS(ANY_LAYER, ANY_LAYER), START_CLIENT, GSS, POSE_ACCEPT, 1, POSE_REPLY, 0,
	STEP_CLIENT, POSE_OFFER, 7, 0, 0, STEP_CLIENT, FORGE_PACKET, 0, 0, 30, 'p', CLIENT_RECEIVES,
	CLIENT_SENDS, 0, 3, 'c', NEW_CLIENT, 1, START_CLIENT, GSS, POSE_ACCEPT, 0, POSE_REPLY, 1,
	STEP_CLIENT);
SCRIPT(gss_reflected, LIMITS(ANY_LAYER, ANY_LAYER), LOGIN_GSS, CLIENT_SENDS, 0, 9, 'c',
	CLIENT_RECEIVES, CLIENT_SENDS, 0, 9, 'c', SERVER_SENDS, 0, 9, 's', SERVER_RECEIVES,
	SERVER_SENDS, 0, 9, 's');
SCRIPT(v5_out_of_order, LIMITS(ANY_LAYER, ANY_LAYER), LOGIN_V5, CLIENT_SENDS, 0, 9, 'c', KEEP, 0,
	CLIENT_SENDS, 0, 9, 'd', KEEP, 1, REPEAT, 0, SERVER_RECEIVES, REPEAT, 0, SERVER_RECEIVES,
	REPEAT, 1, SERVER_RECEIVES, SERVER_SENDS, 0, 9, 's');
SCRIPT(changed_packet, LIMITS(INTEGRITY_ONLY, ANY_LAYER), LOGIN_V5, CLIENT_SENDS, 0, 40, 'c', FLIP,
	0, 40, 1, SERVER_RECEIVES, FLIP, 0, 40, 1, SERVER_RECEIVES, SERVER_SENDS, 0, 9, 's',
	NEW_CLIENT, 1, NEW_SERVER, 1, LOGIN_GSS, CLIENT_SENDS, 0, 40, 'c', FLIP, 0, 40, 1,
	SERVER_RECEIVES, FLIP, 0, 40, 1, SERVER_RECEIVES);
SCRIPT(both_interleaved, LIMITS(ANY_LAYER, ANY_LAYER), LIST_MECHANISMS, START_CLIENT, V5,
	START_SERVER, V5, 0, STEP_CLIENT, KEEP, 0, NEW_CLIENT, 1, START_CLIENT, GSS, START_SERVER,
	GSS, 1, RELAY, 4, TALK);
SCRIPT(spliced, LIMITS(NO_LAYER, NO_LAYER), START_CLIENT, GSS, KEEP, 0, NEW_CLIENT, 1, CLIENT_TERMS,
	MALLORY, NO_LAYER, 0, 0, 0, 0, 0, START_CLIENT, GSS, SPLICE, 0, 1, 200, START_SERVER, GSS,
	1, RELAY, 4);
SCRIPT(garbage, START_SERVER, V5, 0, WRITE, 4, 'h', 'e', 'l', 'o', STEP_SERVER, EXTEND, 7, CUT, 0,
	2, STEP_SERVER, START_CLIENT, GSS, WRITE, 2, 0x60, 0, STEP_CLIENT, STEP_CLIENT);

#define ROW(name)                                                                                  \
	{                                                                                          \
		name, sizeof name, #name                                                           \
	}

static const struct {
	const uint8_t *octets;
	size_t size;
	const char *name;
} scripts[] = {
	ROW(v5_none),
	ROW(v5_integrity),
	ROW(v5_privacy),
	ROW(v5_two_steps),
	ROW(v5_not_mutual),
	ROW(v5_carol),
	ROW(v5_bindings),
	ROW(v5_critical),
	ROW(v5_critical_rogue),
	ROW(v5_client_demands),
	ROW(v5_client_demands_others),
	ROW(v5_client_is_told_a_lie),
	ROW(gss_client_demands),
	ROW(v5_after_refusal),
	ROW(v5_replay),
	ROW(v5_cut_offer),
	ROW(v5_rogue_none),
	ROW(v5_rogue_privacy),
	ROW(v5_rogue_integrity),
	ROW(v5_rogue_faults),
	ROW(v5_pose),
	ROW(v5_out_of_order),
	ROW(v5_refused_then_right),
	ROW(v5_then_login),
	ROW(v5_layer_then_none),
	ROW(gss_none),
	ROW(gss_integrity),
	ROW(gss_privacy),
	ROW(gss_no_initial),
	ROW(gss_not_mutual),
	ROW(gss_not_mutual_replay),
	ROW(gss_bindings),
	ROW(gss_bindings_then_none),
	ROW(gss_after_refusal),
	ROW(gss_refused_then_right),
	ROW(gss_critical),
	ROW(gss_then_login),
	ROW(gss_rogue_privacy),
	ROW(gss_rogue_integrity),
	ROW(gss_rogue_unnumbered),
	ROW(gss_rogue_ahead),
	ROW(gss_changed_reply),
	ROW(other_times),
	ROW(gss_pose),
	ROW(gss_reflected),
	ROW(changed_packet),
	ROW(both_interleaved),
	ROW(spliced),
	ROW(garbage),
};

const uint8_t *attack_script(unsigned number, size_t *size, const char **name)
{
	if (number >= sizeof scripts / sizeof *scripts)
		return NULL;
	*size = scripts[number].size;
	*name = scripts[number].name;
	return scripts[number].octets;
}
