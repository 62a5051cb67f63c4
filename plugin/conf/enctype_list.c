/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/enctype_list.h"

#include <string.h>

#include "base/text.h"

/* Families in MIT krb5's order. Those of weak types alone, des3 and rc4, come to nothing anyway. */
static const struct family {
	const char *name;
	struct enctype_list types;
} families[] = {
	{"aes", {4, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA384,
			    ENCTYPE_AES128_SHA256}}},
	{"camellia", {2, {ENCTYPE_CAMELLIA256, ENCTYPE_CAMELLIA128}}},
};

static struct enctype_list all_types(void)
{
	struct enctype_list all = {0};
	const struct enctype *type;
	while (all.count < ENCTYPE_COUNT && (type = enctype_by_rank(all.count)) != NULL)
		all.number[all.count++] = enctype_number(type);
	return all;
}

/* Which types a word means; none for an unknown one. */
static struct enctype_list types_of(struct slice word)
{
	if (slice_equal_nocase(word, SLICE_LITERAL("DEFAULT")))
		return all_types();
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (slice_equal_nocase(word, slice_string(families[i].name)))
			return families[i].types;
	return (struct enctype_list){1, {enctype_number_by_name(word)}};
}

static void take_away(struct enctype_list *list, int32_t number)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < list->count; i++)
		if (list->number[i] != number)
			list->number[kept++] = list->number[i];
	list->count = kept;
}

/* Only what the table has, and each type once, so that the list always has room. */
static void add(struct enctype_list *list, int32_t number)
{
	if (enctype_usable(number) && !enctype_list_has(list, number))
		list->number[list->count++] = number;
}

static void apply_word(struct enctype_list *list, struct slice word)
{
	bool minus = word.data[0] == '-';
	if (minus || word.data[0] == '+')
		word = slice_of(word.data + 1, word.len - 1);
	struct enctype_list types = types_of(word);
	for (unsigned i = 0; i < types.count; i++) {
		if (minus)
			take_away(list, types.number[i]);
		else
			add(list, types.number[i]);
	}
}

enum status enctype_list_parse(const char *text, struct enctype_list *out, struct error *err)
{
	static const char separators[] = " \t\r\n,";
	*out = (struct enctype_list){0};
	if (crypto_open(err))
		return err->status;
	for (const char *p = text + strspn(text, separators); *p; p += strspn(p, separators)) {
		size_t len = strcspn(p, separators);
		apply_word(out, slice_of(p, len));
		p += len;
	}
	if (out->count > 0)
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"no supported encryption type in the list \"%s\"; expected names such as "
		"aes256-cts-hmac-sha1-96, aes, camellia or DEFAULT",
		TEXT(slice_string(text)));
}
