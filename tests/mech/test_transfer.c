/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two processes that know each other by a socket alone log in, and then send
 * ten million octets each way at once, written and read in odd portions.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/enctype.h"
#include "tests/support/pair.h"
#include "tests/support/realm.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

#define TOTAL ((size_t)10000000)

/* ---- one end, a process of its own: whatever goes wrong ends it ---- */

struct end {
	sasl_conn_t *conn;
	int fd;
	bool is_client;
	size_t sent, received; /* octets of data */
	unsigned writes;
	const char *pending; /* what sasl_encode() gave and the socket has not taken yet */
	size_t pending_len;
};

static void __attribute__((noreturn)) give_up(const struct end *end, const char *what)
{
	fprintf(stderr, "# %s: %s: %s\n", end->is_client ? "client" : "server", what,
		end->conn ? sasl_errdetail(end->conn) : "");
	_exit(1);
}

static void write_all(const struct end *end, const void *data, size_t len)
{
	if (write(end->fd, data, len) != (ssize_t)len)
		give_up(end, "write");
}

static void read_all(const struct end *end, void *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t got = read(end->fd, (char *)data + at, len - at);
		if (got <= 0)
			give_up(end, "read");
		at += (size_t)got;
	}
}

/* A token of the login, after its result: SASL_OK, or SASL_CONTINUE. */
static void send_token(const struct end *end, int result, const char *token, unsigned len)
{
	if (result != SASL_OK && result != SASL_CONTINUE)
		give_up(end, "login");
	const unsigned head[2] = {(unsigned)result, len};
	write_all(end, head, sizeof head);
	write_all(end, token ? token : "", len);
}

static unsigned receive_token(const struct end *end, char *token, size_t room, int *result)
{
	unsigned head[2];
	read_all(end, head, sizeof head);
	*result = (int)head[0];
	if (head[1] >= room)
		give_up(end, "a token too long");
	read_all(end, token, head[1]);
	token[head[1]] = '\0';
	return head[1];
}

static void log_in_as_client(struct end *end)
{
	char token[65536];
	const char *out, *mechanism;
	unsigned len;
	int theirs = SASL_CONTINUE;
	int result = sasl_client_start(end->conn, "KERBEROS_V5", NULL, &out, &len, &mechanism);
	while (result == SASL_CONTINUE) {
		send_token(end, result, out, len);
		unsigned got = receive_token(end, token, sizeof token, &theirs);
		result = sasl_client_step(end->conn, token, got, NULL, &out, &len);
	}
	if (result != SASL_OK || theirs != SASL_OK)
		give_up(end, "login");
}

static void log_in_as_server(struct end *end)
{
	char token[65536];
	const char *out;
	unsigned len;
	int theirs;
	(void)receive_token(end, token, sizeof token, &theirs);
	int result = sasl_server_start(end->conn, "KERBEROS_V5", NULL, 0, &out, &len);
	send_token(end, result, out, len);
	while (result == SASL_CONTINUE) {
		unsigned got = receive_token(end, token, sizeof token, &theirs);
		result = sasl_server_step(end->conn, token, got, &out, &len);
		send_token(end, result, out, len);
	}
}

/* The octet at a place of the stream, another one each way. */
static char octet_at(size_t at, bool from_client)
{
	return (char)(at * 31 + (at >> 9) + (from_client ? 0 : 101));
}

static void encode_more(struct end *end)
{
	static const size_t portions[] = {1, 7, 4097, 33, 65535, 15, 100003, 16, 17, 1021};
	static char data[100003];
	size_t len = portions[end->writes++ % COUNT_OF(portions)];
	len = len < TOTAL - end->sent ? len : TOTAL - end->sent;
	for (size_t i = 0; i < len; i++)
		data[i] = octet_at(end->sent + i, end->is_client);
	unsigned out_len;
	if (sasl_encode(end->conn, data, (unsigned)len, &end->pending, &out_len))
		give_up(end, "sasl_encode");
	end->pending_len = out_len;
	end->sent += len;
}

static void write_more(struct end *end)
{
	if (end->pending_len == 0)
		encode_more(end);
	size_t len = end->pending_len < 50021 ? end->pending_len : 50021;
	ssize_t written = write(end->fd, end->pending, len);
	if (written <= 0)
		give_up(end, "write");
	end->pending += written;
	end->pending_len -= (size_t)written;
}

static void read_more(struct end *end)
{
	char in[29989];
	const char *out;
	unsigned len;
	ssize_t got = read(end->fd, in, end->received % 3 ? sizeof in : 4999);
	if (got <= 0)
		give_up(end, "read");
	if (sasl_decode(end->conn, in, (unsigned)got, &out, &len))
		give_up(end, "sasl_decode");
	for (unsigned i = 0; i < len; i++)
		if (out[i] != octet_at(end->received + i, !end->is_client))
			give_up(end, "another octet than was sent");
	end->received += len;
}

static void transfer(struct end *end)
{
	if (fcntl(end->fd, F_SETFL, O_NONBLOCK) < 0)
		give_up(end, "fcntl");
	while (end->sent < TOTAL || end->pending_len > 0 || end->received < TOTAL) {
		struct pollfd poller = {.fd = end->fd};
		if (end->received < TOTAL)
			poller.events |= POLLIN;
		if (end->sent < TOTAL || end->pending_len > 0)
			poller.events |= POLLOUT;
		if (poll(&poller, 1, 20000) != 1)
			give_up(end, "poll");
		if (poller.revents & POLLIN)
			read_more(end);
		if (poller.revents & POLLOUT)
			write_more(end);
	}
}

static void __attribute__((noreturn))
run_end(int fd, bool is_client, const struct peer_setup *setup, sasl_ssf_t expected)
{
	struct end end = {.fd = fd, .is_client = is_client};
	int result = is_client ? sasl_client_new(REALM_SERVICE, REALM_HOST, NULL, NULL, NULL,
					 SASL_SUCCESS_DATA, &end.conn)
			       : sasl_server_new(REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, NULL,
					 SASL_SUCCESS_DATA, &end.conn);
	if (result != SASL_OK || sasl_setprop(end.conn, SASL_SEC_PROPS, &setup->security))
		give_up(&end, "a connection");
	if (is_client)
		log_in_as_client(&end);
	else
		log_in_as_server(&end);
	const void *ssf;
	if (sasl_getprop(end.conn, SASL_SSF, &ssf) || *(const sasl_ssf_t *)ssf != expected)
		give_up(&end, "another strength than expected");
	transfer(&end);
	sasl_dispose(&end.conn);
	_exit(0);
}

/* ---- both ---- */

static pid_t start_end(
	const int fd[2], bool is_client, const struct peer_setup *setup, sasl_ssf_t expected)
{
	pid_t pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		close(fd[is_client]);
		run_end(fd[!is_client], is_client, setup, expected);
	}
	return pid;
}

static void expect_success(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void send_ten_million_octets(int32_t enctype, sasl_ssf_t max, sasl_ssf_t expected)
{
	const struct peer_setup client = {.security = {.max_ssf = max, .maxbufsize = 65536}};
	const struct peer_setup server = {.security = {.max_ssf = 256, .maxbufsize = 30000}};
	int fd[2];
	realm_issue(&(struct realm_ticket){.session_enctype = enctype});
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	pid_t client_pid = start_end(fd, true, &client, expected);
	pid_t server_pid = start_end(fd, false, &server, expected);
	close(fd[0]);
	close(fd[1]);
	expect_success(client_pid);
	expect_success(server_pid);
}

static void without_a_layer(void **state UNUSED)
{
	send_ten_million_octets(ENCTYPE_AES256_SHA1, 0, 0);
}

static void with_integrity(void **state UNUSED)
{
	send_ten_million_octets(ENCTYPE_AES256_SHA1, 1, 1);
}

static void with_privacy(void **state UNUSED)
{
	send_ten_million_octets(ENCTYPE_AES128_SHA1, 256, 128);
	send_ten_million_octets(ENCTYPE_AES256_SHA384, 256, 256);
}

static int setup(void **state UNUSED)
{
	realm_start();
	pair_library_start();
	return 0;
}

static int teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

SUITE(test_transfer)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_layer),
		cmocka_unit_test(with_integrity),
		cmocka_unit_test(with_privacy),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
