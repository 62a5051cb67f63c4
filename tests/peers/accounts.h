/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * accounts.h - a database in which libsasl2 finds everybody.
 *
 * Cyrus's GS2 asks libsasl2 for a user's account as if a password had to be
 * compared (no SASL_CU_EXTERNALLY_VERIFIED), so that its server lets in only
 * whom a database (auxprop plug-in) knows.
 */
#ifndef TESTS_PEERS_ACCOUNTS_H
#define TESTS_PEERS_ACCOUNTS_H

/* After sasl_server_init(). SASL_OK, or libsasl2's reason. */
int accounts_add(void);

#endif
