/*
 * der_definitions.h - kerberos5.asn as libtasn1 has it in memory.
 *
 * Making an element from the definitions costs more than decoding it, so
 * one of each message is made once per process. They are only ever copied
 * afterwards, which any number of threads may do at a time. der_open() and
 * der_close(), of der.h, are here.
 */
#ifndef ASN1_DER_DEFINITIONS_H
#define ASN1_DER_DEFINITIONS_H

#include <libtasn1.h>

#include "base/error.h"

/* The messages that are read. */
enum der_form {
	FORM_TICKET,
	FORM_ENC_TICKET_PART,
	FORM_AP_REQ,
	FORM_AUTHENTICATOR,
	FORM_AP_REP,
	FORM_ENC_AP_REP_PART,
	FORM_KRB_ERROR,
	FORM_AUTHORIZATION_DATA,
	FORM_AD_KDC_ISSUED,
	FORM_AD_AND_OR,
	FORM_ETYPE_LIST,
	FORM_KRB_SAFE,
	FORM_KRB_PRIV,
	FORM_ENC_KRB_PRIV_PART,
	FORM_KRB_CRED,
	FORM_ENC_KRB_CRED_PART,
	FORM_AS_REQ,
	FORM_TGS_REQ,
	FORM_KDC_REQ_BODY,
	FORM_AS_REP,
	FORM_TGS_REP,
	FORM_ENC_AS_REP_PART,
	FORM_ENC_TGS_REP_PART,
	FORM_METHOD_DATA,
	FORM_ETYPE_INFO2,
	FORM_PA_ENC_TS_ENC,
	FORM_ENCRYPTED_DATA,
	FORM_CHECKSUM,
	FORM_COUNT
};

/* Its name in RFC 4120 and kerberos5.asn. */
const char *der_form_name(enum der_form form);

/* An empty message to decode into; the caller deletes it. ERR_NO_MEMORY. */
MUST_CHECK enum status der_form_new(enum der_form form, asn1_node *out, struct error *err);

#endif
