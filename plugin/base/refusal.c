/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/refusal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define E_TEXT_MAX 200

struct sentence {
	char text[sizeof((struct error *)NULL)->text];
	size_t len;
};

static void add(struct sentence *sentence, const char *text, size_t len)
{
	size_t room = sizeof sentence->text - 1 - sentence->len;
	memcpy(sentence->text + sentence->len, text, len < room ? len : room);
	sentence->len += len < room ? len : room;
	sentence->text[sentence->len] = '\0';
}

#define WORD_SIZE PRINCIPAL_TEXT_SIZE

static void client_word(const struct refusal *refusal, char out[WORD_SIZE])
{
	principal_text(refusal->client, out, WORD_SIZE);
}

static void service_word(const struct refusal *refusal, char out[WORD_SIZE])
{
	principal_text(refusal->service, out, WORD_SIZE);
}

static void realm_word(const struct refusal *refusal, char out[WORD_SIZE])
{
	text_escape(slice_string(refusal->kdc_realm), out, TEXT_SIZE);
}

static void time_word(const struct refusal *refusal, char out[WORD_SIZE])
{
	time_text(refusal->time.seconds, out);
}

static void code_word(const struct refusal *refusal, char out[WORD_SIZE])
{
	snprintf(out, WORD_SIZE, "%d", (int)refusal->code);
}

static void skew_word(const struct refusal *refusal, char out[WORD_SIZE])
{
	const char *other = refusal->kdc_realm ? "the KDC" : "the server";
	int64_t distance = timestamp_distance(refusal->now, refusal->time);
	if (distance <= 1)
		snprintf(out, WORD_SIZE, "this host's clock does not differ from %s's now", other);
	else
		snprintf(out, WORD_SIZE, "this host is %s %s %s", SPAN_TEXT(distance),
			refusal->now.seconds < refusal->time.seconds ? "behind" : "ahead of",
			other);
}

/* What stands for a word in braces. */
static const struct word {
	const char *name;
	void (*write)(const struct refusal *refusal, char out[WORD_SIZE]);
} words[] = {
	{"{client}", client_word},
	{"{service}", service_word},
	{"{realm}", realm_word}, /* the KDC's */
	{"{time}", time_word},   /* as the other side says */
	{"{skew}", skew_word},   /* how this host's clock compares to that */
	{"{code}", code_word},
};

static const struct word *word_at(const char *text)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strncmp(text, words[i].name, strlen(words[i].name)) == 0)
			return &words[i];
	return NULL;
}

static void complete(struct sentence *sentence, const char *text, const struct refusal *refusal)
{
	while (*text) {
		char value[WORD_SIZE];
		const struct word *word = word_at(text);
		if (word) {
			word->write(refusal, value);
			add(sentence, value, strlen(value));
			text += strlen(word->name);
		} else {
			size_t len = 1 + strcspn(text + 1, "{");
			add(sentence, text, len);
			text += len;
		}
	}
}

/* How a sentence begins, what it is for a code without one, and what leads to the message's text.
 */
struct voice {
	const char *before, *unknown, *text_follows;
};
static const struct voice server_voice = {
	"",
	"the server refuses, with error code {code}",
	"; server says (unverified): ",
};
static const struct voice kdc_voice = {
	"the KDC of {realm} ",
	"refuses, with error code {code}",
	"; it says (unverified): ",
};

enum status error_refused(struct error *err, const struct refusal *refusal)
{
	const struct voice *voice = refusal->kdc_realm ? &kdc_voice : &server_voice;
	const struct status_words *row = status_words(refusal->code);
	const char *said = refusal->kdc_realm ? row->from_kdc : row->from_server;

	struct sentence sentence = {.len = 0};
	complete(&sentence, voice->before, refusal);
	complete(&sentence, said ? said : voice->unknown, refusal);

	char text[E_TEXT_MAX + 1];
	bool has_text = refusal->text.len > 0;
	error_set(err, said ? row->status : KRB_ERR_GENERIC, "%s%s%s", sentence.text,
		has_text ? voice->text_follows : "",
		has_text ? text_escape(refusal->text, text, sizeof text) : "");
	return error_show(err, "%s", sentence.text);
}
