/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ticket.h - a decrypted ticket, judged (RFC 4120 section 3.2.3).
 */
#ifndef AP_TICKET_H
#define AP_TICKET_H

#include "ap/ap.h"

/* KRB_AP_ERR_BADMATCH unless name and realm are the same, octet by octet. */
MUST_CHECK enum status ticket_check_client(const struct enc_ticket_part *ticket,
	const struct authenticator *authenticator, struct error *err);

/*
 * KRB_AP_ERR_BADADDR if the ticket carries addresses and the peer's is known
 * and not among them. IPv4-mapped IPv6 addresses count as IPv4 (section 7.1).
 */
MUST_CHECK enum status ticket_check_address(
	const struct enc_ticket_part *ticket, const struct host_address *peer, struct error *err);

/* KRB_AP_ERR_SKEW if the authenticator's time is more than `skew` seconds from `now`. */
MUST_CHECK enum status ticket_check_skew(const struct enc_ticket_part *ticket,
	struct timestamp time, struct timestamp now, int64_t skew, struct error *err);

/*
 * KRB_AP_ERR_TKT_NYV if it starts (starttime, else authtime) more than `skew`
 * seconds after `now` or is INVALID, KRB_AP_ERR_TKT_EXPIRED if it ended more
 * than `skew` seconds before.
 */
MUST_CHECK enum status ticket_check_times(const struct enc_ticket_part *ticket,
	struct timestamp now, int64_t skew, struct error *err);

/* Where the ticket has no starttime it is the authtime. */
int64_t ticket_start(const struct enc_ticket_part *ticket);

/* "forwardable, initial" for a trace; "none". */
#define TICKET_FLAGS_TEXT_SIZE 200
const char *ticket_flags_text(uint32_t flags, char out[TICKET_FLAGS_TEXT_SIZE]);

#endif
