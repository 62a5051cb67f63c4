/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kcm.h - talking to the daemon that keeps caches of type KCM: Heimdal's
 * protocol, version 2.0, over its UNIX socket, as sssd-kcm speaks it too.
 *
 * A request is a length (32 bits, as all numbers in network order), the
 * version (an octet each), an operation (16 bits) and its arguments. A reply
 * is a length, a code of the transport (32 bits, 0), and as many octets: the
 * operation's code (32 bits) and its results. Names end with a NUL; names of
 * principals and credentials are as in version 4 of MIT's cache files.
 */
#ifndef STORE_KCM_H
#define STORE_KCM_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

enum kcm_operation {
	KCM_INITIALIZE = 4,           /* name, the client's principal */
	KCM_STORE = 6,                /* name, credential */
	KCM_GET_PRINCIPAL = 8,        /* name; the client's */
	KCM_GET_CRED_UUID_LIST = 9,   /* name; identifiers */
	KCM_GET_CRED_BY_UUID = 10,    /* name, identifier; credential */
	KCM_GET_CACHE_UUID_LIST = 18, /* ; identifiers */
	KCM_GET_CACHE_BY_UUID = 19,   /* identifier; name */
	KCM_GET_DEFAULT_CACHE = 20,   /* ; name */
	KCM_GET_KDC_OFFSET = 22,      /* name; seconds (32 bits, signed) */
	KCM_SET_KDC_OFFSET = 23,      /* name, seconds */
	KCM_GET_CRED_LIST = 13001,    /* name; count, each a length and a credential. MIT's */
};
#define KCM_UUID_LENGTH 16

/* The codes of krb5's error table that are told apart; others are ERR_FILE. */
enum {
	KCM_OK = 0,
	KCM_NOT_FOUND = -1765328243,
	KCM_END = -1765328242,
	KCM_IO = -1765328191, /* sssd: not a known operation, among others */
	KCM_NO_FILE = -1765328189,
	KCM_INTERNAL = -1765328188, /* Heimdal: not a known operation */
	KCM_UNSUPPORTED = -1765328137,
};

struct kcm {
	const char *socket;
	int fd;
	int64_t deadline; /* of the monotonic clock, in milliseconds */
	uid_t daemon;     /* whom the process ran as that listens, when it began to */
};

/*
 * Connects to the daemon. All that is asked of it through this connection has
 * to be answered within `seconds` from now. `socket` has to live as long.
 *
 * ERR_NOT_FOUND  nobody listens there
 * ERR_FILE       it cannot be reached, or did not answer in time
 */
MUST_CHECK enum status kcm_connect(
	const char *socket, int seconds, struct kcm *kcm, struct error *err);

/* `fd` is -1 where there is no connection. */
void kcm_close(struct kcm *kcm);
#define AUTO_KCM __attribute__((cleanup(kcm_close))) struct kcm

struct kcm_request {
	enum kcm_operation operation;
	const char *name; /* of the cache; NULL: none */
	struct slice argument;
};

/*
 * `reply` (what was there is cleared) receives the results, `*code` the
 * operation's code.
 *
 * ERR_FILE    no answer in time, or the connection ended
 * ERR_SYNTAX  the reply is malformed, or longer than KCM_MAX_REPLY
 * ERR_NO_MEMORY
 */
MUST_CHECK enum status kcm_call(struct kcm *kcm, const struct kcm_request *request,
	struct buffer *reply, int32_t *code, struct error *err);
#define KCM_MAX_REPLY (16 << 20)

#endif
