#include "crypto/prf.h"

#include "crypto/key_internal.h"

enum status prf_by_cipher(
	struct key *key, struct slice input, unsigned char *out, struct error *err)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	struct working_key *working;
	struct prepared *prepared;

	if (working_key_get(key, 0, PURPOSE_PRF, &working, err))
		return err->status;
	if (EVP_Digest(input.data, input.len, hash, NULL, key->algorithms->digest, NULL) != 1)
		return openssl_failed(err, "compute a hash");
	enum status status = working_key_take(key, working, &prepared, err);
	if (!status) {
		status = prepared_block(prepared, hash, out, err);
		working_key_put(working, prepared);
	}
	wipe(hash, sizeof hash);
	return status;
}

enum status prf_cmac(struct key *key, struct slice input, unsigned char *out, struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	if (working_key_get(key, 0, PURPOSE_PRF, &working, err) ||
		working_key_take(key, working, &prepared, err))
		return err->status;
	enum status status = prepared_mac(prepared, &input, 1, out, key->type->prf_length, err);
	working_key_put(working, prepared);
	return status;
}

enum status prf_hmac_sha2(
	struct key *key, struct slice input, unsigned char *out, struct error *err)
{
	struct prepared *base;
	if (working_key_take(key, &key->root, &base, err))
		return err->status;
	enum status status = derive_hmac_sha2_context(
		base, SLICE_LITERAL("prf"), input, out, key->type->prf_length, err);
	working_key_put(&key->root, base);
	return status;
}
