/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache - looks into credential caches, and adds to them, as the module does;
 * for tests beside other programs that know them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_KEYRING
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "asn1/der.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "store/ccache.h"
#include "store/keyring.h"

#define EXIT_USAGE 2

static const struct enctype_list *all_types(void)
{
	static struct enctype_list list;
	const struct enctype *type;
	while (list.count < ENCTYPE_COUNT && (type = enctype_by_rank(list.count)))
		list.number[list.count++] = enctype_number(type);
	return &list;
}

static enum status find(
	const struct ccache *ccache, const char *name, struct credential *out, struct error *err)
{
	struct principal server;
	AUTO_BUFFER storage = {0};
	enum status status = principal_parse(slice_string(name), &server, &storage, err);
	if (status)
		return status;
	int64_t now = timestamp_now().seconds + ccache_kdc_offset(ccache);
	return ccache_find(ccache, &server, &(struct ccache_terms){all_types(), now, 0}, out, err);
}

static enum status list(char *const *argument, struct error *err)
{
	AUTO_BUFFER names = {0};
	enum status status = ccache_list(argument[0], NULL, &names, err);
	for (const char *name = NULL; !status && (name = ccache_next_name(&names, name));)
		puts(name);
	return status;
}

static void print_cache(const struct ccache *ccache)
{
	printf("%s %s\n", ccache_name(ccache), PRINCIPAL_TEXT(ccache_client(ccache)));
}

/* Nothing stands for any client, or a realm that is not known. */
static enum status choose(char *const *argument, struct error *err)
{
	struct principal client;
	AUTO_BUFFER storage = {0};
	AUTO_CCACHE ccache = NULL;
	bool any = argument[1][0] == '\0';
	enum status status = STATUS_OK;
	if (!any)
		status = principal_parse(slice_string(argument[1]), &client, &storage, err);
	const struct ccache_criteria criteria = {
		.client = any ? NULL : &client, .realm = slice_string(argument[2])};
	if (!status)
		status = ccache_choose(argument[0], &criteria, &ccache, err);
	if (!status)
		print_cache(ccache);
	return status;
}

static enum status show(char *const *argument, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	struct credential c;
	enum status status = ccache_open(argument[0], NULL, &ccache, err);
	if (!status)
		print_cache(ccache);
	if (status || (status = find(ccache, argument[1], &c, err)))
		return status;
	printf("%s %s %s\n", PRINCIPAL_TEXT(&c.server), ENCTYPE_TEXT(c.key_type),
		TIME_TEXT(c.endtime));
	return STATUS_OK;
}

/* Takes a ticket from one cache and adds it to another. */
static enum status copy(char *const *argument, struct error *err)
{
	AUTO_CCACHE from = NULL;
	AUTO_CCACHE to = NULL;
	struct credential c;
	enum status status = ccache_open(argument[0], NULL, &from, err);
	if (status || (status = find(from, argument[1], &c, err)) ||
		(status = ccache_open(argument[2], NULL, &to, err)))
		return status;
	return ccache_store(to, &c, err);
}

/* The same so many times, each under another name. */
static enum status fill(char *const *argument, struct error *err)
{
	AUTO_CCACHE from = NULL;
	AUTO_CCACHE to = NULL;
	struct credential c;
	enum status status = ccache_open(argument[0], NULL, &from, err);
	if (status || (status = find(from, argument[1], &c, err)) ||
		(status = ccache_open(argument[2], NULL, &to, err)))
		return status;
	for (int i = 0; i < atoi(argument[3]) && !status; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s%d", argument[4], i);
		c.server.component[0] = slice_string(name);
		status = ccache_store(to, &c, err);
	}
	return status;
}

/* Makes a cache with one ticket of another. */
static enum status create(char *const *argument, struct error *err)
{
	AUTO_CCACHE from = NULL;
	struct credential c;
	enum status status = ccache_open(argument[0], NULL, &from, err);
	if (status || (status = find(from, argument[1], &c, err)))
		return status;
	struct ccache_start start = {
		.client = ccache_client(from),
		.kdc_offset = ccache_kdc_offset(from),
		.credential = &c,
		.count = 1,
	};
	return ccache_create(argument[2], &start, err);
}

/* Keeps the KDC's time offset there, in seconds. */
static enum status offset(char *const *argument, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	AUTO_CCACHE again = NULL;
	enum status status = ccache_open(argument[0], NULL, &ccache, err);
	if (status || (status = ccache_set_kdc_offset(ccache, atoll(argument[1]), err)) ||
		(status = ccache_open(argument[0], NULL, &again, err)))
		return status;
	printf("%lld\n", (long long)ccache_kdc_offset(again));
	return STATUS_OK;
}

#ifdef HAVE_KEYRING
/* Takes the collection out of the keyrings where MIT's programs leave it, empty, for good. */
static enum status forget(char *const *argument, struct error *err)
{
	static const int32_t rings[] = {KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING};
	static const char *const prefixes[] = {"_krb_", ""};
	(void)err;
	for (unsigned i = 0; i < 4; i++) {
		char name[256];
		int32_t key;
		snprintf(name, sizeof name, "%s%s", prefixes[i / 2], argument[0]);
		if (keyring_search(rings[i % 2], "keyring", name, 0, &key) == 0)
			syscall(SYS_keyctl, KEYCTL_UNLINK, key, rings[i % 2]);
	}
	return STATUS_OK;
}
#endif

static const struct command {
	const char *name;
	int arguments;
	const char *help;
	enum status (*run)(char *const *argument, struct error *err);
} commands[] = {
	{"list", 1, "CACHE", list},
	{"choose", 3, "CACHE CLIENT REALM", choose},
	{"show", 2, "CACHE SERVER", show},
	{"copy", 3, "CACHE SERVER OTHER-CACHE", copy},
	{"fill", 5, "CACHE SERVER OTHER-CACHE COUNT PREFIX", fill},
	{"create", 3, "CACHE SERVER OTHER-CACHE", create},
	{"offset", 2, "CACHE SECONDS", offset},
#ifdef HAVE_KEYRING
	{"forget", 1, "COLLECTION-OF-KEYRING", forget},
#endif
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static enum status run(const struct command *command, char *const *argument)
{
	struct error err = {0};
	enum status status = command->run(argument, &err);
	if (status)
		fprintf(stderr, "ccache: %s\n", err.text);
	ccache_forget();
	der_close();
	crypto_close();
	return status;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < COMMAND_COUNT; i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 == commands[i].arguments)
			return run(&commands[i], argv + 2) ? EXIT_FAILURE : EXIT_SUCCESS;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(stderr, "%s ccache %s %s\n", i ? "      " : "Usage:", commands[i].name,
			commands[i].help);
	return EXIT_USAGE;
}
