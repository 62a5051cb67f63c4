/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * properties.h - facts of a login for applications that asked for them with
 * sasl_auxprop_request().
 */
#ifndef SASL_PROPERTIES_H
#define SASL_PROPERTIES_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdbool.h>

#include "base/bytes.h"

/* Did the application ask for it? */
bool property_wanted(const sasl_server_params_t *params, const char *name);

/*
 * Erases what a property plugin may have put under this name and sets one
 * value of any octets; none where `value` is empty. For properties that were
 * asked for. libsasl2's result.
 */
int property_set(const sasl_server_params_t *params, const char *name, struct slice value);

/* Adds one more value to those that property_set() began; none where it is empty. Likewise. */
int property_add(const sasl_server_params_t *params, const char *name, struct slice value);

#endif
