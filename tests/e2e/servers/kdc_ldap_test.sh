#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# MIT's KDC with its database in slapd.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/slapd.sh"
servers_require slapd:slapd ldapmodify:ldap-utils openssl:openssl kdb5_ldap_util:krb5-kdc-ldap
schema=/usr/share/doc/krb5-kdc-ldap/kerberos.openldap.ldif.gz
[ -e "$schema" ] || skip_all "missing: $schema (package krb5-kdc-ldap)"

photo_count=0

# In place of the KDC that the tests have: kadmin speaks to the one in LDAP.
without_old_kdc() {
	kdc_stop
	sed -i 's/^\t\tkdc = .*/\t\tkdc = ldap.example.test/' /etc/krb5.conf
	cat >"$SCRATCH/bin/kadmin" <<-'END'
		#!/bin/sh
		exec kadmin.local -r EXAMPLE.TEST "$@"
	END
}

# kdc.conf of DIR is on standard input; it answers at ADDRESS.
run_kdc() { # NAME DIR ADDRESS COMMAND...
	local name=$1 dir=$2 address=$3
	shift 3
	printf '[kdcdefaults]\n\tkdc_listen = ""\n\tkdc_tcp_listen = "%s:88"\n[logging]\n\tkdc = FILE:%s/kdc.log\n' \
		"$address" "$dir" >>"$dir/kdc.conf"
	: >"$dir/kdc.log"
	start "$name" env KRB5_KDC_PROFILE="$dir/kdc.conf" "$@" krb5kdc -n -r EXAMPLE.TEST
}

first_works() {
	mkdir -p /etc/krb5kdc
	guide kdc-ldap-schema && slapd_modify kdc-ldap-access && guide_file kdc-ldap-first /etc/krb5kdc/kdc.conf &&
		$(snippet kdc-ldap-create) -P master && run_kdc first /etc/krb5kdc 192.0.2.2 && until_true grep -q commencing /etc/krb5kdc/kdc.log &&
		kadmin -q "addprinc -pw alice alice" && echo alice | as_user alice kinit alice
}

other_conf() {
	mkdir "$SCRATCH/other"
	{
		sed '/ldap_servers/,/}/d' < <(snippet kdc-ldap-first)
		snippet kdc-ldap-other
		printf '\t}\n'
	} >"$SCRATCH/other/kdc.conf"
	sed 's/ldap.example.test/mail.example.test/' /etc/krb5.conf >"$SCRATCH/other/krb5.conf"
	chmod 755 "$SCRATCH/other"
}

other_works() {
	LOG_START=$(stat -c %s "$SYSLOG")
	: >"$CLIENT_OUT"
	other_conf && guide slapd-keytab && guide_file slapd-conf /etc/ldap/sasl2/slapd.conf && slapd_start && guide kdc-ldap-keytab &&
		run_kdc other "$SCRATCH/other" 192.0.2.1 "$(snippet kdc-ldap-environment)" && until_true grep -q commencing "$SCRATCH/other/kdc.log" &&
		logged 'BIND dn="uid=kdc/mail.example.test,cn=gssapi,cn=auth" mech=GSSAPI bind_ssf=256 ssf=256' &&
		echo alice | as_user alice env KRB5_CONFIG="$SCRATCH/other/krb5.conf" kinit alice
}

other_alone() {
	stop other
	stop first
	LOG_START=$(stat -c %s "$SYSLOG")
	: >"$CLIENT_OUT"
	start other env KRB5_KDC_PROFILE="$SCRATCH/other/kdc.conf" "$(snippet kdc-ldap-environment)" krb5kdc -n -r EXAMPLE.TEST
	logged "client keytab: no KDC of EXAMPLE.TEST answers" && until_true is_gone "$(cat "$SCRATCH/pids/other")"
}

slapd_make
servers_kdc
without_old_kdc
slapd_start
ok "doc/clients.md: a KDC with its database in LDAP" first_works
ok "doc/clients.md: another KDC logs in by GSSAPI" other_works
ok "a KDC cannot get its first ticket from itself" other_alone
done_testing
