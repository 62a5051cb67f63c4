#include "crypto/siphash.h"

#include "crypto/algorithms.h"

static enum status failed(struct error *err)
{
	return openssl_failed(err, "compute SipHash");
}

enum status siphash_open(struct siphash *out, struct error *err)
{
	const EVP_MAC_CTX *template;
	out->mac = NULL;
	enum status status = siphash_template(&template, err);
	if (status)
		return status;
	out->mac = EVP_MAC_CTX_dup(template);
	return out->mac ? STATUS_OK : failed(err);
}

void siphash_close(struct siphash *siphash)
{
	EVP_MAC_CTX_free(siphash->mac);
}

enum status siphash24(struct siphash *siphash, const unsigned char key[SIPHASH_KEY_LENGTH],
	struct slice message, uint64_t *out, struct error *err)
{
	unsigned char octets[sizeof *out];
	size_t length;
	EVP_MAC_CTX *mac = siphash->mac;
	if (EVP_MAC_init(mac, key, SIPHASH_KEY_LENGTH, NULL) != 1 ||
		EVP_MAC_update(mac, message.data, message.len) != 1 ||
		EVP_MAC_final(mac, octets, &length, sizeof octets) != 1)
		return failed(err);
	*out = 0;
	for (size_t i = sizeof octets; i-- > 0;)
		*out = *out << 8 | octets[i];
	return STATUS_OK;
}
