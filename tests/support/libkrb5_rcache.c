/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/libkrb5_rcache.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/libkrb5.h"

/* What its public header calls krb5_enc_data. */
struct enc_data {
	int32_t magic;
	int32_t enctype;
	uint32_t kvno;
	struct {
		int32_t magic;
		unsigned length;
		const char *data;
	} ciphertext;
};

static void *library;
static int32_t (*init_context)(void **context);
static void (*free_context)(void *context);
static int32_t (*set_debugging_time)(void *context, int32_t seconds, int32_t microseconds);
static int32_t (*rc_resolve)(void *context, const char *name, void **rcache);
static void (*rc_close)(void *context, void *rcache);
static int32_t (*rc_store)(void *context, void *rcache, const struct enc_data *authenticator);

static const struct libkrb5_function functions[] = {
	{"krb5_init_context", &init_context},
	{"krb5_free_context", &free_context},
	{"krb5_set_debugging_time", &set_debugging_time},
	{"k5_rc_resolve", &rc_resolve},
	{"k5_rc_close", &rc_close},
	{"k5_rc_store", &rc_store},
};

struct libkrb5_rcache {
	void *context;
	void *rcache;
};

bool libkrb5_load(void)
{
	library = libkrb5_open(functions, sizeof functions / sizeof *functions);
	return library != NULL;
}

void libkrb5_unload(void)
{
	dlclose(library);
	library = NULL;
}

static void must(int32_t code, const char *function)
{
	if (code == 0)
		return;
	fprintf(stderr, "%s: error %d\n", function, (int)code);
	exit(1);
}

struct libkrb5_rcache *libkrb5_rcache_open(const char *name)
{
	struct libkrb5_rcache *cache = calloc(1, sizeof *cache);
	if (!cache)
		exit(1);
	setenv("KRB5_CONFIG", "/dev/null", 1);
	must(init_context(&cache->context), "krb5_init_context");
	must(rc_resolve(cache->context, name, &cache->rcache), "k5_rc_resolve");
	return cache;
}

void libkrb5_rcache_close(struct libkrb5_rcache *cache)
{
	rc_close(cache->context, cache->rcache);
	free_context(cache->context);
	free(cache);
}

void libkrb5_rcache_set_time(struct libkrb5_rcache *cache, int32_t now)
{
	must(set_debugging_time(cache->context, now, 0), "krb5_set_debugging_time");
}

int32_t libkrb5_rcache_store(struct libkrb5_rcache *cache, int32_t enctype, struct slice cipher)
{
	const struct enc_data authenticator = {
		.enctype = enctype,
		.ciphertext = {.length = (unsigned)cipher.len, .data = (const char *)cipher.data},
	};
	return rc_store(cache->context, cache->rcache, &authenticator);
}
