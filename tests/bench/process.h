/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * process.h - a process of its own that does what it is told. A libsasl2 has
 * one GSSAPI only, the first that it finds: to measure two beside each other
 * takes two processes, which work in turn.
 *
 * Whatever goes wrong ends the program.
 */
#ifndef TESTS_BENCH_PROCESS_H
#define TESTS_BENCH_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t id;
	int orders, answers; /* ends of pipes */
	size_t order_size, answer_size;
};

/* How it answers an order; both are structs of the sizes given, without pointers. */
typedef void process_serve(const void *order, void *answer);

/* Begins as a copy of this process, in which libsasl2 has therefore not been started yet. */
void process_start(
	struct process *process, process_serve *serve, size_t order_size, size_t answer_size);

/* Waits for the answer. */
void process_ask(const struct process *process, const void *order, void *answer);

void process_stop(struct process *process);

#endif
