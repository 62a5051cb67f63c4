/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_record.h - where the fields of a type lie in a C struct.
 *
 * What a message looks like stands in kerberos5.asn: which fields a type has,
 * with which tags, in which order, which are OPTIONAL, and what they are. C adds
 * one row for each field: the struct's member, and how the struct says
 * that the field is there. For
 *
 *	EncAPRepPart ::= [APPLICATION 27] SEQUENCE {
 *		ctime      [0] KerberosTime,
 *		cusec      [1] Microseconds,
 *		subkey     [2] EncryptionKey OPTIONAL,
 *		seq-number [3] UInt32 OPTIONAL
 *	}
 *
 * the rows are
 *
 *	static const struct der_row enc_ap_rep_part_rows[] = {
 *		{"ctime", AT(enc_ap_rep_part, time.seconds)},
 *		{"cusec", AT(enc_ap_rep_part, time.microseconds)},
 *		{"subkey", AT_IF_DATA(enc_ap_rep_part, subkey, subkey.value)},
 *		{"seq-number", AT_IF_FLAG(enc_ap_rep_part, seq_number, has_seq_number)},
 *		{0},
 *	};
 *
 * To add a message: define it in a .asn file, give it a struct and a
 * DER_MESSAGE() in a header, and its rows and a struct der_record in the C file
 * beside it, whose table of records has the new one. When the module is loaded,
 * schema_build.c holds rows against definitions and refuses what does not fit. A simple
 * type that no message had before is a row of der_base.c.
 */
#ifndef ASN1_DER_RECORD_H
#define ASN1_DER_RECORD_H

#include <libtasn1.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asn1/der.h"

/* What a member is in C. A type of the definitions takes one of them alone (der_base.c). */
enum der_member {
	MEMBER_NONE, /* there is none */
	MEMBER_INT32,
	MEMBER_UINT32,
	MEMBER_INT64,
	MEMBER_SLICE,
	MEMBER_STRUCT,
	MEMBER_PIECES, /* a slice when it is read, slices when it is written */
};

struct der_row {
	const char *field;

	/* The member, as an offset within the struct; of a list, the first of its array. */
	enum der_member member;
	size_t offset, size;

	/* How the struct says that an OPTIONAL field is there. */
	enum der_presence {
		ALWAYS,
		IF_FLAG,  /* the bool at `presence` is set (by the reader too) */
		IF_DATA,  /* the slice at `presence` has data that is not NULL */
		IF_COUNT, /* the unsigned at `presence` is not 0; lists */
		NEEDED,   /* it has to be, though it is OPTIONAL */
		REFUSED,  /* it may not be */
	} when;
	size_t presence;

	/* A list: an unsigned, and an array of `max` elements. Also of MEMBER_PIECES. */
	size_t count, max;

	/* A slice that receives the field as it was read, with the tag of its type. */
	enum der_whole {
		NOT_KEPT,
		KEPT,   /* besides what the members say */
		MARKED, /* likewise; the writer says where it put the field (der_write_marked()) */
		AS_IT_IS, /* and what is written is the slice */
	} keep;
	size_t whole;

	/* An INTEGER of one value, for which the struct has no place. */
	enum der_fixed {
		NOT_FIXED,
		FIXED_VALUE,  /* `value` */
		FIXED_NUMBER, /* the n of the message's [APPLICATION n], as every msg-type is */
	} fixed;
	int32_t value;
	enum status otherwise; /* of any other value */
};

/* ---- the rest of a row ---- */

#define MEMBER_OF(s, member) (((struct s *)0)->member)
#define MEMBER_TYPE(s, member)                                                                     \
	_Generic(MEMBER_OF(s, member), int32_t                                                     \
		 : MEMBER_INT32, uint32_t                                                          \
		 : MEMBER_UINT32, int64_t                                                          \
		 : MEMBER_INT64, struct slice                                                      \
		 : MEMBER_SLICE, default                                                           \
		 : MEMBER_STRUCT)
/* The offset of a member that has to be of this type. */
#define OFFSET_OF(s, member, type) _Generic(MEMBER_OF(s, member), type : offsetof(struct s, member))

#define AT(s, m)                                                                                   \
	.member = MEMBER_TYPE(s, m), .offset = offsetof(struct s, m),                              \
	.size = sizeof(MEMBER_OF(s, m))
#define AT_IF_FLAG(s, m, flag) AT(s, m), .when = IF_FLAG, .presence = OFFSET_OF(s, flag, bool)
#define AT_IF_DATA(s, m, bytes)                                                                    \
	AT(s, m), .when = IF_DATA, .presence = OFFSET_OF(s, bytes, struct slice)
#define AT_IF_COUNT(s, m, number)                                                                  \
	AT(s, m), .when = IF_COUNT, .presence = OFFSET_OF(s, number, unsigned)
#define AT_NEEDED(s, m) AT(s, m), .when = NEEDED

/* A record whose fields lie in the very struct that the record around it is in. */
#define ITSELF(s) .member = MEMBER_STRUCT, .offset = 0, .size = sizeof(struct s)

/* A list: its count and its array. Where it is OPTIONAL, a count of 0 means that it is absent. */
#define LIST(s, number, array)                                                                     \
	.member = MEMBER_TYPE(s, array[0]), .offset = offsetof(struct s, array),                   \
	.size = sizeof(MEMBER_OF(s, array)[0]), .count = OFFSET_OF(s, number, unsigned),           \
	.max = sizeof(MEMBER_OF(s, array)) / sizeof(MEMBER_OF(s, array)[0]), .when = IF_COUNT,     \
	.presence = OFFSET_OF(s, number, unsigned)

/* An OCTET STRING that is gathered from slices at `pieces`, and read into the slice `bytes`. */
#define PIECES(s, bytes, pieces, number)                                                           \
	.member = MEMBER_PIECES, .offset = OFFSET_OF(s, bytes, struct slice),                      \
	.presence = OFFSET_OF(s, pieces, const struct slice *),                                    \
	.count = OFFSET_OF(s, number, size_t)

/* Besides one of the above. */
#define WHOLE(s, bytes) .keep = KEPT, .whole = OFFSET_OF(s, bytes, struct slice)
#define MARKED_WHOLE(s, bytes) .keep = MARKED, .whole = OFFSET_OF(s, bytes, struct slice)
#define WRITTEN_AS(s, bytes) .keep = AS_IT_IS, .whole = OFFSET_OF(s, bytes, struct slice)

/* A field of one value, and a field that has no place in what the codec is for. */
#define FIXED(number, status) .fixed = FIXED_VALUE, .value = (number), .otherwise = (status)
#define MSG_TYPE .fixed = FIXED_NUMBER, .otherwise = KRB_AP_ERR_MSG_TYPE
#define NOT_TAKEN .when = REFUSED

/* ---- types ---- */

struct schema_node;

/*
 * A type of the definitions in a C struct: a SEQUENCE, with a row for each field;
 * a SEQUENCE OF, with one row, whose field is ""; or another name or tag for
 * such a type in the same struct, without rows. A SEQUENCE that stands within a
 * definition has the name of that.
 */
struct der_record {
	const char *type;
	size_t size; /* of the struct */
	const struct der_row *rows;
	size_t limit; /* how many octets are read at most; 0: DER_MAX_TOKEN */
	/* How it is read and written, while the schema is open. */
	_Atomic(const struct schema_node *) node;
};
#define RECORD(name, s) .type = (name), .size = sizeof(struct s)

/* Records of types that are defined in one .asn file. */
struct der_table {
	const asn1_static_node *definitions;
	struct der_record *const *records; /* ends with NULL */
};

/* All of them; ends with a row without definitions. */
extern const struct der_table der_tables[];

#endif
