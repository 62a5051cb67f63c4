/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/pac.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pac/logon_info.h"
#include "pac/pac_buffers.h"
#include "pac/pac_names.h"
#include "pac/signature.h"

void pac_free(struct pac *pac)
{
	if (!pac)
		return;
	buffer_free(&pac->account);
	buffer_free(&pac->domain);
	buffer_free(&pac->dns_domain);
	buffer_free(&pac->upn);
	free(pac->group);
	free(pac);
}

/* Gives what `from` owns to `to`, and leaves it empty. */
static void move(struct buffer *to, struct buffer *from)
{
	buffer_free(to);
	*to = *from;
	*from = (struct buffer){0};
}

static enum status take_logon_info(
	const struct pac_buffers *buffers, struct pac *pac, struct error *err)
{
	const struct pac_buffer *buffer = pac_buffers_find(buffers, PAC_LOGON_INFO);
	struct logon_info info = {0};
	if (!buffer)
		return STATUS_OK;
	if (logon_info_read(buffer->data, &info, err))
		return error_prefix(err, "KERB_VALIDATION_INFO");
	move(&pac->account, &info.account);
	move(&pac->domain, &info.domain);
	pac->has_sid = info.has_user;
	pac->sid = info.user;
	pac->group = info.group;
	pac->group_count = info.group_count;
	return STATUS_OK;
}

/* Has the last word on the account. */
static enum status take_upn_dns_info(
	const struct pac_buffers *buffers, struct pac *pac, struct error *err)
{
	const struct pac_buffer *buffer = pac_buffers_find(buffers, PAC_UPN_DNS_INFO);
	struct upn_dns_info info = {0};
	if (!buffer)
		return STATUS_OK;
	if (upn_dns_info_read(buffer->data, &info, err))
		return error_prefix(err, "UPN_DNS_INFO");
	move(&pac->upn, &info.upn);
	move(&pac->dns_domain, &info.dns_domain);
	if (info.account.len > 0)
		move(&pac->account, &info.account);
	if (info.has_sid) {
		pac->has_sid = true;
		pac->sid = info.sid;
	}
	upn_dns_info_clear(&info);
	return STATUS_OK;
}

/* Is it the faults of the PAC, for which nothing of it is believed? */
static bool is_unverified(enum status status)
{
	return status == KRB_AP_ERR_MODIFIED || status == KRB_AP_ERR_INAPP_CKSUM;
}

static enum status verify(
	const struct pac_buffers *buffers, struct key *key, struct pac *pac, struct error *err)
{
	enum status status = pac_signature_verify(buffers, key, err);
	if (!status && !pac_buffers_find(buffers, PAC_CLIENT_INFO))
		status = error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"it has no PAC_CLIENT_INFO, which would say whose it is");
	if (!is_unverified(status))
		return status;
	snprintf(pac->fault, sizeof pac->fault, "%s", err->text);
	return STATUS_OK;
}

static enum status read_pac(
	struct slice octets, const struct pac_ticket *ticket, struct pac *pac, struct error *err)
{
	struct pac_buffers buffers;
	if (pac_buffers_read(octets, &buffers, err) || verify(&buffers, ticket->key, pac, err))
		return err->status;
	if (pac->fault[0])
		return STATUS_OK;
	pac->has_ticket_signature = pac_buffers_find(&buffers, PAC_TICKET_SIGNATURE);
	pac->has_full_signature = pac_buffers_find(&buffers, PAC_FULL_SIGNATURE);
	struct slice client_info = pac_buffers_find(&buffers, PAC_CLIENT_INFO)->data;
	if (client_info_check(client_info, ticket->client, ticket->authtime, err))
		return error_prefix(err, "PAC_CLIENT_INFO");
	if (take_logon_info(&buffers, pac, err))
		return err->status;
	return take_upn_dns_info(&buffers, pac, err);
}

/* A fault of this host is not shown as one of the PAC. */
static enum status refuse_pac(struct error *err)
{
	error_prefix(err, "the ticket's PAC");
	if (err->status == ERR_SYNTAX || err->status == KRB_AP_ERR_BADMATCH)
		error_show(err, "the ticket's PAC is not in order");
	return err->status;
}

enum status pac_read(
	struct slice octets, const struct pac_ticket *ticket, struct pac **out, struct error *err)
{
	*out = NULL;
	struct pac *pac = calloc(1, sizeof *pac);
	if (!pac)
		return error_no_memory(err);
	if (read_pac(octets, ticket, pac, err)) {
		pac_free(pac);
		return refuse_pac(err);
	}
	*out = pac;
	return STATUS_OK;
}

static bool upn_fits(const struct pac *pac, struct slice name, struct slice realm)
{
	struct slice upn = buffer_slice(&pac->upn);
	struct slice account = buffer_slice(&pac->account);
	bool is_machine = account.data[account.len - 1] == '$';
	if (upn.len == 0 || (is_machine && !memchr(upn.data, '/', upn.len)))
		return false;
	const unsigned char *at = memrchr(upn.data, '@', upn.len);
	if (slice_equal_nocase(name, upn) || !at)
		return slice_equal_nocase(name, upn);
	size_t before = (size_t)(at - upn.data);
	return slice_equal_nocase(slice_of(at + 1, upn.len - before - 1), realm) &&
	       slice_equal_nocase(slice_of(upn.data, before), name);
}

enum status pac_check_client(
	const struct pac *pac, const struct principal *client, struct error *err)
{
	struct slice account = buffer_slice(&pac->account);
	if (account.len == 0 || !slice_equal_nocase(client->realm, buffer_slice(&pac->dns_domain)))
		return STATUS_OK;
	AUTO_BUFFER name = {0};
	if (client_name(client, false, &name, err))
		return err->status;
	if (slice_equal_nocase(buffer_slice(&name), account) ||
		upn_fits(pac, buffer_slice(&name), client->realm))
		return STATUS_OK;
	error_set(err, KDC_ERR_POLICY,
		"the ticket names %s, and its PAC is of the account \"%s\" (UPN \"%s\"), which has "
		"not that name: log in with the account's own name",
		PRINCIPAL_TEXT(client), TEXT(account), TEXT(buffer_slice(&pac->upn)));
	return error_show(err, "the ticket's client is not the name of its account");
}

static enum status refuse_absent(const struct pac *pac, struct error *err)
{
	error_set(err, KDC_ERR_POLICY, "a PAC that verifies is required (kerberos5_pac): %s%s",
		pac ? "the ticket's PAC is not believed: " : "",
		pac ? pac->fault
		    : "the ticket has none; have the KDC put one in, or the client ask for it");
	return error_show(err, "a ticket with a PAC that verifies is required");
}

/* For the end of a sentence. */
static const char *why_no_group(const struct pac *pac)
{
	if (!pac)
		return "the ticket has no PAC";
	return pac->fault[0] ? "the ticket's PAC is not believed: " : "its PAC has others";
}

static enum status check_groups(const struct pac_demands *demands, const struct pac *pac,
	const struct principal *client, struct error *err)
{
	for (unsigned i = 0; i < demands->group_count; i++)
		if (pac_has_group(pac, &demands->group[i]))
			return STATUS_OK;
	if (demands->group_count == 0)
		return STATUS_OK;
	error_set(err, KDC_ERR_POLICY,
		"%s is in none of the groups that are required (kerberos5_require_group: %s%s): "
		"%s%s",
		PRINCIPAL_TEXT(client), SID_TEXT(&demands->group[0]),
		demands->group_count > 1 ? ", ..." : "", why_no_group(pac), pac ? pac->fault : "");
	return error_show(err, "only members of certain groups may log in here");
}

static enum status check_demands(const struct pac_demands *demands, const struct pac *pac,
	const struct principal *client, struct error *err)
{
	bool believed = pac && !pac->fault[0];
	if (believed && pac_check_client(pac, client, err))
		return err->status;
	if (!believed && demands->policy == PAC_REQUIRED)
		return refuse_absent(pac, err);
	return check_groups(demands, pac, client, err);
}

enum status pac_judge(const struct pac_demands *demands, struct slice octets,
	const struct pac_ticket *ticket, struct pac **out, struct error *err)
{
	struct pac *pac = NULL;
	*out = NULL;
	if (demands->policy != PAC_IGNORE && octets.data && pac_read(octets, ticket, &pac, err))
		return err->status;
	if (check_demands(demands, pac, ticket->client, err)) {
		pac_free(pac);
		return err->status;
	}
	*out = pac;
	return STATUS_OK;
}

bool pac_has_group(const struct pac *pac, const struct sid *group)
{
	for (unsigned i = 0; pac && i < pac->group_count; i++)
		if (sid_equal(&pac->group[i], group))
			return true;
	return false;
}

struct slice pac_domain(const struct pac *pac)
{
	return buffer_slice(pac->dns_domain.len > 0 ? &pac->dns_domain : &pac->domain);
}
