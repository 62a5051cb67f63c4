/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * get_ticket - asks KDCs for tickets with the module's own code, for tests in
 * shell.
 *
 *	get_ticket [options] CLIENT [SERVICE]...
 *
 * Logs CLIENT in, with a password (-p) or a keytab (-k), and then gets a ticket
 * for each SERVICE ("imap/mail.example.test", maybe with "@REALM"). What KDCs
 * were asked goes to standard error; standard output has one line for each
 * ticket:
 *
 *	SERVER for CLIENT, SESSION-KEY, FLAGS, SECONDS, offset OFFSET
 *
 *	-p PASSWORD  -k KEYTAB  -t SECONDS (for each session)
 *	-c FILE  writes all tickets to a credential cache, for other programs
 *	-e  CLIENT is an enterprise name
 *	-s SECONDS  this host's clock is to be wrong by so much
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kdc/as.h"
#include "kdc/service_ticket.h"
#include "tests/support/minting.h"

struct options {
	const char *keytab;
	const char *password;
	const char *cache;
	unsigned timeout;
	int64_t shift;
	bool enterprise;
};

static struct buffer cache;

static char asked[10][200]; /* the names that tickets were asked for, as the trace has them */
static unsigned asked_count;

static void trace(void *arg, const char *text)
{
	const char *name = strstr(text, " for krbtgt/");
	(void)arg;
	fprintf(stderr, "%s\n", text);
	if (name && asked_count < sizeof asked / sizeof *asked)
		snprintf(asked[asked_count++], sizeof asked[0], "%s", name + strlen(" for "));
}

static int fail(const struct error *err)
{
	fprintf(stderr, "get_ticket: %s\n", err->text);
	return 1;
}

static void show(const struct credential *c, int64_t offset)
{
	printf("%s for %s, %s, 0x%08x, %" PRId64 " s, offset %" PRId64 "\n",
		PRINCIPAL_TEXT(&c->server), PRINCIPAL_TEXT(&c->client), ENCTYPE_TEXT(c->key_type),
		(unsigned)c->flags, c->endtime - c->starttime, offset);
	static const struct host_addresses none;
	mint_ccache_credential(&cache, 4, c, &none);
}

static enum status begin(const struct options *options, const struct krb5_conf *conf,
	struct slice realm, struct kdc_session *session, struct error *err)
{
	kdc_session_begin(session, conf, options->timeout);
	session->now.seconds += options->shift;
	session->trace.line = trace;
	return kdc_session_enter(session, realm, err);
}

static enum status log_in(const struct options *options, struct kdc_session *session,
	const struct principal *client, struct credential_box *out, struct error *err)
{
	AUTO_KEYTAB keytab = NULL;
	if (options->keytab && keytab_get(options->keytab, KEYTAB_CLIENT, &keytab, NULL, err))
		return err->status;
	const struct as_login login = {client, {keytab, slice_string(options->password)}};
	return as_get(session, &login, out, err);
}

/* A session's cache: the ticket-granting ticket, and then those of other realms. */
#define CACHE "MEMORY:get_ticket"

static enum status open_cache(struct kdc_session *session, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	if (ccache_open(CACHE, NULL, &ccache, err))
		return err->status;
	return kdc_session_take_cache(session, &ccache, err);
}

static void show_tgts(struct kdc_session *session)
{
	struct error err = {.status = STATUS_OK};
	if (open_cache(session, &err))
		return;
	for (unsigned i = 0; i < asked_count; i++) {
		AUTO_BUFFER storage = {0};
		struct principal server;
		struct credential tgt;
		if (!principal_parse(slice_string(asked[i]), &server, &storage, &err) &&
			!kdc_session_find(session, &server, &tgt, &err))
			show(&tgt, 0);
	}
}

static enum status get_service(const struct options *options, const struct krb5_conf *conf,
	const struct ccache_start *start, const char *name, struct error *err)
{
	AUTO_BUFFER storage = {0};
	AUTO_CREDENTIAL_BOX ticket = {0};
	AUTO_KDC_SESSION session = {0};
	struct principal server;
	if (principal_parse(slice_string(name), &server, &storage, err) ||
		begin(options, conf, start->client->realm, &session, err) ||
		ccache_create(CACHE, start, err) || open_cache(&session, err))
		return err->status;
	session.offset = session.home_offset = start->kdc_offset;
	server.type = NT_SRV_HST;
	asked_count = 0;
	if (kdc_service_ticket(&session, start->credential, &server, &ticket, err))
		return err->status;
	show_tgts(&session);
	show(&ticket.credential, session.offset);
	return STATUS_OK;
}

static void usage(void)
{
	fprintf(stderr, "usage: get_ticket [-e] [-p PASSWORD | -k KEYTAB] [-c FILE] [-t SECONDS] "
			"[-s SECONDS] CLIENT [SERVICE]...\n");
	exit(2);
}

static void read_options(int argc, char **argv, struct options *options)
{
	int c;
	while ((c = getopt(argc, argv, "p:k:c:t:s:e")) != -1) {
		switch (c) {
		case 'p':
			options->password = optarg;
			break;
		case 'k':
			options->keytab = optarg;
			break;
		case 'c':
			options->cache = optarg;
			break;
		case 't':
			options->timeout = (unsigned)atoi(optarg);
			break;
		case 's':
			options->shift = atoll(optarg);
			break;
		case 'e':
			options->enterprise = true;
			break;
		default:
			usage();
		}
	}
	if (optind == argc)
		usage();
}

int main(int argc, char **argv)
{
	struct options options = {.timeout = 10};
	struct error err;
	AUTO_KRB5_CONF conf = NULL;
	AUTO_BUFFER storage = {0};
	AUTO_CREDENTIAL_BOX tgt = {0};
	AUTO_KDC_SESSION session = {0};
	struct principal client;
	read_options(argc, argv, &options);
	if (krb5_conf_get(timestamp_now(), &conf, &err) ||
		principal_parse(slice_string(argv[optind]), &client, &storage, &err))
		return fail(&err);
	if (client.realm.len == 0)
		client.realm = slice_string(krb5_conf_default_realm(conf));
	if (options.enterprise)
		client.type = NT_ENTERPRISE;
	if (begin(&options, conf, client.realm, &session, &err) ||
		log_in(&options, &session, &client, &tgt, &err))
		return fail(&err);
	mint_ccache_start(&cache, 4, &tgt.credential.client, (int32_t)session.offset);
	show(&tgt.credential, session.offset);
	const struct ccache_start start = {
		&tgt.credential.client, session.offset, &tgt.credential, 1};
	for (int i = optind + 1; i < argc; i++)
		if (get_service(&options, conf, &start, argv[i], &err))
			return fail(&err);
	if (options.cache && mint_file(options.cache, buffer_slice(&cache), &err))
		return fail(&err);
	ccache_forget();
	buffer_free(&cache);
	return 0;
}
