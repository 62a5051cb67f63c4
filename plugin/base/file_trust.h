/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file_trust.h - whose files are believed.
 *
 * Keytabs and credential caches say who somebody is. Where others can put a
 * file, as in /tmp, or can write to one, they could say it: so the file is
 * judged before an octet of it is used, on the open descriptor, and not by a
 * name that may mean another file a moment later.
 */
#ifndef BASE_FILE_TRUST_H
#define BASE_FILE_TRUST_H

#include "base/file.h"

#define FILE_OWNERS_MAX 16

/* Whose files are believed besides those of root and of the effective user. */
struct file_owners {
	unsigned count;
	uid_t uid[FILE_OWNERS_MAX];
};

/* Root, the effective user, or one of `others` (NULL: nobody else)? */
bool file_owner_is_trusted(uid_t owner, const struct file_owners *others);

/*
 * Names or numbers of users, with blanks or commas between them; NULL: none.
 * ERR_SYNTAX  the system knows no such user, or there are more than FILE_OWNERS_MAX
 */
MUST_CHECK enum status file_owners_parse(
	const char *text, struct file_owners *out, struct error *err);

/* What a file has to be. */
struct file_rules {
	const char *what; /* each sentence begins with it and the path: "the credential cache" */
	size_t max;       /* octets */
	const struct file_owners *others; /* NULL: nobody else's */
	const char *owner_advice;         /* what to do about another owner */
	bool any_owner;                   /* of the file, and of links to it */
	bool hard_links;                  /* it may have other names */
	bool folder;                      /* it has to be a folder, and not a regular file */
};

/*
 * Opens a file (`flags`: O_RDONLY or O_RDWR) and judges what was opened: a
 * regular file, or a folder; owned by root, the effective user or one of the
 * others; with one name; writable for neither group nor others. If the path is
 * a symbolic link, it has to be root's or the effective user's; so does each
 * further one that it leads to. (Links to folders on the way there are
 * the kernel's to follow: whoever made the path chose them.)
 *
 * The caller closes *fd, which is -1 on failure:
 * ERR_NOT_FOUND  there is no such file (text: "PATH: No such file or directory")
 * ERR_FILE       it cannot be opened, or is no regular file, or no folder
 * ERR_UNTRUSTED  it could be somebody else's; the sentence begins with `what`, and
 *                names owner and mode found, and what to do
 */
MUST_CHECK enum status file_open_trusted(
	const char *path, int flags, const struct file_rules *rules, int *fd, struct error *err);

/*
 * The same, and appends the contents to `out`. `state`, which may be NULL,
 * receives the state of the very file that was read. Also:
 * ERR_TOO_LONG   it has more than rules->max octets
 * ERR_NO_MEMORY
 */
MUST_CHECK enum status file_read_trusted(const char *path, const struct file_rules *rules,
	struct buffer *out, struct file_state *state, struct error *err);

#endif
