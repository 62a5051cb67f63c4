/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * logins - logs in again and again with the best layer that there is, and prints
 * the private memory that the process then has, in KiB.
 *
 *   logins MECHANISM COUNT
 *
 * For measure.sh, which has callgrind and strace watch it. It links no other
 * library than libsasl2: what else is in the process, the modules of SASL_PATH
 * brought. The environment says where ticket and key are (mint.c).
 */
#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/login.h"

static void start(int result, const char *what)
{
	if (result == SASL_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, sasl_errstring(result, NULL, NULL));
	exit(1);
}

static void print_private_memory(void)
{
	char line[200];
	unsigned kib;
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "Private_Dirty: %u kB", &kib) == 1)
			printf("%u\n", kib);
	if (file)
		fclose(file);
}

/* GS2-KRB5 is offered only if it is named. The others go without: a callback costs too. */
static int get_option(
	void *context, const char *plugin, const char *name, const char **value, unsigned *len)
{
	(void)context, (void)plugin, (void)len;
	*value = strcmp(name, "kerberos5_mechanisms") == 0 ? "GS2-KRB5" : NULL;
	return *value ? SASL_OK : SASL_FAIL;
}

static const sasl_callback_t *callbacks_for(const char *mechanism)
{
	static const sasl_callback_t list[] = {
		{SASL_CB_GETOPT, (int (*)(void))(void (*)(void))get_option, NULL},
		{SASL_CB_LIST_END, NULL, NULL},
	};
	return strcmp(mechanism, "GS2-KRB5") == 0 ? list : NULL;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: logins MECHANISM COUNT\n", stderr);
		return 2;
	}
	const sasl_callback_t *callbacks = callbacks_for(argv[1]);
	start(sasl_client_init(callbacks), "sasl_client_init");
	start(sasl_server_init(callbacks, "bench"), "sasl_server_init");
	const struct login_terms terms = {argv[1], .layers = true};
	struct cost unused = {0};
	for (int i = 0; i < atoi(argv[2]); i++)
		login(&terms, &unused);
	print_private_memory();
	sasl_client_done();
	sasl_server_done();
	return 0;
}
