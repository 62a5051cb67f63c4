/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libsasl2 loads: the two entry points that hand out the mechanisms. No
 * file is read here: servers load modules as root, and log people in later
 * as another user inside a chroot.
 */
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "asn1/der.h"
#include "base/shared.h"
#include "conf/krb5_conf.h"
#include "conf/local_rules.h"
#include "crypto/enctype.h"
#include "kdc/refused_tickets.h"
#include "mech/client.h"
#include "mech/gs2.h"
#include "mech/gss_spnego.h"
#include "mech/gssapi.h"
#include "mech/kerberos_v5.h"
#include "mech/server.h"
#include "sasl/logger.h"
#include "sasl/options.h"
#include "store/ccache.h"
#include "store/keytab.h"
#include "store/replay_cache.h"

#define EXPORT __attribute__((visibility("default")))

sasl_server_plug_init_t sasl_server_plug_init;
sasl_client_plug_init_t sasl_client_plug_init;

/* libsasl2 releases each mechanism that it was handed, of each side, by itself. */
static unsigned holders;

static void hold(unsigned count)
{
	shared_lock();
	holders += count;
	shared_unlock();
}

static void let_go(void *glob_context, const sasl_utils_t *utils)
{
	(void)glob_context, (void)utils;
	shared_lock();
	bool last = holders > 0 && --holders == 0;
	shared_unlock();
	if (!last)
		return;
	keytab_forget();
	ccache_forget();
	replay_cache_forget();
	refused_tickets_forget();
	krb5_conf_forget();
	local_rules_forget();
	der_close();
	crypto_close();
}

static const struct mechanism *const mechanisms[] = {
	&kerberos_v5_mechanism,
	&gssapi_mechanism,
	&gss_spnego_mechanism,
	&gs2_mechanism,
};
#define MECHANISM_COUNT (sizeof mechanisms / sizeof *mechanisms)

/* Reads which mechanisms to offer; false, which the log explains, where that makes no sense. */
static bool read_wanted(const sasl_utils_t *utils, struct option_words *wanted)
{
	const struct option_source options = {.utils = utils, .mechanism = GSSAPI_NAME};
	const struct logger log = {utils, SASL_LOG_ERR, "libkerberos5"};
	NEW_ERROR(err);
	if (option_list(&options, OPTION_MECHANISMS, wanted, &err) == STATUS_OK)
		return true;
	logger_line(&log, SASL_LOG_ERR, "no mechanism is offered: %s", err.text);
	return false;
}

/*
 * The schema of messages is made here, so that no login is the first to find out that it
 * cannot be; SASL_FAIL, which the log explains.
 */
static int prepare(const sasl_utils_t *utils)
{
	const struct logger log = {utils, SASL_LOG_TRACE, "libkerberos5"};
	NEW_ERROR(err);
	if (der_open(&err) == STATUS_OK) {
		logger_line(&log, SASL_LOG_TRACE, "%s", PACKAGE_STRING);
		return SASL_OK;
	}
	logger_line(&log, SASL_LOG_ERR,
		"no mechanism is offered: the definitions of messages do not fit the module: %s",
		err.text);
	return SASL_FAIL;
}

/*
 * Servers load modules before they enter a chroot, where openssl.cnf and OpenSSL's providers
 * may be missing, and before they have threads and children. A client fetches at its first
 * login: most programs that load the module never come to that. What is missing, the first
 * login tells.
 */
static void fetch_early(void)
{
	if (crypto_open(NULL))
		return;
}

/*
 * What both entry points do: which mechanisms to offer, `count` of them in
 * `offered`. None, which the log explains, is no reason for libsasl2 to be told
 * of a failure. libsasl2's result.
 */
static int open_module(
	const sasl_utils_t *utils, const struct mechanism *offered[MECHANISM_COUNT], int *count)
{
	struct option_words wanted;
	*count = 0;
	if (!read_wanted(utils, &wanted))
		return SASL_OK;
	int result = prepare(utils);
	if (result != SASL_OK)
		return result;
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (mechanism_is_wanted(mechanisms[i], &wanted))
			offered[(*count)++] = mechanisms[i];
	hold((unsigned)*count);
	return SASL_OK;
}

EXPORT int sasl_server_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
	sasl_server_plug_t **plugs, int *count)
{
	static sasl_server_plug_t table[MECHANISM_COUNT];
	const struct mechanism *offered[MECHANISM_COUNT];
	if (max_version < SASL_SERVER_PLUG_VERSION)
		return SASL_BADVERS;
	*out_version = SASL_SERVER_PLUG_VERSION;
	*plugs = table;
	int result = open_module(utils, offered, count);
	if (*count > 0)
		fetch_early();
	for (int i = 0; i < *count; i++) {
		server_plug(offered[i], &table[i]);
		table[i].mech_free = let_go;
	}
	return result;
}

EXPORT int sasl_client_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
	sasl_client_plug_t **plugs, int *count)
{
	static sasl_client_plug_t table[MECHANISM_COUNT];
	const struct mechanism *offered[MECHANISM_COUNT];
	if (max_version < SASL_CLIENT_PLUG_VERSION)
		return SASL_BADVERS;
	*out_version = SASL_CLIENT_PLUG_VERSION;
	*plugs = table;
	int result = open_module(utils, offered, count);
	for (int i = 0; i < *count; i++) {
		client_plug(offered[i], &table[i]);
		table[i].mech_free = let_go;
	}
	return result;
}
