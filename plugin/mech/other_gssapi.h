/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * other_gssapi.h - Cyrus's own plug-in for GSSAPI and GSS-SPNEGO in the same process.
 */
#ifndef MECH_OTHER_GSSAPI_H
#define MECH_OTHER_GSSAPI_H

#include "sasl/logger.h"

/*
 * With the first login, whose `log` it is: if that plug-in is loaded and the
 * option kerberos5_mechanisms does not leave both to it, tells the log so at
 * SASL_LOG_ERR, which is shown by default. libsasl2 has two mechanisms of one
 * name then, and takes Cyrus's, which has SASL_FEAT_CHANNEL_BINDING. Looks, and
 * tells, once in a process.
 */
void other_gssapi_warn(const struct logger *log);

#endif
