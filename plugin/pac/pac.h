/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pac.h - Microsoft's Privilege Attribute Certificate (MS-PAC), which KDCs of
 * Active Directory, Samba, FreeIPA and MIT krb5 (from 1.20 on) put into
 * tickets: verified first, then read.
 *
 * The service's own key signs a PAC, so a service verifies that signature. The
 * other three (of the KDC's key) only a KDC can verify.
 */
#ifndef PAC_PAC_H
#define PAC_PAC_H

#include "base/principal.h"
#include "crypto/key.h"
#include "pac/sid.h"

/* What is made of it; the words of OPTION_PAC (sasl/options.h) are in this order. */
enum pac_policy {
	PAC_CHECK,    /* one that does not verify counts as absent */
	PAC_REQUIRED, /* one that verifies has to be there */
	PAC_IGNORE,   /* nothing is looked at */
};

/* What a service demands. All zero: PAC_CHECK, and no group. */
struct pac_demands {
	enum pac_policy policy;
	unsigned group_count;
	const struct sid *group; /* the account has to be in one of them, if there are any */
};

/* The ticket that a PAC came in. */
struct pac_ticket {
	const struct principal *client;
	int64_t authtime;
	struct key *key; /* by which the ticket was decrypted */
};

struct pac {
	/*
	 * Why nothing of it is believed, as a sentence with "it" for the PAC; empty
	 * if its server signature was verified. If it is not empty, all that
	 * follows is.
	 */
	char fault[1024];
	/* Of the signatures that only a KDC can verify, those that KDCs with older software leave
	 * out. */
	bool has_ticket_signature;
	bool has_full_signature;
	struct buffer account;    /* sAMAccountName; empty if it does not say */
	struct buffer domain;     /* the NetBIOS name; likewise */
	struct buffer dns_domain; /* likewise */
	struct buffer upn;        /* likewise */
	bool has_sid;
	struct sid sid; /* the account's */
	unsigned group_count;
	struct sid *group; /* those that may grant something */
};

void pac_free(struct pac *pac); /* NULL is allowed */

/*
 * Reads a PAC. Its server signature is verified before anything of it is read
 * but where its buffers are (signature.h); one that does not verify, or has no
 * PAC_CLIENT_INFO, has a `fault`. *out is NULL on failure:
 *
 * ERR_SYNTAX           the container (pac_buffers.h), or a buffer of a PAC that was verified
 * KRB_AP_ERR_BADMATCH  it was verified, and PAC_CLIENT_INFO is another ticket's
 * ERR_NO_MEMORY, ERR_CRYPTO
 */
MUST_CHECK enum status pac_read(
	struct slice octets, const struct pac_ticket *ticket, struct pac **out, struct error *err);

/*
 * Is the client's name the account's? In a domain, who may create machine
 * accounts may create one named `root$`, and Active Directory gives a ticket
 * for the name `root` to it too. KDC_ERR_POLICY if the PAC has both
 * sAMAccountName and the DNS name of its domain, the client's realm is that
 * domain, and the client's name is neither the sAMAccountName nor the UPN. All
 * compare without case (of ASCII letters). A UPN fits as a whole, or by what
 * is before its last '@' if what follows is the client's realm; the UPN of an
 * account that ends in '$' counts only if it has a '/'.
 */
MUST_CHECK enum status pac_check_client(
	const struct pac *pac, const struct principal *client, struct error *err);

/*
 * All of it: reads the PAC (`octets.data` is NULL: the ticket has none), compares
 * the client, and looks at what is demanded. *out is NULL if there is no PAC, it is
 * ignored, or on failure: errors of both, and KDC_ERR_POLICY if it is
 * required, or the account is in none of the groups.
 */
MUST_CHECK enum status pac_judge(const struct pac_demands *demands, struct slice octets,
	const struct pac_ticket *ticket, struct pac **out, struct error *err);

/* False too for NULL and for a PAC with a fault, which has no groups. */
bool pac_has_group(const struct pac *pac, const struct sid *group);

/* The DNS name of the account's domain; of KDCs that do not say it, its NetBIOS name. May be empty.
 */
struct slice pac_domain(const struct pac *pac);

#endif
