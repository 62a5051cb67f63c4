#include "conf/krb5_conf.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shared.h"
#include "base/text.h"
#include "conf/duration.h"
#include "conf/enctype_list.h"
#include "conf/profile.h"

#define DEFAULT_PATHS "/etc/krb5.conf"
#define MAX_HOST_NAME 255

/*
 * The name of a keytab or cache, expanded when it is read: a login needs no
 * look into the user database for %{username}. Holds as long as the user does.
 */
struct path_name {
	const char *text;       /* as written */
	struct buffer expanded; /* no data: it cannot be expanded */
	bool has_tokens;
	uid_t uid;
	uid_t euid;
};

struct krb5_conf {
	unsigned holders; /* changed under shared_lock() */
	char *paths;      /* NULL: from memory */
	struct watch watch;
	struct error fault; /* why this is not a snapshot that anybody gets; else STATUS_OK */
	struct profile *profile;

	const char *default_realm;
	int64_t clock_skew;
	struct enctype_list permitted;
	bool pins_acceptor_hostname;
	const char *kcm_socket;
	struct path_name keytab;
	struct path_name ccache;
	struct path_name replay_cache;
};

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

static enum status take_acceptor_hostname(
	struct krb5_conf *conf, const char *text, struct error *err)
{
	bool ignored;
	if (!krb5_conf_boolean(text, &ignored))
		return error_set(err, ERR_SYNTAX, "neither true nor false");
	conf->pins_acceptor_hostname = !ignored;
	return STATUS_OK;
}

/* A name that cannot be expanded is a fault of those who ask for it, not of all others. */
static void take_path_name(struct path_name *name, const char *text)
{
	name->text = text;
	name->has_tokens = strstr(text, "%{") != NULL;
	name->uid = getuid();
	name->euid = geteuid();
	if (path_tokens_expand(text, &name->expanded, NULL))
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
	{"default_keytab_name", "FILE:/etc/krb5.keytab", take_keytab},
	{"default_ccache_name", "FILE:/tmp/krb5cc_%{uid}", take_ccache},
	{"kcm_socket", "/run/.heim_org.h5l.kcm-socket", take_kcm_socket},
	{"default_rcache_name", "dfl:", take_replay_cache},
};

static enum status take_libdefaults(struct krb5_conf *conf, struct error *err)
{
	for (size_t i = 0; i < sizeof libdefaults / sizeof *libdefaults; i++) {
		const struct relation *relation = &libdefaults[i];
		const char *path[] = {"libdefaults", relation->name, NULL};
		const char *text = profile_value(conf->profile, path);
		enum status status = relation->take(conf, text ? text : relation->otherwise, err);
		if (status && text)
			error_prefix(err, "%s: [libdefaults] %s = %s",
				PROFILE_PLACE(conf->profile, path), relation->name,
				TEXT(slice_string(text)));
		if (status)
			return status;
	}
	return STATUS_OK;
}

static void free_conf(struct krb5_conf *conf)
{
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
	enum status status = profile_parse(text, "krb5.conf", &conf->profile, &conf->fault);
	if (!status)
		status = take_libdefaults(conf, &conf->fault);
	if (status) {
		if (err)
			*err = conf->fault;
		return status;
	}
	*out = conf;
	conf = NULL;
	return STATUS_OK;
}

/* Fails for want of memory only; other failures are in (*out)->fault. */
static enum status read_conf(const char *paths, struct krb5_conf **out)
{
	AUTO_KRB5_CONF conf = new_conf();
	if (!conf || !(conf->paths = strdup(paths)))
		return ERR_NO_MEMORY;
	enum status status = profile_read(paths, &conf->watch, &conf->profile, &conf->fault);
	if (!status)
		status = take_libdefaults(conf, &conf->fault);
	if (status)
		error_show(&conf->fault, "the Kerberos configuration of this host has a fault");
	*out = conf;
	conf = NULL;
	return STATUS_OK;
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
		conf = NULL;
		enum status status = read_conf(paths, &conf);
		shared_put(!status && is_lasting(conf) ? conf : NULL, now.seconds);
		if (status)
			return error_no_memory(err);
	}
	if (conf->fault.status) {
		if (err)
			*err = conf->fault;
		return conf->fault.status;
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

const char *krb5_conf_kcm_socket(const struct krb5_conf *conf)
{
	return conf->kcm_socket;
}

static bool is_same_user(const struct path_name *name)
{
	return name->uid == getuid() && name->euid == geteuid();
}

/* NULL where it is not set, or empty. */
static const char *from_environment(const char *variable)
{
	const char *value = secure_getenv(variable);
	return value && value[0] ? value : NULL;
}

static enum status take_environment(
	const char *variable, const char *value, struct buffer *out, struct error *err)
{
	enum status status = path_name_copy(value, out, err);
	if (status && err)
		error_prefix(err, "%s", variable);
	return status;
}

static enum status resolve(const struct krb5_conf *conf, const char *variable, const char *relation,
	const struct path_name *name, struct buffer *out, struct error *err)
{
	const char *environment = from_environment(variable);
	if (environment)
		return take_environment(variable, environment, out, err);
	if (name->expanded.data && (!name->has_tokens || is_same_user(name)))
		return path_name_copy((const char *)name->expanded.data, out, err);

	enum status status = path_tokens_expand(name->text, out, err);
	const char *path[] = {"libdefaults", relation, NULL};
	if (status && err)
		error_prefix(
			err, "%s: [libdefaults] %s", PROFILE_PLACE(conf->profile, path), relation);
	return status;
}

enum status krb5_conf_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	return resolve(conf, "KRB5_KTNAME", "default_keytab_name", &conf->keytab, out, err);
}

enum status krb5_conf_client_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	const char *path[] = {"libdefaults", "default_client_keytab_name", NULL};
	const char *text = profile_value(conf->profile, path);
	const struct path_name name = {
		.text = text ? text : "FILE:/etc/krb5/user/%{euid}/client.keytab"};
	return resolve(conf, "KRB5_CLIENT_KTNAME", path[1], &name, out, err);
}

enum status krb5_conf_ccache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	return resolve(conf, "KRB5CCNAME", "default_ccache_name", &conf->ccache, out, err);
}

enum status krb5_conf_replay_cache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err)
{
	const char *type = from_environment("KRB5RCACHETYPE");
	if (!type || from_environment("KRB5RCACHENAME"))
		return resolve(conf, "KRB5RCACHENAME", "default_rcache_name", &conf->replay_cache,
			out, err);
	enum status status = take_environment("KRB5RCACHETYPE", type, out, err);
	if (status)
		return status;
	if (buffer_append(out, slice_of(":", sizeof ":"))) {
		buffer_clear(out);
		return error_no_memory(err);
	}
	out->len--; /* the NUL */
	return STATUS_OK;
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* In lower case and without a dot at the end; false where it is no name to look up. */
static bool canonical_host(const char *host, char out[MAX_HOST_NAME + 1])
{
	size_t len = strlen(host);
	if (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0 || len > MAX_HOST_NAME || is_address(host))
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] - 'A' + 'a') : host[i];
	out[len] = '\0';
	return true;
}

const char *krb5_conf_host_realm(const struct krb5_conf *conf, const char *host)
{
	char name[MAX_HOST_NAME + 1];
	if (!canonical_host(host, name))
		return NULL;
	/* mail.example.test, .example.test, example.test, .test, test */
	for (const char *p = name; p && *p; p = *p == '.' ? p + 1 : strchr(p, '.')) {
		const char *path[] = {"domain_realm", p, NULL};
		const char *realm = profile_value(conf->profile, path);
		if (realm)
			return realm[0] ? realm : NULL;
	}
	return NULL;
}

static const char *appdefault(
	const struct krb5_conf *conf, const char *first, const char *second, const char *third)
{
	const char *path[] = {"appdefaults", first, second, third, NULL};
	return profile_value(conf->profile, path);
}

const char *krb5_conf_appdefault(const struct krb5_conf *conf, const char *application,
	const char *realm, const char *option)
{
	const char *value = realm ? appdefault(conf, application, realm, option) : NULL;
	if (!value)
		value = appdefault(conf, application, option, NULL);
	if (!value && realm)
		value = appdefault(conf, realm, option, NULL);
	return value ? value : appdefault(conf, option, NULL, NULL);
}

const char *krb5_conf_capath(const struct krb5_conf *conf, const char *client_realm,
	const char *server_realm, unsigned n)
{
	const char *path[] = {"capaths", client_realm, server_realm, NULL};
	return profile_value_at(conf->profile, path, n);
}

const struct profile *krb5_conf_profile(const struct krb5_conf *conf)
{
	return conf->profile;
}

bool krb5_conf_boolean(const char *text, bool *value)
{
	static const struct word {
		const char *text;
		bool value;
	} words[] = {
		{"y", true},
		{"yes", true},
		{"true", true},
		{"t", true},
		{"1", true},
		{"on", true},
		{"n", false},
		{"no", false},
		{"false", false},
		{"f", false},
		{"nil", false},
		{"0", false},
		{"off", false},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_equal_nocase(slice_string(text), slice_string(words[i].text))) {
			*value = words[i].value;
			return true;
		}
	}
	return false;
}
