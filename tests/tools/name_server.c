/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * name_server - a name server for tests: by UDP, at one address, and of a few
 * records only.
 *
 *	name_server ADDRESS PORT FILE
 *
 * Each line of FILE is a record:
 *
 *	_kerberos._udp.EXAMPLE.TEST SRV 0 10 88 kdc.example.test
 *	kdc.example.test A 192.0.2.1
 *	kdc.example.test AAAA 2001:db8::1
 *	silent.test -
 *
 * To questions about names of the last kind there is no answer at all; what is
 * not in the file does not exist. Each question is told on standard output.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/bytes.h"

#define MAX_RECORDS 64

struct record {
	char name[256];
	char type[8];
	char data[4][256];
};

static struct record records[MAX_RECORDS];
static unsigned record_count;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void read_records(const char *path)
{
	char line[1200];
	FILE *file = fopen(path, "re");
	if (!file)
		fail(path);
	while (record_count < MAX_RECORDS && fgets(line, sizeof line, file)) {
		struct record *r = &records[record_count];
		if (sscanf(line, "%255s %7s %255s %255s %255s %255s", r->name, r->type, r->data[0],
			    r->data[1], r->data[2], r->data[3]) >= 2)
			record_count++;
	}
	fclose(file);
}

static void put(struct buffer *out, const void *data, size_t len)
{
	if (buffer_append(out, slice_of(data, len)))
		exit(1);
}

static void put_u16(struct buffer *out, unsigned value)
{
	const unsigned char octets[2] = {(unsigned char)(value >> 8), (unsigned char)value};
	put(out, octets, sizeof octets);
}

static void put_name(struct buffer *out, const char *name)
{
	unsigned char octets[256];
	int len = ns_name_compress(name, octets, sizeof octets, NULL, NULL);
	if (len < 0)
		exit(1);
	put(out, octets, (size_t)len);
}

static void put_data(struct buffer *out, const struct record *r, int type)
{
	unsigned char address[16];
	if (type == ns_t_srv) {
		for (unsigned i = 0; i < 3; i++)
			put_u16(out, (unsigned)atoi(r->data[i]));
		put_name(out, r->data[3]);
	} else if (inet_pton(type == ns_t_a ? AF_INET : AF_INET6, r->data[0], address) == 1) {
		put(out, address, type == ns_t_a ? 4 : 16);
	}
}

static const char *type_name(int type)
{
	return type == ns_t_srv ? "SRV" : type == ns_t_a ? "A" : type == ns_t_aaaa ? "AAAA" : "?";
}

static void put_answer(struct buffer *out, const struct record *r, int type)
{
	AUTO_BUFFER data = {0};
	put_data(&data, r, type);
	put_name(out, r->name);
	put_u16(out, (unsigned)type);
	put_u16(out, ns_c_in);
	put(out, "\0\0\0\x3c", 4);
	put_u16(out, (unsigned)data.len);
	put(out, data.data, data.len);
}

/* False where there is to be no answer. */
static bool answer(const ns_msg *message, const ns_rr *question, struct buffer *out)
{
	AUTO_BUFFER answers = {0};
	const char *name = ns_rr_name(*question);
	int type = ns_rr_type(*question);
	unsigned count = 0;
	bool known = false;
	for (unsigned i = 0; i < record_count; i++) {
		const struct record *r = &records[i];
		if (strcasecmp(r->name, name) != 0)
			continue;
		if (strcmp(r->type, "-") == 0)
			return false;
		known = true;
		if (strcmp(r->type, type_name(type)) != 0)
			continue;
		put_answer(&answers, r, type);
		count++;
	}
	put_u16(out, ns_msg_id(*message));
	put_u16(out, 0x8580U | (known ? ns_r_noerror : ns_r_nxdomain));
	put_u16(out, 1);
	put_u16(out, count);
	put_u16(out, 0);
	put_u16(out, 0);
	put_name(out, name);
	put_u16(out, (unsigned)type);
	put_u16(out, ns_c_in);
	put(out, answers.data, answers.len);
	return true;
}

static void serve_one(int fd)
{
	unsigned char request[1500];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof from;
	AUTO_BUFFER out = {0};
	ns_msg message;
	ns_rr question;
	ssize_t len = recvfrom(fd, request, sizeof request, 0, (struct sockaddr *)&from, &from_len);
	if (len < 0 || ns_initparse(request, (int)len, &message) ||
		ns_parserr(&message, ns_s_qd, 0, &question))
		return;
	printf("%s %s\n", ns_rr_name(question), type_name(ns_rr_type(question)));
	fflush(stdout);
	if (answer(&message, &question, &out))
		sendto(fd, out.data, out.len, 0, (struct sockaddr *)&from, from_len);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: name_server ADDRESS PORT FILE\n");
		return 2;
	}
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
	if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
		fail(argv[1]);
	read_records(argv[3]);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address))
		fail("bind");
	printf("ready\n");
	fflush(stdout);
	for (;;)
		serve_one(fd);
}
