/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

/* How long to sleep between two looks: at first as long as a short write takes. */
#define FIRST_SLEEP_NANOSECONDS INT64_C(20000)
#define LONGEST_SLEEP_NANOSECONDS INT64_C(4000000)

static int set_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
	return fcntl(fd, F_OFD_SETLK, &lock);
}

/* There is no waiting with a limit in the kernel, hence the looking again. */
int file_lock(int fd, int seconds)
{
	int64_t slept = 0, length = FIRST_SLEEP_NANOSECONDS;
	while (set_lock(fd, F_WRLCK) != 0) {
		if (errno != EAGAIN && errno != EACCES)
			return errno;
		if (slept >= seconds * INT64_C(1000000000))
			return EAGAIN;
		nanosleep(&(struct timespec){.tv_nsec = (long)length}, NULL);
		slept += length;
		if (length < LONGEST_SLEEP_NANOSECONDS)
			length *= 2;
	}
	return 0;
}

void file_unlock(int fd)
{
	(void)set_lock(fd, F_UNLCK);
}
