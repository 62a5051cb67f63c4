/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/kcm_stand_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct kcm_stand_in kcm_daemon;

static struct kcm_cache *kcm_find(struct reader *request)
{
	const char *name = (const char *)request->rest.data;
	read_bytes(request, strlen(name) + 1);
	for (unsigned i = 0; i < KCM_CACHES; i++)
		if (kcm_daemon.cache[i].name && strcmp(kcm_daemon.cache[i].name, name) == 0)
			return &kcm_daemon.cache[i];
	return NULL;
}

/* Identifiers count from 0, in their last octet. */
static void kcm_put_identifiers(struct buffer *out, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned char identifier[KCM_UUID_LENGTH] = {[15] = (unsigned char)i};
		mint_octets(out, slice_of(identifier, sizeof identifier));
	}
}

static unsigned kcm_identifier(struct reader *request)
{
	struct slice s = read_bytes(request, KCM_UUID_LENGTH);
	return s.len > 0 ? s.data[15] : 255;
}

void kcm_put_list(struct buffer *out, const struct kcm_cache *cache)
{
	mint_u32(out, cache->count);
	for (unsigned i = 0; i < cache->count; i++) {
		mint_u32(out, (uint32_t)cache->credential[i].len);
		mint_octets(out, buffer_slice(&cache->credential[i]));
	}
}

static int32_t kcm_answer_for(struct kcm_cache *cache, enum kcm_operation operation,
	struct reader *request, struct buffer *out)
{
	unsigned i;
	int32_t offset;
	if (!cache)
		return KCM_NO_FILE;
	switch (operation) {
	case KCM_GET_PRINCIPAL:
		return cache->client && marshal_principal(cache->client, out, &(struct error){0})
			       ? 1
			       : 0;
	case KCM_GET_KDC_OFFSET:
		mint_u32(out, (uint32_t)cache->offset);
		return 0;
	case KCM_SET_KDC_OFFSET:
		offset = (int32_t)read_u32(request);
		if (request->failed || request->rest.len > 0)
			return KCM_IO;
		cache->offset = offset;
		return kcm_daemon.offset_code;
	case KCM_GET_CRED_LIST:
		if (!kcm_daemon.list_code)
			kcm_put_list(out, cache);
		return kcm_daemon.list_code;
	case KCM_GET_CRED_UUID_LIST:
		kcm_put_identifiers(out, cache->count + 1); /* the last is gone meanwhile */
		return 0;
	case KCM_GET_CRED_BY_UUID:
		if ((i = kcm_identifier(request)) >= cache->count)
			return KCM_END;
		mint_octets(out, buffer_slice(&cache->credential[i]));
		return 0;
	case KCM_INITIALIZE:
		for (i = 0; i < cache->count; i++)
			buffer_clear(&cache->credential[i]);
		cache->count = 0;
		buffer_clear(&kcm_daemon.made_for);
		mint_octets(&kcm_daemon.made_for, request->rest);
		return KCM_OK;
	case KCM_STORE:
		if (cache->count == KCM_CREDENTIALS)
			return KCM_IO;
		mint_octets(&cache->credential[cache->count++], request->rest);
		return 0;
	default:
		return KCM_INTERNAL;
	}
}

static void kcm_put_name(struct buffer *out, const char *name)
{
	mint_octets(out, slice_of(name, strlen(name) + 1));
}

static int32_t kcm_answer(enum kcm_operation operation, struct reader *request, struct buffer *out)
{
	unsigned i;
	switch (operation) {
	case KCM_GET_DEFAULT_CACHE:
		kcm_put_name(out, kcm_daemon.primary);
		return 0;
	case KCM_GET_CACHE_UUID_LIST:
		kcm_put_identifiers(out, KCM_CACHES);
		return kcm_daemon.cache[0].name ? 0 : KCM_NO_FILE;
	case KCM_GET_CACHE_BY_UUID:
		if ((i = kcm_identifier(request)) >= KCM_CACHES || !kcm_daemon.cache[i].name)
			return KCM_NO_FILE;
		kcm_put_name(out, kcm_daemon.cache[i].name);
		return 0;
	default:
		return kcm_answer_for(kcm_find(request), operation, request, out);
	}
}

static bool kcm_send(int fd, struct slice octets)
{
	size_t step = kcm_daemon.slowly ? 1 : octets.len;
	for (size_t i = 0; i < octets.len; i += step) {
		if (kcm_daemon.lazily)
			sem_wait(&kcm_daemon.wanted);
		if (send(fd, octets.data + i, step, MSG_NOSIGNAL) != (ssize_t)step)
			return false;
	}
	return true;
}

/* Answers one request; false when the connection is over. */
static bool kcm_serve(int fd)
{
	unsigned char start[8], body[65536];
	if (recv(fd, start, sizeof start, MSG_WAITALL) != sizeof start)
		return false;
	struct reader reader = reader_of(slice_of(start, sizeof start));
	size_t len = read_u32(&reader) - 4;
	enum kcm_operation operation = (enum kcm_operation)(read_u32(&reader) & 0xffff);
	if (start[4] != 2 || start[5] != 0 || len > sizeof body ||
		(len > 0 && recv(fd, body, len, MSG_WAITALL) != (ssize_t)len))
		return false;
	if (operation == kcm_daemon.odd && !kcm_daemon.silent) {
		/* Once the other side has what it needs, the test's own may be gone. */
		AUTO_BUFFER answer = {0};
		mint_octets(&answer, kcm_daemon.answer);
		return kcm_send(fd, buffer_slice(&answer)) && kcm_daemon.stays;
	}
	if (operation == kcm_daemon.odd) {
		kcm_daemon.hangs = true;
		recv(fd, start, 1, 0);
		kcm_daemon.hangs = false;
		return false;
	}
	AUTO_BUFFER result = {0}, reply = {0};
	reader = reader_of(slice_of(body, len));
	int32_t code = kcm_answer(operation, &reader, &result);
	mint_u32(&reply, (uint32_t)(4 + result.len));
	mint_u32(&reply, 0);
	mint_u32(&reply, (uint32_t)code);
	mint_octets(&reply, buffer_slice(&result));
	return kcm_send(fd, buffer_slice(&reply));
}

static void *kcm_run(void *unused)
{
	int fd;
	while ((fd = accept(kcm_daemon.listening, NULL, NULL)) >= 0) {
		while (kcm_serve(fd))
			;
		close(fd);
	}
	return unused;
}

void kcm_put_credential(struct kcm_cache *cache, const struct credential *c)
{
	assert_success(
		marshal_credential(c, 4, &cache->credential[cache->count++], &(struct error){0}),
		NULL);
}

int kcm_start(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char conf[80], text[200];
	AUTO_BUFFER file = {0};
	if (make_folder(state))
		return -1;
	snprintf(kcm_daemon.socket, sizeof kcm_daemon.socket, "%s/kcm", folder);
	snprintf(conf, sizeof conf, "%s/krb5.conf", folder);
	snprintf(text, sizeof text, "[libdefaults]\nkcm_socket = %s\n", kcm_daemon.socket);
	mint_octets(&file, slice_string(text));
	write_file(conf, &file);
	setenv("KRB5_CONFIG", conf, 1);

	strcpy(address.sun_path, kcm_daemon.socket);
	kcm_daemon.listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(kcm_daemon.listening, (struct sockaddr *)&address, sizeof address) != 0 ||
		listen(kcm_daemon.listening, 5) != 0)
		return -1;
	sem_init(&kcm_daemon.wanted, 0, 0);
	return pthread_create(&kcm_daemon.thread, NULL, kcm_run, NULL);
}

int kcm_stop(void **state)
{
	shutdown(kcm_daemon.listening, SHUT_RDWR);
	pthread_join(kcm_daemon.thread, NULL);
	close(kcm_daemon.listening);
	krb5_conf_forget();
	return remove_folder(state);
}

void kcm_settle(void)
{
	static const struct timespec moment = {0, 1000000};
	while (kcm_daemon.hangs)
		nanosleep(&moment, NULL);
}

int kcm_reset(void **state)
{
	(void)state;
	kcm_settle();
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	kcm_daemon.cache[0] = (struct kcm_cache){.name = "1000", .client = &alice, .offset = -9};
	kcm_daemon.cache[1] = (struct kcm_cache){.name = "1000:2", .client = &bob};
	kcm_daemon.cache[2] = (struct kcm_cache){.name = "1000:3"};
	kcm_put_credential(&kcm_daemon.cache[0], &tgt);
	kcm_put_credential(&kcm_daemon.cache[0], &c);
	kcm_daemon.primary = "1000";
	kcm_daemon.list_code = kcm_daemon.offset_code = 0;
	kcm_daemon.slowly = kcm_daemon.stays = kcm_daemon.silent = false;
	kcm_daemon.odd = (enum kcm_operation)0;
	return 0;
}

int kcm_clear(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KCM_CACHES; i++)
		for (unsigned n = 0; n < KCM_CREDENTIALS; n++)
			buffer_free(&kcm_daemon.cache[i].credential[n]);
	return 0;
}
