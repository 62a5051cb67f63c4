/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timing.h - what the benchmarks measure with.
 */
#ifndef TESTS_BENCH_TIMING_H
#define TESTS_BENCH_TIMING_H

#include <stddef.h>

/* Seconds of processor time of the whole process, and of the clock on the wall. */
double cpu_now(void);
double wall_now(void);

/* Sorts the values. */
double median(double *values, size_t count);

#endif
