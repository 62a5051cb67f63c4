/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/ticket.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define IPV4_LENGTH 4
#define IPV6_LENGTH 16

enum status ticket_check_client(const struct enc_ticket_part *ticket,
	const struct authenticator *authenticator, struct error *err)
{
	if (principal_equal(&ticket->client, &authenticator->client))
		return STATUS_OK;
	error_set(err, KRB_AP_ERR_BADMATCH,
		"the authenticator names %s as the client, the ticket %s",
		PRINCIPAL_TEXT(&authenticator->client), PRINCIPAL_TEXT(&ticket->client));
	return error_show(err, "ticket and authenticator name different clients");
}

enum status ap_check_anonymous(const struct principal *client, uint32_t flags, struct error *err)
{
	bool by_name = principal_is_anonymous(client);
	if (!by_name && (flags & TICKET_ANONYMOUS) == 0)
		return STATUS_OK;
	error_set(err, KDC_ERR_POLICY,
		"the ticket of %s is anonymous (%s), and nobody logs in without a name: get a "
		"ticket of a user's (kinit without -n)",
		PRINCIPAL_TEXT(client), by_name ? "by its name" : "by its flag ANONYMOUS");
	return error_show(err,
		"the ticket is anonymous, and nobody logs in without a name: get a ticket of a "
		"user's (kinit without -n)");
}

static struct host_address unmapped(struct host_address address)
{
	static const unsigned char mapped[IPV6_LENGTH - IPV4_LENGTH] = {[10] = 0xff, [11] = 0xff};
	if (address.type == ADDRESS_IPV6 && address.address.len == IPV6_LENGTH &&
		memcmp(address.address.data, mapped, sizeof mapped) == 0)
		return (struct host_address){
			ADDRESS_IPV4, slice_of(address.address.data + sizeof mapped, IPV4_LENGTH)};
	return address;
}

static bool is_same_address(struct host_address a, struct host_address b)
{
	return a.type == b.type && slice_equal(a.address, b.address);
}

#define ADDRESS_TEXT_SIZE 64
static const char *address_text(struct host_address address, char out[ADDRESS_TEXT_SIZE])
{
	struct slice a = address.address;
	if (address.type == ADDRESS_IPV4 && a.len == IPV4_LENGTH)
		return inet_ntop(AF_INET, a.data, out, ADDRESS_TEXT_SIZE);
	if (address.type == ADDRESS_IPV6 && a.len == IPV6_LENGTH)
		return inet_ntop(AF_INET6, a.data, out, ADDRESS_TEXT_SIZE);
	snprintf(out, ADDRESS_TEXT_SIZE, "an address of type %d", address.type);
	return out;
}
#define ADDRESS_TEXT(address) address_text((address), (char[ADDRESS_TEXT_SIZE]){0})

enum status ticket_check_address(
	const struct enc_ticket_part *ticket, const struct host_address *peer, struct error *err)
{
	const struct host_addresses *list = &ticket->addresses;
	if (list->count == 0 || peer->type == 0)
		return STATUS_OK;
	struct host_address from = unmapped(*peer);
	for (unsigned i = 0; i < list->count; i++)
		if (is_same_address(unmapped(list->element[i]), from))
			return STATUS_OK;
	error_set(err, KRB_AP_ERR_BADADDR,
		"the ticket of %s may be used from %s%s only, the peer is at %s",
		PRINCIPAL_TEXT(&ticket->client), ADDRESS_TEXT(unmapped(list->element[0])),
		list->count > 1 ? " and other listed addresses" : "", ADDRESS_TEXT(from));
	return error_show(
		err, "the ticket may not be used from the address %s", ADDRESS_TEXT(from));
}

static bool is_before(struct timestamp a, struct timestamp b)
{
	return a.seconds < b.seconds || (a.seconds == b.seconds && a.microseconds < b.microseconds);
}

enum status ticket_check_skew(const struct enc_ticket_part *ticket, struct timestamp time,
	struct timestamp now, int64_t skew, struct error *err)
{
	int64_t distance = timestamp_distance(time, now);
	if (distance <= skew)
		return STATUS_OK;
	const char *side = is_before(time, now) ? "behind" : "ahead of";
	error_set(err, KRB_AP_ERR_SKEW,
		"clock skew too great: the clock of client %s is %s %s this server's (%s there, %s "
		"here), %s are allowed",
		PRINCIPAL_TEXT(&ticket->client), SPAN_TEXT(distance), side, TIME_TEXT(time.seconds),
		TIME_TEXT(now.seconds), SPAN_TEXT(skew));
	return error_show(err,
		"clock skew too great: the client's clock is %s %s this server's (%s there, %s "
		"here)",
		SPAN_TEXT(distance), side, TIME_TEXT(time.seconds), TIME_TEXT(now.seconds));
}

int64_t ticket_start(const struct enc_ticket_part *ticket)
{
	return ticket->has_starttime ? ticket->starttime : ticket->authtime;
}

/* Is `late` later than `early` by more than `skew` seconds? */
static bool is_beyond(struct timestamp late, struct timestamp early, int64_t skew)
{
	return is_before(early, late) && timestamp_distance(late, early) > skew;
}

enum status ticket_check_times(
	const struct enc_ticket_part *ticket, struct timestamp now, int64_t skew, struct error *err)
{
	int64_t start = ticket_start(ticket), end = ticket->endtime;
	if (ticket->flags & TICKET_INVALID) {
		error_set(err, KRB_AP_ERR_TKT_NYV,
			"the ticket of %s has the flag INVALID: it is postdated, and the KDC has "
			"not validated it yet",
			PRINCIPAL_TEXT(&ticket->client));
		return error_show(
			err, "the ticket is postdated, and the KDC has not validated it yet");
	}
	if (is_beyond((struct timestamp){start, 0}, now, skew)) {
		error_set(err, KRB_AP_ERR_TKT_NYV,
			"the ticket of %s is not valid before %s, this server's clock shows %s; %s "
			"of clock skew are allowed",
			PRINCIPAL_TEXT(&ticket->client), TIME_TEXT(start), TIME_TEXT(now.seconds),
			SPAN_TEXT(skew));
		return error_show(err,
			"the ticket is not valid before %s, this server's clock shows %s",
			TIME_TEXT(start), TIME_TEXT(now.seconds));
	}
	if (is_beyond(now, (struct timestamp){end, 0}, skew)) {
		error_set(err, KRB_AP_ERR_TKT_EXPIRED,
			"the ticket of %s expired at %s, this server's clock shows %s; %s of clock "
			"skew are allowed",
			PRINCIPAL_TEXT(&ticket->client), TIME_TEXT(end), TIME_TEXT(now.seconds),
			SPAN_TEXT(skew));
		return error_show(err, "the ticket expired at %s, this server's clock shows %s",
			TIME_TEXT(end), TIME_TEXT(now.seconds));
	}
	return STATUS_OK;
}

static const struct flag_name {
	uint32_t flag;
	const char *name;
} flag_names[] = {
	{TICKET_FORWARDABLE, "forwardable"},
	{TICKET_FORWARDED, "forwarded"},
	{TICKET_PROXIABLE, "proxiable"},
	{TICKET_PROXY, "proxy"},
	{TICKET_MAY_POSTDATE, "may-postdate"},
	{TICKET_POSTDATED, "postdated"},
	{TICKET_INVALID, "invalid"},
	{TICKET_RENEWABLE, "renewable"},
	{TICKET_INITIAL, "initial"},
	{TICKET_PRE_AUTHENT, "pre-authent"},
	{TICKET_HW_AUTHENT, "hw-authent"},
	{TICKET_TRANSITED_POLICY_CHECKED, "transited-policy-checked"},
	{TICKET_OK_AS_DELEGATE, "ok-as-delegate"},
	{TICKET_ANONYMOUS, "anonymous"},
};

const char *ticket_flags_text(uint32_t flags, char out[TICKET_FLAGS_TEXT_SIZE])
{
	size_t used = 0;
	snprintf(out, TICKET_FLAGS_TEXT_SIZE, "none");
	for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
		if (flags & flag_names[i].flag && used < TICKET_FLAGS_TEXT_SIZE)
			used += (size_t)snprintf(out + used, TICKET_FLAGS_TEXT_SIZE - used, "%s%s",
				used > 0 ? ", " : "", flag_names[i].name);
	return out;
}
