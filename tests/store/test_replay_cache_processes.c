/* SPDX-License-Identifier: BSD-3-Clause */
/* One file, many who come at once: processes, threads, and children of either. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/replay_cache_file.h"

enum { WORKERS = 8, TAGS = 400 };

/* How often each tag was accepted, by all workers; each works through all tags in an order of
 * its own. */
struct tally {
	unsigned char accepted[WORKERS][TAGS];
	bool failed[WORKERS];
};

static void work_through(struct tally *tally, unsigned worker)
{
	/* Multiplied by what is prime to their number, each tag comes once. */
	static const unsigned steps[] = {1, 3, 7, 9, 11, 13, 17, 19};
	for (uint32_t i = 0; i < TAGS; i++) {
		uint32_t n = i * steps[worker] % TAGS;
		struct error err = {0};
		enum status status = store_at(n, NOW, NOW, &err);
		if (status == STATUS_OK)
			tally->accepted[worker][n]++;
		else if (status != KRB_AP_ERR_REPEAT)
			tally->failed[worker] = printf("# %s\n", err.text) > 0;
	}
}

static void assert_each_accepted_once(const struct tally *tally)
{
	for (unsigned worker = 0; worker < WORKERS; worker++)
		assert_false(tally->failed[worker]);
	for (unsigned n = 0; n < TAGS; n++) {
		unsigned accepted = 0;
		for (unsigned worker = 0; worker < WORKERS; worker++)
			accepted += tally->accepted[worker][n];
		assert_int_equal(accepted, 1);
	}
}

static struct tally tally;
static pthread_barrier_t start;

static void *thread_work(void *argument)
{
	pthread_barrier_wait(&start);
	work_through(&tally, *(const unsigned *)argument);
	return NULL;
}

static void threads_accept_each_tag_once(void **state UNUSED)
{
	pthread_t threads[WORKERS];
	unsigned numbers[WORKERS];
	memset(&tally, 0, sizeof tally);
	pthread_barrier_init(&start, NULL, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, thread_work, &numbers[i]), 0);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
	assert_each_accepted_once(&tally);
}

/* They begin when the other end of `gate` is closed, and write what they counted to `out`. */
static void process_work(unsigned worker, int gate, int out)
{
	char octet;
	(void)!read(gate, &octet, 1);
	memset(&tally, 0, sizeof tally);
	work_through(&tally, worker);
	bool sent = write(out, tally.accepted[worker], TAGS) == TAGS;
	_exit(sent && !tally.failed[worker] ? 0 : 1);
}

static void processes_accept_each_tag_once(void **state UNUSED)
{
	int gate[2], out[WORKERS][2];
	struct tally sum = {0};
	assert_int_equal(pipe(gate), 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(pipe(out[i]), 0);
		fflush(stdout);
		if (fork() == 0) {
			close(gate[1]);
			process_work(i, gate[0], out[i][1]);
		}
		close(out[i][1]);
	}
	close(gate[0]);
	close(gate[1]);
	for (unsigned i = 0; i < WORKERS; i++) {
		sum.failed[i] = read(out[i][0], sum.accepted[i], TAGS) != TAGS;
		close(out[i][0]);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_each_accepted_once(&sum);
}

/* What else happens at the worst moment, when a record is about to be written. */
static void (*meanwhile)(void);

/* Take the place of libc's. */
#define OURS __attribute__((visibility("hidden")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

OURS ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	void (*now)(void) = meanwhile;
	meanwhile = NULL;
	if (now)
		now();
	return REAL(pwrite)(fd, data, len, offset);
}

static sem_t progress; /* somebody waits for the lock, or needs to no longer */
static int go[2] = {-1, -1};

OURS int nanosleep(const struct timespec *length, struct timespec *left)
{
	sem_post(&progress);
	if (go[1] >= 0)
		close(go[1]);
	go[1] = -1;
	return REAL(nanosleep)(length, left);
}

static pthread_t second;
static enum status second_status;

static void *store_second(void *argument)
{
	second_status = store_at(5, NOW, NOW, &(struct error){0});
	sem_post(&progress);
	return argument;
}

static void start_second(void)
{
	assert_int_equal(pthread_create(&second, NULL, store_second, NULL), 0);
	while (sem_wait(&progress) != 0)
		;
}

static void a_thread_waits_for_another(void **state UNUSED)
{
	assert_stored(1, NOW);
	assert_int_equal(sem_init(&progress, 0, 0), 0);
	meanwhile = start_second;
	assert_stored(5, NOW);
	assert_int_equal(pthread_join(second, NULL), 0);
	assert_int_equal(second_status, KRB_AP_ERR_REPEAT);
}

static pid_t child_of_the_moment;

static void fork_a_child(void)
{
	child_of_the_moment = fork();
	if (child_of_the_moment == 0) {
		alarm(60);
		pause();
		_exit(0);
	}
}

static void a_child_forked_while_it_is_locked_keeps_no_lock(void **state UNUSED)
{
	struct error err = {0};
	assert_stored(1, NOW);
	meanwhile = fork_a_child; /* as another thread could at any moment */
	assert_stored(2, NOW);
	assert_true(child_of_the_moment > 0);
	/* It lives, with the file open. */
	enum status status = store_at(3, NOW, NOW, &err);
	kill(child_of_the_moment, SIGKILL);
	assert_int_equal(waitpid(child_of_the_moment, NULL, 0), child_of_the_moment);
	assert_int_equal(status, STATUS_OK);
}

static void children_know_what_their_parent_stored(void **state UNUSED)
{
	int result;
	assert_stored(1, NOW);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		alarm(60);
		_exit(store_at(1, NOW, NOW, &(struct error){0}) == KRB_AP_ERR_REPEAT &&
					store_at(2, NOW, NOW, &(struct error){0}) == STATUS_OK
				? 0
				: 1);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	assert_replay(2, NOW);
}

/* Has the lock of before OFD, and stores tag number 2 once somebody waits for it. */
static void hold_lock(int ready)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	unsigned char record[RECORD_LENGTH], key[KEY_LENGTH];
	struct tag tag = tag_number(2);
	int fd = open(file_path, O_RDWR);
	char octet;
	alarm(60);
	bool good = fcntl(fd, F_SETLK, &lock) == 0 && pread(fd, key, sizeof key, 0) == KEY_LENGTH &&
		    write(ready, "", 1) == 1 && read(go[0], &octet, 1) == 0;
	memcpy(record, tag.octets, TAG_LENGTH);
	store_u32(record + TAG_LENGTH, NOW);
	off_t place = (off_t)place_in(0, key, tag);
	_exit(good && pwrite(fd, record, sizeof record, place) == RECORD_LENGTH ? 0 : 1);
}

/* Whoever has the lock lets go of it when somebody waits. */
static void a_lock_of_another_process_is_respected(void **state UNUSED)
{
	int ready[2], result;
	char octet;
	assert_stored(1, NOW);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		close(go[1]);
		hold_lock(ready[1]);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	assert_replay(2, NOW);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(threads_accept_each_tag_once),
		IN_FOLDER(processes_accept_each_tag_once),
		IN_FOLDER(a_thread_waits_for_another),
		IN_FOLDER(a_child_forked_while_it_is_locked_keeps_no_lock),
		IN_FOLDER(children_know_what_their_parent_stored),
		IN_FOLDER(a_lock_of_another_process_is_respected),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
