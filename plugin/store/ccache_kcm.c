/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "conf/krb5_conf.h"
#include "store/ccache_marshal.h"
#include "store/ccache_type.h"
#include "store/kcm.h"

#define MAX_NAME_LENGTH 1024

/* A connection, and whose path it was made by. */
struct session {
	struct krb5_conf *conf;
	struct kcm kcm;
};

static void end_session(struct session *session)
{
	kcm_close(&session->kcm);
	krb5_conf_release(session->conf);
}
#define AUTO_SESSION __attribute__((cleanup(end_session))) struct session
#define NO_SESSION ((struct session){.kcm = {.fd = -1}})

/* It tells the tickets, and could make them as well. */
static enum status judge_daemon(
	const struct kcm *kcm, const struct file_owners *owners, struct error *err)
{
	if (file_owner_is_trusted(kcm->daemon, owners))
		return STATUS_OK;
	return error_set(err, ERR_UNTRUSTED,
		"the KCM daemon at %s (kcm_socket in krb5.conf) runs as user %ld, expected is root "
		"or user %ld, whom this program runs as: name that user in the option "
		"kerberos5_ccache_owners, if it is the right one",
		kcm->socket, (long)kcm->daemon, (long)geteuid());
}

static enum status begin_session(
	struct session *session, const struct file_owners *owners, struct error *err)
{
	if (krb5_conf_get(timestamp_now(), &session->conf, err))
		return err->status;
	const char *socket = krb5_conf_kcm_socket(session->conf);
	if (strcmp(socket, "-") == 0)
		return error_set(err, ERR_NOT_FOUND,
			"there are no credential caches of type KCM here (kcm_socket = - in "
			"krb5.conf): set KRB5CCNAME to another type");
	if (kcm_connect(socket, CCACHE_WAIT_SECONDS, &session->kcm, err))
		return err->status;
	return judge_daemon(&session->kcm, owners, err);
}

static bool is_missing(int32_t code)
{
	return code == KCM_NO_FILE || code == KCM_NOT_FOUND || code == KCM_END;
}

static bool is_unknown_operation(int32_t code)
{
	return code == KCM_INTERNAL || code == KCM_IO || code == KCM_UNSUPPORTED;
}

/* The sentence for an operation's code; `name` is the cache's, or empty. */
static enum status refused(
	const struct session *session, const char *name, int32_t code, struct error *err)
{
	if (is_missing(code))
		return error_set(err, ERR_NOT_FOUND,
			"there is no credential cache KCM:%s: run kinit, or set KRB5CCNAME", name);
	return error_set(err, ERR_FILE,
		"the KCM daemon at %s refuses the credential cache KCM:%s with code %d",
		session->kcm.socket, name, (int)code);
}

/* As kcm_call(, &(struct kcm_request){}), where a code other than 0 is a failure. */
static enum status ask(struct session *session, const struct kcm_request *request,
	struct buffer *reply, struct error *err)
{
	int32_t code;
	if (kcm_call(&session->kcm, request, reply, &code, err))
		return err->status;
	const char *name = request->name ? request->name : "";
	return code == KCM_OK ? STATUS_OK : refused(session, name, code, err);
}

static enum status check_name(struct slice reply, struct error *err)
{
	const unsigned char *end = reply.len > 0 ? memchr(reply.data, '\0', reply.len) : NULL;
	if (end && end > reply.data && end - reply.data <= MAX_NAME_LENGTH)
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"the KCM daemon gave a malformed name of a credential cache: \"%s\"", TEXT(reply));
}

static enum status default_name(struct session *session, struct buffer *name, struct error *err)
{
	if (ask(session, &(struct kcm_request){KCM_GET_DEFAULT_CACHE, NULL, SLICE_EMPTY}, name,
		    err))
		return err->status;
	return check_name(buffer_slice(name), err);
}

/* Adds the first piece. Heimdal's daemon may find a cache without a client. */
static enum status add_client(struct session *session, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER reply = {0};
	if (ask(session, &(struct kcm_request){KCM_GET_PRINCIPAL, ccache->place, SLICE_EMPTY},
		    &reply, err))
		return err->status;
	if (reply.len == 0)
		return refused(session, ccache->place, KCM_NO_FILE, err);
	return ccache_add_piece(ccache, buffer_slice(&reply), err);
}

/* A daemon that keeps none has none to tell. */
static enum status take_offset(struct session *session, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER reply = {0};
	int32_t code;
	if (kcm_call(&session->kcm,
		    &(struct kcm_request){KCM_GET_KDC_OFFSET, ccache->place, SLICE_EMPTY}, &reply,
		    &code, err))
		return err->status;
	struct reader reader = reader_of(buffer_slice(&reply));
	int32_t offset = (int32_t)read_u32(&reader);
	if (code == KCM_OK && !reader.failed)
		ccache->kdc_offset = offset;
	return STATUS_OK;
}

static enum status malformed_list(const struct ccache *ccache, struct error *err)
{
	return error_set(err, ERR_SYNTAX,
		"the KCM daemon gave a malformed list of what is in the credential cache %s",
		ccache->name);
}

/* A count, and each a length and a credential. */
static enum status add_list(struct ccache *ccache, struct slice reply, struct error *err)
{
	struct reader reader = reader_of(reply);
	uint32_t count = read_u32(&reader);
	for (uint32_t i = 0; i < count && !reader.failed; i++) {
		struct slice piece = read_bytes(&reader, read_u32(&reader));
		if (!reader.failed && ccache_add_piece(ccache, piece, err))
			return err->status;
	}
	return reader.failed || reader.rest.len > 0 ? malformed_list(ccache, err) : STATUS_OK;
}

static enum status add_by_identifier(
	struct session *session, struct ccache *ccache, struct slice identifier, struct error *err)
{
	AUTO_BUFFER reply = {0};
	int32_t code;
	if (kcm_call(&session->kcm,
		    &(struct kcm_request){KCM_GET_CRED_BY_UUID, ccache->place, identifier}, &reply,
		    &code, err))
		return err->status;
	if (is_missing(code)) /* it is gone meanwhile */
		return STATUS_OK;
	if (code != KCM_OK)
		return refused(session, ccache->place, code, err);
	return ccache_add_piece(ccache, buffer_slice(&reply), err);
}

/* One after the other, as Heimdal's daemon gives them. */
static enum status add_each(struct session *session, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER list = {0};
	if (ask(session, &(struct kcm_request){KCM_GET_CRED_UUID_LIST, ccache->place, SLICE_EMPTY},
		    &list, err))
		return err->status;
	struct reader reader = reader_of(buffer_slice(&list));
	while (reader.rest.len > 0) {
		struct slice identifier = read_bytes(&reader, KCM_UUID_LENGTH);
		if (reader.failed)
			return malformed_list(ccache, err);
		if (add_by_identifier(session, ccache, identifier, err))
			return err->status;
	}
	return STATUS_OK;
}

static enum status add_credentials(
	struct session *session, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER reply = {0};
	int32_t code;
	if (kcm_call(&session->kcm,
		    &(struct kcm_request){KCM_GET_CRED_LIST, ccache->place, SLICE_EMPTY}, &reply,
		    &code, err))
		return err->status;
	if (is_unknown_operation(code))
		return add_each(session, ccache, err);
	if (code != KCM_OK)
		return refused(session, ccache->place, code, err);
	return add_list(ccache, buffer_slice(&reply), err);
}

static enum status open_kcm(const char *rest, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER name = {0};
	AUTO_SESSION session = NO_SESSION;
	if (begin_session(&session, &ccache->owners, err) ||
		(rest[0] == '\0' && default_name(&session, &name, err)) ||
		ccache_set_name(ccache, "KCM:", rest[0] ? rest : (const char *)name.data, err) ||
		add_client(&session, ccache, err) || take_offset(&session, ccache, err) ||
		add_credentials(&session, ccache, err))
		return err->status;
	return ccache_parse_pieces(ccache, err);
}

static enum status check_client(
	struct session *session, const struct ccache *ccache, struct error *err)
{
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (!now)
		return error_no_memory(err);
	if (ccache_set_name(now, "KCM:", ccache->place, err) || add_client(session, now, err) ||
		ccache_parse_pieces(now, err))
		return err->status;
	return ccache_check_client(ccache, now, err);
}

static enum status store_kcm(
	const struct ccache *ccache, const struct credential *credential, struct error *err)
{
	AUTO_BUFFER octets = {0}, reply = {0};
	AUTO_SESSION session = NO_SESSION;
	if (begin_session(&session, &ccache->owners, err) || check_client(&session, ccache, err) ||
		marshal_credential(credential, 4, &octets, err))
		return err->status;
	return ask(&session, &(struct kcm_request){KCM_STORE, ccache->place, buffer_slice(&octets)},
		&reply, err);
}

static enum status set_offset_kcm(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err)
{
	AUTO_BUFFER octets = {0}, reply = {0};
	AUTO_SESSION session = NO_SESSION;
	int32_t code;
	if (begin_session(&session, &ccache->owners, err) || check_client(&session, ccache, err) ||
		marshal_kdc_offset(kdc_offset, &octets, err))
		return err->status;
	octets.len = 4; /* seconds alone */
	if (kcm_call(&session.kcm,
		    &(struct kcm_request){KCM_SET_KDC_OFFSET, ccache->place, buffer_slice(&octets)},
		    &reply, &code, err))
		return err->status;
	if (is_unknown_operation(code))
		return error_set(err, ERR_UNSUPPORTED,
			"the KCM daemon at %s does not keep the KDC's clock for KCM:%s",
			session.kcm.socket, ccache->place);
	return code == KCM_OK ? STATUS_OK : refused(&session, ccache->place, code, err);
}

static enum status store_all(struct session *session, const char *name,
	const struct ccache_start *start, struct error *err)
{
	for (unsigned i = 0; i < start->count; i++) {
		AUTO_BUFFER octets = {0}, reply = {0};
		if (marshal_credential(&start->credential[i], 4, &octets, err) ||
			ask(session, &(struct kcm_request){KCM_STORE, name, buffer_slice(&octets)},
				&reply, err))
			return err->status;
	}
	return STATUS_OK;
}

/* The daemon empties the one that is there. A clock that it does not keep is no fault. */
static enum status create_kcm(const char *rest, const struct ccache_start *start, struct error *err)
{
	AUTO_BUFFER name = {0}, client = {0}, offset = {0}, reply = {0};
	AUTO_SESSION session = NO_SESSION;
	int32_t code;
	if (begin_session(&session, NULL, err) ||
		(rest[0] == '\0' && default_name(&session, &name, err)))
		return err->status;
	if (rest[0] == '\0')
		rest = (const char *)name.data;
	if (marshal_principal(start->client, &client, err) ||
		ask(&session, &(struct kcm_request){KCM_INITIALIZE, rest, buffer_slice(&client)},
			&reply, err) ||
		marshal_kdc_offset(start->kdc_offset, &offset, err))
		return err->status;
	offset.len = 4; /* seconds alone */
	if (start->kdc_offset != 0 &&
		kcm_call(&session.kcm,
			&(struct kcm_request){KCM_SET_KDC_OFFSET, rest, buffer_slice(&offset)},
			&reply, &code, err))
		return err->status;
	return store_all(&session, rest, start, err);
}

/* Not one that was only announced, or is gone. */
static enum status add_if_there(
	struct session *session, const char *name, struct buffer *names, struct error *err)
{
	AUTO_BUFFER reply = {0};
	int32_t code;
	if (kcm_call(&session->kcm, &(struct kcm_request){KCM_GET_PRINCIPAL, name, SLICE_EMPTY},
		    &reply, &code, err))
		return err->status;
	if (code != KCM_OK || reply.len == 0)
		return STATUS_OK;
	return ccache_add_name(names, "KCM:", name, err);
}

static enum status add_other(struct session *session, struct slice identifier, const char *primary,
	struct buffer *names, struct error *err)
{
	AUTO_BUFFER name = {0};
	int32_t code;
	if (kcm_call(&session->kcm, &(struct kcm_request){KCM_GET_CACHE_BY_UUID, NULL, identifier},
		    &name, &code, err))
		return err->status;
	if (is_missing(code))
		return STATUS_OK;
	if (code != KCM_OK)
		return refused(session, "", code, err);
	if (check_name(buffer_slice(&name), err))
		return err->status;
	if (strcmp((const char *)name.data, primary) == 0)
		return STATUS_OK;
	return ccache_add_name(names, "KCM:", (const char *)name.data, err);
}

static enum status add_others(
	struct session *session, const char *primary, struct buffer *names, struct error *err)
{
	AUTO_BUFFER list = {0};
	int32_t code;
	if (kcm_call(&session->kcm,
		    &(struct kcm_request){KCM_GET_CACHE_UUID_LIST, NULL, SLICE_EMPTY}, &list, &code,
		    err))
		return err->status;
	if (is_missing(code))
		return STATUS_OK;
	if (code != KCM_OK)
		return refused(session, "", code, err);
	struct reader reader = reader_of(buffer_slice(&list));
	for (unsigned i = 0; i < CCACHE_MAX_COLLECTION && reader.rest.len > 0; i++) {
		struct slice identifier = read_bytes(&reader, KCM_UUID_LENGTH);
		if (reader.failed)
			return error_set(err, ERR_SYNTAX,
				"the KCM daemon gave a malformed list of credential caches");
		if (add_other(session, identifier, primary, names, err))
			return err->status;
	}
	return STATUS_OK;
}

static enum status list_kcm(
	const char *rest, const struct file_owners *owners, struct buffer *names, struct error *err)
{
	AUTO_BUFFER primary = {0};
	AUTO_SESSION session = NO_SESSION;
	if (rest[0] != '\0')
		return ccache_add_name(names, "KCM:", rest, err);
	if (begin_session(&session, owners, err) || default_name(&session, &primary, err) ||
		add_if_there(&session, (const char *)primary.data, names, err))
		return err->status;
	return add_others(&session, (const char *)primary.data, names, err);
}

const struct ccache_type ccache_kcm = {
	.name = "KCM",
	.open = open_kcm,
	.store = store_kcm,
	.set_kdc_offset = set_offset_kcm,
	.create = create_kcm,
	.list = list_kcm,
};
