/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/krb5_conf_contents.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shared.h"
#include "base/text.h"
#include "conf/duration.h"
#include "conf/enctype_list.h"

#define DEFAULT_PATHS "/etc/krb5.conf"

/* What krb5_conf_get() gives to all; changed under shared_lock(). */
static struct {
	struct krb5_conf *conf;
	int64_t checked; /* when its files were looked at */
} shared;

static enum status take_default_realm(struct krb5_conf *conf, const char *text, struct error *err)
{
	(void)err;
	conf->default_realm = text[0] ? text : NULL;
	return STATUS_OK;
}

static enum status take_clock_skew(struct krb5_conf *conf, const char *text, struct error *err)
{
	if (duration_parse(text, &conf->clock_skew))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"not a span of time; expected seconds as in 300, or 5m, 1h30m, 0:05:00");
}

static enum status take_permitted(struct krb5_conf *conf, const char *text, struct error *err)
{
	return enctype_list_parse(text, &conf->permitted, err);
}

static enum status take_boolean(const char *text, bool *out, struct error *err)
{
	if (krb5_conf_boolean(text, out))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX, "neither true nor false");
}

static enum status take_acceptor_hostname(
	struct krb5_conf *conf, const char *text, struct error *err)
{
	bool ignored;
	if (take_boolean(text, &ignored, err))
		return err->status;
	conf->pins_acceptor_hostname = !ignored;
	return STATUS_OK;
}

static enum status take_aware_bindings(struct krb5_conf *conf, const char *text, struct error *err)
{
	return take_boolean(text, &conf->announces_bindings, err);
}

/* A name that cannot be expanded is a fault of those who ask for it, not of all others. */
static void take_path_name(struct path_name *name, const char *text)
{
	name->text = text;
	name->has_tokens = strstr(text, "%{") != NULL;
	name->uid = getuid();
	name->euid = geteuid();
	NEW_ERROR(later); /* is told to who asks for it: it is expanded again then */
	if (path_tokens_expand(text, &name->expanded, &later))
		buffer_free(&name->expanded);
}

static enum status take_keytab(struct krb5_conf *conf, const char *text, struct error *err)
{
	(void)err;
	take_path_name(&conf->keytab, text);
	return STATUS_OK;
}

static enum status take_ccache(struct krb5_conf *conf, const char *text, struct error *err)
{
	(void)err;
	take_path_name(&conf->ccache, text);
	return STATUS_OK;
}

static enum status take_replay_cache(struct krb5_conf *conf, const char *text, struct error *err)
{
	(void)err;
	take_path_name(&conf->replay_cache, text);
	return STATUS_OK;
}

static enum status take_kcm_socket(struct krb5_conf *conf, const char *text, struct error *err)
{
	(void)err;
	conf->kcm_socket = text;
	return STATUS_OK;
}

static const struct relation {
	const char *name;
	const char *otherwise; /* stands for a relation that is not there */
	enum status (*take)(struct krb5_conf *conf, const char *text, struct error *err);
} libdefaults[] = {
	{"default_realm", "", take_default_realm},
	{"clockskew", "300", take_clock_skew},
	{"permitted_enctypes", "DEFAULT", take_permitted},
	{"ignore_acceptor_hostname", "true", take_acceptor_hostname},
	{"client_aware_channel_bindings", "false", take_aware_bindings},
	{"default_keytab_name", "FILE:/etc/krb5.keytab", take_keytab},
	{"default_ccache_name", "FILE:/tmp/krb5cc_%{euid}", take_ccache},
	{"kcm_socket", "/run/.heim_org.h5l.kcm-socket", take_kcm_socket},
	{"default_rcache_name", "dfl:", take_replay_cache},
};

static enum status take_libdefaults(struct krb5_conf *conf, struct error *err)
{
	for (size_t i = 0; i < sizeof libdefaults / sizeof *libdefaults; i++) {
		const struct relation *relation = &libdefaults[i];
		const char *path[] = {"libdefaults", relation->name, NULL};
		const char *text = profile_value(conf->profile, path);
		if (relation->take(conf, text ? text : relation->otherwise, err))
			return text ? error_prefix(err, "%s: [libdefaults] %s = %s",
					      PROFILE_PLACE(conf->profile, path), relation->name,
					      TEXT(slice_string(text)))
				    : err->status;
	}
	return STATUS_OK;
}

static enum status take_contents(struct krb5_conf *conf, struct error *err)
{
	conf->has_appdefaults = profile_has_section(conf->profile, "appdefaults");
	if (take_libdefaults(conf, err))
		return err->status;
	return krb5_conf_compile_local_rules(conf, err);
}

static void free_conf(struct krb5_conf *conf)
{
	local_rules_release(conf->local_rules);
	buffer_free(&conf->keytab.expanded);
	buffer_free(&conf->ccache.expanded);
	buffer_free(&conf->replay_cache.expanded);
	profile_free(conf->profile);
	watch_free(&conf->watch);
	free(conf->paths);
	free(conf);
}

void krb5_conf_release(struct krb5_conf *conf)
{
	if (!conf)
		return;
	shared_lock();
	bool last = --conf->holders == 0;
	shared_unlock();
	if (last)
		free_conf(conf);
}

void krb5_conf_release_at(struct krb5_conf **conf)
{
	krb5_conf_release(*conf);
}

/* With one holder. NULL where there is no memory. */
static struct krb5_conf *new_conf(void)
{
	struct krb5_conf *conf = calloc(1, sizeof *conf);
	if (conf)
		conf->holders = 1;
	return conf;
}

enum status krb5_conf_parse(struct slice text, struct krb5_conf **out, struct error *err)
{
	*out = NULL;
	AUTO_KRB5_CONF conf = new_conf();
	if (!conf)
		return error_no_memory(err);
	if (profile_parse(text, "krb5.conf", &conf->profile, err) || take_contents(conf, err))
		return err->status;
	*out = conf;
	conf = NULL;
	return STATUS_OK;
}

/* NULL: there is no memory. Other failures are in its fault. */
static struct krb5_conf *read_conf(const char *paths)
{
	AUTO_KRB5_CONF conf = new_conf();
	if (!conf || !(conf->paths = strdup(paths)))
		return NULL;
	NEW_ERROR(fault);
	enum status status = profile_read(paths, &conf->watch, &conf->profile, &fault);
	if (status == ERR_FILE) /* its path may be one that an administrator has never seen */
		error_prefix(&fault, "krb5.conf");
	if (!status)
		status = take_contents(conf, &fault);
	if (status) {
		error_show(&fault, "the Kerberos configuration of this host has a fault");
		conf->fault = fault;
	}
	struct krb5_conf *out = conf;
	conf = NULL;
	return out;
}

/*
 * The shared snapshot if it is of these paths, else NULL; and whether its
 * files are to be looked at. That is then the caller's to do: others go on
 * with what there is. A fault is looked at each time, so that a repaired file
 * serves at once.
 */
static struct krb5_conf *shared_take(const char *paths, int64_t now, bool *look)
{
	shared_lock();
	struct krb5_conf *conf = shared.conf;
	if (conf && strcmp(conf->paths, paths) == 0) {
		conf->holders++;
		/* Unsigned, so that a clock that was put back counts as a long time. */
		uint64_t age = (uint64_t)now - (uint64_t)shared.checked;
		*look = conf->fault.status || age >= KRB5_CONF_RECHECK_SECONDS;
		if (*look)
			shared.checked = now;
	} else {
		conf = NULL;
	}
	shared_unlock();
	return conf;
}

/* NULL: nothing is shared any more. */
static void shared_put(struct krb5_conf *conf, int64_t now)
{
	shared_lock();
	struct krb5_conf *old = shared.conf;
	shared.conf = conf;
	shared.checked = now;
	if (conf)
		conf->holders++;
	shared_unlock();
	krb5_conf_release(old);
}

/* What stands in the files lasts until they change; a failure to read them may pass by itself. */
static bool is_lasting(const struct krb5_conf *conf)
{
	enum status status = conf->fault.status;
	return !status || status == ERR_SYNTAX || status == ERR_UNSUPPORTED;
}

enum status krb5_conf_get(struct timestamp now, struct krb5_conf **out, struct error *err)
{
	*out = NULL;
	const char *paths = secure_getenv("KRB5_CONFIG");
	if (!paths)
		paths = DEFAULT_PATHS;

	bool look;
	AUTO_KRB5_CONF conf = shared_take(paths, now.seconds, &look);
	if (!conf || (look && watch_changed(&conf->watch))) {
		krb5_conf_release(conf);
		conf = read_conf(paths);
		shared_put(conf && is_lasting(conf) ? conf : NULL, now.seconds);
		if (!conf)
			return error_no_memory(err);
	}
	if (conf->fault.status) {
		*err = conf->fault;
		return err->status;
	}
	*out = conf;
	conf = NULL;
	return STATUS_OK;
}

void krb5_conf_forget(void)
{
	shared_put(NULL, 0);
}

const char *krb5_conf_default_realm(const struct krb5_conf *conf)
{
	return conf->default_realm;
}

int64_t krb5_conf_clock_skew(const struct krb5_conf *conf)
{
	return conf->clock_skew;
}

const struct enctype_list *krb5_conf_permitted_enctypes(const struct krb5_conf *conf)
{
	return &conf->permitted;
}

bool krb5_conf_pins_acceptor_hostname(const struct krb5_conf *conf)
{
	return conf->pins_acceptor_hostname;
}

bool krb5_conf_announces_bindings(const struct krb5_conf *conf)
{
	return conf->announces_bindings;
}

const char *krb5_conf_kcm_socket(const struct krb5_conf *conf)
{
	return conf->kcm_socket;
}
