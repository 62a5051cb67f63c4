/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/peers/launch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
	int in, out;
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Gives the first command, and moves *words behind its end. */
static char **next_command(char ***words)
{
	char **command = *words;
	while (**words && strcmp(**words, "--") != 0)
		++*words;
	if (**words)
		*(*words)++ = NULL;
	return command;
}

static pid_t start(char **command, struct ends ends)
{
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (dup2(ends.in, STDIN_FILENO) < 0 || dup2(ends.out, STDOUT_FILENO) < 0)
		die("dup2");
	execvp(*command, command);
	die(*command);
}

static bool ended_well(pid_t pid, const char *who)
{
	int status;
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (status == 0)
		return true;
	fprintf(stderr, "%s: ended with %s %d\n", who, WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

bool launch(char **words)
{
	int up[2], down[2];
	bool good = true;
	/* Whoever still held another end would keep a side from seeing that the other is gone. */
	if (pipe2(up, O_CLOEXEC) != 0 || pipe2(down, O_CLOEXEC) != 0)
		die("pipe2");
	pid_t server = start(next_command(&words), (struct ends){.in = up[0], .out = down[1]});
	close(up[0]);
	close(down[1]);
	while (*words) {
		char **command = next_command(&words);
		pid_t client = start(command, (struct ends){.in = down[0], .out = up[1]});
		if (!*words) {
			close(down[0]);
			close(up[1]);
		}
		good &= ended_well(client, "client");
	}
	return ended_well(server, "server") && good;
}
