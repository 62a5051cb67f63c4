/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/refused_tickets.h"

#include <string.h>

#include "base/shared.h"

/*
 * Numbers stand for tickets and for who has them for what: whoever made two
 * the same would win a question to the KDC.
 */
static struct refused {
	uint64_t whose;       /* client and service; 0: free */
	uint64_t ticket;      /* 0: it may be offered again */
	int64_t when;         /* milliseconds */
} table[REFUSED_TICKETS_MAX]; /* changed under shared_lock() */

/* FNV-1a; never 0. */
static uint64_t add(uint64_t hash, struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		hash = (hash ^ octets.data[i]) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

#define START UINT64_C(0xcbf29ce484222325)

static uint64_t number_of(struct slice ticket)
{
	return add(START, ticket);
}

static uint64_t whose(const struct credential *ticket)
{
	char client[PRINCIPAL_TEXT_SIZE], server[PRINCIPAL_TEXT_SIZE];
	principal_text(&ticket->client, client, sizeof client);
	principal_text(&ticket->server, server, sizeof server);
	uint64_t hash = add(START, slice_of(client, strlen(client) + 1));
	return add(hash, slice_string(server));
}

/* Under the lock: its row, else the one to use for it. */
static struct refused *find(uint64_t number)
{
	struct refused *oldest = table;
	for (unsigned i = 0; i < REFUSED_TICKETS_MAX; i++) {
		if (table[i].whose == number)
			return &table[i];
		if (oldest->whose && (!table[i].whose || table[i].when < oldest->when))
			oldest = &table[i];
	}
	return oldest;
}

void ticket_refused(const struct credential *ticket, int64_t now)
{
	const struct refused new = {whose(ticket), number_of(ticket->ticket), now};
	shared_lock();
	struct refused *row = find(new.whose);
	if (row->whose != new.whose || new.when - row->when >= REFUSED_TICKETS_SECONDS * 1000)
		*row = new;
	shared_unlock();
}

bool ticket_is_refused(const struct credential *ticket)
{
	uint64_t number = number_of(ticket->ticket);
	bool found = false;
	shared_lock();
	for (unsigned i = 0; i < REFUSED_TICKETS_MAX; i++)
		found = found || (table[i].whose && table[i].ticket == number);
	shared_unlock();
	return found;
}

void ticket_is_the_only_one(const struct credential *ticket)
{
	uint64_t number = number_of(ticket->ticket);
	shared_lock();
	for (unsigned i = 0; i < REFUSED_TICKETS_MAX; i++)
		if (table[i].ticket == number)
			table[i].ticket = 0;
	shared_unlock();
}

void refused_tickets_forget(void)
{
	shared_lock();
	memset(table, 0, sizeof table);
	shared_unlock();
}
