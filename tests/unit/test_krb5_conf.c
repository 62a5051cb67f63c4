#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/duration.h"
#include "conf/krb5_conf.h"
#include "conf/path_tokens.h"

#define UNUSED __attribute__((unused))
#define PARSED(literal) parsed(SLICE_LITERAL(literal))

/* Takes the place of libc's, so that a test can play a set-uid program. */
static bool is_set_uid;

char *secure_getenv(const char *name)
{
	return is_set_uid ? NULL : getenv(name);
}

static struct krb5_conf *parsed(struct slice text)
{
	struct krb5_conf *conf;
	struct error err = {0};
	if (krb5_conf_parse(text, &conf, &err))
		fail_msg("refused: %s", err.text);
	return conf;
}

static void assert_refused(struct slice text, const char *sentence)
{
	struct krb5_conf *conf = (struct krb5_conf *)1;
	struct error err = {0};
	assert_int_equal(krb5_conf_parse(text, &conf, &err), ERR_SYNTAX);
	assert_int_equal(err.status, ERR_SYNTAX);
	assert_null(conf);
	assert_string_equal(err.text, sentence);
}

#define REFUSED(literal, sentence) assert_refused(SLICE_LITERAL(literal), (sentence))

static void assert_value(const char *value, const char *expected)
{
	assert_non_null(value);
	assert_string_equal(value, expected);
}

/* [libdefaults] */

static void nothing_set_gives_the_defaults(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	assert_null(krb5_conf_default_realm(conf));
	assert_int_equal(krb5_conf_clock_skew(conf), 300);
	assert_false(krb5_conf_pins_acceptor_hostname(conf));
	const struct enctype_list *permitted = krb5_conf_permitted_enctypes(conf);
	assert_int_equal(permitted->count, ENCTYPE_COUNT);
	assert_int_equal(permitted->number[0], ENCTYPE_AES256_SHA1);
}

static void default_realm_is_found(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_realm = EXAMPLE.TEST\n");
	assert_value(krb5_conf_default_realm(conf), "EXAMPLE.TEST");
}

static void empty_default_realm_is_none(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_realm = \"\"\n");
	assert_null(krb5_conf_default_realm(conf));
}

static void clock_skew_is_understood(void **state UNUSED)
{
	AUTO_KRB5_CONF plain = PARSED("[libdefaults]\nclockskew = 120\n");
	assert_int_equal(krb5_conf_clock_skew(plain), 120);
	AUTO_KRB5_CONF units = PARSED("[libdefaults]\nclockskew = 1h30m\n");
	assert_int_equal(krb5_conf_clock_skew(units), 5400);
}

static void clock_skew_that_is_none_is_refused(void **state UNUSED)
{
	REFUSED("[libdefaults]\n\nclockskew = soon\n",
		"krb5.conf:3: [libdefaults] clockskew = soon: not a span of time; expected seconds "
		"as in 300, or 5m, 1h30m, 0:05:00");
	REFUSED("[libdefaults]\nclockskew = 300 # seconds\n",
		"krb5.conf:2: [libdefaults] clockskew = 300 # seconds: not a span of time; "
		"expected seconds as in 300, or 5m, 1h30m, 0:05:00");
	REFUSED("[libdefaults]\nclockskew = \"\"\n",
		"krb5.conf:2: [libdefaults] clockskew = : not a span of time; expected seconds as "
		"in 300, or 5m, 1h30m, 0:05:00");
}

static void permitted_enctypes_are_in_their_order(void **state UNUSED)
{
	AUTO_KRB5_CONF conf =
		PARSED("[libdefaults]\npermitted_enctypes = aes256-sha2, rc4 aes128-cts\n");
	const struct enctype_list *permitted = krb5_conf_permitted_enctypes(conf);
	assert_int_equal(permitted->count, 2);
	assert_int_equal(permitted->number[0], ENCTYPE_AES256_SHA384);
	assert_int_equal(permitted->number[1], ENCTYPE_AES128_SHA1);
}

static void permitted_enctypes_that_leave_nothing_are_refused(void **state UNUSED)
{
	REFUSED("[libdefaults]\npermitted_enctypes = rc4\n",
		"krb5.conf:2: [libdefaults] permitted_enctypes = rc4: no supported encryption type "
		"in the list \"rc4\"; expected names such as aes256-cts-hmac-sha1-96, aes, "
		"camellia or DEFAULT");
}

static void acceptor_hostname_is_pinned_by_false_only(void **state UNUSED)
{
	AUTO_KRB5_CONF pinned = PARSED("[libdefaults]\nignore_acceptor_hostname = No\n");
	assert_true(krb5_conf_pins_acceptor_hostname(pinned));
	AUTO_KRB5_CONF open = PARSED("[libdefaults]\nignore_acceptor_hostname = true\n");
	assert_false(krb5_conf_pins_acceptor_hostname(open));
	REFUSED("[libdefaults]\nignore_acceptor_hostname = perhaps\n",
		"krb5.conf:2: [libdefaults] ignore_acceptor_hostname = perhaps: neither true nor "
		"false");
}

static void first_value_counts(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\nclockskew = 1\nclockskew = soon\n");
	assert_int_equal(krb5_conf_clock_skew(conf), 1);
}

static void syntax_is_checked(void **state UNUSED)
{
	REFUSED("[libdefaults\n", "krb5.conf:1: \"[libdefaults\" has no closing bracket; expected "
				  "\"[section]\"");
}

/* Durations */

static void assert_duration(const char *text, int64_t expected)
{
	int64_t seconds = -1;
	if (!duration_parse(text, &seconds) || seconds != expected)
		fail_msg("\"%s\" gave %lld", text, (long long)seconds);
}

static void assert_no_duration(const char *text)
{
	int64_t seconds;
	if (duration_parse(text, &seconds))
		fail_msg("\"%s\" was taken", text);
}

static void durations_in_seconds(void **state UNUSED)
{
	assert_duration("0", 0);
	assert_duration("300", 300);
	assert_duration(" 300", 300);
	assert_duration("2147483647", INT32_MAX);
	assert_no_duration("2147483648");
	assert_no_duration("99999999999999999999999");
	assert_no_duration("-300");
	assert_no_duration("+300");
	assert_no_duration("3.5");
	assert_no_duration("");
	assert_no_duration(" ");
}

static void durations_with_units(void **state UNUSED)
{
	assert_duration("3s", 3);
	assert_duration("5m", 300);
	assert_duration("1h30m", 5400);
	assert_duration("2d", 172800);
	assert_duration("3d4m    42s", 3 * 86400 + 4 * 60 + 42);
	assert_duration("1m 12345s", 60 + 12345);
	assert_duration("3d 0m  ", 3 * 86400);
	assert_duration("24855d 3h 14m 7s", INT32_MAX);
	assert_no_duration("24855d 3h 14m 8s");
	assert_no_duration("24856d");
	assert_no_duration("99999999d");
}

static void malformed_units_are_no_durations(void **state UNUSED)
{
	assert_no_duration("3dd");
	assert_no_duration("3d4m5h");
	assert_no_duration("3m3m");
	assert_no_duration("3x");
	assert_no_duration("3M");
	assert_no_duration("5 m");
	assert_no_duration("1h 30");
	assert_no_duration("3d-1h");
	assert_no_duration("m");
}

static void durations_as_clock_times(void **state UNUSED)
{
	assert_duration("0:05", 300);
	assert_duration("0:05:00", 300);
	assert_duration("3:4", 3 * 3600 + 4 * 60);
	assert_duration("1:02:03", 3723);
	assert_duration("100:00", 360000);
	assert_duration("42-13:42:47", 42 * 86400 + 13 * 3600 + 42 * 60 + 47);
	assert_no_duration("42-13:42");
	assert_no_duration("1-2");
	assert_no_duration("1-");
	assert_no_duration("3: 4");
	assert_no_duration("3:-4");
	assert_no_duration("3:");
	assert_no_duration("3:4:");
	assert_no_duration("3:4:5:6");
	assert_no_duration("3:4s");
	assert_no_duration("13:0003");
	assert_no_duration("13:000:03");
	assert_no_duration("1-100:00:00");
	assert_no_duration("596523:14:08");
}

/* Booleans */

static void booleans_are_those_of_mit(void **state UNUSED)
{
	static const char *const yes[] = {"y", "yes", "true", "t", "1", "on", "YES", "True"};
	static const char *const no[] = {"n", "no", "false", "f", "nil", "0", "off", "FALSE"};
	static const char *const neither[] = {"", "2", "yess", "ye", "enabled", " yes"};
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		bool value = false;
		assert_true(krb5_conf_boolean(yes[i], &value));
		assert_true(value);
	}
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		bool value = true;
		assert_true(krb5_conf_boolean(no[i], &value));
		assert_false(value);
	}
	for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
		bool value = true;
		assert_false(krb5_conf_boolean(neither[i], &value));
		assert_true(value);
	}
}

/* [domain_realm], [appdefaults], [capaths] */

static void host_realm_goes_from_host_to_parents(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\n"
				     "mail.example.test = HOST\n"
				     ".example.test = BELOW\n"
				     "example.test = DOMAIN\n"
				     "example.org = ORG\n"
				     "net = NET\n"
				     "empty.test = \"\"\n");
	assert_value(krb5_conf_host_realm(conf, "mail.example.test"), "HOST");
	assert_value(krb5_conf_host_realm(conf, "a.mail.example.test"), "HOST");
	assert_value(krb5_conf_host_realm(conf, "www.example.test"), "BELOW");
	assert_value(krb5_conf_host_realm(conf, "a.b.example.test"), "BELOW");
	assert_value(krb5_conf_host_realm(conf, "example.test"), "DOMAIN");
	assert_value(krb5_conf_host_realm(conf, "www.example.org"), "ORG");
	assert_value(krb5_conf_host_realm(conf, "a.b.c.net"), "NET");
	assert_null(krb5_conf_host_realm(conf, "notexample.org"));
	assert_null(krb5_conf_host_realm(conf, "test"));
	assert_null(krb5_conf_host_realm(conf, "empty.test"));
	assert_null(krb5_conf_host_realm(conf, ""));
	assert_null(krb5_conf_host_realm(conf, "."));
}

static void host_realm_takes_the_name_in_lower_case(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\nmail.example.test = A\nOLD.TEST = B\n");
	assert_value(krb5_conf_host_realm(conf, "Mail.EXAMPLE.test"), "A");
	assert_value(krb5_conf_host_realm(conf, "mail.example.test."), "A");
	assert_null(krb5_conf_host_realm(conf, "OLD.TEST"));
}

static void addresses_have_no_realm(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\n1 = A\n::1 = B\n192.0.2.1 = C\n");
	assert_null(krb5_conf_host_realm(conf, "192.0.2.1"));
	assert_null(krb5_conf_host_realm(conf, "::1"));
	assert_value(krb5_conf_host_realm(conf, "host.1"), "A");
}

static void long_host_names_have_no_realm(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\ntest = A\n");
	char host[400];
	memset(host, 'a', sizeof host);
	strcpy(host + 255 - 5, ".test");
	assert_value(krb5_conf_host_realm(conf, host), "A");
	memset(host, 'a', sizeof host);
	strcpy(host + 256 - 5, ".test");
	assert_null(krb5_conf_host_realm(conf, host));
}

static void host_realm_passes_a_wildcard_by(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\n*.example.test = A\n");
	assert_null(krb5_conf_host_realm(conf, "mail.example.test"));
	assert_null(krb5_conf_host_realm(conf, "mail.example.test.."));
}

static void appdefault_is_searched_in_mit_order(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[appdefaults]\n"
				     "sasl = {\n"
				     " EXAMPLE.TEST = {\n  one = 1\n }\n"
				     " one = 2\n two = 2\n"
				     "}\n"
				     "EXAMPLE.TEST = {\n one = 3\n two = 3\n three = 3\n}\n"
				     "one = 4\ntwo = 4\nthree = 4\nfour = 4\n");
	const char *realm = "EXAMPLE.TEST";
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "one"), "1");
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "two"), "2");
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "three"), "3");
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "four"), "4");
	assert_null(krb5_conf_appdefault(conf, "sasl", realm, "five"));
	assert_value(krb5_conf_appdefault(conf, "sasl", NULL, "one"), "2");
	assert_value(krb5_conf_appdefault(conf, "sasl", NULL, "three"), "4");
	assert_value(krb5_conf_appdefault(conf, "other", realm, "one"), "3");
	assert_value(krb5_conf_appdefault(conf, "other", "OTHER.TEST", "one"), "4");
}

static void capath_gives_the_values_of_a_pair(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[capaths]\n"
				     "A.TEST = {\n B.TEST = X.TEST\n B.TEST = Y.TEST\n"
				     " C.TEST = .\n}\n");
	assert_value(krb5_conf_capath(conf, "A.TEST", "B.TEST", 0), "X.TEST");
	assert_value(krb5_conf_capath(conf, "A.TEST", "B.TEST", 1), "Y.TEST");
	assert_null(krb5_conf_capath(conf, "A.TEST", "B.TEST", 2));
	assert_value(krb5_conf_capath(conf, "A.TEST", "C.TEST", 0), ".");
	assert_null(krb5_conf_capath(conf, "B.TEST", "A.TEST", 0));
	assert_null(krb5_conf_capath(conf, "A.TEST", "D.TEST", 0));
}

/* Names of keytab and credential cache */

static int clear_environment(void **state UNUSED)
{
	is_set_uid = false;
	unsetenv("KRB5_CONFIG");
	unsetenv("KRB5_KTNAME");
	unsetenv("KRB5CCNAME");
	unsetenv("TMPDIR");
	return 0;
}

static void assert_expands(const char *text, const char *expected)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	if (path_tokens_expand(text, &out, &err))
		fail_msg("refused: %s", err.text);
	assert_int_equal(out.len, strlen(expected));
	assert_string_equal((char *)out.data, expected);
}

static void assert_does_not_expand(const char *text, const char *sentence)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(path_tokens_expand(text, &out, &err), ERR_SYNTAX);
	assert_int_equal(out.len, 0);
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
}

static void tokens_are_expanded(void **state UNUSED)
{
	char uid[100], euid[100], name[100];
	snprintf(uid, sizeof uid, "FILE:/a_%lu_b_%lu", (unsigned long)getuid(),
		(unsigned long)getuid());
	snprintf(euid, sizeof euid, "%lu", (unsigned long)geteuid());
	snprintf(name, sizeof name, "/home/%s", getpwuid(geteuid())->pw_name);
	assert_expands("FILE:/a_%{uid}_b_%{USERID}", uid);
	assert_expands("%{euid}", euid);
	assert_expands("/home/%{username}", name);
	assert_expands("a%{null}b", "ab");
	assert_expands("%{TEMP}/x", "/tmp/x");
	assert_expands("", "");
	assert_expands("100% {uid} %u %", "100% {uid} %u %");
}

static void temp_is_tmpdir_but_not_in_set_uid_programs(void **state UNUSED)
{
	setenv("TMPDIR", "/var/tmp", 1);
	assert_expands("%{TEMP}/x", "/var/tmp/x");
	is_set_uid = true;
	assert_expands("%{TEMP}/x", "/tmp/x");
}

static void unknown_tokens_are_refused(void **state UNUSED)
{
	assert_does_not_expand("/x/%{LIBDIR}", "%{LIBDIR} is not known; expected %{uid}");
	assert_does_not_expand("%{u}", "%{u} is not known");
	assert_does_not_expand("%{}", "%{} is not known");
	assert_does_not_expand("%{UID}", "%{UID} is not known");
	assert_does_not_expand("/x/%{uid", "\"%{uid\" has no closing brace");
}

static void long_names_are_refused(void **state UNUSED)
{
	char text[PATH_NAME_MAX + 20];
	memset(text, 'a', sizeof text);
	text[PATH_NAME_MAX] = '\0';
	assert_expands(text, text);
	text[PATH_NAME_MAX] = 'a';
	text[PATH_NAME_MAX + 1] = '\0';
	assert_does_not_expand(text, "a name of more than 4096 octets");
	memcpy(text, "%{null}", 7);
	assert_expands(text, text + 7);
}

typedef enum status name_function(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);

static void assert_name(name_function *name, const struct krb5_conf *conf, const char *expected)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	if (name(conf, &out, &err))
		fail_msg("refused: %s", err.text);
	assert_int_equal(out.len, strlen(expected));
	assert_string_equal((char *)out.data, expected);
}

static void assert_no_name(
	name_function *name, const struct krb5_conf *conf, enum status status, const char *sentence)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	assert_int_equal(name(conf, &out, &err), status);
	assert_int_equal(out.len, 0);
	if (strncmp(err.text, sentence, strlen(sentence)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", err.text, sentence);
}

static void names_have_defaults(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	char ccache[60];
	snprintf(ccache, sizeof ccache, "FILE:/tmp/krb5cc_%lu", (unsigned long)getuid());
	assert_name(krb5_conf_keytab_name, conf, "FILE:/etc/krb5.keytab");
	assert_name(krb5_conf_ccache_name, conf, ccache);
}

static void names_come_from_the_file(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x%{null}/kt\n"
				     "default_ccache_name = DIR:/x/%{null}cc\n");
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_name(krb5_conf_ccache_name, conf, "DIR:/x/cc");
}

static void environment_goes_before_the_file(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/kt\n"
				     "default_ccache_name = /x/cc\n");
	setenv("KRB5_KTNAME", "/y/%{uid}kt", 1);
	setenv("KRB5CCNAME", "KEYRING:y", 1);
	assert_name(krb5_conf_keytab_name, conf, "/y/%{uid}kt");
	assert_name(krb5_conf_ccache_name, conf, "KEYRING:y");
	setenv("KRB5_KTNAME", "", 1);
	setenv("KRB5CCNAME", "", 1);
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_name(krb5_conf_ccache_name, conf, "/x/cc");
}

static void environment_is_ignored_in_set_uid_programs(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/kt\n"
				     "default_ccache_name = /x/cc\n");
	setenv("KRB5_KTNAME", "/y/kt", 1);
	setenv("KRB5CCNAME", "/y/cc", 1);
	is_set_uid = true;
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_name(krb5_conf_ccache_name, conf, "/x/cc");
}

static void faulty_name_fails_for_who_asks(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/kt\n"
				     "default_ccache_name = %{LIBDIR}/cc\n");
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_no_name(krb5_conf_ccache_name, conf, ERR_SYNTAX,
		"krb5.conf:3: [libdefaults] default_ccache_name: %{LIBDIR} is not known");
}

static void over_long_environment_is_refused(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	char name[PATH_NAME_MAX + 2];
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	setenv("KRB5_KTNAME", name, 1);
	assert_no_name(krb5_conf_keytab_name, conf, ERR_SYNTAX,
		"KRB5_KTNAME: a name of more than 4096 octets");
}

/* Another user than the one for whom the name was expanded when the file was read. */
static void name_follows_a_change_of_user(void **state UNUSED)
{
	if (geteuid() != 0)
		return;
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_ccache_name = /x/%{euid}\n");
	assert_name(krb5_conf_ccache_name, conf, "/x/0");
	assert_int_equal(seteuid(65534), 0);
	AUTO_BUFFER out = {0};
	enum status status = krb5_conf_ccache_name(conf, &out, NULL);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(status, STATUS_OK);
	assert_string_equal((char *)out.data, "/x/65534");
}

static void user_without_a_name_is_refused(void **state UNUSED)
{
	if (geteuid() != 0)
		return;
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/%{username}\n");
	assert_int_equal(seteuid(4242424), 0);
	AUTO_BUFFER out = {0};
	struct error err = {0};
	enum status status = krb5_conf_keytab_name(conf, &out, &err);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(status, ERR_FILE);
	assert_string_equal(err.text, "krb5.conf:2: [libdefaults] default_keytab_name: "
				      "%{username}: the system knows no name for user id 4242424");
}

/* The shared snapshot */

static char file[] = "/tmp/test_krb5_conf.XXXXXX";
static char other_file[sizeof file + 6];

static void write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static int make_file(void **state)
{
	strcpy(strrchr(file, '.'), ".XXXXXX");
	int fd = mkstemp(file);
	if (fd < 0)
		return -1;
	close(fd);
	snprintf(other_file, sizeof other_file, "%s.other", file);
	clear_environment(state);
	setenv("KRB5_CONFIG", file, 1);
	return 0;
}

static int remove_file(void **state)
{
	krb5_conf_forget();
	unlink(file);
	rmdir(file);
	unlink(other_file);
	return clear_environment(state);
}

static struct timestamp at(int64_t seconds)
{
	return (struct timestamp){seconds, 0};
}

static struct krb5_conf *got(int64_t now)
{
	struct krb5_conf *conf;
	struct error err = {0};
	if (krb5_conf_get(at(now), &conf, &err))
		fail_msg("refused: %s", err.text);
	return conf;
}

/* The sentence begins with the file's name and then goes as `sentence` says. */
static void assert_get_fails(int64_t now, enum status status, const char *sentence)
{
	struct krb5_conf *conf = (struct krb5_conf *)1;
	struct error err = {0};
	assert_int_equal(krb5_conf_get(at(now), &conf, &err), status);
	assert_int_equal(err.status, status);
	assert_null(conf);
	assert_int_equal(strncmp(err.text, file, strlen(file)), 0);
	assert_string_equal(err.text + strlen(file), sentence);
	assert_string_equal(
		error_shown(&err), "the Kerberos configuration of this host has a fault");
}

static int64_t skew_at(int64_t now)
{
	AUTO_KRB5_CONF conf = got(now);
	return krb5_conf_clock_skew(conf);
}

static void file_is_read(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
}

static void snapshot_is_shared(void **state UNUSED)
{
	AUTO_KRB5_CONF one = got(1000);
	AUTO_KRB5_CONF two = got(1000);
	assert_ptr_equal(one, two);
}

static void snapshot_survives_a_look_at_unchanged_files(void **state UNUSED)
{
	AUTO_KRB5_CONF one = got(1000);
	AUTO_KRB5_CONF two = got(5000);
	assert_ptr_equal(one, two);
}

static void change_is_noticed_after_a_minute(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	assert_int_equal(skew_at(1059), 7);
	assert_int_equal(skew_at(1060), 1234);
}

static void minute_is_counted_from_the_last_look(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
	assert_int_equal(skew_at(1060), 7);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	assert_int_equal(skew_at(1119), 7);
	assert_int_equal(skew_at(1120), 1234);
}

static void change_is_noticed_when_the_clock_goes_back(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	assert_int_equal(skew_at(999), 1234);
}

static void holder_keeps_the_snapshot_that_it_has(void **state UNUSED)
{
	write_text(file, "[libdefaults]\ndefault_realm = OLD\n");
	AUTO_KRB5_CONF old = got(1000);
	write_text(file, "[libdefaults]\ndefault_realm = NEWER\n");
	AUTO_KRB5_CONF new = got(2000);
	assert_ptr_not_equal(old, new);
	assert_value(krb5_conf_default_realm(old), "OLD");
	assert_value(krb5_conf_default_realm(new), "NEWER");
}

static void missing_file_is_an_empty_snapshot_until_it_appears(void **state UNUSED)
{
	unlink(file);
	assert_int_equal(skew_at(1000), 300);
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1060), 7);
}

static void another_path_list_gives_another_snapshot_at_once(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	write_text(other_file, "[libdefaults]\nclockskew = 8\n");
	assert_int_equal(skew_at(1000), 7);
	setenv("KRB5_CONFIG", other_file, 1);
	assert_int_equal(skew_at(1000), 8);
	setenv("KRB5_CONFIG", file, 1);
	assert_int_equal(skew_at(1000), 7);
}

static void empty_path_list_is_an_empty_snapshot(void **state UNUSED)
{
	setenv("KRB5_CONFIG", "", 1);
	assert_int_equal(skew_at(1000), 300);
	setenv("KRB5_CONFIG", "/dev/null", 1);
	assert_int_equal(skew_at(1000), 300);
}

static void path_list_is_ignored_in_set_uid_programs(void **state UNUSED)
{
	/* 4711 is not likely to stand in the /etc/krb5.conf of the machine, if there is one. */
	write_text(file, "[libdefaults]\nclockskew = 4711\n");
	assert_int_equal(skew_at(1000), 4711);
	is_set_uid = true;
	assert_int_not_equal(skew_at(1000), 4711);
}

static void fault_is_told_each_time_until_it_is_repaired(void **state UNUSED)
{
	const char *sentence = ":2: a '}' without a '{' before it; expected a relation or a "
			       "section";
	write_text(file, "[libdefaults]\n}\n");
	assert_get_fails(1000, ERR_SYNTAX, sentence);
	assert_get_fails(1000, ERR_SYNTAX, sentence);
	assert_get_fails(1100, ERR_SYNTAX, sentence);
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1100), 7);
}

static void fault_in_a_changed_file_replaces_the_snapshot(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	AUTO_KRB5_CONF old = got(1000);
	write_text(file, "[libdefaults]\n\nclockskew = soon\n");
	AUTO_KRB5_CONF same = got(1030);
	assert_ptr_equal(old, same);
	const char *sentence = ":3: [libdefaults] clockskew = soon: not a span of time; expected "
			       "seconds as in 300, or 5m, 1h30m, 0:05:00";
	assert_get_fails(1060, ERR_SYNTAX, sentence);
	assert_get_fails(1061, ERR_SYNTAX, sentence);
	assert_int_equal(krb5_conf_clock_skew(old), 7);
}

static void failure_to_read_is_tried_again(void **state UNUSED)
{
	unlink(file);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_get_fails(1000, ERR_FILE, ": not a regular file");
	assert_get_fails(1000, ERR_FILE, ": not a regular file");
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(skew_at(1000), 300);
}

static void reason_is_not_needed(void **state UNUSED)
{
	struct krb5_conf *conf;
	write_text(file, "[libdefaults\n");
	assert_int_equal(krb5_conf_get(at(1000), &conf, NULL), ERR_SYNTAX);
	assert_int_equal(krb5_conf_get(at(1000), &conf, NULL), ERR_SYNTAX);
	assert_int_equal(krb5_conf_parse(SLICE_LITERAL("[a"), &conf, NULL), ERR_SYNTAX);
}

static void forgotten_snapshot_is_read_again(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	AUTO_KRB5_CONF old = got(1000);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	krb5_conf_forget();
	krb5_conf_forget();
	assert_int_equal(skew_at(1000), 1234);
	assert_int_equal(krb5_conf_clock_skew(old), 7);
}

static void nothing_is_released_twice(void **state UNUSED)
{
	krb5_conf_release(NULL);
	struct krb5_conf *none = NULL;
	krb5_conf_release_at(&none);
}

static void *get_often(void *failures)
{
	for (int64_t i = 0; i < 2000; i++) {
		struct krb5_conf *conf;
		/* Times that make some calls look at the file and others not. */
		if (krb5_conf_get(at(1000 + i * 7), &conf, NULL) ||
			krb5_conf_clock_skew(conf) % 11 != 0)
			__atomic_add_fetch((int *)failures, 1, __ATOMIC_RELAXED);
		krb5_conf_release(conf);
	}
	return NULL;
}

static void threads_share_while_the_file_changes(void **state UNUSED)
{
	int failures = 0;
	pthread_t thread[4];
	write_text(file, "[libdefaults]\nclockskew = 11\n");
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, get_often, &failures), 0);
	for (int i = 1; i <= 50; i++) {
		char text[60];
		snprintf(text, sizeof text, "[libdefaults]\nclockskew = %d\n", i * 11);
		write_text(other_file, text);
		assert_int_equal(rename(other_file, file), 0);
	}
	for (unsigned i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(failures, 0);
	assert_int_equal(skew_at(1000000), 550);
}

static void child_after_a_fork_goes_on(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	AUTO_KRB5_CONF conf = got(1000);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct krb5_conf *own;
		bool right = krb5_conf_get(at(1001), &own, NULL) == STATUS_OK && own == conf &&
			     krb5_conf_clock_skew(own) == 7;
		_exit(right ? 0 : 1);
	}
	int result;
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
}

static double seconds_of_cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* It is under a microsecond; twenty leave room for valgrind and sanitizers. */
static void getting_the_shared_snapshot_costs_little(void **state UNUSED)
{
	enum { ROUNDS = 20000 };
	assert_int_equal(skew_at(1000), 300);
	double start = seconds_of_cpu();
	for (int i = 0; i < ROUNDS; i++)
		krb5_conf_release(got(1001));
	assert_true((seconds_of_cpu() - start) / ROUNDS < 20e-6);
}

static int close_crypto(void **state UNUSED)
{
	crypto_close();
	return 0;
}

#define IN_ENVIRONMENT(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, clear_environment, clear_environment)
#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_set_gives_the_defaults),
		cmocka_unit_test(default_realm_is_found),
		cmocka_unit_test(empty_default_realm_is_none),
		cmocka_unit_test(clock_skew_is_understood),
		cmocka_unit_test(clock_skew_that_is_none_is_refused),
		cmocka_unit_test(permitted_enctypes_are_in_their_order),
		cmocka_unit_test(permitted_enctypes_that_leave_nothing_are_refused),
		cmocka_unit_test(acceptor_hostname_is_pinned_by_false_only),
		cmocka_unit_test(first_value_counts),
		cmocka_unit_test(syntax_is_checked),
		cmocka_unit_test(durations_in_seconds),
		cmocka_unit_test(durations_with_units),
		cmocka_unit_test(malformed_units_are_no_durations),
		cmocka_unit_test(durations_as_clock_times),
		cmocka_unit_test(booleans_are_those_of_mit),
		cmocka_unit_test(host_realm_goes_from_host_to_parents),
		cmocka_unit_test(host_realm_takes_the_name_in_lower_case),
		cmocka_unit_test(addresses_have_no_realm),
		cmocka_unit_test(long_host_names_have_no_realm),
		cmocka_unit_test(host_realm_passes_a_wildcard_by),
		cmocka_unit_test(appdefault_is_searched_in_mit_order),
		cmocka_unit_test(capath_gives_the_values_of_a_pair),
		IN_ENVIRONMENT(tokens_are_expanded),
		IN_ENVIRONMENT(temp_is_tmpdir_but_not_in_set_uid_programs),
		IN_ENVIRONMENT(unknown_tokens_are_refused),
		IN_ENVIRONMENT(long_names_are_refused),
		IN_ENVIRONMENT(names_have_defaults),
		IN_ENVIRONMENT(names_come_from_the_file),
		IN_ENVIRONMENT(environment_goes_before_the_file),
		IN_ENVIRONMENT(environment_is_ignored_in_set_uid_programs),
		IN_ENVIRONMENT(faulty_name_fails_for_who_asks),
		IN_ENVIRONMENT(over_long_environment_is_refused),
		IN_ENVIRONMENT(name_follows_a_change_of_user),
		IN_ENVIRONMENT(user_without_a_name_is_refused),
		WITH_FILE(file_is_read),
		WITH_FILE(snapshot_is_shared),
		WITH_FILE(snapshot_survives_a_look_at_unchanged_files),
		WITH_FILE(change_is_noticed_after_a_minute),
		WITH_FILE(minute_is_counted_from_the_last_look),
		WITH_FILE(change_is_noticed_when_the_clock_goes_back),
		WITH_FILE(holder_keeps_the_snapshot_that_it_has),
		WITH_FILE(missing_file_is_an_empty_snapshot_until_it_appears),
		WITH_FILE(another_path_list_gives_another_snapshot_at_once),
		WITH_FILE(empty_path_list_is_an_empty_snapshot),
		WITH_FILE(path_list_is_ignored_in_set_uid_programs),
		WITH_FILE(fault_is_told_each_time_until_it_is_repaired),
		WITH_FILE(fault_in_a_changed_file_replaces_the_snapshot),
		WITH_FILE(failure_to_read_is_tried_again),
		WITH_FILE(reason_is_not_needed),
		WITH_FILE(forgotten_snapshot_is_read_again),
		WITH_FILE(nothing_is_released_twice),
		WITH_FILE(threads_share_while_the_file_changes),
		WITH_FILE(child_after_a_fork_goes_on),
		WITH_FILE(getting_the_shared_snapshot_costs_little),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_crypto);
}
