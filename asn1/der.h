/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der.h - the messages of RFC 4120, plain structs in, DER out, and back.
 *
 * This is the one place that knows libtasn1. What messages look like is
 * defined in kerberos5.asn, which asn1Parser compiles at build time. When the module
 * is loaded, the definitions are put together with where each field lies in its
 * struct (schema.h); by that one reader and one writer work, in one pass.
 *
 * Reading. Every input is hostile. Each der_read_*() refuses with ERR_SYNTAX,
 * and says what is wrong, and in which field or at which octet: more than
 * DER_MAX_TOKEN octets, an indefinite or non-minimal length, a length that
 * differs from its contents, octets left over, more than one element inside a tag,
 * a field that is not defined, twice, out of order or of another type, a missing
 * one that is not OPTIONAL, more than 16 name components, more than 64 elements
 * in a list of authorization data or addresses, integers that are not minimal or
 * out of the range of their type, a KerberosTime with a fraction, bit strings
 * with more than 7 unused bits or with one that is set, flags of fewer than 32
 * bits; of those, the first 32 count. An unsigned sequence number or kvno that a
 * peer encoded as a negative Int32 is taken modulo 2^32 (deployed peers do that).
 * A name may have no component at all (deployed peers send that in a KRB-ERROR).
 * An OPTIONAL field for which the struct has no place is held to its form, and
 * dropped.
 *
 * Slices in the result point into the input, which has to live as long as
 * they are used; one that was there is never NULL, however short. What is absent is
 * zero. An array's elements beyond its count are undefined. A struct that could
 * not be read is all zero.
 *
 * Writing. Each der_write_*() appends one complete message to a buffer, put
 * together back to front. No octet of it is anywhere else.
 *
 * Functions return ERR_SYNTAX, ERR_NO_MEMORY, or what their text says.
 */
#ifndef ASN1_DER_H
#define ASN1_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/principal.h"
#include "base/timestamp.h"

#define DER_MAX_TOKEN 65536
#define DER_MAX_ELEMENTS 64

#define KRB5_PVNO 5

/* Message types, RFC 4120 section 7.5.7. */
enum {
	KRB_AP_REQ = 14,
	KRB_AP_REP = 15,
	KRB_SAFE = 20,
	KRB_PRIV = 21,
	KRB_CRED = 22,
	KRB_ERROR = 30,
};

/* Bits of TicketFlags (section 5.3), as masks of the 32-bit value. */
#define TICKET_FLAG(bit) (UINT32_C(1) << (31 - (bit)))
#define TICKET_FORWARDABLE TICKET_FLAG(1)
#define TICKET_FORWARDED TICKET_FLAG(2)
#define TICKET_PROXIABLE TICKET_FLAG(3)
#define TICKET_PROXY TICKET_FLAG(4)
#define TICKET_MAY_POSTDATE TICKET_FLAG(5)
#define TICKET_POSTDATED TICKET_FLAG(6)
#define TICKET_INVALID TICKET_FLAG(7)
#define TICKET_RENEWABLE TICKET_FLAG(8)
#define TICKET_INITIAL TICKET_FLAG(9)
#define TICKET_PRE_AUTHENT TICKET_FLAG(10)
#define TICKET_HW_AUTHENT TICKET_FLAG(11)
#define TICKET_TRANSITED_POLICY_CHECKED TICKET_FLAG(12)
#define TICKET_OK_AS_DELEGATE TICKET_FLAG(13)
#define TICKET_ANONYMOUS TICKET_FLAG(16) /* RFC 8062 section 3 */

/* APOptions (section 5.5.1), likewise. */
#define AP_OPTION_USE_SESSION_KEY TICKET_FLAG(1)
#define AP_OPTION_MUTUAL_REQUIRED TICKET_FLAG(2)

/* Types of authorization data (sections 5.2.6 and 7.5.4; RFC 4537; MS-KILE). */
enum {
	AD_IF_RELEVANT = 1,
	AD_KDC_ISSUED = 4,
	AD_AND_OR = 5,
	AD_MANDATORY_FOR_KDC = 8,
	AD_WIN2K_PAC = 128,
	AD_ETYPE_NEGOTIATION = 129,
	AD_AP_OPTIONS = 143, /* MS-KILE section 3.2.5.8 */
};

/* HostAddress types, section 7.5.3. */
enum {
	ADDRESS_IPV4 = 2,
	ADDRESS_DIRECTIONAL = 3,
	ADDRESS_IPV6 = 24,
};

struct encrypted_data {
	int32_t etype;
	bool has_kvno;
	uint32_t kvno;
	struct slice cipher;
};

struct encryption_key {
	int32_t type;       /* an encryption type number */
	struct slice value; /* secret; data == NULL: absent */
};

struct checksum {
	int32_t type;
	struct slice value; /* data == NULL: absent */
};

struct authorization_data {
	unsigned count; /* 0: absent, where the field is optional (RFC 4120 section 5.1.3) */
	struct ad_element {
		int32_t type;
		struct slice data;
	} element[DER_MAX_ELEMENTS];
	/* The whole AuthorizationData as it was read, empty where absent; not written. */
	struct slice der;
};

struct host_addresses {
	unsigned count; /* 0: absent */
	struct host_address {
		int32_t type;
		struct slice address;
	} element[DER_MAX_ELEMENTS];
};

struct ticket {
	struct principal server; /* sname and realm */
	struct encrypted_data enc_part;
};

struct enc_ticket_part {
	uint32_t flags;
	struct encryption_key key;
	struct principal client; /* cname and crealm */
	int32_t transited_type;
	struct slice transited;
	int64_t authtime;
	bool has_starttime;
	int64_t starttime;
	int64_t endtime;
	bool has_renew_till;
	int64_t renew_till;
	struct host_addresses addresses;
	struct authorization_data authorization_data;
};

struct ap_req {
	uint32_t options;
	struct ticket ticket;
	struct slice ticket_der; /* the Ticket as it was read; what der_write_ap_req() sends */
	struct encrypted_data authenticator;
};

struct authenticator {
	struct principal client;
	struct checksum checksum;
	struct timestamp time; /* ctime and cusec */
	struct encryption_key subkey;
	bool has_seq_number;
	uint32_t seq_number;
	struct authorization_data authorization_data;
};

struct ap_rep {
	struct encrypted_data enc_part;
};

struct enc_ap_rep_part {
	struct timestamp time;
	struct encryption_key subkey;
	bool has_seq_number;
	uint32_t seq_number;
};

struct krb_error {
	bool has_ctime;
	bool has_cusec;
	struct timestamp ctime;
	struct timestamp stime;
	int32_t error_code;
	struct principal client; /* count == 0: no cname; realm.data == NULL: no crealm */
	struct principal server;
	struct slice text; /* e-text; data == NULL: absent */
	struct slice data; /* e-data; likewise */
};

/* AD-KDCIssued (section 5.2.6.2). */
struct ad_kdc_issued {
	struct checksum checksum;
	struct principal issuer; /* i-sname, i-realm; absent as in krb_error.client */
	struct authorization_data elements;
};

/* AD-AND-OR (section 5.2.6.3). */
struct ad_and_or {
	int32_t condition_count;
	struct authorization_data elements;
};

/* EtypeList: what AD_ETYPE_NEGOTIATION holds, the most preferred first (RFC 4537). */
struct etype_list {
	unsigned count;
	int32_t etype[DER_MAX_ELEMENTS];
};

/*
 * Makes the schema; done by the first reader too, so calling it is never needed but
 * lets a program pay, and know, before its first login. Any number of threads
 * may come at once. ERR_UNSUPPORTED where definitions and structs do not fit (schema.h).
 * der_close() frees it, while no other thread reads or writes; the next reader
 * makes it again.
 */
MUST_CHECK enum status der_open(struct error *err);
void der_close(void);

/*
 * What kind of message this is, by its outermost tag: the n of [APPLICATION n]
 * (KRB_AP_REQ, KRB_AP_REP, KRB_ERROR or another from 0 to 30), -1 for
 * anything else. Looks at the tag only.
 */
int der_message_type(struct slice token);

/* A type in a struct (der_record.h). */
struct der_record;

/*
 * Reads a whole message into the record's struct. KRB_AP_ERR_BADVERSION for
 * another pvno, tkt-vno or authenticator-vno than 5, KRB_AP_ERR_MSG_TYPE for
 * another msg-type or, where a message has one, another [APPLICATION n].
 */
MUST_CHECK enum status der_read(
	struct der_record *record, struct slice der, void *out, struct error *err);

/*
 * Appends the message to `out`, which is wiped when it is released. ERR_SYNTAX
 * where a field cannot be expressed: a year of five digits, microseconds that
 * are a second or negative, more elements or components than a list has room
 * for, an ap_req without ticket_der; `out` is as before then. Flags are written as
 * 32 bits, what is absent not at all.
 */
MUST_CHECK enum status der_write(
	struct der_record *record, const void *in, struct buffer *out, struct error *err);

/*
 * der_read_KIND() and der_write_KIND(), which are der_read() and der_write() for
 * one type in its struct.
 */
#define DER_READER(kind, s)                                                                        \
	extern struct der_record der_##kind;                                                       \
	MUST_CHECK static inline enum status der_read_##kind(                                      \
		struct slice der, struct s *out, struct error *err)                                \
	{                                                                                          \
		return der_read(&der_##kind, der, out, err);                                       \
	}
#define DER_WRITER(kind, s)                                                                        \
	extern struct der_record der_##kind;                                                       \
	MUST_CHECK static inline enum status der_write_##kind(                                     \
		const struct s *in, struct buffer *out, struct error *err)                         \
	{                                                                                          \
		return der_write(&der_##kind, in, out, err);                                       \
	}
#define DER_MESSAGE(kind, s) DER_READER(kind, s) DER_WRITER(kind, s)

/* Messages. */
DER_MESSAGE(ticket, ticket)
DER_MESSAGE(ap_req, ap_req)
DER_MESSAGE(ap_rep, ap_rep)
DER_MESSAGE(krb_error, krb_error)

/* What encrypted parts and elements of authorization data hold: nothing may follow it there. */
DER_MESSAGE(enc_ticket_part, enc_ticket_part)
DER_MESSAGE(authenticator, authenticator)
DER_MESSAGE(enc_ap_rep_part, enc_ap_rep_part)
DER_MESSAGE(authorization_data, authorization_data)
DER_MESSAGE(ad_kdc_issued, ad_kdc_issued)
DER_MESSAGE(ad_and_or, ad_and_or)
DER_MESSAGE(etype_list, etype_list)

/*
 * Appends the tag and length of an element whose content, of `length` octets,
 * follows and is not DER of ours: GSS-API's framing. (element_take() of
 * der_element.h reads one.) ERR_NO_MEMORY.
 */
MUST_CHECK enum status der_write_header(
	unsigned char tag, size_t length, struct buffer *out, struct error *err);

#endif
