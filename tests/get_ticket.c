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
 *	-p PASSWORD  -k KEYTAB  -t SECONDS (for each errand)
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
#include "tests/minting.h"

struct options {
	const char *keytab;
	const char *password;
	const char *cache;
	unsigned timeout;
	int64_t shift;
	bool enterprise;
};

static struct buffer cache;

static void trace(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
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

static void keep(void *arg, const struct credential *tgt)
{
	(void)arg;
	show(tgt, 0);
}

static struct timestamp now(const struct options *options)
{
	struct timestamp now = timestamp_now();
	now.seconds += options->shift;
	return now;
}

static enum status log_in(const struct options *options, const struct krb5_conf *conf,
	const struct principal *client, struct kdc_asker *asker, struct credential_box *out,
	struct error *err)
{
	AUTO_KEYTAB keytab = NULL;
	if (kdc_asker_begin(asker, conf, client->realm, now(options), 0, options->timeout, err))
		return err->status;
	asker->trace.line = trace;
	if (options->keytab && keytab_get(options->keytab, KEYTAB_CLIENT, &keytab, NULL, err))
		return err->status;
	const struct as_wish wish = {client, {keytab, slice_string(options->password)}};
	return as_get(asker, &wish, out, err);
}

static enum status get_service(const struct options *options, const struct krb5_conf *conf,
	const struct credential *tgt, const char *name, int64_t offset, struct error *err)
{
	AUTO_BUFFER storage = {0};
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct kdc_asker asker;
	struct principal server;
	const struct tgt_store store = {.keep = keep};
	if (principal_parse(slice_string(name), &server, &storage, err) ||
		kdc_asker_begin(&asker, conf, tgt->client.realm, now(options), offset,
			options->timeout, err))
		return err->status;
	server.type = NT_SRV_HST;
	asker.trace.line = trace;
	enum status status = kdc_service_ticket(&asker, tgt, &server, &store, &ticket, err);
	if (!status)
		show(&ticket.credential, asker.offset);
	return status;
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
	struct options options = {.timeout = KDC_TIMEOUT_SECONDS};
	struct error err;
	AUTO_KRB5_CONF conf = NULL;
	AUTO_BUFFER storage = {0};
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct principal client;
	struct kdc_asker asker;
	read_options(argc, argv, &options);
	if (krb5_conf_get(timestamp_now(), &conf, &err) ||
		principal_parse(slice_string(argv[optind]), &client, &storage, &err))
		return fail(&err);
	if (client.realm.len == 0)
		client.realm = slice_string(krb5_conf_default_realm(conf));
	if (options.enterprise)
		client.type = NT_ENTERPRISE;
	if (log_in(&options, conf, &client, &asker, &tgt, &err))
		return fail(&err);
	mint_ccache_start(&cache, 4, &tgt.credential.client, (int32_t)asker.offset);
	show(&tgt.credential, asker.offset);
	for (int i = optind + 1; i < argc; i++)
		if (get_service(&options, conf, &tgt.credential, argv[i], asker.offset, &err))
			return fail(&err);
	if (options.cache && mint_file(options.cache, buffer_slice(&cache), &err))
		return fail(&err);
	buffer_free(&cache);
	return 0;
}
