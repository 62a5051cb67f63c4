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
#include "crypto/enctype.h"
#include "kdc/refused_tickets.h"
#include "mech/gssapi.h"
#include "mech/kerberos_v5.h"
#include "sasl/logger.h"
#include "sasl/options.h"
#include "store/ccache.h"
#include "store/keytab.h"
#include "store/replay_cache.h"

#define EXPORT __attribute__((visibility("default")))

sasl_server_plug_init_t sasl_server_plug_init;
sasl_client_plug_init_t sasl_client_plug_init;

/* libsasl2 lets go of each mechanism of each side that it was handed by itself. */
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
	der_close();
	crypto_close();
}

static const struct {
	unsigned word; /* of the option */
	const sasl_server_plug_t *server;
	const sasl_client_plug_t *client;
} mechanisms[] = {
	{MECHANISM_KERBEROS_V5, &kerberos_v5_server_plug, &kerberos_v5_client_plug},
	{MECHANISM_GSSAPI, &gssapi_server_plug, &gssapi_client_plug},
};
#define MECHANISM_COUNT (sizeof mechanisms / sizeof *mechanisms)

/* Reads which mechanisms to offer; false, which the log explains, where that makes no sense. */
static bool read_wanted(const sasl_utils_t *utils, struct option_words *wanted)
{
	const struct option_source options = {.utils = utils, .mechanism = GSSAPI_NAME};
	const struct logger log = {utils, SASL_LOG_ERR, "libkerberos5"};
	struct error err;
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
	const struct logger log = {utils, SASL_LOG_ERR, "libkerberos5"};
	struct error err;
	if (der_open(&err) == STATUS_OK)
		return SASL_OK;
	logger_line(&log, SASL_LOG_ERR,
		"no mechanism is offered: the definitions of messages do not fit the module: %s",
		err.text);
	return SASL_FAIL;
}

static bool is_wanted(const struct option_words *wanted, unsigned word)
{
	return wanted->count == 0 || option_words_have(wanted, word);
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

EXPORT int sasl_server_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
	sasl_server_plug_t **plugs, int *count)
{
	static sasl_server_plug_t table[MECHANISM_COUNT];
	struct option_words wanted;
	if (max_version < SASL_SERVER_PLUG_VERSION)
		return SASL_BADVERS;
	*out_version = SASL_SERVER_PLUG_VERSION;
	*plugs = table;
	*count = 0;
	if (!read_wanted(utils, &wanted))
		return SASL_OK;
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (is_wanted(&wanted, mechanisms[i].word)) {
			table[*count] = *mechanisms[i].server;
			table[(*count)++].mech_free = let_go;
		}
	int result = *count > 0 ? prepare(utils) : SASL_OK;
	if (result != SASL_OK)
		*count = 0;
	hold((unsigned)*count);
	if (*count > 0)
		fetch_early();
	return result;
}

EXPORT int sasl_client_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
	sasl_client_plug_t **plugs, int *count)
{
	static sasl_client_plug_t table[MECHANISM_COUNT];
	struct option_words wanted;
	if (max_version < SASL_CLIENT_PLUG_VERSION)
		return SASL_BADVERS;
	*out_version = SASL_CLIENT_PLUG_VERSION;
	*plugs = table;
	*count = 0;
	if (!read_wanted(utils, &wanted))
		return SASL_OK;
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (is_wanted(&wanted, mechanisms[i].word)) {
			table[*count] = *mechanisms[i].client;
			table[(*count)++].mech_free = let_go;
		}
	int result = *count > 0 ? prepare(utils) : SASL_OK;
	if (result != SASL_OK)
		*count = 0;
	hold((unsigned)*count);
	return result;
}
