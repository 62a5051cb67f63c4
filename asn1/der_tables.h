/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_tables.h - the records of each C file that has some. der_tables.c says of which
 * .asn file's types they are.
 */
#ifndef ASN1_DER_TABLES_H
#define ASN1_DER_TABLES_H

#include "asn1/der_record.h"

extern struct der_record *const der_records[];
extern struct der_record *const der_kdc_records[];
extern struct der_record *const der_cred_records[];
extern struct der_record *const der_packet_records[];
extern struct der_record *const der_spnego_records[];

#endif
