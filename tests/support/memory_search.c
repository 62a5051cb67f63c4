/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/memory_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DISGUISE 0x5a

struct secret secret_of(const char *name, struct slice octets)
{
	struct secret secret = {.name = name};
	assert_true(octets.len >= SECRET_LENGTH);
	for (size_t i = 0; i < SECRET_LENGTH; i++)
		secret.disguised[i] = octets.data[octets.len - SECRET_LENGTH + i] ^ DISGUISE;
	return secret;
}

struct secret secret_of_key(const char *name, const struct key *key)
{
	assert_non_null(key);
	return secret_of(name, key_octets(key));
}

/* Memory is looked at through a window, for what was freed must not be touched. */
static struct {
	unsigned char window[1 << 16];
	unsigned char wanted[SECRET_LENGTH];
} looking;

static bool is_ours(uintptr_t place)
{
	return place + SECRET_LENGTH > (uintptr_t)&looking &&
	       place < (uintptr_t)&looking + sizeof looking;
}

static bool is_in_window(size_t len, uintptr_t address)
{
	const unsigned char *at = looking.window, *end = looking.window + len;
	while ((at = memmem(at, (size_t)(end - at), looking.wanted, SECRET_LENGTH))) {
		if (!is_ours(address + (size_t)(at - looking.window)))
			return true;
		at++;
	}
	return false;
}

static bool is_between(int memory, uintptr_t start, uintptr_t end)
{
	const size_t size = sizeof looking.window;
	for (uintptr_t at = start; at < end; at += size - SECRET_LENGTH) {
		ssize_t len =
			pread(memory, looking.window, end - at < size ? end - at : size, (off_t)at);
		if (len > 0 && is_in_window((size_t)len, at))
			return true;
	}
	return false;
}

/* A line of /proc/self/maps: is it memory to be looked at? Sanitizers map gigabytes of their own.
 */
static bool read_range(const char *line, uintptr_t *start, uintptr_t *end)
{
	char rights[5];
	return sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", start, end, rights) == 3 &&
	       rights[1] == 'w' && *end - *start <= UINT32_C(256) << 20 && !strstr(line, "[stack]");
}

bool is_left(const struct secret *secret)
{
	bool found = false;
	char line[512];
	uintptr_t start, end;
	int memory = open("/proc/self/mem", O_RDONLY);
	FILE *maps = fopen("/proc/self/maps", "r");
	assert_true(memory >= 0);
	assert_non_null(maps);
	for (size_t i = 0; i < SECRET_LENGTH; i++)
		looking.wanted[i] = secret->disguised[i] ^ DISGUISE;
	while (!found && fgets(line, sizeof line, maps))
		found = read_range(line, &start, &end) && is_between(memory, start, end);
	fclose(maps);
	close(memory);
	wipe(&looking, sizeof looking);
	return found;
}

void assert_gone(const struct secret *secret)
{
	if (is_left(secret))
		fail_msg("the %s is still there", secret->name);
}
