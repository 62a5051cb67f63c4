/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/shared.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint forks;

static void begin_child(void)
{
	atomic_fetch_add(&forks, 1);
	shared_unlock();
}

/*
 * A fork takes the lock, so that the child gets it in a known state. glibc
 * forgets the handlers when the module is unloaded.
 */
__attribute__((constructor)) static void guard_forks(void)
{
	pthread_atfork(shared_lock, shared_unlock, begin_child);
}

void shared_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void shared_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

unsigned shared_forks(void)
{
	return atomic_load_explicit(&forks, memory_order_relaxed);
}
