#include "base/shared.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/*
 * A fork takes the lock, so that the child gets it in a known state. glibc
 * forgets the handlers when the module is unloaded.
 */
__attribute__((constructor)) static void guard_forks(void)
{
	pthread_atfork(shared_lock, shared_unlock, shared_unlock);
}

void shared_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void shared_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}
