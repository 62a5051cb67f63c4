/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/login_name.h"

#include "base/text.h"
#include "mech/server_warnings.h"
#include "sasl/identity.h"

enum status login_name_begin(struct acceptor *acceptor, struct error *err)
{
	const char *rules = option_text(&acceptor->options, OPTION_AUTH_TO_LOCAL);
	if (option_choice(&acceptor->options, OPTION_NAMES, &acceptor->names, err))
		return err->status;
	if (acceptor->names == NAMES_PRINCIPAL) {
		if (rules)
			server_warn_of_idle_rules(&acceptor->log);
		return STATUS_OK;
	}
	server_warn_of_localauth(&acceptor->log, acceptor->conf);
	if (krb5_conf_check_local_rules(acceptor->conf, err))
		return err->status;
	if (rules && local_rules_get(rules, &acceptor->local_rules, err))
		return error_prefix(err, "option kerberos5_auth_to_local");
	return STATUS_OK;
}

/* ---- realms ---- */

static bool lists(const char *names, struct slice realm)
{
	struct slice name;
	while ((name = option_next_word(&names)).len > 0)
		if (slice_equal(name, realm))
			return true;
	return false;
}

static enum status check_realm(
	const struct acceptor *acceptor, const struct principal *client, struct error *err)
{
	const char *realms = option_text(&acceptor->options, OPTION_REALMS);
	if (!realms || lists(realms, client->realm))
		return STATUS_OK;
	(void)error_set(err, KDC_ERR_POLICY,
		"clients of realm %s do not log in here: kerberos5_realms has \"%s\" (capital "
		"letters count)",
		TEXT(client->realm), TEXT(slice_string(realms)));
	return error_show(err, "clients of realm %s do not log in here", TEXT(client->realm));
}

/* Has another realm's KDC made the ticket than the default one's, of which there is a key too? */
static bool is_by_another(const struct acceptor *acceptor, const struct ap_context *context)
{
	struct slice realm = slice_string(krb5_conf_default_realm(acceptor->conf));
	return realm.len > 0 && !slice_equal(context->server.realm, realm) &&
	       keytab_has_realm(acceptor->keytab, realm);
}

/* ---- local names ---- */

static enum status find_local(const struct acceptor *acceptor, const struct ap_context *context,
	struct buffer *out, struct error *err)
{
	const struct principal *client = &context->client;
	const char *realm = krb5_conf_default_realm(acceptor->conf);
	if (is_by_another(acceptor, context) && !slice_equal(client->realm, context->server.realm))
		return error_set(err, ERR_NOT_FOUND,
			"the ticket is by the KDC of %s, which gives clients of other realms no "
			"local name here",
			TEXT(context->server.realm));
	if (acceptor->local_rules) {
		enum status status =
			local_rules_apply(acceptor->local_rules, client, realm, out, err);
		if (status != ERR_NOT_FOUND)
			return status;
	}
	return krb5_conf_local_name(acceptor->conf, client, out, err);
}

static enum status refuse_unnamed(const struct principal *client, struct error *err)
{
	(void)error_prefix(err,
		"%s has no local name, and nobody else logs in here (kerberos5_names is local)",
		PRINCIPAL_TEXT(client));
	err->status = KDC_ERR_POLICY;
	return error_show(err, "%s has no name on this server", PRINCIPAL_TEXT(client));
}

enum status login_name_of(const struct acceptor *acceptor, const struct ap_context *context,
	struct buffer *out, struct error *err)
{
	const struct principal *client = &context->client;
	const char *realm =
		is_by_another(acceptor, context) ? NULL : krb5_conf_default_realm(acceptor->conf);
	AUTO_BUFFER local = {0};
	if (check_realm(acceptor, client, err) || identity_of(client, realm, out, err))
		return err->status;
	if (acceptor->names == NAMES_PRINCIPAL)
		return STATUS_OK;
	enum status status = find_local(acceptor, context, &local, err);
	if (status == ERR_NOT_FOUND && acceptor->names == NAMES_LOCAL_OR_PRINCIPAL)
		return STATUS_OK;
	if (status == ERR_NOT_FOUND)
		return refuse_unnamed(client, err);
	if (status || identity_check_local(client, buffer_slice(&local), err))
		return err->status;
	buffer_clear(out);
	return buffer_append(out, buffer_slice(&local)) ? error_no_memory(err) : STATUS_OK;
}
