/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * logon_info.h - KERB_VALIDATION_INFO (MS-PAC section 2.5): who an account is,
 * and which groups it is in.
 */
#ifndef PAC_LOGON_INFO_H
#define PAC_LOGON_INFO_H

#include "pac/sid.h"

struct logon_info {
	struct buffer account; /* EffectiveName, which is the sAMAccountName */
	struct buffer domain;  /* LogonDomainName, the domain's NetBIOS name */
	bool has_user;
	struct sid user;
	/*
	 * The primary group, GroupIds, and, if UserFlags say that they are there,
	 * ExtraSids and ResourceGroupIds; those that are not enabled, or are only
	 * for denying access, are left out.
	 */
	unsigned group_count;
	struct sid *group;
};

/* All zero is an empty one. Frees what it owns, and leaves an empty one. */
void logon_info_clear(struct logon_info *info);

/*
 * Reads the buffer, which is a type serialization of version 1 (MS-RPCE section
 * 2.2.6). `out` is empty, and left empty on failure: ERR_SYNTAX for anything
 * that is not exactly as its counts say, ERR_NO_MEMORY.
 */
MUST_CHECK enum status logon_info_read(
	struct slice octets, struct logon_info *out, struct error *err);

#endif
