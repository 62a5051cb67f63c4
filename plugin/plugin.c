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
#include "mech/kerberos_v5.h"
#include "store/keytab.h"

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
	krb5_conf_forget();
	der_close();
	crypto_close();
}

EXPORT int sasl_server_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
	sasl_server_plug_t **plugs, int *count)
{
	(void)utils;
	static sasl_server_plug_t table[1];
	if (max_version < SASL_SERVER_PLUG_VERSION)
		return SASL_BADVERS;
	table[0] = kerberos_v5_server_plug;
	table[0].mech_free = let_go;
	hold(1);
	*out_version = SASL_SERVER_PLUG_VERSION;
	*plugs = table;
	*count = 1;
	return SASL_OK;
}

EXPORT int sasl_client_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
	sasl_client_plug_t **plugs, int *count)
{
	(void)utils;
	static sasl_client_plug_t table[1];
	if (max_version < SASL_CLIENT_PLUG_VERSION)
		return SASL_BADVERS;
	table[0] = kerberos_v5_client_plug;
	table[0].mech_free = let_go;
	hold(1);
	*out_version = SASL_CLIENT_PLUG_VERSION;
	*plugs = table;
	*count = 1;
	return SASL_OK;
}
