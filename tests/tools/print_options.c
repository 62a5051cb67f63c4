/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * print_options - the table of options, from the table that the module
 * reads them by.
 */
#include <stdio.h>

#include "sasl/options.h"

static void print_values(const struct option_row *row)
{
	if (row->most > 0)
		printf("%u to %u", row->least, row->most);
	else if (!row->values)
		fputs("a name", stdout);
	for (unsigned i = 0; row->values && row->values[i]; i++)
		printf("%s`%s`", i > 0 ? ", " : "", row->values[i]);
}

static void print_default(const struct option_row *row)
{
	struct option_words words;
	if (row->otherwise) {
		fputs(row->otherwise, stdout);
	} else if (!row->is_list) {
		printf("`%s`", row->preset);
	} else {
		enum option option = (enum option)(row - option_table);
		option_preset(option, &words);
		for (unsigned i = 0; i < words.count; i++)
			printf("%s`%s`", i > 0 ? ", " : "", option_word(option, words.word[i]));
	}
}

int main(void)
{
	puts("| option | side | values | default | in krb5.conf too | what it does |\n"
	     "|---|---|---|---|---|---|");
	for (const struct option_row *row = option_table; row < option_table + OPTION_COUNT;
		row++) {
		printf("| `%s` | %s | ", row->name, row->side);
		print_values(row);
		fputs(" | ", stdout);
		print_default(row);
		printf(" | %s | %s |\n", row->in_appdefaults ? "yes" : "no", row->purpose);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
