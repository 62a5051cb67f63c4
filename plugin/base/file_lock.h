/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file_lock.h - a lock on a whole file, waited for with a limit.
 *
 * It is a lock of the open file (F_OFD_SETLK), which excludes other threads
 * that opened the file for themselves as well as other processes, among them
 * those that use POSIX locks, as libkrb5 does.
 */
#ifndef BASE_FILE_LOCK_H
#define BASE_FILE_LOCK_H

/*
 * Locks the file for writing. 0; EAGAIN where somebody else kept the lock
 * for `seconds`; or another number of errno's.
 */
int file_lock(int fd, int seconds);

/*
 * To be called before close(): a child that another thread forked meanwhile
 * has the same open file, and would hold the lock as long as it lives.
 */
void file_unlock(int fd);

#endif
