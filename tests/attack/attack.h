/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attack.h - both sides of three mechanisms under attack, through libsasl2's
 * public API, with the module linked in. No network, no KDC: tickets are
 * minted, into caches of type MEMORY.
 *
 * An attack is a script, which may be any octets: what the honest sides are set
 * up with, and then one step after the other of what happens to them. Beside an
 * honest client and an honest server there are a man in the middle, who holds
 * the letter that is on its way and changes, drops, repeats, splices and
 * misdirects it; a rogue client with a ticket of its own, who makes its own
 * plain texts; and a rogue server, with the service's key or without it.
 * scripts.c shows what a script looks like.
 *
 * After each step the judge (judge.c) compares what the honest sides say with
 * who made what.
 */
#ifndef TESTS_ATTACK_ATTACK_H
#define TESTS_ATTACK_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a script led to, so that a test knows that scripts reach what they are
 * for. */
struct attack_tally {
	unsigned server_logins[3][3]; /* of KERBEROS_V5, GSSAPI and GSS-SPNEGO;
					 without, integrity, privacy */
	unsigned client_logins[3][3];
	unsigned refusals;      /* by the server, of a login */
	unsigned named;         /* of them, those whose line in the log says whom */
	unsigned critical;      /* logins of clients that demand bindings */
	unsigned packets;       /* that were read */
	unsigned dead_layers;   /* of bad packets */
	unsigned second_logins; /* that succeeded after one that was refused on the
				   connection */
};

/*
 * Makes the realm and starts libsasl2. A client that logs in once more on one
 * connection makes libsasl2 2.1.28 lose the mechanism's first context, so that
 * the script may do so only where nobody counts the memory that is left.
 */
void attack_start(bool restarts_clients);
void attack_stop(void);

/* Runs the script. NULL where everything held; else a sentence that says what
 * did not. */
const char *attack_run(const uint8_t *script, size_t size, struct attack_tally *tally);

/* Scripts to begin with. `size` octets; NULL behind the last. */
const uint8_t *attack_script(unsigned number, size_t *size, const char **name);

#endif
