/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/digest.h"

#include <openssl/evp.h>

#include "crypto/algorithms.h"

enum status digest_md5(struct slice data, unsigned char out[MD5_LENGTH], struct error *err)
{
	const EVP_MD *md5;
	if (md5_algorithm(&md5, err))
		return err->status;
	if (EVP_Digest(data.data, data.len, out, NULL, md5, NULL) != 1)
		return openssl_failed(err, "compute MD5");
	return STATUS_OK;
}

enum status digest_sha256(struct slice data, unsigned char out[SHA256_LENGTH], struct error *err)
{
	if (EVP_Q_digest(NULL, "SHA256", NULL, data.data, data.len, out, NULL) != 1)
		return openssl_failed(err, "compute SHA-256");
	return STATUS_OK;
}
