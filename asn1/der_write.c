#include "asn1/der_write.h"

#include <libtasn1.h>
#include <stdbool.h>
#include <string.h>

#include "asn1/der.h"

void der_put(struct der_writer *w, struct slice octets)
{
	w->len += octets.len;
	if (w->end && octets.data && octets.len > 0)
		memcpy(w->end - w->len, octets.data, octets.len);
}

void der_put_header(struct der_writer *w, unsigned char tag, size_t len)
{
	unsigned char header[1 + 1 + sizeof(unsigned long)] = {tag};
	int length_octets;
	asn1_length_der(len, header + 1, &length_octets);
	der_put(w, slice_of(header, 1 + (size_t)length_octets));
}

static const void *member(const void *base, size_t offset)
{
	return (const char *)base + offset;
}

static bool is_present(const struct der_field *f, const void *record)
{
	const void *presence = member(record, f->presence);
	switch (f->when) {
	case IF_FLAG:
		return *(const bool *)presence;
	case IF_DATA:
		return ((const struct slice *)presence)->data != NULL;
	case IF_COUNT:
		return *(const unsigned *)presence != 0;
	default:
		return true;
	}
}

static enum status write_field(struct der_writer *w, const struct der_field *f, const void *record)
{
	if (!is_present(f, record))
		return STATUS_OK;
	size_t before = w->len;
	if (f->type->write(w, f->type, member(record, f->offset)))
		return error_prefix(w->err, "%s", f->name);
	der_put_header(w, (unsigned char)(TAG_FIELD + f->number), w->len - before);
	return STATUS_OK;
}

enum status der_record_write(struct der_writer *w, const struct der_type *type, const void *value)
{
	size_t before = w->len;
	size_t rows = 0;
	while (type->fields[rows].name)
		rows++;
	while (rows-- > 0) {
		enum status status = write_field(w, &type->fields[rows], value);
		if (status)
			return status;
	}
	der_put_header(w, TAG_SEQUENCE, w->len - before);
	if (type->tag != TAG_SEQUENCE)
		der_put_header(w, type->tag, w->len - before);
	return STATUS_OK;
}

enum status der_list_write(struct der_writer *w, const struct der_type *type, const void *value)
{
	const struct der_list *list = type->list;
	unsigned count = *(const unsigned *)member(value, list->count);
	if (count > list->max)
		return error_set(w->err, ERR_SYNTAX,
			"a list of %u elements, where at most %u are sent", count, list->max);

	size_t before = w->len;
	for (unsigned i = count; i-- > 0;) {
		const void *element = member(value, list->first + i * list->size);
		enum status status = list->element->write(w, list->element, element);
		if (status)
			return status;
	}
	der_put_header(w, TAG_SEQUENCE, w->len - before);
	return STATUS_OK;
}

enum status der_write(
	const struct der_message *message, const void *in, struct buffer *out, struct error *err)
{
	const struct der_type *type = message->type;
	struct error unwanted;
	if (!err)
		err = &unwanted;

	struct der_writer counter = {.err = err};
	if (type->write(&counter, type, in))
		return error_prefix(err, "%s", der_form_name(message->form));
	if (buffer_reserve(out, counter.len))
		return error_no_memory(err);

	struct der_writer writer = {.end = out->data + out->len + counter.len, .err = err};
	enum status status = type->write(&writer, type, in);
	if (status)
		return status;
	out->len += counter.len;
	return STATUS_OK;
}

size_t der_length(const struct der_message *message, const void *in)
{
	struct error unwanted;
	struct der_writer counter = {.err = &unwanted};
	return message->type->write(&counter, message->type, in) ? 0 : counter.len;
}

enum status der_write_header(
	unsigned char tag, size_t length, struct buffer *out, struct error *err)
{
	struct der_writer counter = {0};
	der_put_header(&counter, tag, length);
	if (buffer_reserve(out, counter.len))
		return error_no_memory(err);
	out->len += counter.len;
	struct der_writer writer = {.end = out->data + out->len};
	der_put_header(&writer, tag, length);
	return STATUS_OK;
}
