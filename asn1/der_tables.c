#include "asn1/der_tables.h"

/* From kerberos5.asn, by asn1Parser. */
extern const asn1_static_node kerberos5_asn1[];

const struct der_table der_tables[] = {
	{kerberos5_asn1, der_records},
	{kerberos5_asn1, der_kdc_records},
	{kerberos5_asn1, der_cred_records},
	{kerberos5_asn1, der_packet_records},
	{0},
};
