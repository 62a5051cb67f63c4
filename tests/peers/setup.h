/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * setup.h - how one side of a login is set up, by words of its command line.
 */
#ifndef TESTS_PEERS_SETUP_H
#define TESTS_PEERS_SETUP_H

#include <stdbool.h>

#define SETUP_OPTIONS 16
#define SETUP_BATCHES 8

/* So many messages of so many octets, or of the most that SASL_MAXOUTBUF allows. */
struct batch {
	unsigned long count, size;
	bool largest;
};

struct setup {
	bool is_server;
	const char *path; /* the folder of modules: nothing else is loaded */
	const char *mechanism, *service, *host;
	unsigned long minssf, maxssf, maxbufsize, flags; /* SASL_SEC_PROPS */
	unsigned long external;                          /* SASL_SSF_EXTERNAL */
	const char *user, *authname; /* SASL_CB_USER, SASL_CB_AUTHNAME; NULL: no callback */
	const char *proxy;           /* server: the user that any client may act for */
	const char *option[SETUP_OPTIONS][2]; /* SASL_CB_GETOPT: name, value */
	unsigned options;
	const char *binding_name, *binding_data; /* SASL_CHANNEL_BINDING, where there are data */
	unsigned long binding_critical;
	struct batch send[SETUP_BATCHES];
	unsigned batches;
	const char *way;        /* what happens to packets: peer.c's usage */
	unsigned long initial;  /* the protocol carries an initial response; 0: not */
	unsigned long success;  /* it carries data with success; 0: not */
	unsigned long plain;    /* tokens alone, for a peer that knows nothing of our lines */
	unsigned long accounts; /* server: libsasl2 finds every user (accounts.h) */
	unsigned long logins;   /* server: so many, one after the other */
	const char *record;     /* client: write the lines that it sends to this file */
};

/*
 * Reads the words, which are NAME=VALUE; `opt.NAME=VALUE` is an option for the
 * mechanism, `send=3x100,1xmax` batches of messages. What peer.c's usage shows
 * are the others. Prints a sentence and ends the program with status 2 where
 * one is wrong. The words have to live as long as *setup.
 */
void setup_read(struct setup *setup, bool is_server, char **words);

#endif
