/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair.h - a client and a server in one program, talking through libsasl2's
 * public API and the module as it is built.
 *
 * The module is loaded from the folder in the environment variable
 * KERBEROS5_MODULE_DIR. Each side has its own options and keeps its own log.
 */
#ifndef TESTS_SUPPORT_PAIR_H
#define TESTS_SUPPORT_PAIR_H

#include <sasl/sasl.h>
#include <stdbool.h>

#include "base/bytes.h"

#define PAIR_OPTIONS 8

/* How one side is set up. */
struct peer_setup {
	const char *option[PAIR_OPTIONS][2]; /* name, value; a NULL name ends the list */
	const char *user;      /* client: the answer of SASL_CB_USER; NULL: no callback */
	bool prompt;           /* client: SASL_CB_USER wants to be asked by SASL_INTERACT */
	const char *authname;  /* client: the answer of SASL_CB_AUTHNAME; NULL: no callback */
	bool nameless;         /* client: both callbacks are there, and answer NULL */
	const char *password;  /* client: that of SASL_CB_PASS; NULL: no callback */
	unsigned password_len; /* client: how much of it a prompt is answered with; 0: all */
	bool prompt_login;     /* client: name and password want to be asked by SASL_INTERACT */
	const char *address;   /* server: the client's, "192.0.2.1;1234" */
	sasl_security_properties_t security;
	sasl_ssf_t external_ssf;
	const sasl_channel_binding_t *binding;
	const char *const *properties; /* server: to be asked for; NULL at the end */
	bool hears_of_missing_types;   /* server: keep the line with those that OpenSSL lacks */
};

struct pair_setup {
	const char *mechanism; /* KERBEROS_V5; several with a blank between: the client chooses */
	const char *service;   /* test */
	const char *host;      /* mail.example.test */
	bool no_success_data;  /* the protocol cannot carry data with success */
	bool no_initial_response; /* nor data with the client's choice of a mechanism */
	unsigned flags;           /* besides, of sasl_client_new() and sasl_server_new() */
	struct peer_setup client, server;
};

struct peer {
	sasl_conn_t *conn;
	const struct peer_setup *setup;
	sasl_callback_t callbacks[8];
	const char *mechanism; /* the client's, once it is chosen */
	struct buffer log;     /* "LEVEL text\n" for each line of the mechanism's; NUL-terminated */
	int result;            /* of the last step */
	unsigned rounds, questions; /* client: how often SASL_INTERACT, and for how much */
	unsigned secrets_asked;     /* client: how often SASL_CB_PASS was called */
	void (*between)(void);      /* client: before the user answers; may be NULL */
};

struct pair {
	const struct pair_setup *setup;
	struct peer client, server;
	struct buffer token; /* what is on its way */
	bool has_token;      /* a token may be empty, or not be there */
	bool to_client;
};

/* sasl_client_init() and sasl_server_init(); sasl_client_done() and sasl_server_done(). */
void pair_library_start(void);

/* What the module offers from the next start on: kerberos5_mechanisms. NULL: not set. */
void pair_library_offer(const char *mechanisms);
void pair_library_stop(void);

/*
 * `setup` has to live as long as the pair. After it, *pair is ready for
 * pair_start().
 */
void pair_open(struct pair *pair, const struct pair_setup *setup);
void pair_close(struct pair *pair);

/*
 * Another login on the server's connection, by a new client. The server keeps what
 * libsasl2 has of the connection, its callbacks and whether there is success data;
 * the rest is as `setup` says.
 */
void pair_again(struct pair *pair, const struct pair_setup *setup);

/*
 * Starts both sides; the server's challenge is then the token, or, where there
 * is no initial response, the client's. False where one side failed.
 */
bool pair_start(struct pair *pair);

/* Hands the token to the side that it is for. False where that side failed. */
bool pair_step(struct pair *pair);

/* All of it. True where both sides succeeded and are done. */
bool pair_run(struct pair *pair);

/* Are both sides done, with success? */
bool pair_done(const struct pair *pair);

/* sasl_errdetail() of a side, and what it logged. */
const char *peer_detail(const struct peer *peer);
const char *peer_log(const struct peer *peer);

/* A string property, SASL_USERNAME and so on. */
const char *peer_string(const struct peer *peer, int property);

#endif
