/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/enctype.h"

#include <stdio.h>

#include "crypto/algorithms.h"
#include "crypto/enctype_row.h"

const struct enctype enctype_table[ENCTYPE_COUNT] = {
	{
		.number = ENCTYPE_AES256_SHA1,
		.checksum_type = 16,
		.name = "aes256-cts-hmac-sha1-96",
		.strength = 256,
		.key_length = 32,
		.mac_key_length = 32,
		.tag_length = 12,
		.derive = derive_by_cipher,
		.iterations = 4096,
		.cts_cipher = "AES-256-CBC-CTS",
		.block_cipher = "AES-256-ECB",
		.mac = "HMAC",
		.mac_parameter = "digest",
		.mac_algorithm = "SHA1",
		.digest = "SHA1",
	},
	{
		.number = ENCTYPE_AES128_SHA1,
		.checksum_type = 15,
		.name = "aes128-cts-hmac-sha1-96",
		.strength = 128,
		.key_length = 16,
		.mac_key_length = 16,
		.tag_length = 12,
		.derive = derive_by_cipher,
		.iterations = 4096,
		.cts_cipher = "AES-128-CBC-CTS",
		.block_cipher = "AES-128-ECB",
		.mac = "HMAC",
		.mac_parameter = "digest",
		.mac_algorithm = "SHA1",
		.digest = "SHA1",
	},
	{
		.number = ENCTYPE_AES256_SHA384,
		.checksum_type = 20,
		.name = "aes256-cts-hmac-sha384-192",
		.strength = 256,
		.key_length = 32,
		.mac_key_length = 24,
		.tag_length = 24,
		.tag_over_cipher = true,
		.derive = derive_hmac_sha2,
		.iterations = 32768,
		.salt_names_type = true,
		.cts_cipher = "AES-256-CBC-CTS",
		.mac = "HMAC",
		.mac_parameter = "digest",
		.mac_algorithm = "SHA384",
		.digest = "SHA384",
	},
	{
		.number = ENCTYPE_AES128_SHA256,
		.checksum_type = 19,
		.name = "aes128-cts-hmac-sha256-128",
		.strength = 128,
		.key_length = 16,
		.mac_key_length = 16,
		.tag_length = 16,
		.tag_over_cipher = true,
		.derive = derive_hmac_sha2,
		.iterations = 32768,
		.salt_names_type = true,
		.cts_cipher = "AES-128-CBC-CTS",
		.mac = "HMAC",
		.mac_parameter = "digest",
		.mac_algorithm = "SHA256",
		.digest = "SHA256",
	},
	{
		.number = ENCTYPE_CAMELLIA128,
		.checksum_type = 17,
		.name = "camellia128-cts-cmac",
		.strength = 128,
		.key_length = 16,
		.mac_key_length = 16,
		.tag_length = 16,
		.derive = derive_feedback_cmac,
		.iterations = 32768,
		.salt_names_type = true,
		.cts_cipher = "CAMELLIA-128-CBC-CTS",
		.mac = "CMAC",
		.mac_parameter = "cipher",
		.mac_algorithm = "CAMELLIA-128-CBC",
		.digest = "SHA1",
	},
	{
		.number = ENCTYPE_CAMELLIA256,
		.checksum_type = 18,
		.name = "camellia256-cts-cmac",
		.strength = 256,
		.key_length = 32,
		.mac_key_length = 32,
		.tag_length = 16,
		.derive = derive_feedback_cmac,
		.iterations = 32768,
		.salt_names_type = true,
		.cts_cipher = "CAMELLIA-256-CBC-CTS",
		.mac = "CMAC",
		.mac_parameter = "cipher",
		.mac_algorithm = "CAMELLIA-256-CBC",
		.digest = "SHA1",
	},
};

static const char why_des[] = "its keys of 56 bits are found by trying them all (RFC 6649)";
static const char why_triple_des[] =
	"its blocks of 64 bits repeat after a few gigabytes (RFC 8429)";
static const char why_rc4[] = "RC4 is broken, and passwords become keys without a salt (RFC 8429)";

/* Recognized so that the sentence can say what it is and why not. */
static const struct weak_row {
	int32_t number;
	const char *name;
	const char *why;
} weak_table[] = {
	{1, "des-cbc-crc", why_des},
	{2, "des-cbc-md4", why_des},
	{3, "des-cbc-md5", why_des},
	{4, "des-cbc-raw", why_des},
	{5, "des3-cbc-md5", why_triple_des},
	{6, "des3-cbc-raw", why_triple_des},
	{7, "old-des3-cbc-sha1", why_triple_des},
	{8, "des-hmac-sha1", why_des},
	{16, "des3-cbc-sha1", why_triple_des},
	{23, "arcfour-hmac", why_rc4},
	{24, "arcfour-hmac-exp", why_rc4},
};

/* krb5.conf(5)'s other names; the first ones are in the two tables above. */
static const struct alias_row {
	const char *name;
	int32_t number;
} alias_table[] = {
	{"aes256-cts", ENCTYPE_AES256_SHA1},
	{"aes256-sha1", ENCTYPE_AES256_SHA1},
	{"aes128-cts", ENCTYPE_AES128_SHA1},
	{"aes128-sha1", ENCTYPE_AES128_SHA1},
	{"aes256-sha2", ENCTYPE_AES256_SHA384},
	{"aes128-sha2", ENCTYPE_AES128_SHA256},
	{"camellia256-cts", ENCTYPE_CAMELLIA256},
	{"camellia128-cts", ENCTYPE_CAMELLIA128},
	{"des3-hmac-sha1", 16},
	{"des3-cbc-sha1-kd", 16},
	{"rc4-hmac", 23},
	{"arcfour-hmac-md5", 23},
	{"rc4-hmac-exp", 24},
	{"arcfour-hmac-md5-exp", 24},
};

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static const struct enctype *find_row(int32_t number)
{
	for (size_t i = 0; i < ENCTYPE_COUNT; i++)
		if (enctype_table[i].number == number)
			return &enctype_table[i];
	return NULL;
}

static const struct weak_row *find_weak(int32_t number)
{
	for (size_t i = 0; i < COUNT_OF(weak_table); i++)
		if (weak_table[i].number == number)
			return &weak_table[i];
	return NULL;
}

enum status enctype_find(int32_t number, const struct enctype **out, struct error *err)
{
	const struct algorithms *algorithms = NULL;
	const struct enctype *type = find_row(number);
	const struct weak_row *weak = find_weak(number);

	if (weak)
		return error_set(err, KDC_ERR_ETYPE_NOSUPP,
			"%s (%d) is weak and not supported: %s; use keys of an AES type",
			weak->name, (int)number, weak->why);
	if (!type)
		return error_set(err, KDC_ERR_ETYPE_NOSUPP,
			"encryption type %d is not known; 17 to 20, 25 and 26 are", (int)number);
	if (algorithms_of(type, &algorithms, err))
		return err->status;
	*out = type;
	return STATUS_OK;
}

const struct enctype *enctype_by_number(int32_t number, struct error *err)
{
	const struct enctype *type = NULL;
	return enctype_find(number, &type, err) ? NULL : type;
}

const struct enctype *enctype_usable(int32_t number)
{
	const struct enctype *type = find_row(number);
	return type && algorithms_present(type) ? type : NULL;
}

const struct enctype *enctype_by_rank(unsigned rank)
{
	for (size_t i = 0; i < ENCTYPE_COUNT; i++) {
		if (algorithms_present(&enctype_table[i]) && rank-- == 0)
			return &enctype_table[i];
	}
	return NULL;
}

int32_t enctype_number(const struct enctype *type)
{
	return type->number;
}

const char *enctype_name(const struct enctype *type)
{
	return type->name;
}

size_t enctype_key_length(const struct enctype *type)
{
	return type->key_length;
}

unsigned enctype_strength(const struct enctype *type)
{
	return type->strength;
}

int32_t enctype_checksum_type(const struct enctype *type)
{
	return type->checksum_type;
}

size_t enctype_checksum_length(const struct enctype *type)
{
	return type->tag_length;
}

size_t enctype_confounder_length(const struct enctype *type)
{
	(void)type;
	return CONFOUNDER_LENGTH;
}

size_t enctype_overhead(const struct enctype *type)
{
	return CONFOUNDER_LENGTH + type->tag_length;
}

uint32_t enctype_iterations(const struct enctype *type)
{
	return type->iterations;
}

const char *enctype_text(int32_t number, char out[ENCTYPE_TEXT_SIZE])
{
	const struct enctype *type = find_row(number);
	const struct weak_row *weak = find_weak(number);
	if (type || weak)
		snprintf(out, ENCTYPE_TEXT_SIZE, "%s", type ? type->name : weak->name);
	else
		snprintf(out, ENCTYPE_TEXT_SIZE, "enctype %d", (int)number);
	return out;
}

int32_t enctype_number_by_name(struct slice name)
{
	for (size_t i = 0; i < ENCTYPE_COUNT; i++)
		if (slice_equal_nocase(name, slice_string(enctype_table[i].name)))
			return enctype_table[i].number;
	for (size_t i = 0; i < COUNT_OF(weak_table); i++)
		if (slice_equal_nocase(name, slice_string(weak_table[i].name)))
			return weak_table[i].number;
	for (size_t i = 0; i < COUNT_OF(alias_table); i++)
		if (slice_equal_nocase(name, slice_string(alias_table[i].name)))
			return alias_table[i].number;
	return 0;
}

bool enctype_is_weak(int32_t number)
{
	return find_weak(number) != NULL;
}

bool enctype_list_has(const struct enctype_list *list, int32_t number)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->number[i] == number)
			return true;
	return false;
}
