/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/kdc_station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct station station[STATIONS];
pid_t server = -1;

static int station_socket(int type, unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof address)) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void station_open(struct station *s)
{
	do {
		s->port = 0;
		s->udp = station_socket(SOCK_DGRAM, &s->port);
		s->tcp = station_socket(SOCK_STREAM, &s->port);
		if (s->tcp < 0)
			close(s->udp);
	} while (s->tcp < 0);
	assert_int_equal(listen(s->tcp, 5), 0);
}

void station_shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int stations_open(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STATIONS; i++)
		station_open(&station[i]);
	return 0;
}

int stations_close(void **state)
{
	(void)state;
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = -1;
	for (unsigned i = 0; i < STATIONS; i++) {
		station_shut(&station[i].udp);
		station_shut(&station[i].tcp);
	}
	return 0;
}

void serve(void (*what)(void))
{
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		what();
		pause();
		_exit(0);
	}
}

/* ---- for that process ---- */

struct sockaddr_in receive_udp(int fd)
{
	char request[2000];
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	if (recvfrom(fd, request, sizeof request, 0, (struct sockaddr *)&from, &len) < 0)
		_exit(1);
	return from;
}

void send_udp(int fd, struct sockaddr_in to, struct slice octets)
{
	sendto(fd, octets.data, octets.len, 0, (struct sockaddr *)&to, sizeof to);
}

void answer_udp(int fd, struct slice octets)
{
	send_udp(fd, receive_udp(fd), octets);
}

int receive_tcp(int fd)
{
	unsigned char prefix[4], rest[70000];
	int connection = accept(fd, NULL, NULL);
	if (recv(connection, prefix, 4, MSG_WAITALL) != 4)
		_exit(1);
	struct reader r = reader_of(slice_of(prefix, 4));
	uint32_t len = read_u32(&r);
	if (len > sizeof rest || recv(connection, rest, len, MSG_WAITALL) != (ssize_t)len)
		_exit(1);
	return connection;
}

void send_tcp(int connection, struct slice octets)
{
	send(connection, octets.data, octets.len, MSG_NOSIGNAL);
}

void send_record(int connection, uint32_t announced, struct slice octets)
{
	unsigned char prefix[4];
	store_u32(prefix, announced);
	send_tcp(connection, slice_of(prefix, 4));
	send_tcp(connection, octets);
}

void answer_tcp(int fd, struct slice octets)
{
	send_record(receive_tcp(fd), (uint32_t)octets.len, octets);
}

/* ---- for the test ---- */

struct slice krb_error(int32_t code)
{
	static struct buffer der;
	const struct krb_error message = {
		.error_code = code,
		.server = {NT_SRV_INST, 1, {SLICE_LITERAL("krbtgt")}, SLICE_LITERAL("R")},
	};
	buffer_free(&der);
	if (der_write_krb_error(&message, &der, &(struct error){0}))
		_exit(1);
	return buffer_slice(&der);
}

struct krb5_conf *conf_of(unsigned count, const char *libdefaults)
{
	char text[1000];
	size_t used = (size_t)snprintf(text, sizeof text,
		"[libdefaults]\ndns_lookup_kdc = false\n%s\n[realms]\nR = {\n", libdefaults);
	for (unsigned i = 0; i < count; i++)
		used += (size_t)snprintf(
			text + used, sizeof text - used, "kdc = 127.0.0.1:%u\n", station[i].port);
	snprintf(text + used, sizeof text - used, "}\n");
	return conf_of_text(slice_string(text));
}

enum status ask(struct krb5_conf *conf, unsigned seconds, struct buffer *answer, struct error *err)
{
	static const unsigned char request[2000] = "request";
	struct kdc_session session;
	*err = (struct error){.status = STATUS_OK};
	kdc_session_begin(&session, conf, seconds);
	if (kdc_session_enter(&session, SLICE_LITERAL("R"), err))
		return err->status;
	const struct kdc_question question = {.realm = "R", .request = slice_of(request, 1000)};
	return kdc_send(&session, &question, answer, err);
}

void check_answer(struct krb5_conf *conf, struct slice expected)
{
	AUTO_BUFFER answer = {0};
	struct error err;
	if (ask(conf, AMPLE, &answer, &err))
		fail_msg("%s", err.text);
	assert_int_equal(answer.len, expected.len);
	assert_memory_equal(answer.data, expected.data, expected.len);
}

void check_none(struct krb5_conf *conf, unsigned seconds, const char *text)
{
	AUTO_BUFFER answer = {0};
	struct error err;
	assert_int_equal(ask(conf, seconds, &answer, &err), ERR_UNREACHABLE);
	assert_in(err.text, text);
	assert_null(answer.data);
}
