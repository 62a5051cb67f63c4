/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kcm_stand_in.h - a KCM daemon in the test's own process, in a thread.
 *
 * It has alice's two caches and bob's, and answers as Heimdal's or sssd's
 * daemon does, until a test gives one operation another answer.
 */
#ifndef TESTS_SUPPORT_KCM_STAND_IN_H
#define TESTS_SUPPORT_KCM_STAND_IN_H

#include <pthread.h>
#include <semaphore.h>

#include "conf/krb5_conf.h"
#include "store/ccache_marshal.h"
#include "store/kcm.h"
#include "tests/support/ccache_files.h"

#define KCM_CACHES 3
#define KCM_CREDENTIALS 4

struct kcm_stand_in {
	struct kcm_cache {
		const char *name;
		const struct principal *client; /* NULL: it has none */
		int32_t offset;
		struct buffer credential[KCM_CREDENTIALS];
		unsigned count;
	} cache[KCM_CACHES];
	const char *primary;
	int32_t list_code;      /* of KCM_GET_CRED_LIST, as of a daemon that knows it not */
	int32_t offset_code;    /* of KCM_SET_KDC_OFFSET */
	struct buffer made_for; /* the name that KCM_INITIALIZE had; it is made for nobody else */
	bool slowly;            /* octet by octet, */
	_Atomic bool lazily;    /* and each only when */
	sem_t wanted;           /* this was posted */
	enum kcm_operation odd; /* the operation that has another answer, */
	struct slice answer;    /* which is this, with length and code; then it hangs up, */
	bool stays;             /* unless it stays, */
	bool silent;            /* or this: none at all, */
	_Atomic bool hangs;     /* while which it waits for the other side to give up */

	char socket[80];
	int listening;
	pthread_t thread;
};
extern struct kcm_stand_in kcm_daemon;

void kcm_put_list(struct buffer *out, const struct kcm_cache *cache);

void kcm_put_credential(struct kcm_cache *cache, const struct credential *c);

/* As group setup: the folder, a krb5.conf that leads to the daemon, and the daemon. */
int kcm_start(void **state);

int kcm_stop(void **state);

/* Until the daemon has seen that the other side went away, it counts as hanging. */
void kcm_settle(void);

/* As setup of each test. */
int kcm_reset(void **state);

/* As teardown of each test. */
int kcm_clear(void **state);

#endif
