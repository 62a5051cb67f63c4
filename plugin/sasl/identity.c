/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/identity.h"

#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

#define TOO_LONG "more octets than an identity may have"

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

#define CONTROL "a control character"
#define DIRECTION "a character that changes the direction of text"
#define UNSEEN "a character that cannot be seen"

/*
 * Characters with which a name could pass for another. U+200C and U+200D are
 * none of them: Persian and Indic names have them.
 */
static const struct {
	uint32_t first, last;
	const char *fault;
} dangerous[] = {
	{0, 0, "a NUL octet"}, {0x01, 0x1f, CONTROL}, {0x7f, 0x9f, CONTROL},
	{0x200b, 0x200b, UNSEEN}, /* zero width space */
	{0x200e, 0x200f, DIRECTION}, {0x202a, 0x202e, DIRECTION}, {0x2066, 0x2069, DIRECTION},
	{0xfeff, 0xfeff, UNSEEN}, /* zero width no-break space */
};

static const char *fault_of_character(uint32_t character, const char *separators)
{
	for (size_t i = 0; i < sizeof dangerous / sizeof *dangerous; i++)
		if (character >= dangerous[i].first && character <= dangerous[i].last)
			return dangerous[i].fault;
	if (character < 0x80 && strchr(separators, (int)character))
		return "a character that separates names ('@', '/' or '\\')";
	return NULL;
}

/* What is wrong with one part of a name, or NULL. */
static const char *fault_of(struct slice part, const char *separators)
{
	for (struct slice rest = part; rest.len > 0;) {
		uint32_t character;
		if (!utf8_next(&rest, &character))
			return "octets that are not UTF-8";
		const char *fault = fault_of_character(character, separators);
		if (fault)
			return fault;
	}
	if (part.len > 0 && (is_blank(part.data[0]) || is_blank(part.data[part.len - 1])))
		return "a blank at its beginning or end";
	return NULL;
}

/* Together, with what joins them. */
static size_t length_of(const struct principal *client)
{
	size_t length = client->realm.len + 1;
	for (unsigned i = 0; i < client->count; i++)
		length += client->component[i].len + 1;
	return length;
}

static const char *fault_of_name(const struct principal *client)
{
	if (client->count == 0 || (client->count == 1 && client->component[0].len == 0))
		return "no name";
	if (client->realm.len == 0)
		return "no realm";
	if (length_of(client) > IDENTITY_MAX_LENGTH)
		return TOO_LONG;
	for (unsigned i = 0; i < client->count; i++) {
		const char *fault = fault_of(client->component[i], "@/\\");
		if (fault)
			return fault;
	}
	return fault_of(client->realm, "@\\");
}

static enum status join(const struct principal *client, bool with_realm, struct buffer *out)
{
	for (unsigned i = 0; i < client->count; i++) {
		if (i > 0 && buffer_append(out, SLICE_LITERAL("/")))
			return ERR_NO_MEMORY;
		if (buffer_append(out, client->component[i]))
			return ERR_NO_MEMORY;
	}
	if (with_realm &&
		(buffer_append(out, SLICE_LITERAL("@")) || buffer_append(out, client->realm)))
		return ERR_NO_MEMORY;
	if (buffer_append(out, SLICE_LITERAL("\0")))
		return ERR_NO_MEMORY;
	out->len--;
	return STATUS_OK;
}

enum status identity_of(const struct principal *client, const char *default_realm,
	struct buffer *out, struct error *err)
{
	char name[100]; /* so that the reason is not cut from what the peer reads */
	const char *fault = fault_of_name(client);
	if (fault)
		return error_set_shown(err, ERR_SYNTAX,
			"the client's name \"%s\" has %s and is refused, since it could pass for "
			"another",
			principal_text(client, name, sizeof name), fault);
	bool local = default_realm && slice_equal(client->realm, slice_string(default_realm));
	return join(client, !local, out) ? error_no_memory(err) : STATUS_OK;
}

static const char *fault_of_text(struct slice name)
{
	return name.len > IDENTITY_MAX_LENGTH ? TOO_LONG : fault_of(name, "");
}

enum status identity_check_local(
	const struct principal *client, struct slice local, struct error *err)
{
	const char *fault = local.len == 0 ? "no octets" : fault_of_text(local);
	if (!fault)
		return STATUS_OK;
	(void)error_set(err, ERR_SYNTAX,
		"the local name \"%s\" that a rule makes of %s has %s and is refused", TEXT(local),
		PRINCIPAL_TEXT(client), fault);
	return error_show(
		err, "%s has no name on this server that can be used", PRINCIPAL_TEXT(client));
}

enum status identity_check_authzid(struct slice authzid, struct error *err)
{
	const char *fault = fault_of_text(authzid);
	if (!fault)
		return STATUS_OK;
	return error_set_shown(err, ERR_SYNTAX,
		"the authorization identity \"%s\" has %s and is refused", TEXT(authzid), fault);
}

static int refused(const char *what, struct slice name, int result, struct error *err)
{
	(void)error_set_shown(err, KRB_ERR_GENERIC, "the %s identity \"%s\" was refused: %s", what,
		TEXT(name), sasl_errstring(result, NULL, NULL));
	return result;
}

/* libsasl2 looks for '@' with strchr(), and so beyond the length: a NUL has to follow. */
static int canonicalize(const struct identity_request *request, struct slice name, unsigned flags,
	sasl_out_params_t *oparams)
{
	AUTO_BUFFER text = {0};
	if (buffer_append(&text, name) || buffer_append(&text, SLICE_LITERAL("\0")))
		return SASL_NOMEM;
	return request->canon_user(request->utils->conn, (const char *)text.data,
		(unsigned)name.len, flags | SASL_CU_EXTERNALLY_VERIFIED, oparams);
}

int identity_canonicalize(
	const struct identity_request *request, sasl_out_params_t *oparams, struct error *err)
{
	unsigned both = request->authzid.len == 0 ? SASL_CU_AUTHZID : 0;
	int result = canonicalize(request, request->authid, SASL_CU_AUTHID | both, oparams);
	if (result != SASL_OK)
		return refused("authentication", request->authid, result, err);
	if (both)
		return SASL_OK;
	result = canonicalize(request, request->authzid, SASL_CU_AUTHZID, oparams);
	return result == SASL_OK ? SASL_OK
				 : refused("authorization", request->authzid, result, err);
}
