/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer - one side of a SASL login through libsasl2, to be joined with another
 * peer, or with a program of other people. It says on standard error how it went.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/peers/launch.h"
#include "tests/peers/side.h"

static const char usage[] =
	"usage: peer client|server NAME=VALUE...   one side, on standard input and output\n"
	"       peer replay FILE                   a client: what another one recorded\n"
	"       peer pair SERVER... -- CLIENT...   joins two commands; more clients may follow\n"
	"       peer mechanisms DIR                what the modules in the folder offer\n"
	"\n"
	"  path=DIR                the folder of the modules; needed\n"
	"  mech=, service=, host=  GSSAPI, imap, mail.example.test\n"
	"  minssf=, maxssf=, maxbufsize=, flags=, external=\n"
	"                          0, 256, 65536, 0, 0; flags=32 hands over credentials\n"
	"  user=, authname=        client: answers to what the mechanism asks\n"
	"  proxy=USER              server: whoever logs in may act for this one\n"
	"  opt.NAME=VALUE          an option, as from a configuration file\n"
	"  cb.name=, cb.data=, cb.critical=1\n"
	"                          channel bindings\n"
	"  send=COUNTxSIZE,...     messages; SIZE may be max, for SASL_MAXOUTBUF\n"
	"  way=HOW                 repeat, drop, swap or change: on its way the second\n"
	"                          packet comes twice, is lost, comes after the third,\n"
	"                          or has one bit changed\n"
	"  initial=0, success=0    as a protocol without initial response, or without\n"
	"                          data with success\n"
	"  plain=1                 tokens alone, no lines of our own\n"
	"  accounts=1              server: libsasl2 knows every user\n"
	"  logins=N                server: one after the other\n"
	"  record=FILE             client: what it sends, for \"peer replay\"\n";

static bool run_side(bool is_server, char **words)
{
	struct setup setup;
	signal(SIGPIPE, SIG_IGN); /* a side tells how it went, also when the other is gone */
	setup_read(&setup, is_server, words);
	return side_run(&setup);
}

static bool run_client(char **words)
{
	return run_side(false, words);
}

static bool run_server(char **words)
{
	return run_side(true, words);
}

static bool run_replay(char **words)
{
	return side_replay(*words);
}

static bool run_mechanisms(char **words)
{
	return side_mechanisms(*words);
}

static const struct {
	const char *name;
	bool (*run)(char **words);
} modes[] = {
	{"client", run_client},
	{"server", run_server},
	{"replay", run_replay},
	{"pair", launch},
	{"mechanisms", run_mechanisms},
};

int main(int argc, char **argv)
{
	setvbuf(stderr, NULL, _IOLBF, 0); /* the other side writes there too */
	for (size_t i = 0; argc > 2 && i < sizeof modes / sizeof *modes; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(argv + 2) ? 0 : 1;
	fputs(usage, stderr);
	return 2;
}
