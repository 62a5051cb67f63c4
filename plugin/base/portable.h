/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * portable.h - what glibc has and another C library of Linux (musl) has not.
 */
#ifndef BASE_PORTABLE_H
#define BASE_PORTABLE_H

#include <errno.h>
#include <unistd.h>

/* The call's value, once it is not interrupted by a signal. */
#ifndef TEMP_FAILURE_RETRY
#define TEMP_FAILURE_RETRY(call)                                                                   \
	__extension__({                                                                            \
		__typeof__(call) portable_result;                                                  \
		do                                                                                 \
			portable_result = (call);                                                  \
		while (portable_result == -1 && errno == EINTR);                                   \
		portable_result;                                                                   \
	})
#endif

#endif
