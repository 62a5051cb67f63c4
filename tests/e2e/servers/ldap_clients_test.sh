#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Programs that log in at slapd: its own replication and proxy, name services, autofs, scripts.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/slapd.sh"
servers_require slapd:slapd ldapwhoami:ldap-utils openssl:openssl nslcd:nslcd getent.ldap:nslcd-utils \
	automount:autofs python3:python3-ldap php:php-cli ruby:ruby sssd:sssd-ldap

photo_count=0

# An account and a map of autofs's besides the people.
account_and_map() {
	cat <<-END

		dn: uid=carol,ou=people,dc=example,dc=test
		objectClass: inetOrgPerson
		objectClass: posixAccount
		uid: carol
		cn: carol
		sn: carol
		uidNumber: 3001
		gidNumber: 3001
		homeDirectory: /home/carol

		dn: nisMapName=auto.data,dc=example,dc=test
		objectClass: nisMap
		nisMapName: auto.data

		dn: cn=projects,nisMapName=auto.data,dc=example,dc=test
		objectClass: nisObject
		nisMapName: auto.data
		cn: projects
		nisMapEntry: -ro files.example.test:/projects
	END
}

# A second slapd, with the database of $SCRATCH/second.ldif.
second_slapd() {
	! is_started second || stop second
	rm -rf /etc/ldap/second.d /var/lib/ldap/second
	install -d -o openldap /var/lib/ldap/second /etc/ldap/second.d
	{ slapd_config | sed '/^dn: olcDatabase=mdb/,$d; s,^olcModuleLoad: .*,&\nolcModuleLoad: back_ldap,' && cat; } >"$SCRATCH/second.ldif"
	slapadd -q -n 0 -F /etc/ldap/second.d -l "$SCRATCH/second.ldif" && chown -R openldap: /etc/ldap/second.d &&
		start second bash -c '. /etc/default/slapd && exec "$@"' - slapd -d 0 -h ldap://mail.example.test:1389 \
			-u openldap -g openldap -F /etc/ldap/second.d
}

second_has_carol() {
	ldapsearch -x -LLL -H ldap://mail.example.test:1389 -b dc=example,dc=test uid=carol cn | grep -qx 'cn: carol'
}

bound_as() { # NAME
	logged "BIND dn=\"uid=$1,cn=gssapi,cn=auth\" mech=GSSAPI"
}

slapd_keytab() {
	guide slapd-client-keytab && guide slapd-client-environment
}

begin() {
	LOG_START=$(stat -c %s "$SYSLOG")
	: >"$CLIENT_OUT"
}

replicates() {
	begin
	{
		printf '%s\n' 'dn: olcDatabase={1}mdb,cn=config' 'objectClass: olcDatabaseConfig' \
			'objectClass: olcMdbConfig' 'olcDatabase: mdb' 'olcSuffix: dc=example,dc=test' \
			'olcDbDirectory: /var/lib/ldap/second' 'olcRootDN: cn=admin,dc=example,dc=test' 'olcAccess: to * by * read'
		snippet slapd-syncrepl | sed '1,/^add:/d'
	} | second_slapd && until_true second_has_carol &&
		logged "$(snippet slapd-syncrepl-log)"
}

passes_on() {
	begin
	{ snippet slapd-proxy | sed '/^changetype/d' && echo 'olcAccess: to * by * read'; } | second_slapd &&
		until_true second_has_carol && bound_as ldap/mail.example.test
}

nslcd_answers() {
	getent.ldap passwd carol | grep -q '^carol:[^:]*:3001:3001:'
}

nslcd_works() {
	begin
	guide nslcd-keytab && guide_file nslcd-conf /etc/nslcd.conf && start nslcd nslcd -d &&
		until_true nslcd_answers && bound_as nslcd/mail.example.test
}

automount_shows() { # COMMAND...
	begin
	run timeout 30 "$@" automount -m && printed "projects | -ro files.example.test:/projects" && bound_as autofs/mail.example.test
}

autofs_conf() {
	guide_file autofs-conf /etc/autofs.conf && guide_file autofs-auth /etc/autofs_ldap_auth.conf &&
		chmod 600 /etc/autofs_ldap_auth.conf && guide_file autofs-master /etc/auto.master
}

autofs_by_keytab() {
	guide autofs-keytab && autofs_conf || return
	# shellcheck disable=SC2046  # a word for each line
	automount_shows env $(snippet autofs-environment)
}

autofs_by_cache() {
	sed -i "s,clientprinc=.*,& credentialcache=\"$SCRATCH/cc/autofs\"," /etc/autofs_ldap_auth.conf
	kinit -k -t /etc/autofs.keytab -c "$SCRATCH/cc/autofs" autofs/mail.example.test && automount_shows env
}

script_finds() { # INTERPRETER NAME
	begin
	snippet "$2" >"$SCRATCH/script" && chmod 644 "$SCRATCH/script" &&
		run as_user alice "$1" "$SCRATCH/script" && shown carol && bound_as alice
}

sssd_works() {
	begin
	guide sssd-keytab && guide_file sssd-conf /etc/sssd/sssd.conf && chmod 600 /etc/sssd/sssd.conf &&
		start sssd sssd -i --logger=stderr && bound_as host/mail.example.test
}

slapd_more_entries=account_and_map
slapd_make
servers_kdc
guide slapd-keytab >/dev/null 2>&1
guide_file slapd-conf /etc/ldap/sasl2/slapd.conf
slapd_start
ok "doc/clients.md: slapd's client keytab" slapd_keytab
ok "doc/clients.md: slapd's provider" slapd_modify slapd-provider
ok "doc/clients.md: slapd replicates" replicates
ok "doc/clients.md: slapd as a proxy" passes_on
stop second
ok "doc/clients.md: nslcd" nslcd_works
ok "doc/clients.md: autofs, with a client keytab" autofs_by_keytab
ok "doc/clients.md: autofs, with a credential cache" autofs_by_cache
ok "doc/clients.md: sssd" sssd_works
echo alice | as_user alice kinit alice >/dev/null
ok "doc/clients.md: Python" script_finds python3 python-login
ok "doc/clients.md: PHP" script_finds php php-login
ok "doc/clients.md: Ruby" script_finds ruby ruby-login
done_testing
