/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * syslog_sink - writes what programs say to a syslog socket to standard
 * output, one line a message, without its priority and time.
 *
 *	syslog_sink SOCKET
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* "<38>Nov 25 09:16:01 " */
#define TIME_LENGTH 16

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		return -1;
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		chmod(path, 0666) < 0)
		return -1;
	return fd;
}

static const char *without_head(const char *line)
{
	const char *text = line[0] == '<' ? strchr(line, '>') : NULL;
	text = text ? text + 1 : line;
	return strlen(text) > TIME_LENGTH ? text + TIME_LENGTH : text;
}

int main(int argc, char **argv)
{
	char line[65536];
	int fd = argc == 2 ? listen_at(argv[1]) : -1;
	if (fd < 0) {
		perror("syslog_sink");
		return 1;
	}
	ssize_t len;
	while ((len = recv(fd, line, sizeof line - 1, 0)) >= 0) {
		while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\0'))
			len--;
		line[len] = '\0';
		puts(without_head(line));
		fflush(stdout);
	}
	return 1;
}
