/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/logon_info.h"

#include <stdlib.h>

#include "pac/utf16.h"

/* UserFlags. */
#define LOGON_EXTRA_SIDS 0x20
#define LOGON_RESOURCE_GROUPS 0x200

/* GROUP_MEMBERSHIP's and KERB_SID_AND_ATTRIBUTES' Attributes. */
#define SE_GROUP_ENABLED 0x4
#define SE_GROUP_USE_FOR_DENY_ONLY 0x10

#define MEMBERSHIP_SIZE 8 /* RelativeId or a pointer, and Attributes */

/* RPC_UNICODE_STRING. */
struct string {
	uint16_t length; /* octets */
	bool present;
};

/* An array, of which the pointer and the count stand apart. */
struct array {
	uint32_t count;
	bool present;
};

/* The part of fixed size; what its pointers point to comes behind it, in the same order. */
struct head {
	struct string account;
	struct string unused[5]; /* FullName to HomeDirectoryDrive */
	uint32_t user_id;
	uint32_t primary_group_id;
	struct array groups;
	uint32_t user_flags;
	struct string server; /* LogonServer */
	struct string domain;
	bool has_domain_sid;
	struct array extra_sids;
	bool has_resource_domain;
	struct array resource_groups;
};

/* What is behind it. */
struct tail {
	struct slice groups;
	struct sid domain;
	struct slice extra_sids; /* pointers and attributes */
	struct ndr extra;        /* from the first of the SIDs on */
	struct sid resource_domain;
	struct slice resource_groups;
};

/* The headers of the serialization; gives the object. */
static struct ndr open_object(struct slice octets)
{
	struct ndr ndr = ndr_of(octets);
	ndr_expect(&ndr, ndr_u8(&ndr) == 1 && ndr_u8(&ndr) == 0x10 && ndr_u16(&ndr) == 8,
		"it is no little-endian type serialization of version 1");
	(void)ndr_u32(&ndr); /* filler */
	uint32_t length = ndr_u32(&ndr);
	(void)ndr_u32(&ndr); /* filler */
	struct ndr object = ndr_of(ndr_bytes(&ndr, length));
	object.reader.failed = ndr.reader.failed;
	object.fault = ndr.fault;
	ndr_expect(&object, ndr_pointer(&object), "it is a null pointer");
	return object;
}

static struct string read_string_head(struct ndr *ndr)
{
	struct string string = {.length = ndr_u16(ndr)};
	uint16_t most = ndr_u16(ndr);
	string.present = ndr_pointer(ndr);
	ndr_expect(ndr, string.length <= most, "a string is longer than its MaximumLength");
	ndr_expect(ndr, string.present || string.length == 0, "a string has a length, but no text");
	return string;
}

static struct array read_array_head(struct ndr *ndr)
{
	struct array array = {.count = ndr_u32(ndr)};
	array.present = ndr_pointer(ndr);
	ndr_expect(ndr, array.present || array.count == 0, "a list has a count, but no elements");
	return array;
}

static void read_head(struct ndr *ndr, struct head *out)
{
	for (unsigned i = 0; i < 6; i++)
		(void)ndr_u64(ndr); /* LogonTime to PasswordMustChange */
	out->account = read_string_head(ndr);
	for (unsigned i = 0; i < sizeof out->unused / sizeof *out->unused; i++)
		out->unused[i] = read_string_head(ndr);
	(void)ndr_u32(ndr); /* LogonCount and BadPasswordCount */
	out->user_id = ndr_u32(ndr);
	out->primary_group_id = ndr_u32(ndr);
	out->groups = read_array_head(ndr);
	out->user_flags = ndr_u32(ndr);
	(void)ndr_bytes(ndr, 16); /* UserSessionKey */
	out->server = read_string_head(ndr);
	out->domain = read_string_head(ndr);
	out->has_domain_sid = ndr_pointer(ndr);
	(void)ndr_bytes(ndr, 40); /* Reserved1 to Reserved3 */
	out->extra_sids = read_array_head(ndr);
	out->has_resource_domain = ndr_pointer(ndr);
	out->resource_groups = read_array_head(ndr);
}

/* A conformant and varying array of characters. */
static struct slice read_string(struct ndr *ndr, struct string head)
{
	if (!head.present)
		return SLICE_EMPTY;
	uint32_t most = ndr_u32(ndr);
	uint32_t offset = ndr_u32(ndr);
	uint32_t count = ndr_u32(ndr);
	ndr_expect(ndr, offset == 0 && count <= most && head.length == count * UINT64_C(2),
		"a string has not the length that it is said to have");
	return ndr_bytes(ndr, head.length);
}

static struct slice read_memberships(struct ndr *ndr, struct array head)
{
	if (!head.present)
		return SLICE_EMPTY;
	ndr_expect(ndr, ndr_u32(ndr) == head.count, "a list has not as many elements as it says");
	return ndr_array(ndr, head.count, MEMBERSHIP_SIZE);
}

static void read_sid(struct ndr *ndr, bool present, struct sid *out)
{
	*out = (struct sid){0};
	if (!present)
		return;
	uint32_t count = ndr_u32(ndr);
	sid_read(ndr, out);
	ndr_expect(ndr, out->count == count, "a SID has not as many sub-authorities as it says");
}

/* Gives the first one, which is the account's own if it has no UserId. */
static struct sid read_extra_sids(struct ndr *ndr, const struct array *head, struct tail *tail)
{
	struct sid first = {0};
	tail->extra_sids = read_memberships(ndr, *head);
	tail->extra = *ndr;
	struct ndr pointers = ndr_of(tail->extra_sids);
	for (uint32_t i = 0; i < head->count && !ndr->reader.failed; i++) {
		struct sid sid;
		ndr_expect(ndr, ndr_pointer(&pointers), "a SID of ExtraSids is missing");
		(void)ndr_u32(&pointers); /* attributes */
		read_sid(ndr, true, &sid);
		if (i == 0)
			first = sid;
	}
	return first;
}

/* In the order of the pointers. */
static enum status read_tail(struct ndr *ndr, const struct head *head, struct tail *tail,
	struct logon_info *out, struct error *err)
{
	struct slice account = read_string(ndr, head->account);
	for (unsigned i = 0; i < sizeof head->unused / sizeof *head->unused; i++)
		(void)read_string(ndr, head->unused[i]);
	tail->groups = read_memberships(ndr, head->groups);
	(void)read_string(ndr, head->server);
	struct slice domain = read_string(ndr, head->domain);
	read_sid(ndr, head->has_domain_sid, &tail->domain);
	out->user = read_extra_sids(ndr, &head->extra_sids, tail);
	read_sid(ndr, head->has_resource_domain, &tail->resource_domain);
	tail->resource_groups = read_memberships(ndr, head->resource_groups);
	/* Padding to a multiple of 8. */
	ndr_expect(ndr, ndr->reader.rest.len < 8, "it goes on behind what belongs to it");
	if (ndr_check(ndr, err) || utf16_to_utf8(account, &out->account, err))
		return err->status;
	return utf16_to_utf8(domain, &out->domain, err);
}

static bool grants(uint32_t attributes)
{
	return (attributes & (SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY)) == SE_GROUP_ENABLED;
}

/* There is room: allocate_groups(). */
static void add_group(struct logon_info *out, const struct sid *group)
{
	out->group[out->group_count++] = *group;
}

static void add_rid(struct logon_info *out, const struct sid *domain, uint32_t rid)
{
	struct sid group;
	if (sid_of_rid(domain, rid, &group))
		add_group(out, &group);
}

/* Gives whether `primary` is one of them. */
static bool add_memberships(
	struct logon_info *out, struct slice list, const struct sid *domain, uint32_t primary)
{
	bool has_primary = false;
	struct ndr ndr = ndr_of(list);
	while (ndr.reader.rest.len > 0) {
		uint32_t rid = ndr_u32(&ndr);
		if (grants(ndr_u32(&ndr)))
			add_rid(out, domain, rid);
		has_primary = has_primary || rid == primary;
	}
	return has_primary;
}

static void add_extra_sids(struct logon_info *out, const struct tail *tail, bool first_is_user)
{
	struct ndr list = ndr_of(tail->extra_sids);
	struct ndr sids = tail->extra;
	for (bool first = true; list.reader.rest.len > 0; first = false) {
		struct sid sid;
		(void)ndr_u32(&list); /* the pointer */
		read_sid(&sids, true, &sid);
		if (grants(ndr_u32(&list)) && !(first && first_is_user))
			add_group(out, &sid);
	}
}

static enum status allocate_groups(
	const struct tail *tail, struct logon_info *out, struct error *err)
{
	size_t count = (tail->groups.len + tail->extra_sids.len + tail->resource_groups.len) /
			       MEMBERSHIP_SIZE +
		       1;
	out->group = calloc(count, sizeof *out->group);
	return out->group ? STATUS_OK : error_no_memory(err);
}

/* An account of another domain has no UserId, and its SID is the first of ExtraSids. */
static enum status take(
	const struct head *head, const struct tail *tail, struct logon_info *out, struct error *err)
{
	if (allocate_groups(tail, out, err))
		return err->status;
	bool has_extra = head->user_flags & LOGON_EXTRA_SIDS && head->extra_sids.count > 0;
	bool has_domain = tail->domain.count > 0;
	if (head->user_id != 0)
		out->has_user = has_domain && sid_of_rid(&tail->domain, head->user_id, &out->user);
	else
		out->has_user = has_extra;
	if (has_domain &&
		!add_memberships(out, tail->groups, &tail->domain, head->primary_group_id) &&
		head->primary_group_id != 0)
		add_rid(out, &tail->domain, head->primary_group_id);
	if (has_extra)
		add_extra_sids(out, tail, head->user_id == 0);
	if (head->user_flags & LOGON_RESOURCE_GROUPS && tail->resource_domain.count > 0)
		(void)add_memberships(out, tail->resource_groups, &tail->resource_domain, 0);
	return STATUS_OK;
}

static enum status read_object(struct slice octets, struct logon_info *out, struct error *err)
{
	struct head head = {0};
	struct tail tail = {0};
	struct ndr ndr = open_object(octets);
	read_head(&ndr, &head);
	if (ndr_check(&ndr, err) || read_tail(&ndr, &head, &tail, out, err))
		return err->status;
	return take(&head, &tail, out, err);
}

enum status logon_info_read(struct slice octets, struct logon_info *out, struct error *err)
{
	enum status status = read_object(octets, out, err);
	if (status)
		logon_info_clear(out);
	return status;
}

void logon_info_clear(struct logon_info *info)
{
	buffer_free(&info->account);
	buffer_free(&info->domain);
	free(info->group);
	*info = (struct logon_info){0};
}
