/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/process.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_SIZE = 256 };

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

/* Of at most PIPE_BUF octets, so that they come at once. False at the end. */
static bool receive(int from, void *data, size_t size)
{
	ssize_t count = read(from, data, size);
	must(count >= 0, "read");
	return (size_t)count == size;
}

static void send_to(int to, const void *data, size_t size)
{
	must(write(to, data, size) == (ssize_t)size, "write");
}

/* Our ends of all pipes: a process that had those of another would keep it from ending. */
#define MAX_PROCESSES 8
static int our_ends[2 * MAX_PROCESSES];
static unsigned end_count;

static void close_our_ends(void)
{
	for (unsigned i = 0; i < end_count; i++)
		close(our_ends[i]);
}

static void keep_ends(int orders, int answers)
{
	must(end_count < 2 * MAX_PROCESSES, "too many processes");
	our_ends[end_count++] = orders;
	our_ends[end_count++] = answers;
}

static _Noreturn void serve_all(
	process_serve *serve, int orders, int answers, size_t order_size, size_t answer_size)
{
	char order[MAX_SIZE] __attribute__((aligned(16)));
	char answer[MAX_SIZE] __attribute__((aligned(16)));
	while (receive(orders, order, order_size)) {
		serve(order, answer);
		send_to(answers, answer, answer_size);
	}
	exit(0);
}

void process_start(
	struct process *process, process_serve *serve, size_t order_size, size_t answer_size)
{
	int down[2], up[2];
	must(order_size <= MAX_SIZE && answer_size <= MAX_SIZE, "an order or answer is too long");
	must(pipe(down) == 0 && pipe(up) == 0, "pipe");
	fflush(NULL);
	pid_t id = fork();
	must(id >= 0, "fork");
	keep_ends(down[1], up[0]);
	if (id == 0) {
		close_our_ends();
		serve_all(serve, down[0], up[1], order_size, answer_size);
	}
	close(down[0]);
	close(up[1]);
	*process = (struct process){id, down[1], up[0], order_size, answer_size};
}

void process_ask(const struct process *process, const void *order, void *answer)
{
	send_to(process->orders, order, process->order_size);
	if (receive(process->answers, answer, process->answer_size))
		return;
	fputs("a process that measures has ended\n", stderr);
	exit(1);
}

void process_stop(struct process *process)
{
	int status;
	close(process->orders);
	close(process->answers);
	must(waitpid(process->id, &status, 0) == process->id, "waitpid");
	if (status != 0)
		exit(1);
}
