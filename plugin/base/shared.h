/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shared.h - the one mutex that guards pointers to shared state.
 *
 * Shared state (the parsed keytab, krb5.conf) is an immutable snapshot with
 * a reference count. The lock is held only to swap a pointer or to change a
 * count: never while a file is read, a key derived or anything allocated
 * that is large. It is our own because libsasl2's may do nothing, and it is
 * usable in a child that was forked while another thread held it.
 */
#ifndef BASE_SHARED_H
#define BASE_SHARED_H

void shared_lock(void);
void shared_unlock(void);

/*
 * How many forks lie between the first process that loaded the module and this
 * one: what a process must not share with its child remembers it. No system call,
 * as getpid() would be. A child of vfork() is not counted: it may only call exec().
 */
unsigned shared_forks(void);

#endif
