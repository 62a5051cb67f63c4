#include "crypto/confounder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/random.h"

/* How many forks lie between the first process and this one; getpid() would be a system call. */
static atomic_uint forks;

static void count_fork(void)
{
	atomic_fetch_add(&forks, 1);
}

/* glibc forgets the handler when the module is unloaded. */
__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, count_fork);
}

enum status confounder_draw(
	struct confounders *c, unsigned char out[CONFOUNDER_LENGTH], struct error *err)
{
	unsigned now = atomic_load_explicit(&forks, memory_order_relaxed);
	if (c->left == 0 || c->forks != now) {
		c->left = 0;
		enum status status = random_octets(c->octets, sizeof c->octets, err);
		if (status)
			return status;
		c->left = sizeof c->octets;
		c->forks = now;
	}
	c->left -= CONFOUNDER_LENGTH;
	memcpy(out, c->octets + c->left, CONFOUNDER_LENGTH);
	wipe(c->octets + c->left, CONFOUNDER_LENGTH);
	return STATUS_OK;
}
