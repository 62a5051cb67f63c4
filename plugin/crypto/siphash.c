#include "crypto/siphash.h"

#include "crypto/algorithms.h"

static void free_mac(EVP_MAC_CTX **mac)
{
	EVP_MAC_CTX_free(*mac);
}

enum status siphash24(const unsigned char key[SIPHASH_KEY_LENGTH], struct slice message,
	uint64_t *out, struct error *err)
{
	const EVP_MAC_CTX *template;
	enum status status = siphash_template(&template, err);
	if (status)
		return status;

	unsigned char octets[sizeof *out];
	size_t length;
	__attribute__((cleanup(free_mac))) EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(template);
	if (!mac || EVP_MAC_init(mac, key, SIPHASH_KEY_LENGTH, NULL) != 1 ||
		EVP_MAC_update(mac, message.data, message.len) != 1 ||
		EVP_MAC_final(mac, octets, &length, sizeof octets) != 1)
		return openssl_failed(err, "compute SipHash");
	*out = 0;
	for (size_t i = sizeof octets; i-- > 0;)
		*out = *out << 8 | octets[i];
	return STATUS_OK;
}
