/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/offered.h"

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/enctype.h"

const int32_t enctypes[ENCTYPES] = {ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA256,
	ENCTYPE_AES256_SHA384, ENCTYPE_CAMELLIA128, ENCTYPE_CAMELLIA256};

bool is_offered(int32_t enctype)
{
	const char *missing = crypto_missing();
	return !missing || !strstr(missing, ENCTYPE_TEXT(enctype));
}

bool md5_is_offered(void)
{
	unsigned char out[MD5_LENGTH];
	struct error err;
	return digest_md5(SLICE_EMPTY, out, &err) == STATUS_OK;
}

unsigned offered_count(void)
{
	const char *missing = crypto_missing();
	unsigned count = ENCTYPE_COUNT - (missing ? 1 : 0);
	for (; missing && (missing = strchr(missing, ',')); missing++)
		count--;
	return count;
}

const char *if_offered(int32_t enctype, const char *name)
{
	return is_offered(enctype) ? name : NULL;
}

const char *if_md5(const char *name)
{
	return md5_is_offered() ? name : NULL;
}

int nothing_to_try(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}
