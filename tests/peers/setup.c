/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/peers/setup.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void wrong(const char *what, const char *word)
{
	fprintf(stderr, "peer: %s: %s\n", what, word);
	exit(2);
}

static const struct {
	const char *name;
	size_t offset;
} texts[] =
	{
		{"path", offsetof(struct setup, path)},
		{"mech", offsetof(struct setup, mechanism)},
		{"service", offsetof(struct setup, service)},
		{"host", offsetof(struct setup, host)},
		{"user", offsetof(struct setup, user)},
		{"authname", offsetof(struct setup, authname)},
		{"proxy", offsetof(struct setup, proxy)},
		{"cb.name", offsetof(struct setup, binding_name)},
		{"cb.data", offsetof(struct setup, binding_data)},
		{"way", offsetof(struct setup, way)},
		{"record", offsetof(struct setup, record)},
},
  numbers[] = {
	  {"minssf", offsetof(struct setup, minssf)},
	  {"maxssf", offsetof(struct setup, maxssf)},
	  {"maxbufsize", offsetof(struct setup, maxbufsize)},
	  {"flags", offsetof(struct setup, flags)},
	  {"external", offsetof(struct setup, external)},
	  {"cb.critical", offsetof(struct setup, binding_critical)},
	  {"initial", offsetof(struct setup, initial)},
	  {"success", offsetof(struct setup, success)},
	  {"plain", offsetof(struct setup, plain)},
	  {"accounts", offsetof(struct setup, accounts)},
	  {"logins", offsetof(struct setup, logins)},
};

static unsigned long number(const char *text, char **end)
{
	if (*text < '0' || *text > '9')
		wrong("no number", text);
	return strtoul(text, end, 10);
}

static void take_batches(struct setup *setup, const char *text)
{
	char *end;
	for (const char *p = text; *p; p = *end ? end + 1 : end) {
		struct batch batch = {.count = number(p, &end)};
		if (*end != 'x' || setup->batches == SETUP_BATCHES)
			wrong("not a few of COUNTxSIZE with commas", text);
		batch.largest = strncmp(end + 1, "max", 3) == 0;
		if (batch.largest)
			end += sizeof "xmax" - 1;
		else
			batch.size = number(end + 1, &end);
		if (*end && *end != ',')
			wrong("not COUNTxSIZE", text);
		setup->send[setup->batches++] = batch;
	}
}

static void take(struct setup *setup, const char *word, const char *name, const char *value)
{
	char *end;
	if (strncmp(name, "opt.", 4) == 0 && setup->options < SETUP_OPTIONS) {
		setup->option[setup->options][0] = name + 4;
		setup->option[setup->options++][1] = value;
		return;
	}
	if (strcmp(name, "send") == 0) {
		take_batches(setup, value);
		return;
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(name, texts[i].name) == 0) {
			memcpy((char *)setup + texts[i].offset, &value, sizeof value);
			return;
		}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(name, numbers[i].name) == 0) {
			unsigned long n = number(value, &end);
			if (*end)
				wrong("no number", value);
			memcpy((char *)setup + numbers[i].offset, &n, sizeof n);
			return;
		}
	wrong("nothing is called so, or there are too many", word);
}

void setup_read(struct setup *setup, bool is_server, char **words)
{
	*setup = (struct setup){
		.is_server = is_server,
		.mechanism = "GSSAPI",
		.service = "imap",
		.host = "mail.example.test",
		.maxssf = 256,
		.maxbufsize = 65536,
		.binding_name = "tls-unique",
		.way = "pass",
		.initial = 1,
		.success = 1,
		.logins = 1,
	};
	for (; *words; words++) {
		char *equals = strchr(*words, '=');
		if (!equals)
			wrong("not NAME=VALUE", *words);
		*equals = '\0';
		take(setup, equals + 1, *words, equals + 1);
	}
	if (!setup->path)
		wrong("path= is needed", "the folder of the modules");
}
