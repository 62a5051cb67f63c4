/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * outage.h - what the log says while a server cannot offer a mechanism.
 *
 * Every connection meets the fault; the log tells it once, again when it has
 * another text or the keytab another state, again after each hour that it
 * lasts, and once that it is over. Remembered in the process alone, for each
 * mechanism, service and host name; a child starts with nothing told.
 */
#ifndef MECH_OUTAGE_H
#define MECH_OUTAGE_H

#include "sasl/logger.h"

struct outage {
	const struct logger *log;
	const char *service, *host; /* as the program names them to libsasl2 */
	int64_t now;                /* seconds of a clock that nobody sets */
};

#define OUTAGE_INTERVAL 3600 /* seconds between two lines about the same fault */

/*
 * "not offered: TEXT", if it is due. At SASL_LOG_ERR; if the connection's log
 * does not show that, nothing is remembered.
 */
void outage_tell(const struct outage *outage, uint64_t keytab_state, const char *text);

/* "offered again, after SPAN", at the same level, if the last thing told was that it is not. */
void outage_end(const struct outage *outage);

#endif
