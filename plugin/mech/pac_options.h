/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pac_options.h - what a server demands of a ticket's PAC, by its options.
 */
#ifndef MECH_PAC_OPTIONS_H
#define MECH_PAC_OPTIONS_H

#include "pac/pac.h"
#include "sasl/options.h"

/*
 * Reads kerberos5_pac and kerberos5_require_group. `storage` is empty, and has to
 * live as long as `demands`. ERR_SYNTAX, naming the option, for a value that it
 * cannot have, and for groups that are required of PACs that are ignored.
 */
MUST_CHECK enum status pac_demands_read(const struct option_source *options,
	struct pac_demands *demands, struct buffer *storage, struct error *err);

#endif
