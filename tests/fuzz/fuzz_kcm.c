/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_kcm.c - any octets as what a KCM daemon answers: a cache is read, listed
 * or added to, or there is a sentence. The first octet says which is asked
 * for. The program has the socket's functions to itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/krb5_conf.h"
#include "tests/support/minting.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice incoming;

int socket(int domain, int type, int protocol)
{
	(void)domain, (void)type, (void)protocol;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)fd, (void)level, (void)option, (void)value, (void)len;
	return 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	(void)fd, (void)address, (void)len;
	return 0;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	(void)fd, (void)data, (void)flags;
	return (ssize_t)len;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	(void)fds, (void)count, (void)timeout;
	return 1;
}

/* In pieces, with a pause before each. */
ssize_t recv(int fd, void *data, size_t len, int flags)
{
	static bool pause;
	(void)fd, (void)flags;
	pause = !pause;
	if (pause) {
		errno = EAGAIN;
		return -1;
	}
	if (len > 100)
		len = 100;
	if (len > incoming.len)
		len = incoming.len;
	memcpy(data, incoming.data, len);
	incoming = slice_of(incoming.data + len, incoming.len - len);
	return (ssize_t)len;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return setenv("KRB5_CONFIG", "/dev/null", 1);
}

static const struct principal imap = {
	.count = 2,
	.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
};

static const struct enctype_list permitted = {
	3, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA384}};

static enum status read_cache(const char *name, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	enum status status = ccache_open(name, NULL, &ccache, err);
	if ((status == STATUS_OK) != (ccache != NULL))
		abort();
	struct credential c;
	return status ? status
		      : ccache_find(ccache, &imap,
				&(struct ccache_terms){&permitted, 1700000000, 0}, &c, err);
}

static enum status add(struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	enum status status = ccache_open("KCM:", NULL, &ccache, err);
	if (status)
		return status;
	struct credential c = {.client = *ccache_client(ccache), .server = imap};
	return ccache_store(ccache, &c, err);
}

static enum status list(struct error *err)
{
	AUTO_BUFFER names = {0};
	enum status status = ccache_list("KCM:", NULL, &names, err);
	for (const char *name = NULL; !status && (name = ccache_next_name(&names, name));)
		if (strncmp(name, "KCM:", 4) != 0)
			abort();
	return status;
}

static enum status choose(struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	const struct ccache_criteria criteria = {.realm = SLICE_LITERAL("OTHER.TEST")};
	return ccache_choose("KCM:", &criteria, &ccache, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	if (size == 0)
		return 0;
	incoming = slice_of(data + 1, size - 1);
	enum status status = STATUS_OK;
	switch (data[0] % 5) {
	case 0:
		status = read_cache("KCM:", &err);
		break;
	case 1:
		status = read_cache("KCM:name", &err);
		break;
	case 2:
		status = add(&err);
		break;
	case 3:
		status = list(&err);
		break;
	default:
		status = choose(&err);
	}
	if (status != STATUS_OK && (err.status != status || err.text[0] == '\0'))
		abort();
	return 0;
}
