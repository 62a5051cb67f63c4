#include "asn1/der_walk.h"

#include <string.h>

#include "asn1/der.h"

#define CLASS 0xc0
#define CLASS_UNIVERSAL 0x00
#define CLASS_CONTEXT 0x80
#define CLASS_PRIVATE 0xc0
#define CONSTRUCTED 0x20
#define NUMBER 0x1f

struct walk {
	const unsigned char *start;
	unsigned char *masked; /* NULL: none is made */
	struct error *err;
};

static enum status walk_element(struct walk *w, struct slice *rest, unsigned depth);

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
	if ((at[0] & NUMBER) == NUMBER)
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

static enum status refuse(const struct walk *w, const unsigned char *at, const char *what)
{
	return error_set(
		w->err, ERR_SYNTAX, "malformed at octet %zu: %s", (size_t)(at - w->start), what);
}

/* X.690 section 8.3.2: the first nine bits are neither all zeros nor all ones. */
static bool integer_is_minimal(struct slice content)
{
	if (content.len < 2)
		return content.len == 1;
	unsigned char sign = content.data[1] & 0x80 ? 0xff : 0x00;
	return content.data[0] != sign;
}

/* Sections 8.6.2 and 11.2.1. */
static bool bit_string_is_canonical(struct slice content)
{
	if (content.len == 0 || content.data[0] > 7)
		return false;
	unsigned unused = content.data[0];
	if (content.len == 1)
		return unused == 0;
	return (content.data[content.len - 1] & ((1U << unused) - 1)) == 0;
}

static enum status walk_primitive(struct walk *w, const struct element *e)
{
	const unsigned char *at = e->whole.data;

	if (e->tag == TAG_INTEGER && !integer_is_minimal(e->content))
		return refuse(w, at, "an integer in no octets or in more than it needs");
	if (e->tag == TAG_BIT_STRING && !bit_string_is_canonical(e->content))
		return refuse(w, at,
			"a bit string whose unused bits are more than 7, more than there are, or "
			"not zero");
	if (e->tag == TAG_OCTET_STRING && w->masked)
		memset(w->masked + (e->content.data - w->start), 0, e->content.len);
	return STATUS_OK;
}

static enum status walk_explicit_tag(struct walk *w, const struct element *e, unsigned depth)
{
	struct slice rest = e->content;
	if (rest.len == 0)
		return refuse(w, e->whole.data, "a tag with nothing inside");
	enum status status = walk_element(w, &rest, depth + 1);
	if (status)
		return status;
	return rest.len == 0 ? STATUS_OK : refuse(w, rest.data, "a second element inside one tag");
}

/* What a SEQUENCE has held so far. */
struct tally {
	int field; /* number of the last [n]; -1: none */
	unsigned strings;
	unsigned elements; /* all that are not fields */
};

/* NULL, or why an element with this tag may not come next. */
static const char *tally_add(struct tally *t, unsigned char tag)
{
	if ((tag & CLASS) == CLASS_CONTEXT) {
		int field = tag & NUMBER;
		if (t->elements > 0)
			return "a field in a list";
		if (field <= t->field)
			return "a field that is there twice or out of order";
		t->field = field;
		return NULL;
	}
	if (t->field >= 0)
		return "something other than a field among fields";
	if (tag == TAG_GENERAL_STRING && ++t->strings > PRINCIPAL_MAX_COMPONENTS)
		return "a name of more than 16 components";
	if (++t->elements > DER_MAX_ELEMENTS)
		return "a list of more than 64 elements";
	return NULL;
}

static enum status walk_sequence(struct walk *w, const struct element *e, unsigned depth)
{
	struct tally tally = {.field = -1};
	struct slice rest = e->content;

	while (rest.len > 0) {
		const char *wrong = tally_add(&tally, rest.data[0]);
		if (wrong)
			return refuse(w, rest.data, wrong);
		enum status status = walk_element(w, &rest, depth + 1);
		if (status)
			return status;
	}
	return STATUS_OK;
}

static enum status walk_element(struct walk *w, struct slice *rest, unsigned depth)
{
	const unsigned char *at = rest->data;
	if (depth > DER_MAX_DEPTH)
		return refuse(w, at, "elements nested deeper than 16");

	struct element e;
	const char *wrong = element_take(rest, &e);
	if (wrong)
		return refuse(w, at, wrong);

	if (e.tag == TAG_SEQUENCE)
		return walk_sequence(w, &e, depth);
	if ((e.tag & CLASS) == CLASS_PRIVATE)
		return refuse(w, at, "a tag of the private class, which no Kerberos message has");
	bool universal = (e.tag & CLASS) == CLASS_UNIVERSAL;
	bool constructed = e.tag & CONSTRUCTED;
	if (e.tag == (TAG_SEQUENCE & ~CONSTRUCTED) || universal == constructed)
		return refuse(w, at,
			universal
				? "a type in an encoding (primitive or constructed) that DER "
				  "does not have for it"
				: "a tag without an element inside (Kerberos' tags are explicit)");
	return universal ? walk_primitive(w, &e) : walk_explicit_tag(w, &e, depth);
}

enum status der_walk(struct slice der, size_t max, struct buffer *masked, struct error *err)
{
	if (der.len == 0)
		return error_set(err, ERR_SYNTAX, "an empty message");
	if (der.len > max)
		return error_set(err, ERR_SYNTAX,
			"a message of %zu octets, of which at most %zu are read", der.len, max);
	if (masked && buffer_append(masked, der))
		return error_no_memory(err);

	struct walk w = {der.data, masked ? masked->data : NULL, err};
	struct slice rest = der;
	enum status status = walk_element(&w, &rest, 1);
	if (status)
		return status;
	return rest.len == 0 ? STATUS_OK
			     : refuse(&w, rest.data, "octets after the end of the message");
}
