/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_identity.c - any octets as a client's name and as an authorization
 * identity: what is taken for UTF-8 is its shortest form, and a name that is
 * accepted is that of no other client.
 *
 * The first octet is how many components there are; each begins with its length.
 * What is left is the realm.
 */
#include <string.h>

#include "base/utf8.h"
#include "sasl/identity.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 3629, section 3. */
static size_t encode(uint32_t c, unsigned char out[4])
{
	static const struct {
		uint32_t end;
		unsigned char mark;
	} forms[] = {{0x80, 0}, {0x800, 0xc0}, {0x10000, 0xe0}, {0x110000, 0xf0}};
	size_t following = 0;
	while (following < 3 && c >= forms[following].end)
		following++;
	out[0] = (unsigned char)(forms[following].mark | c >> (6 * following));
	for (size_t i = 1; i <= following; i++)
		out[i] = (unsigned char)(0x80 | ((c >> (6 * (following - i))) & 0x3f));
	return following + 1;
}

/* Is all of it UTF-8? */
static bool check_characters(struct slice text)
{
	for (struct slice rest = text; rest.len > 0;) {
		const struct slice before = rest;
		unsigned char again[4];
		uint32_t c;
		if (!utf8_next(&rest, &c)) {
			must(rest.data == before.data && rest.len == before.len);
			return false;
		}
		must(c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
		size_t len = encode(c, again);
		must(len == before.len - rest.len && memcmp(again, before.data, len) == 0);
	}
	return true;
}

static void check_authzid(struct slice authzid)
{
	struct error err = {0};
	bool is_utf8 = check_characters(authzid);
	if (identity_check_authzid(authzid, &err) == STATUS_OK) {
		must(is_utf8 && authzid.len <= IDENTITY_MAX_LENGTH);
		for (size_t i = 0; i < authzid.len; i++)
			must(authzid.data[i] >= 0x20 && authzid.data[i] != 0x7f);
	} else {
		must(err.status == ERR_SYNTAX && err.text[0]);
	}
}

/* Takes what is before the separator off `text`, and the separator. */
static struct slice take_to(char separator, struct slice *text)
{
	const unsigned char *end = memchr(text->data, separator, text->len);
	size_t len = end ? (size_t)(end - text->data) : text->len;
	struct slice part = slice_of(text->data, len);
	len += end ? 1 : 0;
	*text = slice_of(text->data + len, text->len - len);
	return part;
}

/* The identity, taken apart, is the client's name. */
static void check_name(const struct principal *client, const char *default_realm, struct slice name)
{
	struct slice realm = name, part;
	struct slice components = take_to('@', &realm);
	bool is_local = slice_equal(client->realm, slice_string(default_realm));
	must(is_local ? components.len == name.len : slice_equal(realm, client->realm));
	must(memchr(realm.len > 0 ? realm.data : name.data, '@', realm.len) == NULL);
	for (unsigned i = 0; i < client->count; i++) {
		part = take_to('/', &components);
		must(slice_equal(part, client->component[i]));
	}
	must(components.len == 0);
}

static void check_client(struct reader *r)
{
	AUTO_BUFFER name = {0};
	struct error err = {0};
	struct principal client = {.count = read_u8(r) % (PRINCIPAL_MAX_COMPONENTS + 1)};
	for (unsigned i = 0; i < client.count; i++) {
		size_t len = read_u8(r);
		client.component[i] = read_bytes(r, len < r->rest.len ? len : r->rest.len);
	}
	client.realm = r->rest;
	if (identity_of(&client, "EXAMPLE.TEST", &name, &err) == STATUS_OK) {
		must(name.len <= IDENTITY_MAX_LENGTH && name.data[name.len] == '\0');
		must(check_characters(buffer_slice(&name)));
		check_name(&client, "EXAMPLE.TEST", buffer_slice(&name));
	} else {
		must(err.status == ERR_SYNTAX && err.text[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_of(slice_of(data, size));
	check_authzid(slice_of(data, size));
	check_client(&r);
	return 0;
}
