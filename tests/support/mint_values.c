/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/mint_values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "tests/support/minting.h"

enum status value_number(
	const char *text, int64_t least, int64_t most, int64_t *out, struct error *err)
{
	char *end;
	errno = 0;
	*out = strtoll(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (errno == 0 && end != text && *end == '\0' && *out >= least && *out <= most)
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX, "\"%s\" is not a number from %" PRId64 " to %" PRId64,
		text, least, most);
}

static int64_t seconds_of_unit(const char *unit)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(units[i].unit, unit) == 0)
			return units[i].seconds;
	return 0;
}

enum status value_time(const char *text, int64_t now, int64_t *out, struct error *err)
{
	*out = now;
	if (strcmp(text, "now") == 0 || kerberos_time_parse(slice_string(text), out))
		return STATUS_OK;
	char *end;
	errno = 0;
	long long count = strtoll(text, &end, 10);
	int64_t unit = seconds_of_unit(end);
	/* A hundred years, which is more than any field of a file can hold. */
	if ((*text != '+' && *text != '-') || end == text || errno || unit == 0 ||
		llabs(count) > INT64_C(3155760000) / unit)
		return error_set(err, ERR_SYNTAX,
			"\"%s\" is not a time: expected now, +SPAN, -SPAN (as in +10h or -90s; "
			"units s, m, h, d) or YYYYMMDDHHMMSSZ",
			text);
	*out = now + count * unit;
	return STATUS_OK;
}

static const struct {
	const char *name;
	uint32_t mask;
} flag_table[] = {
	{"none", 0},
	{"forwardable", TICKET_FORWARDABLE},
	{"forwarded", TICKET_FORWARDED},
	{"proxiable", TICKET_PROXIABLE},
	{"proxy", TICKET_PROXY},
	{"may-postdate", TICKET_MAY_POSTDATE},
	{"postdated", TICKET_POSTDATED},
	{"invalid", TICKET_INVALID},
	{"renewable", TICKET_RENEWABLE},
	{"initial", TICKET_INITIAL},
	{"pre-authent", TICKET_PRE_AUTHENT},
	{"hw-authent", TICKET_HW_AUTHENT},
	{"transited-policy-checked", TICKET_TRANSITED_POLICY_CHECKED},
	{"ok-as-delegate", TICKET_OK_AS_DELEGATE},
};
#define FLAG_COUNT (sizeof flag_table / sizeof *flag_table)

const char *value_flag_names(char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < FLAG_COUNT && used < size; i++)
		used += (size_t)snprintf(
			out + used, size - used, "%s%s", i ? ", " : "", flag_table[i].name);
	return out;
}

static bool flag_mask(struct slice name, uint32_t *mask)
{
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (slice_equal_nocase(name, slice_string(flag_table[i].name))) {
			*mask = flag_table[i].mask;
			return true;
		}
	return false;
}

enum status value_flags(const char *text, uint32_t *out, struct error *err)
{
	*out = 0;
	for (const char *word = text;; word++) {
		char copy[32];
		size_t len = strcspn(word, ",");
		snprintf(copy, sizeof copy, "%.*s", (int)len, word);
		uint32_t mask = 0;
		int64_t number = 0;
		if (!flag_mask(slice_of(word, len), &mask)) {
			if (value_number(copy, 0, UINT32_MAX, &number, &(struct error){0})) {
				char names[400];
				return error_set(err, ERR_SYNTAX,
					"\"%s\" is not a ticket flag: expected a mask (0x...) or "
					"one of %s",
					copy, value_flag_names(names, sizeof names));
			}
			mask = (uint32_t)number;
		}
		*out |= mask;
		word += len;
		if (*word == '\0')
			return STATUS_OK;
	}
}

enum status value_address(
	const char *text, struct host_address *out, struct buffer *storage, struct error *err)
{
	unsigned char octets[16];
	size_t len = 0;
	if (inet_pton(AF_INET, text, octets) == 1) {
		len = 4;
		out->type = ADDRESS_IPV4;
	} else if (inet_pton(AF_INET6, text, octets) == 1) {
		len = 16;
		out->type = ADDRESS_IPV6;
	} else {
		return error_set(err, ERR_SYNTAX, "\"%s\" is not an IPv4 or IPv6 address", text);
	}
	buffer_clear(storage);
	mint_octets(storage, slice_of(octets, len));
	out->address = buffer_slice(storage);
	return STATUS_OK;
}

enum status value_element(
	const char *text, struct ad_element *out, struct buffer *storage, struct error *err)
{
	char type[16];
	int64_t number;
	const char *colon = strchr(text, ':');
	snprintf(type, sizeof type, "%.*s", colon ? (int)(colon - text) : 0, text);
	if (!colon || value_number(type, INT32_MIN, INT32_MAX, &number, &(struct error){0}))
		return error_set(err, ERR_SYNTAX,
			"\"%s\" is not an element: expected TYPE:HEX, as in 128:0a0b", text);
	buffer_clear(storage);
	enum status status = mint_hex(slice_string(colon + 1), storage, err);
	*out = (struct ad_element){(int32_t)number, buffer_slice(storage)};
	return status;
}

enum status value_enctype(const char *text, const struct enctype **out, struct error *err)
{
	int64_t number = enctype_number_by_name(slice_string(text));
	*out = NULL;
	if (number == 0 && value_number(text, INT32_MIN, INT32_MAX, &number, &(struct error){0}))
		return error_set(err, ERR_SYNTAX,
			"\"%s\" is not an encryption type: expected a name, as in "
			"aes256-cts-hmac-sha1-96, or a number",
			text);
	*out = enctype_by_number((int32_t)number, err);
	return *out ? STATUS_OK : err->status;
}
