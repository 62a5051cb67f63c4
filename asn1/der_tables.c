/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_tables.h"

/* Each from the .asn file of its name, by asn1Parser. */
extern const asn1_static_node kerberos5_asn1[];
extern const asn1_static_node spnego_asn1[];

const struct der_table der_tables[] = {
	{kerberos5_asn1, der_records},
	{kerberos5_asn1, der_kdc_records},
	{kerberos5_asn1, der_cred_records},
	{kerberos5_asn1, der_packet_records},
	{spnego_asn1, der_spnego_records},
	{0},
};
