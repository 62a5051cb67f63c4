/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * broker - what of a Kafka broker a login needs, for librdkafka: ApiVersions,
 * SaslHandshake, SaslAuthenticate, and Metadata for who has logged in. There are
 * no topics.
 *
 *	broker HOST PORT
 *
 * HOST is what clients are told as the broker's name. The service is kafka, and
 * SASL options are read from kafka.conf. The log goes to standard error.
 *
 * A request is its length, its number, its version, a number that the response
 * repeats, and the client's name; numbers are big-endian, strings and octets
 * follow their length (kafka.apache.org/protocol, "Protocol Primitive Types").
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <sasl/sasl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))
#define MESSAGE_MAX (1 << 20)

enum {
	METADATA = 3,
	JOIN_GROUP = 11,
	SASL_HANDSHAKE = 17,
	API_VERSIONS = 18,
	SASL_AUTHENTICATE = 36
};

enum {
	NO_ERROR = 0,
	UNSUPPORTED_SASL_MECHANISM = 33,
	UNSUPPORTED_VERSION = 35,
	SASL_AUTHENTICATION_FAILED = 58,
};

/* JoinGroup is never served: librdkafka takes it for the sign of a broker that knows GSSAPI. */
static const struct api {
	int16_t key, min, max;
} apis[] = {
	{METADATA, 0, 1},
	{JOIN_GROUP, 0, 0},
	{SASL_HANDSHAKE, 0, 1},
	{API_VERSIONS, 0, 0},
	{SASL_AUTHENTICATE, 0, 0},
};
#define API_COUNT (sizeof apis / sizeof apis[0])

struct client {
	FILE *in, *out;
	const char *host;
	int32_t port;
	sasl_conn_t *sasl;
	char mechanism[SASL_MECHNAMEMAX + 1]; /* empty before SaslHandshake */
	bool started, done;
};

static char request[MESSAGE_MAX], response[MESSAGE_MAX];
static size_t request_len, request_read, response_len;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "broker: %s\n", what);
	exit(1);
}

static int log_line(void *context, int level, const char *line)
{
	(void)context, (void)level;
	fprintf(stderr, "broker: %s\n", line);
	return SASL_OK;
}

/* ---- the request: the octets that are asked for have to be there ---- */

static const char *take(size_t len)
{
	if (len > request_len - request_read)
		die("a request ends too early");
	request_read += len;
	return request + request_read - len;
}

static int16_t take_16(void)
{
	uint16_t value;
	memcpy(&value, take(sizeof value), sizeof value);
	return (int16_t)ntohs(value);
}

static int32_t take_32(void)
{
	uint32_t value;
	memcpy(&value, take(sizeof value), sizeof value);
	return (int32_t)ntohl(value);
}

/* -1 stands for none. */
static const char *take_octets(int32_t len, size_t *taken)
{
	*taken = len < 0 ? 0 : (size_t)len;
	return take(*taken);
}

static bool read_request(FILE *in)
{
	uint32_t len;
	if (fread(&len, sizeof len, 1, in) != 1)
		return false;
	request_len = ntohl(len);
	request_read = 0;
	return request_len <= sizeof request && fread(request, 1, request_len, in) == request_len;
}

/* ---- the response ---- */

static void put(const void *octets, size_t len)
{
	if (len > sizeof response - response_len)
		die("a response is too long");
	if (len)
		memcpy(response + response_len, octets, len);
	response_len += len;
}

static void put_16(int16_t value)
{
	uint16_t octets = htons((uint16_t)value);
	put(&octets, sizeof octets);
}

static void put_32(int32_t value)
{
	uint32_t octets = htonl((uint32_t)value);
	put(&octets, sizeof octets);
}

static void put_octets(const char *octets, size_t len)
{
	put_32((int32_t)len);
	put(octets, len);
}

/* NULL is none. */
static void put_string(const char *string)
{
	put_16(string ? (int16_t)strlen(string) : -1);
	put(string, string ? strlen(string) : 0);
}

static void send_response(FILE *out)
{
	uint32_t len = htonl((uint32_t)response_len);
	fwrite(&len, sizeof len, 1, out);
	fwrite(response, 1, response_len, out);
	fflush(out);
}

/* ---- what is asked for ---- */

static void api_versions(int16_t error)
{
	put_16(error);
	put_32(API_COUNT);
	for (size_t n = 0; n < API_COUNT; n++) {
		put_16(apis[n].key);
		put_16(apis[n].min);
		put_16(apis[n].max);
	}
}

static bool is_offered(sasl_conn_t *conn, const char *mechanism, const char **list)
{
	char name[SASL_MECHNAMEMAX + 3];
	if (sasl_listmech(conn, NULL, ",", ",", ",", list, NULL, NULL) != SASL_OK)
		die("no mechanisms");
	snprintf(name, sizeof name, ",%s,", mechanism);
	return strstr(*list, name) != NULL;
}

/* The broker's list is one string here, which librdkafka only prints. */
static void sasl_handshake(struct client *client)
{
	size_t len;
	const char *list, *name = take_octets(take_16(), &len);
	snprintf(client->mechanism, sizeof client->mechanism, "%.*s", (int)len, name);
	put_16(is_offered(client->sasl, client->mechanism, &list) ? NO_ERROR
								  : UNSUPPORTED_SASL_MECHANISM);
	put_32(1);
	put_string(list);
}

static void log_login(const struct client *client)
{
	const void *user;
	if (sasl_getprop(client->sasl, SASL_USERNAME, &user) != SASL_OK)
		die("a user without a name");
	fprintf(stderr, "broker: %s logged in by %s\n", (const char *)user, client->mechanism);
}

static void sasl_authenticate(struct client *client)
{
	size_t len;
	const char *token = take_octets(take_32(), &len), *out = NULL;
	unsigned out_len = 0;
	int result;
	if (client->done || !*client->mechanism) {
		result = SASL_BADPROT;
	} else if (client->started) {
		result = sasl_server_step(client->sasl, token, (unsigned)len, &out, &out_len);
	} else {
		result = sasl_server_start(client->sasl, client->mechanism, len ? token : NULL,
			(unsigned)len, &out, &out_len);
		client->started = true;
	}
	bool failed = result != SASL_OK && result != SASL_CONTINUE;
	put_16(failed ? SASL_AUTHENTICATION_FAILED : NO_ERROR);
	put_string(failed ? "the login is refused" : NULL);
	put_octets(out, failed ? 0 : out_len);
	if ((client->done = result == SASL_OK))
		log_login(client);
}

/* Version 1 has racks and the controller besides. */
static void metadata(const struct client *client, int16_t version)
{
	put_32(1);
	put_32(0);
	put_string(client->host);
	put_32(client->port);
	if (version > 0) {
		put_string(NULL);
		put_32(0);
	}
	put_32(0);
}

static bool is_supported(int16_t key, int16_t version)
{
	for (size_t n = 0; n < API_COUNT; n++)
		if (apis[n].key == key)
			return version >= apis[n].min && version <= apis[n].max;
	return false;
}

/* False where the connection is to end: a broker answers nobody who has not logged in. */
static bool answer(struct client *client)
{
	size_t len;
	int16_t key = take_16(), version = take_16();
	bool supported = is_supported(key, version);
	response_len = 0;
	put_32(take_32());
	take_octets(take_16(), &len);
	if (key == API_VERSIONS)
		api_versions(supported ? NO_ERROR : UNSUPPORTED_VERSION);
	else if (key == SASL_HANDSHAKE && supported)
		sasl_handshake(client);
	else if (key == SASL_AUTHENTICATE && supported)
		sasl_authenticate(client);
	else if (key == METADATA && supported && client->done)
		metadata(client, version);
	else
		return false;
	send_response(client->out);
	return true;
}

static void serve(int fd, const char *host, int port)
{
	struct client client = {
		.in = fdopen(fd, "r"), .out = fdopen(dup(fd), "w"), .host = host, .port = port};
	if (!client.in || !client.out ||
		sasl_server_new("kafka", host, NULL, NULL, NULL, NULL, 0, &client.sasl) != SASL_OK)
		die("no connection");
	while (read_request(client.in) && answer(&client))
		;
	sasl_dispose(&client.sasl);
	sasl_server_done();
}

static int listen_at(const char *host, const char *port)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	const int yes = 1;
	struct addrinfo *address;
	if (getaddrinfo(host, port, &hints, &address) != 0)
		die("no such host");
	int fd = socket(address->ai_family, address->ai_socktype, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (fd < 0 || bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, 64) < 0)
		die("cannot listen");
	freeaddrinfo(address);
	return fd;
}

/* Each client has a process of its own. */
int main(int argc, char **argv)
{
	static const sasl_callback_t callbacks[] = {
		{SASL_CB_LOG, CALLBACK(log_line), NULL},
		{SASL_CB_LIST_END, NULL, NULL},
	};
	if (argc != 3)
		die("usage: broker HOST PORT");
	if (sasl_server_init(callbacks, "kafka") != SASL_OK)
		die("no SASL");
	int fd, listener = listen_at(argv[1], argv[2]);
	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			close(listener);
			serve(fd, argv[1], atoi(argv[2]));
			exit(0);
		}
		close(fd);
	}
	die("accept");
}
