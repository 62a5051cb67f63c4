#include "crypto/random.h"

#include <openssl/rand.h>
#include <stdint.h>

#include "crypto/algorithms.h"

enum status random_octets(void *out, size_t len, struct error *err)
{
	if (len > INT32_MAX || RAND_bytes(out, (int)len) != 1)
		return openssl_failed(err, "give random octets");
	return STATUS_OK;
}
