/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scripts of attacks, each deterministic: those of tests/attack/scripts.c, and
 * thousands that are made of them by a generator with a fixed seed. What they
 * may not do is in tests/attack/judge.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/attack/attack.h"
#include "tests/attack/world.h"

#define UNUSED __attribute__((unused))

enum { ROUNDS = 4000, LONGEST = 1024 };

static struct attack_tally tally;

static int start(void **state UNUSED)
{
	attack_start(false);
	return 0;
}

static int stop(void **state UNUSED)
{
	attack_stop();
	return 0;
}

/* `tail` scripts' own logins and so on may be seen in their verdicts. */
static void run(const char *name, const uint8_t *script, size_t size)
{
	const char *verdict = attack_run(script, size, &tally);
	if (!verdict)
		return;
	char octets[2 * LONGEST + 1] = "";
	for (size_t i = 0; i < size && i < LONGEST; i++)
		sprintf(octets + 2 * i, "%02x", script[i]);
	fail_msg("%s: %s\n%s", name, verdict, octets);
}

static void each_script_by_itself(void **state UNUSED)
{
	const uint8_t *script;
	const char *name;
	size_t size;
	for (unsigned i = 0; (script = attack_script(i, &size, &name)) != NULL; i++)
		run(name, script, size);
}

/* Whole logins with each layer, layers that died, refusals, second logins: no rule is idle. */
static void scripts_reach_what_they_are_for(void **state UNUSED)
{
	for (int mechanism = 0; mechanism < 3; mechanism++)
		for (int layer = 0; layer < 3; layer++) {
			assert_true(tally.server_logins[mechanism][layer] > 0);
			assert_true(tally.client_logins[mechanism][layer] > 0);
		}
	assert_true(tally.refusals > 0 && tally.packets > 20 && tally.dead_layers > 2);
	assert_true(tally.second_logins > 1);
	assert_true(tally.named > 2 && (tally.critical > 0 || !world.has_md5));
}

/* Xorshift (Marsaglia, 2003): the same numbers on every run. */
static uint32_t number_below(uint32_t limit)
{
	static uint32_t state = 2463534242;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

static size_t append_script(uint8_t *to, size_t len, unsigned count)
{
	size_t size = 0;
	const char *name;
	const uint8_t *script = attack_script(number_below(count), &size, &name);
	if (len + size > LONGEST)
		return len;
	memcpy(to + len, script, size);
	return len + size;
}

/* Another octet, one less, one more. */
static size_t change(uint8_t *script, size_t len)
{
	size_t at = number_below((uint32_t)len);
	switch (number_below(4)) {
	case 0:
		memmove(script + at, script + at + 1, len - at - 1);
		return len > 1 ? len - 1 : len;
	case 1:
		if (len == LONGEST)
			return len;
		memmove(script + at + 1, script + at, len - at);
		script[at] = (uint8_t)number_below(40);
		return len + 1;
	default:
		script[at] = (uint8_t)number_below(number_below(2) ? 16 : 256);
		return len;
	}
}

static void scripts_made_of_them(void **state UNUSED)
{
	unsigned count = 0;
	size_t size;
	const char *name;
	while (attack_script(count, &size, &name))
		count++;
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t script[LONGEST];
		size_t len = append_script(script, 0, count);
		if (number_below(2))
			len = append_script(script, len, count);
		for (unsigned changes = number_below(12); changes > 0; changes--)
			len = change(script, len);
		run("made up", script, len);
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_script_by_itself),
		cmocka_unit_test(scripts_reach_what_they_are_for),
		cmocka_unit_test(scripts_made_of_them),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
