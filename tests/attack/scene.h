/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scene.h - what there is in an attack, for the files of this folder: the
 * sides, what is on its way, and the rogue.
 */
#ifndef TESTS_ATTACK_SCENE_H
#define TESTS_ATTACK_SCENE_H

#include <sasl/sasl.h>

#include "gss/gss.h"
#include "gss/gss_message.h"
#include "gss/spnego_token.h"
#include "mech/kerberos_v5.h"
#include "tests/attack/attack.h"
#include "tests/attack/world.h"

enum mechanism_tried { KERBEROS_V5, GSSAPI, GSS_SPNEGO, MECHANISMS };

enum { LETTER_CLAIMS = 2, SLOTS = 4, MAX_EXCHANGES = 24 };

/*
 * Who made a client's message, and what it says: the truth, with which the
 * server's belief is compared. Numbers of logins begin with 1; 0 is none.
 */
struct claim {
	const struct identity *identity; /* whose ticket */
	unsigned exchange;               /* the client's login */
	unsigned answers;                /* the server's login whose message it answers */
	const sasl_channel_binding_t *binding;
	const char *authzid; /* "": none */
	bool mutual;
	bool is_rogue;
	unsigned layer;      /* chosen; 0: not known */
	uint32_t max_buffer; /* of a rogue with a layer */
};

enum letter_kind { OTHER, CHALLENGE, REQUEST, REPLY, OFFER, CHOICE, PACKET };

/* What is on its way, and where it came from. */
struct letter {
	bool is_there; /* a letter may be empty, or none */
	struct buffer octets, original;
	/* Where in the original Kerberos' token is, and nothing else is protected; 0: all is. */
	size_t inner_at, inner_len;
	enum letter_kind kind;
	struct claim claim[LETTER_CLAIMS]; /* a client's: of what it was spliced of */
	unsigned claims;
	unsigned login;                   /* a server's: in which of its logins; 0: a rogue's */
	unsigned exchange[LETTER_CLAIMS]; /* a server's: for whose request, which it
					     could read */
};

/* What an application sets, between logins. */
struct terms {
	sasl_security_properties_t security;
	sasl_ssf_t external;
	const sasl_channel_binding_t *binding;
	const struct identity *identity; /* client: who logs in */
	const char *authzid;             /* client */
	bool mutual;                     /* client: the option */
};

enum side_state { IDLE, BUSY, LOGGED_IN, FAILED };

/* One of the honest sides: a connection of the module's. */
struct side {
	bool is_server;
	sasl_conn_t *conn;
	sasl_callback_t callbacks[6];
	bool success_data;
	struct terms terms, agreed; /* now, and of when the login began */
	bool has_begun;
	uint32_t max_buffer; /* of its first login: libsasl2 has memory for no more
				afterwards */

	enum side_state state;
	enum mechanism_tried mechanism;
	unsigned login;       /* its number: the server's, or the client's exchange */
	unsigned logins;      /* on this connection, that succeeded */
	unsigned failures;    /* before this one */
	bool can_step;        /* a mechanism began; libsasl2 does not ask */
	bool refused;         /* the log says so */
	bool refused_by_name; /* and whom */
	bool is_pending;      /* done, but for an empty message, since this letter */
	struct letter pending;
	bool layer_is_dead;
	bool got_bad_packet; /* one that was changed, in its whole length */

	struct claim request[LETTER_CLAIMS]; /* server: of the AP-REQ that it took */
	unsigned requests;
	bool reply_is_genuine; /* client: the AP-REP that it took */
	unsigned answers;      /* client: the server's login, while nothing was changed on
				  the way */

	unsigned exchange;    /* once logged in, with whom */
	uint32_t peer_buffer; /* the longest packet that may be sent; 0: not known */
	size_t taken;         /* of the peer's data */
};

/* Who makes messages by hand: a client with a ticket of its own, or a server.
 */
struct rogue {
	bool is_open, is_initiator, has_key;
	enum mechanism_tried mechanism;
	struct claim claim; /* an initiator's */
	uint32_t flags;     /* likewise, of GSSAPI */
	struct ap_context context;
	struct gss_accepted accepted;
	struct channel channel;
	unsigned exchange;
};

/* What was sent in one direction under one exchange's keys, in order. */
struct stream {
	struct buffer sent;
};

struct scene {
	struct attack_tally *tally;
	struct side client, server;
	struct letter letter, slot[SLOTS];
	struct rogue rogue;
	unsigned server_logins, exchanges;          /* so far */
	bool is_used[MAX_EXCHANGES + 1];            /* an exchange whose AP-REQ led to a login */
	struct stream stream[MAX_EXCHANGES + 1][2]; /* by the initiator, by the acceptor */
	char verdict[400];                          /* "": everything holds */
};

/* The first that is wrong stays. */
void scene_violated(struct scene *scene, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- letter.c ---- */

void letter_clear(struct letter *letter);
void letter_copy(struct letter *to, const struct letter *from);

/* A new one. `octets` NULL: none. */
void letter_write(struct letter *letter, enum letter_kind kind, const void *octets, size_t len);

/* What of it is a token of Kerberos, in SPNEGO's. */
void letter_has_inner(struct letter *letter);

/* Would a receiver who checks what it can see a difference? */
bool letter_is_changed(const struct letter *letter);

/* ---- side.c: steps of the honest sides ---- */

void side_open(struct scene *scene, struct side *side, bool success_data);
void side_close(struct side *side);
void side_list(const struct side *side);

/* The letter is what it is given; then it is what it answers. */
void client_start(struct scene *scene, enum mechanism_tried mechanism);
void client_step(struct scene *scene);
void server_start(struct scene *scene, enum mechanism_tried mechanism, bool initial_response);
void server_step(struct scene *scene);

/* ---- layer.c: data ---- */

void side_send(struct scene *scene, struct side *side, unsigned len, unsigned char fill);
void side_receive(struct scene *scene, struct side *side);

/* ---- rogue.c ---- */

void rogue_close(struct rogue *rogue);

enum {
	FORGE_OTHER_OPTION = 1, /* MUTUAL-REQUIRED against the binding */
	FORGE_OTHER_CHALLENGE = 2,
	FORGE_OTHER_CHECKSUM = 4,
	FORGE_NO_BINDING = 8,
	FORGE_TWO_BINDINGS = 16,
	FORGE_FAULTS = 31,
};

struct forgery {
	const struct identity *identity;
	unsigned layers;
	uint32_t max_buffer;
	const char *authzid;
	const sasl_channel_binding_t *binding; /* likewise */
	unsigned faults;                       /* KERBEROS_V5 */
	uint32_t flags;                        /* GSSAPI, GSS-SPNEGO */
	bool negotiates;                       /* likewise: with SPNEGO */
	unsigned char octet;                   /* which octet of the challenge */
};

/* A client's messages, in answer to the letter. */
void rogue_request_v5(struct scene *scene, const struct forgery *how);
void rogue_request_gss(struct scene *scene, const struct forgery *how);
void rogue_read_reply(struct scene *scene);
void rogue_choose(struct scene *scene, const struct forgery *how, bool sealed, unsigned ahead);

/* A server's. */
void rogue_challenge(struct scene *scene, unsigned layers, uint32_t max_buffer);
void rogue_accept(struct scene *scene, bool has_key);
void rogue_reply(struct scene *scene, bool subkey, bool other_time);
void rogue_offer(struct scene *scene, unsigned layers, uint32_t max_buffer, bool sealed);

enum { PACKET_OTHER_KIND = 1, PACKET_AHEAD = 2, PACKET_REFLECTED = 4 };
void rogue_packet(struct scene *scene, unsigned faults, unsigned len, unsigned char fill);

/* ---- judge.c ---- */

/* After each step of a side, with what it was given. `result` is libsasl2's. */
void judge_server(struct scene *scene, const struct letter *given, int result);
void judge_client(struct scene *scene, const struct letter *given, int result);

/*
 * A whole login that nobody disturbs, on the server's connection and with a new
 * client: it ends as on a new connection of the server's.
 */
void judge_login(struct scene *scene, enum mechanism_tried mechanism);

/* Has the honest client to insist on knowing the server? */
bool client_is_mutual(const struct side *client);

/* The strength that the side says its layer has. */
sasl_ssf_t side_ssf(const struct side *side);

#endif
