/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trace.h - where the exchange (ap/) tells its steps: the logger of sasl/,
 * if anybody reads it.
 */
#ifndef MECH_TRACE_H
#define MECH_TRACE_H

#include "ap/ap.h"
#include "sasl/logger.h"

static inline struct ap_trace trace_to(struct logger *logger)
{
	return (struct ap_trace){
		.line = logger_traces(logger) ? logger_trace : NULL,
		.arg = logger,
	};
}

#endif
