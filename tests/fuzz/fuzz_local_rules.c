/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rules for local names, up to the first line end, and a principal behind it:
 * any octets are refused in a sentence or give a list that gives each name the
 * same local name, bounded, or none.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/local_rules.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAME_MAX_LENGTH = 1024 };

static void apply(const struct local_rules *rules, struct slice text)
{
	AUTO_BUFFER storage = {0};
	struct principal client;
	NEW_ERROR(err);
	if (principal_parse(text, &client, &storage, &err))
		return;
	AUTO_BUFFER first = {0};
	AUTO_BUFFER second = {0};
	enum status status = local_rules_apply(rules, &client, "A", &first, &err);
	must(local_rules_apply(rules, &client, "A", &second, &err) == status);
	must(status == STATUS_OK || err.text[0]);
	if (status)
		return;
	must(first.len <= NAME_MAX_LENGTH);
	must(slice_equal(buffer_slice(&first), buffer_slice(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	char *text = slice_to_string(slice_of(data, len));
	if (!text)
		return 0;
	struct local_rules *rules;
	NEW_ERROR(err);
	enum status status = local_rules_get(text, &rules, &err);
	must((status == STATUS_OK) == (rules != NULL));
	must(status == STATUS_OK || (err.status == status && err.text[0]));
	if (rules)
		apply(rules, end ? slice_of(end + 1, size - len - 1) : SLICE_LITERAL("alice@A"));
	local_rules_release(rules);
	free(text);
	return 0;
}
