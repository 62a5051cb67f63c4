/*
 * logins - logs in again and again, with the best layer that there is, and prints
 * nothing: for programs that
 * watch it, callgrind (instructions.sh) and strace.
 *
 *   logins MECHANISM ENCTYPE COUNT [theirs]
 *
 * With "theirs" the modules of PEER_MODULE_DIR are used instead of ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/der.h"
#include "tests/bench/connection.h"
#include "tests/bench/login.h"
#include "tests/realm.h"

static int run(const char *mechanism, int count, enum modules modules)
{
	bench_start(modules);
	bool has = bench_has(mechanism);
	const struct login_terms terms = {mechanism, .layers = true};
	struct cost unused = {0};
	for (int i = 0; has && i < count; i++)
		login(&terms, &unused);
	bench_stop();
	if (has)
		return 0;
	fprintf(stderr, "logins: there is no mechanism %s\n", mechanism);
	return 77;
}

int main(int argc, char **argv)
{
	int32_t enctype = argc > 3 ? enctype_number_by_name(slice_string(argv[2])) : 0;
	if (enctype == 0) {
		fputs("usage: logins MECHANISM ENCTYPE COUNT [theirs]\n", stderr);
		return 2;
	}
	realm_start();
	bench_issue(enctype_by_number(enctype, NULL));
	int status = run(
		argv[1], atoi(argv[3]), argc > 4 && strcmp(argv[4], "theirs") == 0 ? THEIRS : OURS);
	realm_stop();
	crypto_close();
	der_close();
	return status;
}
