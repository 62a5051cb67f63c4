/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/kcm.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/timestamp.h"

#define VERSION_MAJOR 2
#define VERSION_MINOR 0

/* A length and a code; the length is that of what follows them. */
#define HEADER_LENGTH 8
#define CODE_LENGTH 4

static enum status failed(const struct kcm *kcm, int number, struct error *err)
{
	bool nobody = number == ENOENT || number == ECONNREFUSED;
	return error_set(err, nobody ? ERR_NOT_FOUND : ERR_FILE,
		"the KCM daemon at %s (kcm_socket in krb5.conf) cannot be asked for credential "
		"caches: %s%s",
		kcm->socket, strerror(number),
		nobody ? ": start it, or set KRB5CCNAME to another type" : "");
}

static enum status malformed(
	const struct kcm *kcm, const char *what, uint32_t found, struct error *err)
{
	return error_set(err, ERR_SYNTAX,
		"the KCM daemon at %s (kcm_socket in krb5.conf) gave a malformed answer: %s (%u)",
		kcm->socket, what, found);
}

/*
 * The socket waits by itself while it connects, but not without end: a
 * daemon that hangs may have a full queue.
 */
enum status kcm_connect(const char *socket_path, int seconds, struct kcm *kcm, struct error *err)
{
	*kcm = (struct kcm){.socket = socket_path, .fd = -1};
	kcm->deadline = monotonic_milliseconds() + seconds * INT64_C(1000);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(socket_path) >= sizeof address.sun_path)
		return failed(kcm, ENAMETOOLONG, err);
	strcpy(address.sun_path, socket_path);
	kcm->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (kcm->fd < 0)
		return failed(kcm, errno, err);
	struct timeval limit = {.tv_sec = seconds};
	if (setsockopt(kcm->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
		return failed(kcm, errno, err);
	if (connect(kcm->fd, (struct sockaddr *)&address, sizeof address) != 0)
		return failed(kcm, errno == EAGAIN ? ETIMEDOUT : errno, err);
	struct ucred peer;
	socklen_t len = sizeof peer;
	if (getsockopt(kcm->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return failed(kcm, errno, err);
	kcm->daemon = peer.uid;
	return STATUS_OK;
}

void kcm_close(struct kcm *kcm)
{
	if (kcm->fd >= 0)
		close(kcm->fd);
	kcm->fd = -1;
}

/* 0 when the socket is ready, or ETIMEDOUT, or another number of errno's. */
static int wait_for(const struct kcm *kcm, short events)
{
	for (;;) {
		int64_t left = kcm->deadline - monotonic_milliseconds();
		struct pollfd p = {.fd = kcm->fd, .events = events};
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (ready > 0)
			return 0;
		if (ready == 0)
			return ETIMEDOUT;
		if (errno != EINTR)
			return errno;
	}
}

/* Is it to be tried again, when the socket is ready? Else `*number` is what went wrong. */
static bool again(const struct kcm *kcm, short events, int *number)
{
	if (errno == EINTR)
		return true;
	*number = errno == EAGAIN ? wait_for(kcm, events) : errno;
	return *number == 0;
}

static enum status send_all(const struct kcm *kcm, struct slice octets, struct error *err)
{
	while (octets.len > 0) {
		int number;
		ssize_t n = send(kcm->fd, octets.data, octets.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0)
			octets = slice_of(octets.data + n, octets.len - (size_t)n);
		else if (!again(kcm, POLLOUT, &number))
			return failed(kcm, number, err);
	}
	return STATUS_OK;
}

/* Room is made as octets come, and not for whatever length is announced. */
static enum status receive(const struct kcm *kcm, size_t len, struct buffer *out, struct error *err)
{
	while (len > 0) {
		size_t part = len < 65536 ? len : 65536;
		if (buffer_reserve(out, part))
			return error_no_memory(err);
		int number;
		ssize_t n = recv(kcm->fd, out->data + out->len, part, MSG_DONTWAIT);
		if (n > 0) {
			out->len += (size_t)n;
			len -= (size_t)n;
		} else if (n == 0) {
			return failed(kcm, ECONNRESET, err);
		} else if (!again(kcm, POLLIN, &number)) {
			return failed(kcm, number, err);
		}
	}
	return STATUS_OK;
}

static enum status read_reply(
	const struct kcm *kcm, struct buffer *reply, int32_t *code, struct error *err)
{
	if (receive(kcm, HEADER_LENGTH, reply, err))
		return err->status;
	struct reader header = reader_of(buffer_slice(reply));
	uint32_t length = read_u32(&header);
	uint32_t transport = read_u32(&header);
	if (transport != 0)
		return malformed(kcm, "the transport's code is not 0", transport, err);
	if (length < CODE_LENGTH || length > KCM_MAX_REPLY)
		return malformed(kcm, "its length is not from 4 octets to 16 MiB", length, err);
	buffer_clear(reply);
	if (receive(kcm, CODE_LENGTH, reply, err))
		return err->status;
	struct reader start = reader_of(buffer_slice(reply));
	*code = (int32_t)read_u32(&start);
	buffer_clear(reply);
	return receive(kcm, length - CODE_LENGTH, reply, err);
}

static enum status make_request(
	const struct kcm_request *request, struct buffer *out, struct error *err)
{
	const enum kcm_operation operation = request->operation;
	struct slice name = slice_of(request->name, request->name ? strlen(request->name) + 1 : 0);
	unsigned char start[8] = {[4] = VERSION_MAJOR,
		[5] = VERSION_MINOR,
		[6] = (unsigned char)(operation >> 8),
		[7] = (unsigned char)operation};
	store_u32(start, (uint32_t)(4 + name.len + request->argument.len));
	if (buffer_append(out, slice_of(start, sizeof start)) || buffer_append(out, name) ||
		buffer_append(out, request->argument))
		return error_no_memory(err);
	return STATUS_OK;
}

enum status kcm_call(struct kcm *kcm, const struct kcm_request *request, struct buffer *reply,
	int32_t *code, struct error *err)
{
	AUTO_BUFFER octets = {0};
	buffer_clear(reply);
	if (make_request(request, &octets, err) || send_all(kcm, buffer_slice(&octets), err))
		return err->status;
	return read_reply(kcm, reply, code, err);
}
