/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/srv.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"

#define MAX_ANSWER 16384
#define FIXED_LENGTH 6 /* priority, weight, port: two octets each, before the target */
#define SECONDS_A_TRY 2
#define TRIES 2

#ifndef HAVE_RES_NINIT
/* musl: its res_query() keeps nothing between calls, and takes its times from resolv.conf. */
static int res_ninit(struct __res_state *state)
{
	(void)state;
	return 0;
}

static void res_nclose(struct __res_state *state)
{
	(void)state;
}

static int res_nquery(struct __res_state *state, const char *name, int class, int type,
	unsigned char *answer, int size)
{
	(void)state;
	return res_query(name, class, type, answer, size);
}
#endif

struct record {
	uint16_t priority;
	uint16_t weight;
	struct kdc_server server;
};

/* Takes one record of the answer, if it is an SRV record and all in order. */
static bool read_record(const ns_msg *message, const ns_rr *rr, struct record *out)
{
	if (ns_rr_type(*rr) != ns_t_srv || ns_rr_class(*rr) != ns_c_in ||
		ns_rr_rdlen(*rr) <= FIXED_LENGTH)
		return false;
	const unsigned char *data = ns_rr_rdata(*rr);
	struct reader r = reader_of(slice_of(data, FIXED_LENGTH));
	out->priority = read_u16(&r);
	out->weight = read_u16(&r);
	snprintf(out->server.port, sizeof out->server.port, "%u", (unsigned)read_u16(&r));
	int len = ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message),
		data + FIXED_LENGTH, out->server.host, sizeof out->server.host);
	/* The root, ".", stands for "no such service". */
	return len > 0 && out->server.host[0] && strcmp(out->server.host, ".") != 0;
}

static unsigned read_records(struct slice answer, struct record record[KDC_MAX_SERVERS])
{
	ns_msg message;
	unsigned count = 0;
	if (answer.len > MAX_ANSWER || ns_initparse(answer.data, (int)answer.len, &message))
		return 0;
	for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < KDC_MAX_SERVERS; i++) {
		ns_rr rr;
		if (ns_parserr(&message, ns_s_an, i, &rr))
			break;
		count += read_record(&message, &rr, &record[count]);
	}
	return count;
}

/* A number from 0 to `max`. If there is no randomness the order is the priorities' alone. */
static uint32_t random_up_to(uint32_t max)
{
	NEW_ERROR(unread);
	uint32_t number;
	if (random_octets(&number, sizeof number, &unread))
		return 0;
	return (uint32_t)((uint64_t)number * (max + (uint64_t)1) >> 32);
}

/* Among those from `start` on: which one comes next? */
static unsigned choose(const struct record *record, unsigned start, unsigned count)
{
	uint16_t priority = UINT16_MAX;
	for (unsigned i = start; i < count; i++)
		if (record[i].priority < priority)
			priority = record[i].priority;
	uint32_t total = 0;
	for (unsigned i = start; i < count; i++)
		total += record[i].priority == priority ? record[i].weight : 0;

	uint32_t wanted = random_up_to(total), sum = 0;
	unsigned i = start;
	for (;; i++) {
		if (record[i].priority != priority)
			continue;
		sum += record[i].weight;
		if (sum >= wanted)
			return i;
	}
}

void srv_read(struct slice answer, struct kdc_servers *out)
{
	struct record record[KDC_MAX_SERVERS];
	unsigned count = read_records(answer, record);
	for (unsigned i = 0; i < count && out->count < KDC_MAX_SERVERS; i++) {
		unsigned n = choose(record, i, count);
		out->server[out->count++] = record[n].server;
		record[n] = record[i];
	}
}

void srv_lookup(const char *name, struct kdc_servers *out)
{
	struct __res_state state = {0};
	unsigned char *answer = malloc(MAX_ANSWER);
	if (answer && res_ninit(&state) == 0) {
		state.retrans = SECONDS_A_TRY;
		state.retry = TRIES;
		int len = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, MAX_ANSWER);
		if (len > 0)
			srv_read(slice_of(answer, (size_t)len), out);
		else
			out->dns_failed =
				state.res_h_errno != HOST_NOT_FOUND && state.res_h_errno != NO_DATA;
		res_nclose(&state);
	}
	free(answer);
}
