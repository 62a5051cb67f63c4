/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * closing.h - the end of a group of cases, in place of what libsasl2 does when it releases the
 * module.
 */
#ifndef TESTS_SUPPORT_CLOSING_H
#define TESTS_SUPPORT_CLOSING_H

/* As group teardown: releases the definitions of ASN.1, and what OpenSSL has fetched. */
int close_libraries(void **state);

#endif
