/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/fake_kdc_net.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t process = -1;
static struct fake_asked *asked;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(99);
}

static void answer(struct fake_world *world, struct slice request, struct buffer *out)
{
	struct error err;
	struct kdc_session session = fake_session(world);
	bool is_as = der_message_type(request) == KRB_AS_REQ;
	const struct kdc_question question = {.realm = world->kdc[0].realm, .request = request};
	asked->as += is_as;
	asked->tgs += !is_as;
	session.now = timestamp_now();
	must(session.send(&session, &question, out, &err) == STATUS_OK, "the fake KDC");
}

static void serve(struct fake_world *world, int fd)
{
	for (;;) {
		unsigned char request[8192];
		struct sockaddr_in from;
		socklen_t from_len = sizeof from;
		AUTO_BUFFER out = {0};
		ssize_t len = recvfrom(
			fd, request, sizeof request, 0, (struct sockaddr *)&from, &from_len);
		must(len > 0, "the fake KDC: recvfrom");
		answer(world, slice_of(request, (size_t)len), &out);
		must(sendto(fd, out.data, out.len, 0, (struct sockaddr *)&from, from_len) >= 0,
			"the fake KDC: sendto");
	}
}

struct fake_asked *fake_serve(struct fake_world *world, unsigned *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
			getsockname(fd, (struct sockaddr *)&address, &len) == 0,
		"the fake KDC: bind");
	*port = ntohs(address.sin_port);
	asked = mmap(
		NULL, sizeof *asked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(asked != MAP_FAILED, "the fake KDC: mmap");
	process = fork();
	must(process >= 0, "the fake KDC: fork");
	if (process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(world, fd);
	}
	close(fd);
	return asked;
}

void fake_serve_end(void)
{
	kill(process, SIGKILL);
	waitpid(process, NULL, 0);
	munmap(asked, sizeof *asked);
}
