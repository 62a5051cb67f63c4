/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/credential.h"

/* Both names, the key and the ticket. */
#define MAX_SLICES (2 * (PRINCIPAL_MAX_COMPONENTS + 1) + 2)

static unsigned list_name(struct principal *p, struct slice *list[])
{
	unsigned count = 0;
	for (unsigned i = 0; i < p->count; i++)
		list[count++] = &p->component[i];
	list[count++] = &p->realm;
	return count;
}

/* Whatever points out of the credential. */
static unsigned list_slices(struct credential *c, struct slice *list[MAX_SLICES])
{
	unsigned count = list_name(&c->client, list);
	count += list_name(&c->server, list + count);
	list[count++] = &c->key;
	list[count++] = &c->ticket;
	return count;
}

enum status credential_copy(
	const struct credential *in, struct credential_box *out, struct error *err)
{
	struct credential copy = *in;
	struct slice *list[MAX_SLICES];
	unsigned count = list_slices(&copy, list);
	size_t total = 1;
	for (unsigned i = 0; i < count; i++)
		total += list[i]->len;

	AUTO_BUFFER storage = {0};
	if (buffer_reserve(&storage, total))
		return error_no_memory(err);
	for (unsigned i = 0; i < count; i++) {
		const unsigned char *place = storage.data + storage.len;
		if (buffer_append(&storage, *list[i]))
			return error_no_memory(err);
		list[i]->data = place; /* there was room: it did not move */
	}
	credential_box_clear(out);
	*out = (struct credential_box){copy, storage};
	storage = (struct buffer){0};
	return STATUS_OK;
}

void credential_box_clear(struct credential_box *box)
{
	buffer_free(&box->storage);
	box->credential = (struct credential){.key_type = 0};
}
