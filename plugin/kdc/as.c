/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/as.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kdc/addresses.h"
#include "kdc/exchange.h"
#include "kdc/refusal.h"
#include "kdc/reply.h"

#define MAX_ROUNDS 4 /* in one realm: without key, with it, and each again by the KDC's clock */

/* What comes of an answer. */
enum turn { DONE, AGAIN, ELSEWHERE };

struct as {
	struct kdc_session *session;
	const struct as_login *login;
	struct client_keys keys; /* of the whole login, at whichever KDC */
	bool canonicalize;
	const struct kdc_endpoint *except; /* only primary KDCs, and not this one; NULL: any */
	unsigned realms;                   /* that have been asked */
	char realm[KDC_REALM_SIZE];        /* the present one, to which the client's name points */
	struct principal client;
	struct enctype_list types;
	struct kdc_req_body body;
	struct buffer addresses; /* what the body points into */
	struct buffer request;   /* the last one, as it was sent */
	struct key *key;         /* NULL until the KDC has said which one it wants */
};

static void as_clear(struct as *as)
{
	buffer_free(&as->addresses);
	buffer_free(&as->request);
	key_release(as->key);
	client_keys_clear(&as->keys);
}

/* ---- the request ---- */

static enum status add_timestamp(
	struct as *as, struct padata *padata, struct buffer *value, struct error *err)
{
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	const struct pa_enc_ts_enc stamp = {true, kdc_session_time(as->session)};
	if (der_write_pa_enc_ts_enc(&stamp, &plain, err) ||
		key_encrypt(as->key, USAGE_AS_REQ_TIMESTAMP, buffer_slice(&plain), &cipher, err))
		return err->status;
	const struct encrypted_data data = {
		.etype = enctype_number(key_type(as->key)), .cipher = buffer_slice(&cipher)};
	if (der_write_encrypted_data(&data, value, err))
		return err->status;
	padata->element[padata->count++] =
		(struct padata_element){PA_ENC_TIMESTAMP, buffer_slice(value)};
	return STATUS_OK;
}

static enum status fill_body(struct as *as, struct error *err)
{
	const struct kdc_conf *settings = &as->session->settings;
	int64_t now = kdc_session_time(as->session).seconds;
	as->body = (struct kdc_req_body){
		.options = (settings->forwardable ? KDC_OPTION_FORWARDABLE : 0) |
			   (settings->proxiable ? KDC_OPTION_PROXIABLE : 0) |
			   (settings->renew_lifetime ? KDC_OPTION_RENEWABLE
						     : KDC_OPTION_RENEWABLE_OK) |
			   (as->canonicalize ? KDC_OPTION_CANONICALIZE : 0),
		.client = as->client,
		.server = tgt_name(as->client.realm),
		.till = now + settings->lifetime,
		.has_rtime = settings->renew_lifetime > 0,
		.rtime = now + settings->renew_lifetime,
	};
	as->body.server.realm = as->client.realm;
	kdc_set_etypes(&as->body, &as->types);
	if (settings->addresses && addresses_of_this_host(&as->body.addresses, &as->addresses, err))
		return err->status;
	return kdc_nonce(&as->body.nonce, err);
}

static enum status make_request(struct as *as, struct error *err)
{
	AUTO_BUFFER body = {0};
	AUTO_BUFFER stamp = {0};
	struct kdc_req request = {
		.padata = {.count = 1, .element = {{PA_REQ_ENC_PA_REP, SLICE_LITERAL("")}}},
	};
	if (fill_body(as, err) || der_write_kdc_req_body(&as->body, &body, err))
		return err->status;
	if (as->key && add_timestamp(as, &request.padata, &stamp, err))
		return err->status;
	request.body_der = buffer_slice(&body);
	buffer_clear(&as->request);
	return der_write_as_req(&request, &as->request, err);
}

/* ---- what the KDC wants ---- */

static const struct padata_element *find(const struct padata *padata, int32_t type)
{
	for (unsigned i = 0; i < padata->count; i++)
		if (padata->element[i].type == type)
			return &padata->element[i];
	return NULL;
}

/*
 * The first of the types that the KDC offers and that can be had; without
 * PA-ETYPE-INFO2, `otherwise` with its default salt.
 */
static enum status choose_key(
	struct as *as, const struct padata *padata, int32_t otherwise, struct error *err)
{
	struct etype_info2 info = {.count = 1, .element = {{.etype = otherwise}}};
	const struct padata_element *given = find(padata, PA_ETYPE_INFO2);
	if (given && der_read_etype_info2(given->value, &info, err))
		return err->status;
	unsigned i = 0;
	while (i < info.count && !enctype_list_has(&as->types, info.element[i].etype))
		i++;
	if (i == info.count)
		return error_set(err, KDC_ERR_ETYPE_NOSUPP,
			"the KDC of %s offers %s only keys of types that were not asked for (the "
			"first of them %s)",
			TEXT(slice_string(as->realm)), PRINCIPAL_TEXT(&as->client),
			info.count ? ENCTYPE_TEXT(info.element[0].etype) : "none");
	key_release(as->key);
	as->key = NULL;
	return client_key(&as->keys, &as->client, &info.element[i], &as->key, err);
}

static enum status refuse_methods(
	const struct as *as, const struct padata *padata, struct error *err)
{
	char list[200] = "none that it names";
	for (unsigned i = 0, used = 0; i < padata->count && used < sizeof list; i++)
		used += (unsigned)snprintf(list + used, sizeof list - used, "%s%d", i ? ", " : "",
			(int)padata->element[i].type);
	return error_set(err, ERR_UNSUPPORTED,
		"the KDC of %s wants pre-authentication of %s by other means (types %s) than the "
		"one that is supported, an encrypted time stamp (2)",
		TEXT(slice_string(as->realm)), PRINCIPAL_TEXT(&as->client), list);
}

/* KDC_ERR_PREAUTH_REQUIRED: e-data tells how (section 5.9.1). */
static enum status prepare_key(struct as *as, const struct krb_error *error, struct error *err)
{
	struct padata padata = {.count = 0};
	if (error->data.len > 0 && der_read_padata(error->data, &padata, err))
		return error_prefix(err, "what the KDC of %s wants for pre-authentication",
			TEXT(slice_string(as->realm)));
	if (!find(&padata, PA_ENC_TIMESTAMP))
		return refuse_methods(as, &padata, err);
	return choose_key(as, &padata, as->types.number[0], err);
}

/* ---- the reply ---- */

/* RFC 6806 section 11: what the KDC was asked is what we asked. */
static enum status check_request(
	const struct as *as, const struct enc_kdc_rep_part *part, struct error *err)
{
	struct checksum checksum;
	if (!(part->flags & TICKET_ENC_PA_REP))
		return STATUS_OK;
	const struct padata_element *given = find(&part->encrypted_padata, PA_REQ_ENC_PA_REP);
	struct slice request = buffer_slice(&as->request);
	if (!given || der_read_checksum(given->value, &checksum, err) ||
		key_verify_checksum(
			as->key, USAGE_AS_REQ, (struct pieces){&request, 1}, &checksum, err))
		return error_set(err, KRB_AP_ERR_MODIFIED,
			"the KDC of %s received another request than was sent: somebody changed it "
			"on its way",
			TEXT(slice_string(as->realm)));
	return STATUS_OK;
}

/* The KDC may call client and realm by other names, but the ticket is for its own realm. */
static enum status check_canonical(const struct as *as, const struct kdc_rep *reply,
	const struct enc_kdc_rep_part *part, struct error *err)
{
	const struct principal *server = &part->server;
	if (is_tgt_name(server) && slice_equal(server->component[1], server->realm) &&
		slice_equal(server->realm, reply->client.realm))
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_MODIFIED,
		"the reply of the KDC of %s is a ticket of %s for %s, which is not the "
		"ticket-granting ticket of its realm",
		TEXT(slice_string(as->realm)), PRINCIPAL_TEXT(&reply->client),
		PRINCIPAL_TEXT(server));
}

static enum status refuse_secret(const struct as *as, enum status status, struct error *err)
{
	const char *name = PRINCIPAL_TEXT(&as->client), *realm = TEXT(slice_string(as->realm));
	if (as->login->secret.keytab)
		return error_set(err, status,
			"the key of %s in the keytab %s is not the one that the KDC of %s has: "
			"export it again (kadmin: ktadd)",
			name, keytab_name(as->login->secret.keytab), realm);
	return error_set(err, status, "the password of %s is wrong, by the KDC of %s", name, realm);
}

static enum status read_reply(struct as *as, const struct kdc_rep *reply, enum turn *turn,
	struct credential_box *out, struct error *err)
{
	AUTO_BUFFER plain = {0};
	struct enc_kdc_rep_part part;
	bool timesync = as->session->settings.timesync;
	struct reply_wanted wanted = {
		.realm = as->realm,
		.request = &as->body,
		.client = &as->client,
		.client_may_change = as->canonicalize,
		.server = &as->body.server,
		.tgt_may_come = as->canonicalize,
		.now = kdc_session_time(as->session).seconds,
		.skew = timesync ? INT32_MAX : krb5_conf_clock_skew(as->session->conf),
		.usage = USAGE_AS_REP,
	};
	if (reply_check_enctype(&wanted, reply, err))
		return err->status;
	/* If the KDC wanted no pre-authentication, or with another key, the reply says how. */
	if ((!as->key || enctype_number(key_type(as->key)) != reply->enc_part.etype) &&
		choose_key(as, &reply->padata, reply->enc_part.etype, err))
		return err->status;
	wanted.key = as->key;
	enum status status = reply_open(&wanted, reply, &plain, &part, err);
	if (status == KRB_AP_ERR_BAD_INTEGRITY)
		return refuse_secret(as, KDC_ERR_PREAUTH_FAILED, err);
	/* By this host's clock it was asked for a time that has passed. */
	if (status == KRB_AP_ERR_TKT_EXPIRED && kdc_session_set_time(as->session, part.authtime)) {
		*turn = AGAIN;
		return STATUS_OK;
	}
	if (status || check_canonical(as, reply, &part, err) || check_request(as, &part, err) ||
		reply_credential(reply, &part, out, err))
		return err->status;
	kdc_session_set_time(as->session, part.authtime);
	return STATUS_OK;
}

/* ---- the exchange ---- */

/* A realm that the KDC refers to; deployed ones say so with either of two codes. */
static bool is_referral(const struct as *as, const struct krb_error *error)
{
	return as->canonicalize &&
	       (error->error_code == KDC_ERR_WRONG_REALM ||
		       error->error_code == KDC_ERR_C_PRINCIPAL_UNKNOWN) &&
	       error->client.realm.len > 0 && !slice_equal(error->client.realm, as->client.realm);
}

static enum status enter_realm(struct as *as, struct slice realm, struct error *err)
{
	if (as->realms++ == AS_MAX_REALMS)
		return error_set(err, KDC_ERR_WRONG_REALM,
			"%s is referred from realm to realm, the last of them %s, and more than %d "
			"are not asked",
			PRINCIPAL_TEXT(as->login->client), TEXT(realm), AS_MAX_REALMS);
	if (kdc_realm_text(realm, as->realm, err))
		return err->status;
	as->client.realm = slice_string(as->realm);
	key_release(as->key);
	as->key = NULL;
	return client_key_types(&as->login->secret, &as->client,
		&as->session->settings.tkt_enctypes, &as->types, err);
}

static bool is_about_secret(int32_t code)
{
	return code == KDC_ERR_PREAUTH_FAILED || code == KRB_AP_ERR_BAD_INTEGRITY;
}

static enum status read_error(
	struct as *as, const struct krb_error *error, enum turn *turn, struct error *err)
{
	const struct kdc_request_names names = {as->realm, &as->client, &as->body.server};
	int32_t code = error->error_code;
	*turn = AGAIN;
	if (code == KDC_ERR_PREAUTH_REQUIRED && !as->key) {
		kdc_session_set_time(as->session, error->stime.seconds);
		return prepare_key(as, error, err);
	}
	if ((code == KRB_AP_ERR_SKEW || code == KDC_ERR_NEVER_VALID) &&
		kdc_session_set_time(as->session, error->stime.seconds))
		return STATUS_OK;
	*turn = ELSEWHERE;
	if (is_referral(as, error)) {
		kdc_trace(as->session, "AS: the KDC of %s refers to realm %s", as->realm,
			TEXT(error->client.realm));
		return enter_realm(as, error->client.realm, err);
	}
	if (as->key && is_about_secret(code))
		return refuse_secret(as, KDC_ERR_PREAUTH_FAILED, err);
	return kdc_refusal(error, &names, kdc_session_time(as->session), err);
}

static enum status ask(
	struct as *as, enum turn *turn, struct credential_box *out, struct error *err)
{
	AUTO_KDC_ANSWER answer = {.refused = false};
	if (make_request(as, err))
		return err->status;
	const struct kdc_question question = {
		as->realm, buffer_slice(&as->request), as->except != NULL, as->except};
	kdc_trace(as->session, "AS: asking the %sKDC of %s for a ticket-granting ticket of %s, %s",
		as->except ? "primary " : "", as->realm, PRINCIPAL_TEXT(&as->client),
		as->key ? enctype_name(key_type(as->key)) : "without pre-authentication");
	if (kdc_exchange(as->session, &question, KRB_AS_REP, &answer, err))
		return err->status;
	*turn = DONE;
	return answer.refused ? read_error(as, &answer.error, turn, err)
			      : read_reply(as, &answer.reply, turn, out, err);
}

/* In the client's realm and those that it is referred to. */
static enum status ask_realms(struct as *as, struct credential_box *out, struct error *err)
{
	enum turn turn = ELSEWHERE;
	if (enter_realm(as, as->login->client->realm, err))
		return err->status;
	for (unsigned round = 0; turn != DONE; round++) {
		if (turn == ELSEWHERE)
			round = 0;
		if (round == MAX_ROUNDS)
			return error_set(err, KRB_ERR_GENERIC,
				"giving up: the KDC of %s kept asking %s for more",
				TEXT(slice_string(as->realm)), PRINCIPAL_TEXT(&as->client));
		if (ask(as, &turn, out, err))
			return err->status;
	}
	return STATUS_OK;
}

/* Any KDC, or only primary ones other than `except`. */
static enum status ask_all(struct as *as, const struct kdc_endpoint *except,
	struct credential_box *out, struct error *err)
{
	struct kdc_session *session = as->session;
	int64_t offset = session->offset;
	as->except = except;
	as->realms = 0;
	as->client = *as->login->client;
	enum status status = ask_realms(as, out, err);
	/* The time in a KRB-ERROR is anybody's word; a reply would have borne it out. */
	if (status)
		session->offset = offset;
	else
		session->home_offset = session->offset;
	return status;
}

/* What a KDC says whose copy of the database is old. */
static bool may_be_outdated(enum status status)
{
	return status == KDC_ERR_PREAUTH_FAILED || status == KDC_ERR_KEY_EXPIRED ||
	       status == KDC_ERR_C_PRINCIPAL_UNKNOWN;
}

enum status as_get(struct kdc_session *session, const struct as_login *login,
	struct credential_box *out, struct error *err)
{
	const struct principal *client = login->client;
	if (kdc_session_enter(session, client->realm, err))
		return err->status;
	__attribute__((cleanup(as_clear))) struct as as = {
		.session = session,
		.login = login,
		.keys = {.secret = &login->secret, .deadline = session->deadline},
		.canonicalize = session->settings.canonicalize || client->type == NT_ENTERPRISE,
	};
	enum status status = ask_all(&as, NULL, out, err);
	if (!may_be_outdated(status))
		return status;
	NEW_ERROR(primary);
	const struct kdc_endpoint answered = session->answered;
	enum status again = ask_all(&as, &answered, out, &primary);
	/* If there is no primary KDC, or no answer from it, the first one's sentence stands. */
	if (again && again != KDC_ERR_PREAUTH_FAILED && again != KDC_ERR_KEY_EXPIRED)
		return status;
	if (again)
		*err = primary;
	return again;
}
