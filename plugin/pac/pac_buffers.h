/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pac_buffers.h - the container of a PAC: PACTYPE and its PAC_INFO_BUFFERs
 * (MS-PAC sections 2.3 and 2.4).
 */
#ifndef PAC_PAC_BUFFERS_H
#define PAC_PAC_BUFFERS_H

#include "base/bytes.h"
#include "base/error.h"

/* Types of buffers, section 2.4. */
enum {
	PAC_LOGON_INFO = 1,
	PAC_SERVER_SIGNATURE = 6,
	PAC_KDC_SIGNATURE = 7,
	PAC_CLIENT_INFO = 10,
	PAC_UPN_DNS_INFO = 12,
	PAC_TICKET_SIGNATURE = 16,
	PAC_FULL_SIGNATURE = 19,
};

/* Microsoft has given out 20 types. */
#define PAC_MAX_BUFFERS 64

struct pac_buffer {
	uint32_t type;
	struct slice data;
};

struct pac_buffers {
	struct slice all;
	unsigned count;
	struct pac_buffer buffer[PAC_MAX_BUFFERS];
};

/*
 * Reads where the buffers are; everything borrows from `octets`. ERR_SYNTAX,
 * with the type of the buffer at fault, unless the version is 0, there are 1
 * to PAC_MAX_BUFFERS of them, each begins at a multiple of 8 octets behind the
 * PAC_INFO_BUFFERs and ends inside `octets`, no two share an octet, and no two
 * are of one type.
 */
MUST_CHECK enum status pac_buffers_read(
	struct slice octets, struct pac_buffers *out, struct error *err);

/* NULL if there is none of that type. */
const struct pac_buffer *pac_buffers_find(const struct pac_buffers *buffers, uint32_t type);

#endif
