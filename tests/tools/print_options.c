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

int main(void)
{
	puts("| option | side | values | default | in krb5.conf too | what it does |\n"
	     "|---|---|---|---|---|---|");
	for (const struct option_row *row = option_table; row < option_table + OPTION_COUNT;
		row++) {
		printf("| `%s` | %s | ", row->name, row->side);
		print_values(row);
		printf(" | %s | %s | %s |\n", row->standard, row->in_appdefaults ? "yes" : "no",
			row->purpose);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
