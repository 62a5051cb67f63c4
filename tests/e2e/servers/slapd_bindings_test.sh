#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Channel bindings of OpenLDAP's slapd and its clients, in every mechanism that
# has some: the same on both sides, none, and with somebody in between who ends
# TLS and has a certificate that the client trusts.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/slapd.sh"
servers_require slapd:slapd ldapwhoami:ldap-utils openssl:openssl socat:socat

photo_count=0
DIRECT=ldaps://ldap.example.test PROXY=ldaps://ldap.example.test:1636 PROXY_OF_TLS_1_3=ldaps://ldap.example.test:1637
export LDAPTLS_CACERT=/etc/ldap/trusted.pem

proxy_run() { # PORT VERSION, with which it meets slapd
	start "proxy$1" socat "openssl-listen:$1,bind=ldap.example.test,fork,verify=0,cert=$SCRATCH/proxy.pem,key=$SCRATCH/proxy.key" \
		"openssl:ldap.example.test:636,verify=0,openssl-max-proto-version=$2"
	until_true ldapsearch -x -H "ldaps://ldap.example.test:$1" -b '' -s base >/dev/null
}

# Of the same name as slapd's, by the same authority as far as the client can tell.
proxy_start() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=ldap.example.test -addext subjectAltName=DNS:ldap.example.test \
		-out "$SCRATCH/proxy.pem" -keyout "$SCRATCH/proxy.key" 2>/dev/null
	cat /etc/ldap/cert.pem "$SCRATCH/proxy.pem" >"$LDAPTLS_CACERT"
	proxy_run 1636 TLS1.2 && proxy_run 1637 TLS1.3
}

# slapd's configuration is as the guide has it, with all mechanisms and $1.
configure() {
	{
		snippet slapd-conf | sed "s/^mech_list: .*/mech_list: EXTERNAL ${MECH%-PLUS}/"
		printf '%s\n' 'kerberos5_mechanisms: GSSAPI KERBEROS_V5 GSS-SPNEGO GS2-KRB5' "$@"
	} >/etc/ldap/sasl2/slapd.conf
	slapd_start
}

cbinding() { # TYPE
	printf 'dn: cn=config\nchangetype: modify\nreplace: olcSaslCbinding\nolcSaslCbinding: %s\n' "$1" |
		ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null
}

# TLS 1.3 has no tls-unique.
whoami() { # URI TYPE [ARGUMENT...]
	run as_user alice env LDAPTLS_CIPHER_SUITE=NORMAL:-VERS-TLS1.3 \
		ldapwhoami -H "$1" -o SASL_CBINDING="$2" "${@:3}"
}

logs_in() { # URI TYPE
	whoami "$1" "$2" -Y "$MECH" -O maxssf=0 && shown "dn:uid=alice,ou=people,dc=example,dc=test" && return
	show_both
	return 1
}

# is_refused URI TYPE REASON: the reason is in the server's log.
is_refused() {
	! whoami "$1" "$2" -Y "$MECH" -O maxssf=0 && logged "$3"
}

# What slapd offers with bindings, and to whom it has none.
is_listed() {
	ldapsearch -x -LLL -H "$DIRECT" -b '' -s base supportedSASLMechanisms | grep -qx "supportedSASLMechanisms: $MECH"
}

from_list() {
	whoami "$DIRECT" tls-endpoint -O maxssf=0 && shown "SASL/GS2-KRB5 authentication started" &&
		shown "dn:uid=alice,ou=people,dc=example,dc=test"
}

differs="are not those of this connection"

cells() { # WHOSE
	configure
	for type in tls-endpoint tls-unique; do
		cbinding $type
		ok "$1 $MECH, $type: the same" logs_in $DIRECT $type
		ok "$1 $MECH, $type: somebody in between" is_refused $PROXY $type "$differs"
	done
	ok "$1 $MECH: bindings of another type" is_refused $DIRECT tls-endpoint "$differs"
	cbinding tls-endpoint
}

# slapd has no tls-unique in TLS 1.3, which somebody in between can choose.
hole() {
	cbinding tls-unique
	ok "$MECH, tls-unique: somebody in between speaks TLS 1.3 with slapd, which has nothing to compare then" \
		logs_in $PROXY_OF_TLS_1_3 tls-unique
	configure "kerberos5_channel_bindings: required"
	cbinding tls-unique
	ok "$MECH, tls-unique: the same, and slapd requires bindings" \
		is_refused $PROXY_OF_TLS_1_3 tls-unique "this service requires channel bindings"
}

# Mechanisms without -PLUS take a client without bindings, unless an option demands some.
absent() { # WHOSE
	ok "$1 $MECH: the client gives none" logs_in $DIRECT none
	ok "$1 $MECH: the client gives none, through somebody in between" logs_in $PROXY none
	configure "kerberos5_channel_bindings: required"
	cbinding tls-endpoint
	ok "$1 $MECH: the server requires them, and they are the same" logs_in $DIRECT tls-endpoint
	ok "$1 $MECH: the server requires them, and the client gives none" \
		is_refused $PROXY none "sent no channel bindings, and this service demands them"
}

slapd_make
servers_kdc
guide slapd-keytab >/dev/null
MECH=GSSAPI
configure
slapd_modify slapd-names >/dev/null
as_user alice kinit alice <<<alice >/dev/null || exit 99
proxy_start || exit 99
for MECH in KERBEROS_V5 GSSAPI GSS-SPNEGO; do
	cells ours
	absent ours
done
MECH=GSSAPI
configure
hole
client_plugins=("${cyrus_plugins[@]}")
for MECH in GSSAPI GSS-SPNEGO; do
	cells "Cyrus's"
done
MECH=GS2-KRB5-PLUS
cells "Cyrus's"
cbinding tls-unique
ok "$MECH, tls-unique: somebody in between speaks TLS 1.3 with slapd" \
	is_refused $PROXY_OF_TLS_1_3 tls-unique "the client uses channel bindings (ldap), and this server's application has none"
cbinding tls-endpoint
ok "GS2-KRB5-PLUS is offered if there are bindings" is_listed
ok "Cyrus's GS2-KRB5-PLUS is chosen from the list" from_list
done_testing
