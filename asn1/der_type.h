/*
 * der_type.h - how RFC 4120's types lie in plain structs.
 *
 * A struct der_type is one type: its tag, how it is read and how it is
 * written. Simple types stand in der_value.c; records and lists are const
 * tables that say which field goes where, read by der_read.c and written
 * by der_write.c. Adding a message is adding a table to der.c.
 */
#ifndef ASN1_DER_TYPE_H
#define ASN1_DER_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asn1/der_definitions.h"
#include "asn1/der_walk.h"
#include "base/bytes.h"
#include "base/error.h"

struct der_reading;
struct der_writer;

struct der_type {
	unsigned char tag; /* identifier octet that the type begins with, without any [n] */

	/*
	 * From the element that the reading is at, which has this tag, to the
	 * value. A failure's text says what was found and expected; the caller
	 * puts the place before it.
	 */
	enum status (*read)(const struct der_reading *r, const struct der_type *type, void *value);

	/* The whole element, tag and length too. ERR_SYNTAX where the value cannot be expressed. */
	enum status (*write)(struct der_writer *w, const struct der_type *type, const void *value);

	/* What the functions need to know, of which each uses one. */
	union {
		const struct der_field *fields; /* of a record; ends with a row without name */
		const struct der_list *list;
		struct {
			int64_t min, max;
		} range;
		struct {
			int value;
			enum status otherwise; /* the status of any other value */
		} constant;
	};
};

/* A field [number] of a record; offsets are within the record's struct. */
struct der_field {
	const char *name; /* in kerberos5.asn */
	unsigned number;
	const struct der_type *type;
	size_t offset;

	/* How the struct tells whether a field is there. */
	enum der_presence {
		REQUIRED,
		IF_FLAG,  /* the bool at `presence` is set (by the reader too) */
		IF_DATA,  /* the slice at `presence` has data that is not NULL */
		IF_COUNT, /* the unsigned at `presence` is not 0 */
	} when;
	size_t presence;
};

/* The last three members of a row: where the field lies, and how the struct says that it is there.
 */
#define AT(s, member) offsetof(struct s, member), REQUIRED, 0
#define AT_IF_FLAG(s, member, flag) offsetof(struct s, member), IF_FLAG, offsetof(struct s, flag)
#define AT_IF_DATA(s, member, slice) offsetof(struct s, member), IF_DATA, offsetof(struct s, slice)
#define AT_IF_COUNT(s, member, count)                                                              \
	offsetof(struct s, member), IF_COUNT, offsetof(struct s, count)
#define ITSELF 0, REQUIRED, 0  /* in the very struct that the enclosing record is in */
#define NOWHERE 0, REQUIRED, 0 /* a constant */

/* A SEQUENCE OF: an unsigned count and an array. */
struct der_list {
	const struct der_type *element;
	unsigned max;
	size_t count; /* offset of the count */
	size_t first; /* offset of the array */
	size_t size;  /* of one element of the array */
};

/* What is read and written as a whole. */
struct der_message {
	enum der_form form;
	const struct der_type *type;
	size_t size; /* of the struct */
	int number;  /* its msg-type; 0: it has none */
	/*
	 * Packets of a layer: of any length, and held against the table alone,
	 * not against libtasn1's definitions, which would cost a short one more
	 * than its decryption. Tests hold what is taken against both.
	 */
	bool is_packet;
};

/*
 * Simple types and what they are in a struct. Ranges are checked both ways.
 * der_uint32 also takes what a peer encoded as a negative Int32, modulo 2^32
 * (deployed peers do that with sequence numbers and kvnos).
 */
extern const struct der_type der_int32;        /* int32_t */
extern const struct der_type der_uint32;       /* uint32_t */
extern const struct der_type der_microseconds; /* int32_t, 0 to 999999 */
extern const struct der_type der_time;         /* int64_t, seconds from 1970 */
extern const struct der_type der_flags;        /* uint32_t: the first 32 bits; 32 are written */
extern const struct der_type der_octets;       /* struct slice, into the input */
extern const struct der_type der_string;       /* likewise */

/* An INTEGER of one value, for which the struct has no place. */
enum status der_constant_read(
	const struct der_reading *r, const struct der_type *type, void *value);
enum status der_constant_write(
	struct der_writer *w, const struct der_type *type, const void *value);
#define DER_CONSTANT(number, status)                                                               \
	{                                                                                          \
		.tag = TAG_INTEGER, .read = der_constant_read, .write = der_constant_write,        \
		.constant = {                                                                      \
			.value = number,                                                           \
			.otherwise = status                                                        \
		}                                                                                  \
	}

/* A SEQUENCE, by itself or inside an [APPLICATION n]. */
enum status der_record_read(const struct der_reading *r, const struct der_type *type, void *value);
enum status der_record_write(struct der_writer *w, const struct der_type *type, const void *value);
#define DER_RECORD(table)                                                                          \
	{                                                                                          \
		.tag = TAG_SEQUENCE, .read = der_record_read, .write = der_record_write,           \
		.fields = table                                                                    \
	}
#define DER_APPLICATION(n, table)                                                                  \
	{                                                                                          \
		.tag = TAG_APPLICATION + (n), .read = der_record_read, .write = der_record_write,  \
		.fields = table                                                                    \
	}

/* Records that messages of several kinds have (der.c). */
extern const struct der_type der_version_5;
extern const struct der_type der_principal_name; /* struct principal, its realm left alone */
extern const struct der_type der_host_address;
extern const struct der_type der_host_addresses;
extern const struct der_type der_encrypted_data;
extern const struct der_type der_encryption_key;
extern const struct der_type der_checksum;
extern const struct der_type der_ticket;

/* A SEQUENCE OF. */
enum status der_list_read(const struct der_reading *r, const struct der_type *type, void *value);
enum status der_list_write(struct der_writer *w, const struct der_type *type, const void *value);

#endif
