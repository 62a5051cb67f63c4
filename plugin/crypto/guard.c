/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/guard.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* glibc forgets the handlers when the module is unloaded. */
__attribute__((constructor)) static void guard_forks(void)
{
	pthread_atfork(guard_lock, guard_unlock, guard_unlock);
}

void guard_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void guard_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}
