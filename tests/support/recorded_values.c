/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/recorded_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void recorded_take_line(struct recorded *r, const char *line)
{
	struct error err;
	if (line[0] == '\t') {
		assert_true(r->count > 0);
		struct buffer *octets = &r->values[r->count - 1].octets;
		assert_int_equal(mint_hex(slice_string(line + 1), octets, &err), STATUS_OK);
	} else if (line[0] != '\0' && line[0] != '#') {
		assert_true(r->count < RECORDED_MAX);
		struct recorded_value *value = &r->values[r->count++];
		size_t size = strlen(line) + 1;
		assert_true(size <= sizeof value->name);
		memcpy(value->name, line, size);
	}
}

void recorded_open(struct recorded *r, const char *file, const char *session)
{
	char path[4096], line[256];
	const char *folder = getenv("SRCDIR");
	*r = (struct recorded){.session = session};
	snprintf(path, sizeof path, "%s/tests/data/%s", folder ? folder : ".", file);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	bool inside = false;
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "session ", 8) == 0)
			inside = strcmp(line + 8, session) == 0;
		else if (inside)
			recorded_take_line(r, line);
	}
	fclose(f);
	if (r->count == 0)
		fail_msg("%s has no session %s", file, session);
}

void recorded_close(struct recorded *r)
{
	for (unsigned i = 0; i < r->count; i++)
		buffer_free(&r->values[i].octets);
	r->count = 0;
}

struct slice recorded_value(const struct recorded *r, const char *name)
{
	for (unsigned i = 0; i < r->count; i++)
		if (strcmp(r->values[i].name, name) == 0)
			return buffer_slice(&r->values[i].octets);
	fail_msg("session %s has no %s", r->session, name);
	return SLICE_EMPTY;
}

struct slice recorded_part(const struct recorded *r, const char *what, const char *part)
{
	char name[64];
	snprintf(name, sizeof name, "%s-%s", what, part);
	return recorded_value(r, name);
}

void assert_same(struct slice found, struct slice expected)
{
	assert_int_equal(found.len, expected.len);
	if (expected.len > 0)
		assert_memory_equal(found.data, expected.data, expected.len);
}
