/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/transport.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "asn1/der_kdc.h"
#include "base/text.h"
#include "kdc/attempt.h"
#include "kdc/locate.h"

#define MAX_ATTEMPTS 32
#define EACH_MILLISECONDS 1000  /* before the next one is asked too */
#define AGAIN_MILLISECONDS 2000 /* after the last one; doubled each time */

/* The addresses still to be asked, in order: those of `server`, then of the next in `servers`. */
struct queue {
	enum kdc_transport transport; /* of this pass */
	unsigned passes;              /* after this one */
	struct kdc_servers servers;
	unsigned next_server;
	struct addrinfo *addresses;
	struct addrinfo *next_address;
};

struct sending {
	struct kdc_session *session;
	const struct kdc_question *question;
	struct queue queue;
	bool passed_over; /* a web proxy or socket in krb5.conf */
	bool dns_failed;  /* it could not tell */
	unsigned count;
	struct attempt attempt[MAX_ATTEMPTS];
	int64_t next;  /* when something is due: the next address, or asking again */
	int64_t again; /* 0 until all have been asked, then the time from one round to the next */
	char unresolved[240]; /* a host whose address was not found, and why */
};

static void queue_free_addresses(struct queue *queue)
{
	if (queue->addresses)
		freeaddrinfo(queue->addresses);
	queue->addresses = queue->next_address = NULL;
}

static void close_attempts(struct sending *s)
{
	for (unsigned i = 0; i < s->count; i++)
		attempt_close(&s->attempt[i]);
}

static void sending_close(struct sending *s)
{
	queue_free_addresses(&s->queue);
	close_attempts(s);
}

static bool is_late(const struct sending *s)
{
	return monotonic_milliseconds() >= s->session->deadline;
}

static enum status begin_pass(struct sending *s, enum kdc_transport transport, struct error *err)
{
	const struct kdc_lookup lookup = {
		.conf = s->session->conf,
		.realm = s->question->realm,
		.transport = transport,
		.primary = s->question->primary,
		.dns = s->session->settings.lookup_dns,
	};
	s->queue.transport = transport;
	s->queue.next_server = 0;
	enum status status = kdc_locate(&lookup, &s->queue.servers, err);
	s->dns_failed = s->dns_failed || s->queue.servers.dns_failed;
	s->passed_over = s->passed_over || s->queue.servers.passed_over;
	return status;
}

/*
 * The same host may have other addresses and other names: one address in common
 * is enough, or a wrong password would be counted twice there.
 */
static bool is_excepted(const struct kdc_endpoint *except, const struct kdc_server *server,
	const struct addrinfo *addresses)
{
	char text[KDC_ADDRESS_SIZE];
	if (!except)
		return false;
	if (strcasecmp(server->host, except->server.host) == 0 &&
		strcmp(server->port, except->server.port) == 0)
		return true;
	for (const struct addrinfo *a = addresses; a; a = a->ai_next)
		if (strcmp(address_text(a->ai_addr, a->ai_addrlen, text), except->address) == 0)
			return true;
	return false;
}

static void resolve(struct sending *s, const struct kdc_server *server)
{
	struct queue *queue = &s->queue;
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICSERV,
		.ai_socktype = queue->transport == KDC_TCP ? SOCK_STREAM : SOCK_DGRAM,
	};
	queue_free_addresses(queue);
	int result = getaddrinfo(server->host, server->port, &hints, &queue->addresses);
	if (result) {
		queue->addresses = NULL;
		snprintf(s->unresolved, sizeof s->unresolved, "%s (%s)",
			TEXT(slice_string(server->host)), gai_strerror(result));
	}
	if (is_excepted(s->question->except, server, queue->addresses))
		queue_free_addresses(queue);
	queue->next_address = queue->addresses;
}

/* *out is NULL if there is none left, or no time. Errors of kdc_locate(). */
static enum status next_address(struct sending *s, const struct addrinfo **out, struct error *err)
{
	struct queue *queue = &s->queue;
	*out = NULL;
	while (!queue->next_address) {
		/* One name may cost seconds, and there may be dozens. */
		if (is_late(s))
			return STATUS_OK;
		if (queue->next_server < queue->servers.count) {
			resolve(s, &queue->servers.server[queue->next_server++]);
		} else if (queue->passes == 0) {
			return STATUS_OK;
		} else {
			queue->passes--;
			if (begin_pass(s, queue->transport == KDC_UDP ? KDC_TCP : KDC_UDP, err))
				return err->status;
		}
	}
	*out = queue->next_address;
	queue->next_address = queue->next_address->ai_next;
	return STATUS_OK;
}

/* Whose address next_address() gave. */
static const struct kdc_server *present_server(const struct sending *s)
{
	return &s->queue.servers.server[s->queue.next_server - 1];
}

static bool is_asked(const struct sending *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->attempt[i].fd >= 0)
			return true;
	return false;
}

/* False if that failed at once. */
static bool ask(struct sending *s, const struct attempt_target *target)
{
	struct attempt *attempt = &s->attempt[s->count++];
	attempt_open(attempt, target, s->question->request);
	s->next = monotonic_milliseconds() + EACH_MILLISECONDS;
	return attempt->fd >= 0;
}

static void ask_again(struct sending *s)
{
	if (s->again == 0)
		s->again = AGAIN_MILLISECONDS / 2;
	else
		for (unsigned i = 0; i < s->count; i++)
			if (s->attempt[i].fd >= 0 && !s->attempt[i].tcp)
				attempt_repeat(&s->attempt[i]);
	s->again *= 2;
	s->next = monotonic_milliseconds() + s->again;
}

/* Asks the next address, or when all have been asked, those of UDP again. */
static enum status ask_next(struct sending *s, struct error *err)
{
	const struct addrinfo *address = NULL;
	while (s->again == 0 && s->count < MAX_ATTEMPTS) {
		if (next_address(s, &address, err))
			return err->status;
		if (!address)
			break;
		const struct attempt_target target = {present_server(s), address->ai_addr,
			address->ai_addrlen, s->queue.transport};
		if (ask(s, &target))
			return STATUS_OK;
	}
	ask_again(s);
	return STATUS_OK;
}

/* ---- answers ---- */

/* 0 if it is no KRB-ERROR that can be read. */
static int32_t error_code_of(struct slice answer)
{
	NEW_ERROR(unread);
	struct krb_error message;
	if (der_message_type(answer) != KRB_ERROR || der_read_krb_error(answer, &message, &unread))
		return 0;
	return message.error_code;
}

static bool is_kerberos(struct slice answer)
{
	int type = der_message_type(answer);
	return type == KRB_AS_REP || type == KRB_TGS_REP || type == KRB_ERROR;
}

/* From now on by TCP alone, with this address first. */
static enum status go_on_by_tcp(struct sending *s, struct attempt *attempt, struct error *err)
{
	struct sockaddr_storage address;
	struct attempt_target target = {&attempt->endpoint.server,
		(const struct sockaddr *)&address, sizeof address, KDC_TCP};
	bool known =
		getpeername(attempt->fd, (struct sockaddr *)&address, &target.address_length) == 0;
	attempt_give_up(attempt, "its answer is too big for UDP");
	close_attempts(s);
	queue_free_addresses(&s->queue);
	s->queue.passes = 0;
	s->again = 0;
	if (begin_pass(s, KDC_TCP, err))
		return err->status;
	if (known && s->count < MAX_ATTEMPTS)
		ask(s, &target);
	return STATUS_OK;
}

/* *taken: this is the answer. Otherwise the attempt is over. */
static enum status judge(struct sending *s, struct attempt *attempt, bool *taken, struct error *err)
{
	struct slice answer = buffer_slice(&attempt->answer);
	int32_t code = error_code_of(answer);
	if (!attempt->tcp && code == KRB_ERR_RESPONSE_TOO_BIG)
		return go_on_by_tcp(s, attempt, err);
	if (!is_kerberos(answer))
		attempt_give_up(attempt, "an answer that is no Kerberos message");
	else if (code == KDC_ERR_SVC_UNAVAILABLE)
		attempt_give_up(attempt, "it says that it is not available");
	else
		*taken = true;
	return STATUS_OK;
}

/* Waits for what comes first: something to receive or to send, or the time that is due. */
static void wait_for_any(const struct sending *s, struct pollfd fds[MAX_ATTEMPTS])
{
	int64_t until = s->next < s->session->deadline ? s->next : s->session->deadline;
	int64_t left = until - monotonic_milliseconds();
	for (unsigned i = 0; i < s->count; i++)
		fds[i] = (struct pollfd){
			.fd = s->attempt[i].fd, .events = attempt_events(&s->attempt[i])};
	if (poll(fds, s->count, left > 0 ? (int)left : 0) < 0)
		for (unsigned i = 0; i < s->count; i++)
			fds[i].revents = 0; /* EINTR */
}

/* `*out` is the attempt with the answer, NULL if none is there yet. */
static enum status receive(struct sending *s, struct attempt **out, struct error *err)
{
	struct pollfd fds[MAX_ATTEMPTS];
	unsigned count = s->count;
	*out = NULL;
	wait_for_any(s, fds);
	for (unsigned i = 0; i < count; i++) {
		struct attempt *attempt = &s->attempt[i];
		if (attempt->fd < 0 || !fds[i].revents)
			continue;
		bool taken = false;
		enum attempt_state state = attempt_continue(attempt);
		if (state == ATTEMPT_ANSWERED && judge(s, attempt, &taken, err))
			return err->status;
		if (taken) {
			*out = attempt;
			return STATUS_OK;
		}
		/* Its successor need not wait; but if that has been asked, it gets its second. */
		if (attempt->fd < 0 && i + 1 == s->count && s->again == 0)
			s->next = monotonic_milliseconds();
	}
	return STATUS_OK;
}

/* ---- why there is none ---- */

static enum status refuse_unknown(const struct sending *s, struct error *err)
{
	const char *realm = TEXT(slice_string(s->question->realm));
	if (is_late(s) && !s->unresolved[0])
		return error_set(err, ERR_UNREACHABLE,
			"no KDC of %s was asked, since the time for all questions had passed: is "
			"kerberos5_kdc_timeout too short, or another KDC silent?",
			realm);
	if (s->question->primary)
		return error_set(err, ERR_NOT_FOUND, "no primary KDC of %s is known", realm);
	if (s->unresolved[0])
		return error_set(err, ERR_UNREACHABLE,
			"the KDC of %s cannot be found: no address of %s", realm, s->unresolved);
	if (s->passed_over)
		return error_set(err, ERR_UNREACHABLE,
			"krb5.conf names for %s only KDCs behind a web proxy (https://) or a "
			"socket, which are not supported: name a host",
			realm);
	if (s->dns_failed)
		return error_set(err, ERR_UNREACHABLE,
			"no KDC of %s is known: krb5.conf names none in [realms], and DNS could "
			"not "
			"be asked for its SRV records: no name server answers, or it refuses or "
			"fails (see /etc/resolv.conf)",
			realm);
	return error_set(err, ERR_UNREACHABLE,
		"no KDC of %s is known: krb5.conf names none in [realms], and %s", realm,
		s->session->settings.lookup_dns
			? "DNS has no SRV records for it (_kerberos._udp, _kerberos._tcp)"
			: "dns_lookup_kdc does not let DNS be asked");
}

static enum status refuse_silence(const struct sending *s, struct error *err)
{
	if (s->count == 0)
		return refuse_unknown(s, err);
	char list[600] = "";
	for (unsigned i = 0, used = 0; i < s->count && used < sizeof list; i++) {
		const struct attempt *a = &s->attempt[i];
		used += (unsigned)snprintf(list + used, sizeof list - used, "%s%s by %s: %s",
			i ? "; " : "", a->endpoint.address, a->tcp ? "TCP" : "UDP",
			a->reason[0] ? a->reason : "no answer");
	}
	return error_set(err, ERR_UNREACHABLE,
		"no KDC of %s answers (%s): is the network up, and are these its KDCs ([realms] in "
		"krb5.conf, else DNS)?",
		TEXT(slice_string(s->question->realm)), list);
}

static enum status exchange(struct sending *s, struct attempt **out, struct error *err)
{
	for (;;) {
		if (is_late(s))
			return refuse_silence(s, err);
		if ((monotonic_milliseconds() >= s->next || !is_asked(s)) && ask_next(s, err))
			return err->status;
		if (!is_asked(s))
			return refuse_silence(s, err);
		if (receive(s, out, err))
			return err->status;
		if (*out)
			return STATUS_OK;
	}
}

enum status kdc_send(struct kdc_session *session, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	__attribute__((cleanup(sending_close))) struct sending s = {
		.session = session,
		.question = question,
		.queue = {.passes = 1},
	};
	struct attempt *winner = NULL;
	bool tcp = question->request.len > session->settings.udp_limit;
	if (is_late(&s))
		return refuse_silence(&s, err);
	if (begin_pass(&s, tcp ? KDC_TCP : KDC_UDP, err) || exchange(&s, &winner, err))
		return err->status;
	kdc_trace(session, "%s answered, by %s", winner->endpoint.address,
		winner->tcp ? "TCP" : "UDP");
	session->answered = winner->endpoint;
	buffer_free(answer);
	*answer = winner->answer;
	winner->answer = (struct buffer){0};
	return STATUS_OK;
}
