/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server - sasl-sample-server, in its protocol of base64 lines, but for one
 * login after the other: what a server in service keeps from one to the next
 * is only seen so.
 *
 *   server [-s SERVICE]
 *
 * A login begins with the line "C: *" of whoever starts the client, which is
 * sasl-sample-client. The same line stands for what a client that gave up did
 * not send. (One that the server refuses without a KRB-ERROR would wait for
 * ever.) "login N: ..." tells how each ended. The server ends with its input.
 *
 * Options are read from SASL_CONF_PATH/sample.conf, the module is taken from
 * KERBEROS5_MODULE_DIR, the log goes to standard error.
 */
#include <sasl/sasl.h>
#include <sasl/saslutil.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/realm.h"

#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

static _Noreturn void die(const char *what, int result)
{
	fprintf(stderr, "server: %s: %s\n", what, sasl_errstring(result, NULL, NULL));
	exit(2);
}

static void must(int result, const char *what)
{
	if (result != SASL_OK)
		die(what, result);
}

static int get_path(void *context, const char **path)
{
	(void)context;
	*path = getenv("KERBEROS5_MODULE_DIR");
	return *path ? SASL_OK : SASL_FAIL;
}

static int log_line(void *context, int level, const char *line)
{
	(void)context, (void)level;
	fprintf(stderr, "server: %s\n", line);
	return SASL_OK;
}

static void send_message(const char *octets, unsigned len)
{
	unsigned size = len / 3 * 4 + 5, used;
	char *text = malloc(size);
	must(text ? sasl_encode64(octets, len, text, size, &used) : SASL_NOMEM, "sasl_encode64");
	printf("S: %s\n", text);
	fflush(stdout);
	free(text);
}

static char *line;
static size_t line_size;

/* The octets after "C: ", without the line's end; -1 at the end of the input. */
static ssize_t read_line(void)
{
	ssize_t len = getline(&line, &line_size, stdin);
	if (len < 0)
		return -1;
	if (len < 4 || strncmp(line, "C: ", 3) != 0)
		die("a line does not begin with \"C: \"", SASL_BADPROT);
	line[len - 1] = '\0';
	return len - 4;
}

static bool is_star(ssize_t len)
{
	return len == 1 && line[3] == '*';
}

/* The next message, which lasts until the one after it; NULL where the client gave up. */
static const char *receive(unsigned *len)
{
	ssize_t got = read_line();
	if (got < 0 || is_star(got))
		return NULL;
	must(sasl_decode64(line + 3, (unsigned)got, line, (unsigned)line_size, len),
		"sasl_decode64");
	line[*len] = '\0';
	return line;
}

/* Waits for a client. False at the end of the input. */
static bool next_client(void)
{
	ssize_t got = read_line();
	if (got >= 0 && !is_star(got))
		die("\"C: *\" was expected", SASL_BADPROT);
	return got >= 0;
}

static int exchange(sasl_conn_t *conn)
{
	const char *in, *out = "";
	unsigned in_len, out_len = 0;
	if (sasl_listmech(conn, NULL, NULL, " ", NULL, &out, &out_len, NULL) != SASL_OK)
		out_len = 0;
	send_message(out, out_len);
	if (!(in = receive(&in_len)))
		return SASL_FAIL;
	/* The mechanism's name, and after a NUL the initial response, if there is one. */
	unsigned name_len = (unsigned)strlen(in);
	const char *initial = in_len > name_len ? in + name_len + 1 : NULL;
	unsigned initial_len = initial ? in_len - name_len - 1 : 0;
	int result = sasl_server_start(conn, in, initial, initial_len, &out, &out_len);
	while (result == SASL_CONTINUE) {
		send_message(out, out_len);
		if (!(in = receive(&in_len)))
			return SASL_FAIL;
		result = sasl_server_step(conn, in, in_len, &out, &out_len);
	}
	return result;
}

/* Each side sends a message, as the sample programs do. */
static bool greet(void)
{
	unsigned len;
	send_message("srv message 1", sizeof "srv message 1");
	return receive(&len) != NULL;
}

static void serve(const char *service, int n)
{
	sasl_conn_t *conn;
	const void *user = "failed";
	must(sasl_server_new(service, REALM_HOST, NULL, NULL, NULL, NULL, 0, &conn),
		"sasl_server_new");
	if (exchange(conn) == SASL_OK && greet())
		must(sasl_getprop(conn, SASL_USERNAME, &user), "SASL_USERNAME");
	printf("login %d: %s\n", n, (const char *)user);
	fflush(stdout);
	sasl_dispose(&conn);
}

int main(int argc, char **argv)
{
	static const sasl_callback_t callbacks[] = {
		{SASL_CB_GETPATH, CALLBACK(get_path), NULL},
		{SASL_CB_LOG, CALLBACK(log_line), NULL},
		{SASL_CB_LIST_END, NULL, NULL},
	};
	const char *service = "imap";
	int option;
	while ((option = getopt(argc, argv, "s:")) == 's')
		service = optarg;
	if (option != -1 || optind < argc) {
		fputs("usage: server [-s SERVICE]\n", stderr);
		return 2;
	}
	must(sasl_server_init(callbacks, "sample"), "sasl_server_init");
	for (int n = 1; next_client(); n++)
		serve(service, n);
	sasl_server_done();
	free(line);
	return 0;
}
