/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * login_properties.h - what an application can ask about a login's ticket:
 * the properties of the manual.
 */
#ifndef MECH_LOGIN_PROPERTIES_H
#define MECH_LOGIN_PROPERTIES_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ap/ap.h"

/* Sets those that the application asked for. libsasl2's result. */
int login_properties_set(const sasl_server_params_t *params, const struct ap_context *context);

#endif
