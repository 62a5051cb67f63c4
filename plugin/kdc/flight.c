#include "kdc/flight.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/shared.h"
#include "base/timestamp.h"

struct flight {
	struct flight *next;
	unsigned holders; /* changed under shared_lock(), as the list is */
	pid_t process;
	pthread_mutex_t flying; /* held by the thread that asks */
	struct error result;    /* that thread's, once it is no longer held */
	char key[];
};

static struct flight *flights;

/* Under the lock. */
static struct flight *find(const char *key)
{
	struct flight *flight = flights;
	while (flight && (flight->process != getpid() || strcmp(flight->key, key) != 0))
		flight = flight->next;
	return flight;
}

static void take_out(struct flight *flight)
{
	struct flight **link = &flights;
	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
}

static void release(struct flight *flight)
{
	shared_lock();
	bool last = --flight->holders == 0;
	shared_unlock();
	if (!last)
		return;
	pthread_mutex_destroy(&flight->flying);
	free(flight);
}

static struct flight *new_flight(const char *key)
{
	struct flight *flight = calloc(1, sizeof *flight + strlen(key) + 1);
	if (!flight)
		return NULL;
	flight->process = getpid();
	flight->holders = 1;
	strcpy(flight->key, key);
	pthread_mutex_init(&flight->flying, NULL);
	pthread_mutex_lock(&flight->flying);
	return flight;
}

/* Another thread's, or `*own`, which is NULL then. */
static struct flight *join(struct flight **own)
{
	shared_lock();
	struct flight *flight = find((*own)->key);
	if (flight) {
		flight->holders++;
	} else {
		flight = *own;
		flight->next = flights;
		flights = flight;
		*own = NULL;
	}
	shared_unlock();
	return flight;
}

/* This thread's. */
static enum status lead(struct flight *flight, const struct flight_task *task, struct error *err)
{
	enum status status = task->go(task->arg, err);
	if (status)
		flight->result = *err;
	shared_lock();
	take_out(flight);
	shared_unlock();
	pthread_mutex_unlock(&flight->flying);
	return status;
}

static enum status wait_for(
	struct flight *flight, const struct flight_task *task, struct error *err)
{
	struct timespec until;
	int64_t left = task->deadline - monotonic_milliseconds();
	clock_gettime(CLOCK_REALTIME, &until);
	if (left > 0)
		until.tv_sec += (time_t)(left / 1000 + 1);
	if (pthread_mutex_timedlock(&flight->flying, &until) != 0)
		return error_set(err, ERR_UNREACHABLE,
			"another thread of this process asks a KDC for the same ticket, and has no "
			"answer in the time that there is (kerberos5_kdc_timeout)");
	pthread_mutex_unlock(&flight->flying);
	if (!flight->result.status)
		return task->go(task->arg, err);
	*err = flight->result;
	return err->status;
}

enum status flight_once(const char *cache, const struct principal *server,
	const struct flight_task *task, struct error *err)
{
	char name[PRINCIPAL_TEXT_SIZE] = "", *key;
	if (server)
		principal_text(server, name, sizeof name);
	if (asprintf(&key, "%s\n%s", cache, name) < 0)
		return error_no_memory(err);
	struct flight *own = new_flight(key);
	free(key);
	if (!own)
		return error_no_memory(err);
	struct flight *flight = join(&own);
	enum status status = own ? wait_for(flight, task, err) : lead(flight, task, err);
	release(flight);
	if (own) {
		pthread_mutex_unlock(&own->flying);
		release(own);
	}
	return status;
}
