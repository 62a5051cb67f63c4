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

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: logins MECHANISM COUNT\n", stderr);
		return 2;
	}
	start(sasl_client_init(NULL), "sasl_client_init");
	start(sasl_server_init(NULL, "bench"), "sasl_server_init");
	const struct login_terms terms = {argv[1], .layers = true};
	struct cost unused = {0};
	for (int i = 0; i < atoi(argv[2]); i++)
		login(&terms, &unused);
	print_private_memory();
	sasl_client_done();
	sasl_server_done();
	return 0;
}
