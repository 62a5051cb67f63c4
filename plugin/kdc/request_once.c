/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/request_once.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/shared.h"
#include "base/timestamp.h"

struct pending_request {
	struct pending_request *next;
	unsigned holders; /* changed under shared_lock(), as the list is */
	pid_t process;
	pthread_mutex_t done; /* held by the thread that asks */
	struct error result;  /* that thread's, once it is no longer held */
	char key[];
};

static struct pending_request *list;

/* Under the lock. */
static struct pending_request *find(const char *key)
{
	struct pending_request *pending = list;
	while (pending && (pending->process != getpid() || strcmp(pending->key, key) != 0))
		pending = pending->next;
	return pending;
}

static void take_out(struct pending_request *pending)
{
	struct pending_request **link = &list;
	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
}

static void release(struct pending_request *pending)
{
	shared_lock();
	bool last = --pending->holders == 0;
	shared_unlock();
	if (!last)
		return;
	pthread_mutex_destroy(&pending->done);
	free(pending);
}

static struct pending_request *new_pending(const char *key)
{
	struct pending_request *pending = calloc(1, sizeof *pending + strlen(key) + 1);
	if (!pending)
		return NULL;
	pending->process = getpid();
	pending->holders = 1;
	strcpy(pending->key, key);
	pthread_mutex_init(&pending->done, NULL);
	pthread_mutex_lock(&pending->done);
	return pending;
}

/* Another thread's, or `*own`, which is NULL then. */
static struct pending_request *join(struct pending_request **own)
{
	shared_lock();
	struct pending_request *pending = find((*own)->key);
	if (pending) {
		pending->holders++;
	} else {
		pending = *own;
		pending->next = list;
		list = pending;
		*own = NULL;
	}
	shared_unlock();
	return pending;
}

/* This thread's. */
static enum status lead(
	struct pending_request *pending, const struct request_task *task, struct error *err)
{
	enum status status = task->go(task->arg, err);
	if (status)
		pending->result = *err;
	shared_lock();
	take_out(pending);
	shared_unlock();
	pthread_mutex_unlock(&pending->done);
	return status;
}

static enum status wait_for(
	struct pending_request *pending, const struct request_task *task, struct error *err)
{
	struct timespec until;
	int64_t left = task->deadline - monotonic_milliseconds();
	clock_gettime(CLOCK_REALTIME, &until);
	if (left > 0)
		until.tv_sec += (time_t)(left / 1000 + 1);
	if (pthread_mutex_timedlock(&pending->done, &until) != 0)
		return error_set(err, ERR_UNREACHABLE,
			"another thread of this process asks a KDC for the same ticket, and has no "
			"answer in the time that there is (kerberos5_kdc_timeout)");
	pthread_mutex_unlock(&pending->done);
	if (!pending->result.status)
		return task->go(task->arg, err);
	*err = pending->result;
	return err->status;
}

enum status request_once(const char *cache, const struct principal *server,
	const struct request_task *task, struct error *err)
{
	char name[PRINCIPAL_TEXT_SIZE] = "", *key;
	if (server)
		principal_text(server, name, sizeof name);
	if (asprintf(&key, "%s\n%s", cache, name) < 0)
		return error_no_memory(err);
	struct pending_request *own = new_pending(key);
	free(key);
	if (!own)
		return error_no_memory(err);
	struct pending_request *pending = join(&own);
	enum status status = own ? wait_for(pending, task, err) : lead(pending, task, err);
	release(pending);
	if (own) {
		pthread_mutex_unlock(&own->done);
		release(own);
	}
	return status;
}
