/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the whole program. */
static unsigned cases, failures;

/* What one suite has said. */
struct heard {
	unsigned planned, ran, failed;
	bool skipped; /* as a whole, with the reason */
};

static pid_t start(const struct suite *suite, FILE **output)
{
	int ends[2];
	if (pipe(ends) != 0)
		abort();
	fflush(stdout);
	pid_t child = fork();
	if (child < 0)
		abort();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		exit(suite->run() == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(ends[1]);
	*output = fdopen(ends[0], "r");
	return child;
}

/* Its plan is left out, its cases get the numbers of the whole, and the rest stays. */
static void pass_on(const struct suite *suite, const char *line, struct heard *heard)
{
	int end = 0;
	if (strncmp(line, "TAP version", 11) == 0)
		return;
	if (strncmp(line, "1..0 # SKIP", 11) == 0) {
		heard->skipped = true;
		printf("ok %u - %s %s", ++cases, suite->name, line + 5);
		return;
	}
	if (sscanf(line, "1..%u", &heard->planned) == 1)
		return;
	bool failed = strncmp(line, "not ok ", 7) == 0;
	(void)sscanf(line, failed ? "not ok %*u%n" : "ok %*u%n", &end);
	if (end == 0) {
		fputs(line, stdout);
		return;
	}
	heard->ran++;
	heard->failed += failed;
	printf("%s %u%s", failed ? "not ok" : "ok", ++cases, line + end);
}

static void judge_end(const struct suite *suite, const struct heard *heard, int status)
{
	failures += heard->failed;
	bool complete = heard->skipped ? heard->ran == 0
				       : heard->planned > 0 && heard->ran == heard->planned;
	if (complete && (status == 0 || (heard->failed > 0 && WIFEXITED(status) &&
						WEXITSTATUS(status) == EXIT_FAILURE)))
		return;
	failures++;
	printf("not ok %u - %s ended with %s %d after %u of %u cases\n", ++cases, suite->name,
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), heard->ran,
		heard->planned);
}

static void run(const struct suite *suite)
{
	FILE *output;
	char *line = NULL;
	size_t size = 0;
	int status;
	struct heard heard = {0};

	printf("# %s\n", suite->name);
	pid_t child = start(suite, &output);
	while (output && getline(&line, &size, output) > 0)
		pass_on(suite, line, &heard);
	if (!output || waitpid(child, &status, 0) != child)
		abort();
	fclose(output);
	free(line);
	judge_end(suite, &heard, status);
}

static bool is_named(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int suites_main(const struct suite *suites, size_t count, int argc, char **argv)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(suites[i].name, argc, argv))
			run(&suites[i]);
	printf("1..%u\n", cases);
	return cases > 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
