/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/service.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Is it one of the services of this acceptor, whether or not there is a key? */
static bool is_served(const struct ap_acceptor *acceptor, const struct principal *principal)
{
	const struct principal *pinned = acceptor->principal;
	if (!pinned)
		return principal->count == 2 &&
		       slice_equal(principal->component[0], acceptor->service);
	return principal_fits(principal, pinned);
}

/* "imap/mail.example.test@EXAMPLE.TEST", or "any imap/HOST". */
static const char *served_text(const struct ap_acceptor *acceptor, char *out, size_t size)
{
	if (acceptor->principal)
		return principal_text(acceptor->principal, out, size);
	snprintf(out, size, "any %s/HOST", TEXT(acceptor->service));
	return out;
}
#define SERVED_TEXT(acceptor)                                                                      \
	served_text((acceptor), (char[PRINCIPAL_TEXT_SIZE]){0}, PRINCIPAL_TEXT_SIZE)

/* "a, b, c" for a sentence, each item once; what does not fit is "...". Items are never empty. */
struct listing {
	char text[300];
	unsigned count;
	bool full;
};

static bool listing_has(const struct listing *list, const char *item)
{
	size_t len = strlen(item);
	for (const char *at = list->text; (at = strstr(at, item)); at += len)
		if ((at == list->text || at[-1] == ' ') && (at[len] == '\0' || at[len] == ','))
			return true;
	return false;
}

static void listing_add(struct listing *list, const char *item)
{
	if (listing_has(list, item))
		return;
	size_t used = strlen(list->text);
	list->full = used + strlen(", ") + strlen(item) + sizeof ", ..." > sizeof list->text;
	if (used > 0) {
		memcpy(list->text + used, ", ", 2);
		used += 2;
	}
	const char *added = list->full ? "..." : item;
	memcpy(list->text + used, added, strlen(added) + 1);
	list->count++;
}

/* The keytab's entries that `wanted` picks, by what `item` says of each; "none" where there are
 * none. */
struct query {
	const struct ap_acceptor *acceptor;
	const struct ticket *ticket;
	bool (*wanted)(const struct query *query, const struct keytab_entry *entry);
	void (*item)(const struct keytab_entry *entry, char *out, size_t size);
};

static struct listing list_entries(const struct query *query)
{
	struct listing list = {0};
	char item[PRINCIPAL_TEXT_SIZE];
	const struct keytab_entry *entry;
	for (unsigned n = 0; (entry = keytab_entry_at(query->acceptor->keytab, n)); n++) {
		if (list.full)
			break;
		if (!query->wanted(query, entry))
			continue;
		query->item(entry, item, sizeof item);
		listing_add(&list, item);
	}
	return list;
}

static bool every_entry(const struct query *query, const struct keytab_entry *entry)
{
	(void)query, (void)entry;
	return true;
}

static bool of_served(const struct query *query, const struct keytab_entry *entry)
{
	return is_served(query->acceptor, &entry->principal);
}

static bool of_ticket_server(const struct query *query, const struct keytab_entry *entry)
{
	return principal_equal(&entry->principal, &query->ticket->server);
}

static bool of_ticket_enctype(const struct query *query, const struct keytab_entry *entry)
{
	return of_ticket_server(query, entry) && entry->enctype == query->ticket->enc_part.etype;
}

static void principal_item(const struct keytab_entry *entry, char *out, size_t size)
{
	principal_text(&entry->principal, out, size);
}

static void kvno_item(const struct keytab_entry *entry, char *out, size_t size)
{
	snprintf(out, size, "%u", entry->kvno);
}

static void enctype_item(const struct keytab_entry *entry, char *out, size_t size)
{
	snprintf(out, size, "%s", ENCTYPE_TEXT(entry->enctype));
}

enum status ap_acceptor_check(const struct ap_acceptor *acceptor, struct error *err)
{
	const struct keytab_entry *entry;
	const struct enctype_list *permitted = krb5_conf_permitted_enctypes(acceptor->conf);
	for (unsigned n = 0; (entry = keytab_entry_at(acceptor->keytab, n)); n++)
		if (is_served(acceptor, &entry->principal) &&
			enctype_list_has(permitted, entry->enctype))
			return STATUS_OK;

	const char *name = keytab_name(acceptor->keytab);
	struct query query = {.acceptor = acceptor, .wanted = of_served, .item = enctype_item};
	struct listing found = list_entries(&query);
	if (found.count > 0)
		return error_set(err, ERR_NOT_FOUND,
			"keytab %s has only keys of types that are not supported or not permitted "
			"for %s (%s): have the KDC give it a key of another type",
			name, SERVED_TEXT(acceptor), found.text);
	query.wanted = every_entry;
	query.item = principal_item;
	found = list_entries(&query);
	return error_set(err, ERR_NOT_FOUND, "keytab %s has no key for %s, it has keys for: %s",
		name, SERVED_TEXT(acceptor), found.count > 0 ? found.text : "nobody");
}

enum status service_check_enctype(
	const struct ap_acceptor *acceptor, int32_t enctype, const char *what, struct error *err)
{
	if (!enctype_by_number(enctype, err)) {
		error_prefix(err, "%s", what);
		return error_show(err, "%s: %s is not supported", what, ENCTYPE_TEXT(enctype));
	}
	if (enctype_list_has(krb5_conf_permitted_enctypes(acceptor->conf), enctype))
		return STATUS_OK;
	error_set(err, KDC_ERR_ETYPE_NOSUPP,
		"%s: %s is not one of the permitted_enctypes of krb5.conf", what,
		ENCTYPE_TEXT(enctype));
	return error_show(err, "%s: %s is not permitted", what, ENCTYPE_TEXT(enctype));
}

/* As service_check_enctype() does it; only a refusal is worth the writing of a name. */
static enum status refuse_enctype(
	const struct ap_acceptor *acceptor, const struct ticket *ticket, struct error *err)
{
	char what[PRINCIPAL_TEXT_SIZE + 40];
	snprintf(what, sizeof what, "the encryption type of the ticket for %s",
		PRINCIPAL_TEXT(&ticket->server));
	return service_check_enctype(acceptor, ticket->enc_part.etype, what, err);
}

static enum status refuse_service(
	const struct ap_acceptor *acceptor, const struct principal *asked, struct error *err)
{
	const struct query query = {
		.acceptor = acceptor, .wanted = of_served, .item = principal_item};
	struct listing found = list_entries(&query);
	error_set(err, KRB_AP_ERR_NOT_US,
		"the ticket is for %s, this server serves %s and holds keys for %s (keytab %s)",
		PRINCIPAL_TEXT(asked), SERVED_TEXT(acceptor), found.count > 0 ? found.text : "none",
		keytab_name(acceptor->keytab));
	return error_show(err, "the ticket is for %s, this server holds no key for it",
		PRINCIPAL_TEXT(asked));
}

/* "kvno 3", "no kvno". */
static const char *kvno_text(const struct encrypted_data *data, char *out, size_t size)
{
	if (data->has_kvno)
		snprintf(out, size, "kvno %u", data->kvno);
	else
		snprintf(out, size, "no kvno");
	return out;
}
#define KVNO_TEXT(data) kvno_text((data), (char[24]){0}, 24)

/* Of what the keytab has for the ticket's service and encryption type. */
static uint32_t newest_kvno(const struct query *query)
{
	uint32_t newest = 0;
	const struct keytab_entry *entry;
	for (unsigned n = 0; (entry = keytab_entry_at(query->acceptor->keytab, n)); n++)
		if (of_ticket_enctype(query, entry) && entry->kvno > newest)
			newest = entry->kvno;
	return newest;
}

/* The keytab has keys, of other versions than the ticket's: which of both is out of date? */
static enum status refuse_kvno(
	const struct query *query, const struct listing *found, struct error *err)
{
	const struct encrypted_data *part = &query->ticket->enc_part;
	uint32_t newest = newest_kvno(query);
	const char *mend = "have the client get a new ticket (kinit), or export the "
			   "keytab again (kadmin: ktadd)";
	const char *shown = "get a new ticket (kinit); if that does not help, the server's keytab "
			    "is out of date";
	if (part->has_kvno && part->kvno > newest) {
		mend = "the KDC has a newer key, export the keytab again (kadmin: ktadd)";
		shown = "the server's keytab is older than the KDC's key, which its administrator "
			"has to mend";
	} else if (part->has_kvno && part->kvno < newest) {
		mend = "the ticket is older than the key, have the client get a new one (kinit)";
		shown = "the ticket is older than the server's key, get a new one (kinit)";
	}
	error_set(err, KRB_AP_ERR_BADKEYVER,
		"the ticket for %s is encrypted with %s of %s, keytab %s has kvno %s: %s",
		PRINCIPAL_TEXT(&query->ticket->server), ENCTYPE_TEXT(part->etype), KVNO_TEXT(part),
		keytab_name(query->acceptor->keytab), found->text, mend);
	return error_show(err, "the server has no key of the ticket's version (%s): %s",
		KVNO_TEXT(part), shown);
}

/* Why there is no key for a ticket. */
static enum status refuse_key(
	const struct ap_acceptor *acceptor, const struct ticket *ticket, struct error *err)
{
	struct query query = {.acceptor = acceptor, .ticket = ticket};
	query.wanted = of_ticket_enctype;
	query.item = kvno_item;
	struct listing found = list_entries(&query);
	if (found.count > 0)
		return refuse_kvno(&query, &found, err);
	query.wanted = of_ticket_server;
	query.item = enctype_item;
	found = list_entries(&query);
	if (found.count == 0)
		return refuse_service(acceptor, &ticket->server, err);
	error_set(err, KRB_AP_ERR_NOKEY,
		"the ticket for %s is encrypted with %s, keytab %s has for it only %s: export "
		"the keytab again (kadmin: ktadd), with all keys that the KDC has",
		PRINCIPAL_TEXT(&ticket->server), ENCTYPE_TEXT(ticket->enc_part.etype),
		keytab_name(acceptor->keytab), found.text);
	return error_show(err, "the server has no key of the ticket's encryption type, %s",
		ENCTYPE_TEXT(ticket->enc_part.etype));
}

static enum status refuse_integrity(
	const struct ap_acceptor *acceptor, const struct ticket *ticket, struct error *err)
{
	error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
		"the ticket for %s (%s, %s) does not decrypt with the key of keytab %s: the KDC's "
		"key is another one, or the ticket was modified; export the keytab again (kadmin: "
		"ktadd)",
		PRINCIPAL_TEXT(&ticket->server), KVNO_TEXT(&ticket->enc_part),
		ENCTYPE_TEXT(ticket->enc_part.etype), keytab_name(acceptor->keytab));
	return error_show(err, "the ticket does not decrypt with the server's key");
}

enum status service_open_ticket(const struct ap_acceptor *acceptor, const struct ticket *ticket,
	struct buffer *plain, const struct keytab_entry **entry, struct error *err)
{
	const struct encrypted_data *part = &ticket->enc_part;
	if (!is_served(acceptor, &ticket->server))
		return refuse_service(acceptor, &ticket->server, err);
	if (service_check_enctype(acceptor, part->etype, "", err))
		return refuse_enctype(acceptor, ticket, err);

	unsigned position = 0;
	bool tried = false;
	while ((*entry = keytab_find(acceptor->keytab, &ticket->server,
			&(struct keytab_wanted){part->etype, part->has_kvno, part->kvno},
			&position))) {
		enum status status =
			key_decrypt((*entry)->key, USAGE_TICKET, part->cipher, plain, err);
		if (status != KRB_AP_ERR_BAD_INTEGRITY)
			return status;
		tried = true;
	}
	return tried ? refuse_integrity(acceptor, ticket, err) : refuse_key(acceptor, ticket, err);
}
