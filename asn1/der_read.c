#include "asn1/der_read.h"

#include <stdbool.h>
#include <string.h>

#include "asn1/der.h"

int der_message_type(struct slice token)
{
	if (token.len == 0 || (token.data[0] & ~0x1f) != TAG_APPLICATION)
		return -1;
	int number = token.data[0] & 0x1f;
	return number < 0x1f ? number : -1;
}

static void *member(void *base, size_t offset)
{
	return (char *)base + offset;
}

static bool take(struct slice *rest, unsigned char tag, struct element *out)
{
	return rest->len > 0 && rest->data[0] == tag && !element_take(rest, out);
}

static enum status missing(const struct der_field *f, struct slice rest, struct error *err)
{
	if (rest.len == 0)
		return error_set(err, ERR_SYNTAX, "%s: missing", f->name);
	return error_set(
		err, ERR_SYNTAX, "%s: missing, [%d] is in its place", f->name, rest.data[0] & 0x1f);
}

/* The next of a record's fields is `f`, or `f` is absent. */
static enum status read_field(
	const struct der_field *f, struct slice *rest, void *record, struct error *err)
{
	struct element outer;
	if (!take(rest, (unsigned char)(TAG_FIELD + f->number), &outer)) {
		return f->when == REQUIRED ? missing(f, *rest, err) : STATUS_OK;
	}
	struct der_reading field = {.err = err};
	if (!take(&outer.content, f->type->tag, &field.element))
		return error_set(err, ERR_SYNTAX, "%s: not of the type that it should be", f->name);
	if (f->type->read(&field, f->type, member(record, f->offset)))
		return error_prefix(err, "%s", f->name);
	if (f->when == IF_FLAG)
		*(bool *)member(record, f->presence) = true;
	return STATUS_OK;
}

enum status der_record_read(const struct der_reading *r, const struct der_type *type, void *value)
{
	struct slice content = r->element.content;
	struct element sequence = r->element;
	if (type->tag != TAG_SEQUENCE && !take(&content, TAG_SEQUENCE, &sequence))
		return error_set(r->err, ERR_SYNTAX, "not a SEQUENCE");

	struct slice rest = sequence.content;
	for (const struct der_field *f = type->fields; f->name; f++) {
		enum status status = read_field(f, &rest, value, r->err);
		if (status)
			return status;
	}
	if (rest.len > 0)
		return error_set(r->err, ERR_SYNTAX, "a field too many, [%d]", rest.data[0] & 0x1f);
	return STATUS_OK;
}

enum status der_list_read(const struct der_reading *r, const struct der_type *type, void *value)
{
	const struct der_list *list = type->list;
	unsigned *count = member(value, list->count);
	struct slice rest = r->element.content;

	while (rest.len > 0) {
		struct der_reading element = {.err = r->err};
		if (*count == list->max)
			return error_set(r->err, ERR_SYNTAX, "more than %u elements", list->max);
		if (!take(&rest, list->element->tag, &element.element))
			return error_set(r->err, ERR_SYNTAX, "an element of another type");
		void *place = member(value, list->first + *count * list->size);
		++*count;
		if (list->element->read(&element, list->element, place))
			return error_prefix(r->err, "element %u", *count);
	}
	return STATUS_OK;
}

static void delete_node(asn1_node *node)
{
	asn1_delete_structure(node);
}

/* Does libtasn1 find the message to be as kerberos5.asn defines it? */
static enum status check_form(
	const struct der_message *message, struct slice masked, struct error *err)
{
	__attribute__((cleanup(delete_node))) asn1_node node = NULL;
	enum status status = der_form_new(message->form, &node, err);
	if (status)
		return status;

	char where[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
	int len = (int)masked.len;
	/* Times are judged by der_time, which says more than libtasn1 about a wrong one. */
	int result = asn1_der_decoding2(&node, masked.data, &len,
		ASN1_DECODE_FLAG_STRICT_DER | ASN1_DECODE_FLAG_ALLOW_INCORRECT_TIME, where);
	if (result != ASN1_SUCCESS)
		return error_set(err, ERR_SYNTAX, "not as RFC 4120 defines it: %s %s",
			asn1_strerror(result), where);
	return STATUS_OK;
}

static enum status read_message(
	const struct der_message *message, struct slice der, void *out, struct error *err)
{
	AUTO_BUFFER masked = {0};
	enum status status = message->is_packet ? der_walk(der, SIZE_MAX, NULL, err)
						: der_walk(der, DER_MAX_TOKEN, &masked, err);
	if (status)
		return status;
	int number = der_message_type(der);
	if (message->number && number >= 0 && number != message->number)
		return error_set(err, KRB_AP_ERR_MSG_TYPE,
			"a message of type %d, where %d is expected", number, message->number);
	status = message->is_packet ? STATUS_OK : check_form(message, buffer_slice(&masked), err);
	if (status)
		return status;

	struct der_reading root = {.err = err};
	if (!take(&der, message->type->tag, &root.element))
		return error_set(err, ERR_SYNTAX, "not of the type that it should be");
	return message->type->read(&root, message->type, out);
}

enum status der_read(
	const struct der_message *message, struct slice der, void *out, struct error *err)
{
	struct error unwanted;
	if (!err)
		err = &unwanted;
	memset(out, 0, message->size);
	if (read_message(message, der, out, err)) {
		memset(out, 0, message->size);
		return error_prefix(err, "%s", der_form_name(message->form));
	}
	return STATUS_OK;
}
