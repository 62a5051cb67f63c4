/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_element.h"

/* The value of a length in the long form (X.690 section 8.1.3.5). */
static const char *long_length(struct slice octets, size_t *len)
{
	*len = 0;
	/* One more octet would wrap; the length is beyond what is there long before. */
	for (size_t i = 0; i < octets.len && *len <= SIZE_MAX >> 8; i++)
		*len = *len << 8 | octets.data[i];
	if (octets.data[0] == 0 || *len < 0x80)
		return "a length in more octets than it needs";
	return NULL;
}

const char *element_take(struct slice *rest, struct element *out)
{
	static const char beyond[] = "a length that reaches beyond what is there";
	const unsigned char *at = rest->data;
	if ((at[0] & TAG_NUMBER) == TAG_NUMBER)
		return "a tag of more than one octet, which no Kerberos message has";
	if (rest->len < 2)
		return beyond;

	size_t header = 2, len = at[1];
	if (len == 0x80)
		return "an indefinite length, where DER has definite ones";
	if (len > 0x80) {
		size_t octets = len & 0x7f;
		if (octets > rest->len - header)
			return beyond;
		const char *wrong = long_length((struct slice){at + header, octets}, &len);
		if (wrong)
			return wrong;
		header += octets;
	}
	if (len > rest->len - header)
		return beyond;

	out->tag = at[0];
	out->whole = (struct slice){at, header + len};
	out->content = (struct slice){at + header, len};
	*rest = (struct slice){at + header + len, rest->len - header - len};
	return NULL;
}
