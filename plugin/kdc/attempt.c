/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/attempt.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kdc/locate.h"

#define PREFIX_LENGTH 4
#define MORE 4096 /* octets read at a time */

const char *address_text(
	const struct sockaddr *address, socklen_t address_length, char out[KDC_ADDRESS_SIZE])
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE], port[KDC_PORT_SIZE];
	bool is_v6 = address->sa_family == AF_INET6;
	if (getnameinfo(address, address_length, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(out, KDC_ADDRESS_SIZE, "an address");
	else
		snprintf(out, KDC_ADDRESS_SIZE, "%s%s%s:%s", is_v6 ? "[" : "", host,
			is_v6 ? "]" : "", port);
	return out;
}

void attempt_close(struct attempt *attempt)
{
	if (attempt->fd >= 0)
		close(attempt->fd);
	attempt->fd = -1;
	buffer_free(&attempt->answer);
}

void attempt_give_up(struct attempt *attempt, const char *reason)
{
	snprintf(attempt->reason, sizeof attempt->reason, "%s", reason);
	attempt_close(attempt);
}

static enum attempt_state give_up(struct attempt *attempt, const char *reason)
{
	attempt_give_up(attempt, reason);
	return ATTEMPT_GIVEN_UP;
}

static enum attempt_state give_up_errno(struct attempt *attempt)
{
	char reason[sizeof attempt->reason];
	snprintf(reason, sizeof reason, "%m");
	return give_up(attempt, reason);
}

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

void attempt_open(
	struct attempt *attempt, const struct attempt_target *target, struct slice request)
{
	const struct sockaddr *address = target->address;
	bool tcp = target->transport == KDC_TCP;
	*attempt = (struct attempt){
		.fd = -1, .tcp = tcp, .request = request, .endpoint = {.server = *target->server}};
	store_u32(attempt->prefix, (uint32_t)request.len);
	address_text(address, target->address_length, attempt->endpoint.address);
	int type = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	attempt->fd = socket(address->sa_family, type, 0);
	/* A datagram socket is connected so that it takes answers from this address alone. */
	if (attempt->fd < 0 ||
		(connect(attempt->fd, address, target->address_length) && errno != EINPROGRESS)) {
		give_up_errno(attempt);
		return;
	}
	if (!tcp)
		attempt_repeat(attempt);
}

void attempt_repeat(struct attempt *attempt)
{
	ssize_t sent = send(attempt->fd, attempt->request.data, attempt->request.len, MSG_NOSIGNAL);
	if (sent < 0 && !would_wait())
		give_up_errno(attempt);
}

static bool is_sent(const struct attempt *attempt)
{
	return !attempt->tcp || attempt->sent == PREFIX_LENGTH + attempt->request.len;
}

short attempt_events(const struct attempt *attempt)
{
	return is_sent(attempt) ? POLLIN : POLLOUT;
}

static enum attempt_state receive_datagram(struct attempt *attempt)
{
	if (buffer_reserve(&attempt->answer, ATTEMPT_MAX_ANSWER))
		return give_up(attempt, "out of memory");
	/* MSG_TRUNC: the length is that of the whole datagram. */
	ssize_t len = recv(attempt->fd, attempt->answer.data, ATTEMPT_MAX_ANSWER, MSG_TRUNC);
	if (len < 0)
		return would_wait() ? ATTEMPT_GOES_ON : give_up_errno(attempt);
	if (len == 0 || len > ATTEMPT_MAX_ANSWER)
		return give_up(attempt, len ? "an answer that is too long" : "an empty answer");
	attempt->answer.len = (size_t)len;
	return ATTEMPT_ANSWERED;
}

static enum attempt_state send_record(struct attempt *attempt)
{
	while (!is_sent(attempt)) {
		size_t at = attempt->sent;
		struct slice rest = at < PREFIX_LENGTH
					    ? slice_of(attempt->prefix + at, PREFIX_LENGTH - at)
					    : slice_of(attempt->request.data + at - PREFIX_LENGTH,
						      attempt->request.len + PREFIX_LENGTH - at);
		int more = at < PREFIX_LENGTH ? MSG_MORE : 0;
		ssize_t sent = send(attempt->fd, rest.data, rest.len, MSG_NOSIGNAL | more);
		if (sent < 0)
			return would_wait() ? ATTEMPT_GOES_ON : give_up_errno(attempt);
		attempt->sent += (size_t)sent;
	}
	return ATTEMPT_GOES_ON;
}

/* How many octets are still to come, as far as is known; 0: the record is whole. */
static size_t missing(const struct buffer *answer, uint32_t *announced)
{
	*announced = 0;
	if (answer->len < PREFIX_LENGTH)
		return PREFIX_LENGTH - answer->len;
	struct reader r = reader_of(buffer_slice(answer));
	*announced = read_u32(&r);
	return PREFIX_LENGTH + (size_t)*announced - answer->len;
}

static enum attempt_state receive_record(struct attempt *attempt)
{
	struct buffer *answer = &attempt->answer;
	for (;;) {
		uint32_t announced;
		size_t wanted = missing(answer, &announced);
		if (wanted == 0)
			break;
		if (announced > ATTEMPT_MAX_ANSWER)
			return give_up(attempt, "an answer that is too long");
		if (wanted > MORE)
			wanted = MORE;
		if (buffer_reserve(answer, wanted))
			return give_up(attempt, "out of memory");
		ssize_t len = recv(attempt->fd, answer->data + answer->len, wanted, 0);
		if (len < 0)
			return would_wait() ? ATTEMPT_GOES_ON : give_up_errno(attempt);
		if (len == 0)
			return give_up(attempt, answer->len ? "an answer that was cut short"
							    : "no answer, connection closed");
		answer->len += (size_t)len;
	}
	answer->len -= PREFIX_LENGTH;
	memmove(answer->data, answer->data + PREFIX_LENGTH, answer->len);
	return answer->len ? ATTEMPT_ANSWERED : give_up(attempt, "an empty answer");
}

enum attempt_state attempt_continue(struct attempt *attempt)
{
	if (!attempt->tcp)
		return receive_datagram(attempt);
	if (send_record(attempt) == ATTEMPT_GIVEN_UP)
		return ATTEMPT_GIVEN_UP;
	return is_sent(attempt) ? receive_record(attempt) : ATTEMPT_GOES_ON;
}
