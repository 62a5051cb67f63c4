/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bytes.h - the types through which all bytes pass.
 *
 * A slice borrows: it points into memory that somebody else owns and is
 * never freed. A buffer owns: it grows as needed, is wiped whenever memory
 * is given back (also when it grows and moves), and empties itself at the
 * end of its scope when it is declared with AUTO_BUFFER. A reader walks a
 * slice and remembers its first mistake, so that a parser may read a whole
 * record and check once.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct slice {
	const unsigned char *data;
	size_t len;
};

/* Slices in their order, which are read as if they were one. */
struct pieces {
	const struct slice *slices;
	size_t count;
};

struct buffer {
	unsigned char *data;
	size_t len;
	size_t capacity;
};

struct reader {
	struct slice rest; /* what has not been read yet */
	bool failed;       /* something was read that was not there */
};

#define SLICE_EMPTY ((struct slice){NULL, 0})
#define SLICE_LITERAL(s) ((struct slice){(const unsigned char *)(s), sizeof(s) - 1})
#define AUTO_BUFFER __attribute__((cleanup(buffer_free))) struct buffer

struct slice slice_of(const void *data, size_t len);

/* Of a NUL-terminated string, without the NUL; NULL gives the empty slice. */
struct slice slice_string(const char *string);

bool slice_equal(struct slice a, struct slice b);

/* ASCII letters compared without case. */
bool slice_equal_nocase(struct slice a, struct slice b);

/* For secrets and authentication tags: time depends on the lengths alone. */
bool slice_equal_secret(struct slice a, struct slice b);

/* A NUL-terminated copy; NULL when there is no memory. The caller frees it. */
char *slice_to_string(struct slice s);

struct slice buffer_slice(const struct buffer *b);

/*
 * Makes room for `extra` more octets after len, which does not change.
 * ERR_NO_MEMORY, also when the size would wrap; the buffer stays as it was.
 */
MUST_CHECK enum status buffer_reserve(struct buffer *b, size_t extra);

/* `s` may lie inside the buffer itself. Errors as for buffer_reserve(). */
MUST_CHECK enum status buffer_append(struct buffer *b, struct slice s);

/* Wipes the contents and keeps the memory. */
void buffer_clear(struct buffer *b);

/* Wipes, frees, and leaves an empty buffer. */
void buffer_free(struct buffer *b);

/* Overwrites memory in a way that the compiler does not leave out. */
void wipe(void *data, size_t len);

struct reader reader_of(struct slice s);
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r); /* network order, as are the next two */
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);

/* `len` octets; the empty slice, and the reader has failed, where fewer are left. */
struct slice read_bytes(struct reader *r, size_t len);

/* Network order on the way out. */
void store_u32(unsigned char out[4], uint32_t value);

#endif
