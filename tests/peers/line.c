/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/peers/line.h"

#include <sasl/sasl.h>
#include <sasl/saslutil.h>
#include <stdlib.h>
#include <string.h>

static void *larger(void *old, size_t size)
{
	void *p = realloc(old, size);
	if (!p) {
		fprintf(stderr, "peer: out of memory\n");
		exit(2);
	}
	return p;
}

static void print(FILE *out, char mark, const char *text)
{
	if (mark)
		putc(mark, out);
	fprintf(out, "%s\n", text);
	fflush(out);
}

void line_send(char mark, const void *octets, unsigned len, FILE *record)
{
	static char *text;
	static unsigned size;
	unsigned needed = len / 3 * 4 + 5;
	if (size < needed)
		text = larger(text, size = needed);
	*text = '\0';
	if (octets)
		sasl_encode64(octets, len, text, size, NULL);
	print(stdout, mark, text);
	if (record)
		print(record, mark, text);
}

void line_receive(struct line *line)
{
	static char *text, *octets;
	static size_t text_size, octets_size;
	*line = (struct line){.mark = '!'};
	ssize_t len = getline(&text, &text_size, stdin);
	if (len < 1 || text[len - 1] != '\n')
		return;
	text[--len] = '\0';
	char *base64 = text + (*text && strchr("=!.-", *text));
	if (octets_size < text_size)
		octets = larger(octets, octets_size = text_size);
	len -= base64 - text;
	if (sasl_decode64(base64, (unsigned)len, octets, (unsigned)octets_size, &line->len) !=
		SASL_OK) {
		fprintf(stderr, "peer: not base64: %s\n", text);
		return;
	}
	octets[line->len] = '\0';
	line->mark = base64 > text ? *text : '\0';
	if (len > 0 || !line->mark)
		line->octets = octets;
}

void line_give_up(void)
{
	line_send('!', NULL, 0, NULL);
}
