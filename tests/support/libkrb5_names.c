/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/libkrb5_names.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/libkrb5.h"

static void *library;
static int32_t (*init_context)(void **context);
static void (*free_context)(void *context);
static int32_t (*parse_name)(void *context, const char *name, void **principal);
static void (*free_principal)(void *context, void *principal);
static int32_t (*aname_to_localname)(void *context, const void *principal, int size, char *out);

static const struct libkrb5_function functions[] = {
	{"krb5_init_context", &init_context},
	{"krb5_free_context", &free_context},
	{"krb5_parse_name", &parse_name},
	{"krb5_free_principal", &free_principal},
	{"krb5_aname_to_localname", &aname_to_localname},
};

bool libkrb5_names_load(void)
{
	library = libkrb5_open(functions, sizeof functions / sizeof *functions);
	return library != NULL;
}

void libkrb5_names_unload(void)
{
	dlclose(library);
	library = NULL;
}

static void must(int32_t code, const char *function, const char *about)
{
	if (code == 0)
		return;
	fprintf(stderr, "%s of %s: error %d\n", function, about, (int)code);
	exit(1);
}

bool libkrb5_local_name(const char *principal, char *out, size_t size)
{
	void *context = NULL, *name = NULL;
	must(init_context(&context), "krb5_init_context", "KRB5_CONFIG");
	must(parse_name(context, principal, &name), "krb5_parse_name", principal);
	int32_t code = aname_to_localname(context, name, (int)size, out);
	free_principal(context, name);
	free_context(context);
	return code == 0;
}
