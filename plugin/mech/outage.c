/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/outage.h"

#include <string.h>

#include "base/shared.h"
#include "base/timestamp.h"

struct told {
	uint64_t whose, what; /* fingerprints; `whose` is 0 in an unused row */
	int64_t since, last;
};

/* Guarded by shared_lock(). The last that began. */
enum { REMEMBERED = 8 };
static struct told table[REMEMBERED];
static unsigned next;
static unsigned forks;

static uint64_t whose(const struct outage *outage)
{
	uint64_t print = logger_fingerprint(outage->log->mechanism, LOGGER_FINGERPRINT_START);
	print = logger_fingerprint(outage->service, print);
	print = logger_fingerprint(outage->host ? outage->host : "", print);
	return print ? print : 1;
}

static struct told *find(uint64_t who)
{
	if (forks != shared_forks()) {
		forks = shared_forks();
		memset(table, 0, sizeof table);
	}
	for (size_t i = 0; i < REMEMBERED; i++)
		if (table[i].whose == who)
			return &table[i];
	return NULL;
}

/* Notes that the line is told if it is due. */
static bool is_due(const struct outage *outage, uint64_t what)
{
	shared_lock();
	uint64_t who = whose(outage);
	struct told *told = find(who);
	if (!told) {
		told = &table[next++ % REMEMBERED];
		*told = (struct told){.whose = who, .since = outage->now};
	}
	bool due = told->what != what || outage->now - told->last >= OUTAGE_INTERVAL;
	if (due) {
		told->what = what;
		told->last = outage->now;
	}
	shared_unlock();
	return due;
}

void outage_tell(const struct outage *outage, uint64_t keytab_state, const char *text)
{
	uint64_t what = logger_fingerprint(text, LOGGER_FINGERPRINT_START ^ keytab_state);
	if (logger_wants(outage->log, SASL_LOG_ERR) && is_due(outage, what))
		logger_line(outage->log, SASL_LOG_ERR, "not offered: %s", text);
}

void outage_end(const struct outage *outage)
{
	if (!logger_wants(outage->log, SASL_LOG_ERR))
		return;
	shared_lock();
	struct told *told = find(whose(outage));
	struct told ended = told ? *told : (struct told){0};
	if (told)
		*told = (struct told){0};
	shared_unlock();
	if (ended.whose)
		logger_line(outage->log, SASL_LOG_ERR, "offered again, after %s",
			SPAN_TEXT(outage->now - ended.since));
}
