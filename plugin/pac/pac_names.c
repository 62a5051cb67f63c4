/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/pac_names.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "pac/utf16.h"

/* ---- PAC_CLIENT_INFO ---- */

/* FILETIME: 100 ns since 1601. */
#define FILETIME_SECOND 10000000
#define FILETIME_1970 INT64_C(11644473600)

enum status client_name(
	const struct principal *client, bool with_realm, struct buffer *out, struct error *err)
{
	for (unsigned i = 0; i < client->count; i++)
		if ((i > 0 && buffer_append(out, SLICE_LITERAL("/"))) ||
			buffer_append(out, client->component[i]))
			return error_no_memory(err);
	if (with_realm &&
		(buffer_append(out, SLICE_LITERAL("@")) || buffer_append(out, client->realm)))
		return error_no_memory(err);
	return STATUS_OK;
}

static enum status check_name(struct slice name, const struct principal *client, struct error *err)
{
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER full = {0};
	if (client_name(client, false, &plain, err) || client_name(client, true, &full, err))
		return err->status;
	if (slice_equal(name, buffer_slice(&plain)) || slice_equal(name, buffer_slice(&full)))
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_BADMATCH, "it is of \"%s\", the ticket is of %s",
		TEXT(name), PRINCIPAL_TEXT(client));
}

static enum status check_time(uint64_t time, int64_t authtime, struct error *err)
{
	int64_t seconds = (int64_t)(time / FILETIME_SECOND) - FILETIME_1970;
	if (seconds == authtime || (time == 0 && authtime == 0))
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_BADMATCH,
		"it is of a login at %s, the ticket of one at %s", TIME_TEXT(seconds),
		TIME_TEXT(authtime));
}

enum status client_info_check(
	struct slice octets, const struct principal *client, int64_t authtime, struct error *err)
{
	AUTO_BUFFER name = {0};
	struct ndr ndr = ndr_of(octets);
	uint64_t time = ndr_u64(&ndr);
	struct slice text = ndr_bytes(&ndr, ndr_u16(&ndr));
	if (ndr_check(&ndr, err) || utf16_to_utf8(text, &name, err) ||
		check_name(buffer_slice(&name), client, err))
		return err->status;
	return check_time(time, authtime, err);
}

/* ---- UPN_DNS_INFO ---- */

#define HAS_ACCOUNT_AND_SID 0x2 /* flag S */
#define HEADER_SIZE 12
#define EXTENDED_HEADER_SIZE 20

struct place {
	uint16_t length;
	uint16_t offset;
};

static struct place read_place(struct ndr *ndr)
{
	uint16_t length = ndr_u16(ndr);
	return (struct place){length, ndr_u16(ndr)};
}

/* The octets there; none where the length is 0, whatever the offset is. */
static struct slice take(struct slice octets, struct place place, size_t header, struct ndr *ndr)
{
	if (place.length == 0)
		return SLICE_EMPTY;
	bool inside = place.offset >= header && place.offset <= octets.len &&
		      place.length <= octets.len - place.offset;
	ndr_expect(ndr, inside, "a name or SID is not inside of it");
	return inside ? slice_of(octets.data + place.offset, place.length) : SLICE_EMPTY;
}

static enum status read_sid(struct slice octets, struct upn_dns_info *out, struct error *err)
{
	if (octets.len == 0)
		return STATUS_OK;
	struct ndr ndr = ndr_of(octets);
	sid_read(&ndr, &out->sid);
	ndr_expect(&ndr, ndr.reader.rest.len == 0, "octets follow its SID");
	out->has_sid = true;
	return ndr_check(&ndr, err);
}

static enum status read_upn_dns_info(
	struct slice octets, struct upn_dns_info *out, struct error *err)
{
	struct ndr ndr = ndr_of(octets);
	struct place upn = read_place(&ndr);
	struct place dns_domain = read_place(&ndr);
	bool extended = ndr_u32(&ndr) & HAS_ACCOUNT_AND_SID;
	struct place account = extended ? read_place(&ndr) : (struct place){0};
	struct place sid = extended ? read_place(&ndr) : (struct place){0};
	size_t header = extended ? EXTENDED_HEADER_SIZE : HEADER_SIZE;

	struct slice upn_text = take(octets, upn, header, &ndr);
	struct slice dns_text = take(octets, dns_domain, header, &ndr);
	struct slice account_text = take(octets, account, header, &ndr);
	struct slice sid_octets = take(octets, sid, header, &ndr);
	if (ndr_check(&ndr, err) || utf16_to_utf8(upn_text, &out->upn, err) ||
		utf16_to_utf8(dns_text, &out->dns_domain, err) ||
		utf16_to_utf8(account_text, &out->account, err))
		return err->status;
	return read_sid(sid_octets, out, err);
}

enum status upn_dns_info_read(struct slice octets, struct upn_dns_info *out, struct error *err)
{
	enum status status = read_upn_dns_info(octets, out, err);
	if (status)
		upn_dns_info_clear(out);
	return status;
}

void upn_dns_info_clear(struct upn_dns_info *info)
{
	buffer_free(&info->upn);
	buffer_free(&info->dns_domain);
	buffer_free(&info->account);
	*info = (struct upn_dns_info){0};
}
