/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/closing.h"

#include "asn1/der.h"
#include "crypto/enctype.h"

int close_libraries(void **state)
{
	(void)state;
	der_close();
	crypto_close();
	return 0;
}
