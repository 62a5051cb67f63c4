/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keytab.h - the service's long-term keys (MIT's keytab file format).
 *
 * Files of version 0x0502 and of 0x0501 (host byte order) with their holes and
 * the 32-bit kvno that may follow the key. A keytab is parsed once, with its
 * keys ready for use, and shared by all connections of the process as an
 * immutable snapshot; keytab_get() costs one stat while the file stays as it
 * is, and reads it again when it was replaced or grew.
 */
#ifndef STORE_KEYTAB_H
#define STORE_KEYTAB_H

#include <sys/types.h>

#include "base/error.h"
#include "base/principal.h"
#include "crypto/key.h"

struct keytab;

struct keytab_entry {
	struct principal principal;
	uint32_t kvno;
	int64_t timestamp; /* when the entry was written */
	int32_t enctype;
	struct key *key; /* NULL for a type that this module does not support */
};

/* Ten thousand names with keys of four types, old ones beside the new, take half of it. */
#define KEYTAB_MAX_LENGTH (16 << 20)

/*
 * Whose the keys are. Whoever writes a keytab poses as the server to its
 * clients, and as any user to the server: a file that others than its owner
 * can write to is refused. A client's is judged as a credential cache is: it
 * has to be root's or the effective user's, with no second name. A server's may
 * be another's, which keytab_is_foreign() tells.
 */
enum keytab_side { KEYTAB_SERVER, KEYTAB_CLIENT };

/*
 * The snapshot of `name`, for a server or a client: "FILE:path", "WRFILE:path" or a path. Faults,
 * each with the file's name and what to do: ERR_UNSUPPORTED another type ("KEYRING:", "MEMORY:"),
 * by name ERR_NOT_FOUND   no such file ERR_FILE        unreadable, a directory ERR_UNTRUSTED
 * somebody else could have written it ERR_TOO_LONG    longer than KEYTAB_MAX_LENGTH ERR_SYNTAX not
 * a keytab, cut short, an entry that does not fit its length, a key of the wrong length for its
 * type; with the octet at which it went wrong ERR_CRYPTO, ERR_NO_MEMORY *out is NULL then. Also
 * where an older state of the file could be read: a keytab that is being overwritten in place is
 * reported until it is whole (ktadd and kadmin leave it whole at every moment). A failure is
 * remembered with the file's state and the process's identity, so that asking again costs one stat
 * and gives the same sentence.
 *
 * `generation`, if it is not NULL, receives a number that is new for each
 * state of a file that this process has read, failures too; it goes with what
 * this very call returns, and a log line that is due once for each state
 * compares it. It is 0 where nothing was read (ERR_UNSUPPORTED, ERR_NO_MEMORY).
 *
 * Snapshots of the last eight names are kept. Any thread may call it.
 */
MUST_CHECK enum status keytab_get(const char *name, enum keytab_side side, struct keytab **out,
	uint64_t *generation, struct error *err);

/* From memory; `contents` is copied, `name` is for the sentences. */
MUST_CHECK enum status keytab_parse(
	struct slice contents, const char *name, struct keytab **out, struct error *err);

void keytab_release(struct keytab *keytab); /* wipes after the last holder; NULL is allowed */
void keytab_release_at(struct keytab **keytab);
#define AUTO_KEYTAB __attribute__((cleanup(keytab_release_at))) struct keytab *

/* Releases all shared snapshots; the next keytab_get() reads again. */
void keytab_forget(void);

/* The path, without the type. Lives as long as the snapshot. */
const char *keytab_name(const struct keytab *keytab);

/* Can others than the owner and the group read the file? A warning for the log. */
bool keytab_world_readable(const struct keytab *keytab);

/* Is its owner neither root nor the effective user? A warning for the log, with `owner`. */
bool keytab_is_foreign(const struct keytab *keytab, uid_t *owner);

/* Entries in the file's order; NULL past the end. */
const struct keytab_entry *keytab_entry_at(const struct keytab *keytab, unsigned n);

/* Is there an entry of this realm? */
bool keytab_has_realm(const struct keytab *keytab, struct slice realm);

/* Which key of a principal: that of a type and, if it is known, a version. */
struct keytab_wanted {
	int32_t enctype;
	bool has_kvno; /* if not, every version fits */
	uint32_t kvno;
};

/*
 * The next entry at or after *position of the principal that fits what is
 * wanted; *position is moved behind it. Old KDCs and old keytabs keep 8 bits
 * of a kvno: if the wanted kvno or the entry's is at most 255, they fit if they
 * are the same modulo 256. NULL if there is none. Start with *position = 0.
 * Costs no more in a keytab of ten thousand names.
 */
const struct keytab_entry *keytab_find(const struct keytab *keytab,
	const struct principal *principal, const struct keytab_wanted *wanted, unsigned *position);

#endif
