/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/ccache.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "store/ccache_type.h"
#include "store/location.h"

static const struct ccache_type *const types[] = {
	&ccache_file,
	&ccache_dir,
	&ccache_kcm,
#ifdef HAVE_KEYRING
	&ccache_keyring,
#endif
	&ccache_memory,
};
#define TYPE_COUNT (sizeof types / sizeof *types)

static enum status find_type(
	const char *name, const struct ccache_type **out, const char **rest, struct error *err)
{
	struct slice type = location_type(name, rest);
	if (type.len == 0)
		type = SLICE_LITERAL("FILE");
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (slice_equal(type, slice_string(types[i]->name))) {
			*out = types[i];
			return STATUS_OK;
		}
	}
	return error_set(err, ERR_UNSUPPORTED,
		"the credential cache %s is of type %s, which is not supported: set "
		"KRB5CCNAME (or default_ccache_name in krb5.conf) to a file, as in "
		"FILE:/tmp/krb5cc_%ld, and run kinit",
		name, TEXT(type), (long)geteuid());
}

struct ccache *ccache_new(const struct ccache_type *type, const struct file_owners *owners)
{
	struct ccache *ccache = calloc(1, sizeof *ccache);
	if (!ccache)
		return NULL;
	ccache->type = type;
	if (owners)
		ccache->owners = *owners;
	return ccache;
}

static enum status open_file(const struct ccache_type *type, const char *rest,
	const struct file_owners *owners, struct ccache **out, struct error *err)
{
	char path[PATH_MAX];
	if (type->path(rest, owners, path, err))
		return err->status;
	return ccache_open_shared(type, path, owners, out, err);
}

enum status ccache_open(
	const char *name, const struct file_owners *owners, struct ccache **out, struct error *err)
{
	const struct ccache_type *type;
	const char *rest;
	*out = NULL;
	if (find_type(name, &type, &rest, err))
		return err->status;
	if (type->path)
		return open_file(type, rest, owners, out, err);
	AUTO_CCACHE ccache = ccache_new(type, owners);
	if (!ccache)
		return error_no_memory(err);
	if (type->open(rest, ccache, err))
		return err->status;
	*out = ccache;
	ccache = NULL;
	return STATUS_OK;
}

enum status ccache_open_again(const struct ccache *ccache, struct ccache **out, struct error *err)
{
	AUTO_BUFFER name = {0};
	const char *type =
		ccache->type == &ccache_file ? "FILE:" : ""; /* which a path need not have */
	*out = NULL;
	if (buffer_append(&name, slice_string(type)) ||
		buffer_append(&name, slice_of(ccache->name, strlen(ccache->name) + 1)))
		return error_no_memory(err);
	return ccache_open((const char *)name.data, &ccache->owners, out, err);
}

void ccache_forget(void)
{
	ccache_forget_shared();
	ccache_forget_memory();
}

const char *ccache_name(const struct ccache *ccache)
{
	return ccache->name;
}

const struct principal *ccache_client(const struct ccache *ccache)
{
	return &ccache->client;
}

int64_t ccache_kdc_offset(const struct ccache *ccache)
{
	return ccache->kdc_offset;
}

/* What no reader would take must not get into a cache, where it would hide the rest. */
static enum status check_name(const struct principal *p, const char *whose, struct error *err)
{
	if (p->count >= 1 && p->count <= PRINCIPAL_MAX_COMPONENTS)
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"a credential cannot be stored whose %s has a name of %u components, expected 1 "
		"to %d",
		whose, p->count, PRINCIPAL_MAX_COMPONENTS);
}

static enum status check(const struct credential *c, struct error *err)
{
	if (check_name(&c->client, "client", err))
		return err->status;
	return check_name(&c->server, "server", err);
}

enum status ccache_store(
	const struct ccache *ccache, const struct credential *credential, struct error *err)
{
	if (check(credential, err))
		return err->status;
	return ccache->type->store(ccache, credential, err);
}

enum status ccache_set_kdc_offset(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err)
{
	return ccache->type->set_kdc_offset(ccache, kdc_offset, err);
}

enum status ccache_check_client(
	const struct ccache *before, const struct ccache *now, struct error *err)
{
	if (principal_equal(&now->client, &before->client))
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_BADMATCH,
		"the credential cache %s has become that of %s: a ticket of %s is not stored there",
		before->name, PRINCIPAL_TEXT(&now->client), PRINCIPAL_TEXT(&before->client));
}

enum status ccache_create(const char *name, const struct ccache_start *start, struct error *err)
{
	const struct ccache_type *type;
	const char *rest;
	if (find_type(name, &type, &rest, err) || check_name(start->client, "client", err))
		return err->status;
	for (unsigned i = 0; i < start->count; i++)
		if (check(&start->credential[i], err))
			return err->status;
	if (!type->create)
		return error_set(err, ERR_UNSUPPORTED,
			"credential caches of type %s are not made by this module (%s): run kinit",
			type->name, name);
	return type->create(rest, start, err);
}

enum status ccache_add_name(
	struct buffer *names, const char *prefix, const char *place, struct error *err)
{
	if (buffer_append(names, slice_string(prefix)) ||
		buffer_append(names, slice_of(place, strlen(place) + 1)))
		return error_no_memory(err);
	return STATUS_OK;
}

enum status ccache_list(
	const char *name, const struct file_owners *owners, struct buffer *names, struct error *err)
{
	const struct ccache_type *type;
	const char *rest;
	buffer_clear(names);
	if (find_type(name, &type, &rest, err))
		return err->status;
	if (!type->list)
		return ccache_add_name(names, "", name, err);
	if (type->list(rest, owners, names, err))
		return err->status;
	if (names->len > 0)
		return STATUS_OK;
	return error_set(err, ERR_NOT_FOUND,
		"there is no credential cache in the collection %s: run kinit, or set KRB5CCNAME",
		name);
}

const char *ccache_next_name(const struct buffer *names, const char *previous)
{
	const char *first = (const char *)names->data;
	const char *next = previous ? previous + strlen(previous) + 1 : first;
	return next < first + names->len ? next : NULL;
}
