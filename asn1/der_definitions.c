#include "asn1/der_definitions.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "asn1/der.h"

/* From kerberos5.asn, by asn1Parser. */
extern const asn1_static_node kerberos5_asn1[];
#define MODULE "KerberosV5Spec2."

static const char *const form_names[FORM_COUNT] = {
	[FORM_TICKET] = MODULE "Ticket",
	[FORM_ENC_TICKET_PART] = MODULE "EncTicketPart",
	[FORM_AP_REQ] = MODULE "AP-REQ",
	[FORM_AUTHENTICATOR] = MODULE "Authenticator",
	[FORM_AP_REP] = MODULE "AP-REP",
	[FORM_ENC_AP_REP_PART] = MODULE "EncAPRepPart",
	[FORM_KRB_ERROR] = MODULE "KRB-ERROR",
	[FORM_AUTHORIZATION_DATA] = MODULE "AuthorizationData",
	[FORM_AD_KDC_ISSUED] = MODULE "AD-KDCIssued",
	[FORM_AD_AND_OR] = MODULE "AD-AND-OR",
	[FORM_ETYPE_LIST] = MODULE "EtypeList",
	[FORM_KRB_SAFE] = MODULE "KRB-SAFE",
	[FORM_KRB_PRIV] = MODULE "KRB-PRIV",
	[FORM_ENC_KRB_PRIV_PART] = MODULE "EncKrbPrivPart",
	[FORM_KRB_CRED] = MODULE "KRB-CRED",
	[FORM_ENC_KRB_CRED_PART] = MODULE "EncKrbCredPart",
	[FORM_AS_REQ] = MODULE "AS-REQ",
	[FORM_TGS_REQ] = MODULE "TGS-REQ",
	[FORM_KDC_REQ_BODY] = MODULE "KDC-REQ-BODY",
	[FORM_AS_REP] = MODULE "AS-REP",
	[FORM_TGS_REP] = MODULE "TGS-REP",
	[FORM_ENC_AS_REP_PART] = MODULE "EncASRepPart",
	[FORM_ENC_TGS_REP_PART] = MODULE "EncTGSRepPart",
	[FORM_METHOD_DATA] = MODULE "METHOD-DATA",
	[FORM_ETYPE_INFO2] = MODULE "ETYPE-INFO2",
	[FORM_PA_ENC_TS_ENC] = MODULE "PA-ENC-TS-ENC",
	[FORM_ENCRYPTED_DATA] = MODULE "EncryptedData",
	[FORM_CHECKSUM] = MODULE "Checksum",
};

struct definitions {
	asn1_node form[FORM_COUNT];
};

/* Complete before it is stored here, never changed afterwards. */
static _Atomic(struct definitions *) prepared;

static void definitions_free(struct definitions *d)
{
	if (!d)
		return;
	for (int i = 0; i < FORM_COUNT; i++)
		asn1_delete_structure(&d->form[i]);
	free(d);
}

static enum status definitions_make(struct definitions **out, struct error *err)
{
	struct definitions *made = calloc(1, sizeof *made);
	if (!made)
		return error_no_memory(err);

	asn1_node tree = NULL;
	int result = asn1_array2tree(kerberos5_asn1, &tree, NULL);
	for (int i = 0; i < FORM_COUNT && result == ASN1_SUCCESS; i++)
		result = asn1_create_element(tree, form_names[i], &made->form[i]);
	asn1_delete_structure(&tree);
	if (result != ASN1_SUCCESS) {
		definitions_free(made);
		return error_set(err, ERR_NO_MEMORY,
			"libtasn1 cannot prepare the definitions of Kerberos' messages: %s",
			asn1_strerror(result));
	}
	*out = made;
	return STATUS_OK;
}

enum status der_open(struct error *err)
{
	if (atomic_load_explicit(&prepared, memory_order_acquire))
		return STATUS_OK;

	struct definitions *mine = NULL;
	enum status status = definitions_make(&mine, err);
	if (status)
		return status;
	/* Several threads may have come here at once: the first one's are kept. */
	struct definitions *none = NULL;
	if (!atomic_compare_exchange_strong(&prepared, &none, mine))
		definitions_free(mine);
	return STATUS_OK;
}

void der_close(void)
{
	definitions_free(atomic_exchange(&prepared, NULL));
}

const char *der_form_name(enum der_form form)
{
	return form_names[form] + sizeof MODULE - 1;
}

enum status der_form_new(enum der_form form, asn1_node *out, struct error *err)
{
	enum status status = der_open(err);
	if (status)
		return status;
	const struct definitions *d = atomic_load_explicit(&prepared, memory_order_acquire);
	*out = asn1_dup_node(d->form[form], "");
	return *out ? STATUS_OK : error_no_memory(err);
}
