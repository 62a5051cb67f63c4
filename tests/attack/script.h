/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * script.h - the words of a script: an octet, then its arguments, an octet each
 * unless it says otherwise. What is missing at the end is 0; an octet stands
 * for the word that it is modulo WORD_COUNT. A word that makes no sense where
 * it stands is passed over.
 */
#ifndef TESTS_ATTACK_SCRIPT_H
#define TESTS_ATTACK_SCRIPT_H

enum word {
	/* The applications, between logins; see world.h for what octets mean. */
	CLIENT_TERMS, /* identity, SSF limits, buffer, external SSF, binding, authzid,
			 mutual */
	SERVER_TERMS, /* SSF limits, buffer, external SSF, binding */
	NEW_CLIENT,   /* may success carry data? */
	NEW_SERVER,
	LIST_MECHANISMS,

	/* The honest sides; whoever is not named gets the letter that is on its way.
	 */
	START_CLIENT, /* mechanism */
	START_SERVER, /* mechanism; with the letter as initial response? */
	STEP_CLIENT,
	STEP_SERVER,
	RELAY, /* what is said, to the one and the other: steps */
	LOGIN, /* a whole one, undisturbed: mechanism */

	/* The man in the middle. */
	DROP,   /* an empty letter, or none? */
	KEEP,   /* slot */
	REPEAT, /* slot */
	FLIP,   /* where (2), what with */
	CUT,    /* how much (2) */
	EXTEND, /* with what */
	SPLICE, /* slot, where (2) */
	WRITE,  /* length, octets */

	/* Data. */
	CLIENT_SENDS, /* length (2), octet */
	SERVER_SENDS,
	CLIENT_RECEIVES,
	SERVER_RECEIVES,

	/* A client with a ticket. */
	FORGE_V5,      /* identity, layers, buffer, authzid, faults, octet of the challenge
			*/
	FORGE_REQUEST, /* identity, flags (128: in SPNEGO), binding */
	FORGE_READ,    /* the AP-REP */
	FORGE_CHOICE,  /* layers, buffer, authzid, sealed (1) or ahead (2) */
	FORGE_PACKET,  /* faults, length (2), octet */

	/* A server. */
	POSE_CHALLENGE, /* layers, buffer */
	POSE_ACCEPT,    /* has it the key? */
	POSE_REPLY,     /* subkey (1), another time (2) */
	POSE_OFFER,     /* layers, buffer, sealed */

	WORD_COUNT
};

#endif
