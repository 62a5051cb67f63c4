/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guard.h - the lock under which the module has OpenSSL do what makes OpenSSL take locks of its
 * own for writing: fetch an algorithm, or seed a thread's random generator.
 *
 * A fork waits for it. OpenSSL's locks are not released in a child that was forked while
 * another thread held them: its first login would wait for ever.
 */
#ifndef CRYPTO_GUARD_H
#define CRYPTO_GUARD_H

void guard_lock(void);
void guard_unlock(void);

#endif
