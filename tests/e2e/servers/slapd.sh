# SPDX-License-Identifier: BSD-3-Clause
# slapd.sh - a slapd of the test's own; sourced after common.sh.
#
#	slapd_make              makes its configuration and its database
#	slapd_start             starts it, or starts it anew
#	slapd_modify NAME       has ldapmodify do what doc/servers.md says there
#
# shellcheck shell=bash

URI=ldap://ldap.example.test
slapd_urls='ldap:/// ldaps:/// ldapi:///' # where it listens
photo_count=80
slapd_more_entries= # a command that prints others

slapd_config() {
	local schema
	cat <<-END
		dn: cn=config
		objectClass: olcGlobal
		cn: config
		olcLogLevel: stats
		olcTLSCertificateFile: /etc/ldap/cert.pem
		olcTLSCertificateKeyFile: /etc/ldap/key.pem

		dn: cn=module,cn=config
		objectClass: olcModuleList
		olcModulePath: /usr/lib/ldap
		olcModuleLoad: back_mdb

		dn: cn=schema,cn=config
		objectClass: olcSchemaConfig
		cn: schema

	END
	for schema in core cosine nis inetorgperson; do
		printf 'include: file:///etc/ldap/schema/%s.ldif\n\n' $schema
	done
	cat <<-END
		dn: olcDatabase={0}config,cn=config
		objectClass: olcDatabaseConfig
		olcDatabase: {0}config
		olcAccess: to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * break

		dn: olcDatabase=mdb,cn=config
		objectClass: olcDatabaseConfig
		objectClass: olcMdbConfig
		olcDatabase: mdb
		olcSuffix: dc=example,dc=test
		olcDbDirectory: /var/lib/ldap
		olcDbMaxSize: 104857600
		olcAccess: to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by self write by users read by anonymous auth
	END
}

slapd_person() { # UID
	printf '\ndn: uid=%s,ou=people,dc=example,dc=test\nobjectClass: inetOrgPerson\n' "$1"
	printf '%s: %s\n' uid "$1" cn "$1" sn "$1"
}

# Ten million octets of them: of each of $photo_count people, 128 KiB.
slapd_entries() {
	local n
	printf 'dn: dc=example,dc=test\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n'
	printf '\ndn: ou=people,dc=example,dc=test\nobjectClass: organizationalUnit\nou: people\n'
	slapd_person alice
	slapd_person bob
	for ((n = 0; n < photo_count; n++)); do
		slapd_person "p$n"
		printf 'audio:: %s\n' "$(head -c 131072 /dev/urandom | base64 -w 0)"
	done
	$slapd_more_entries
}

slapd_make() {
	empty /var/lib/ldap
	rm -rf /etc/ldap/slapd.d
	mkdir -p /run/slapd /etc/ldap/sasl2 && mkdir -m 750 /etc/ldap/slapd.d
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=ldap.example.test -addext subjectAltName=DNS:ldap.example.test \
		-out /etc/ldap/cert.pem -keyout /etc/ldap/key.pem 2>/dev/null
	slapd_config >"$SCRATCH/config.ldif"
	slapd_entries >"$SCRATCH/entries.ldif"
	slapadd -q -n 0 -F /etc/ldap/slapd.d -l "$SCRATCH/config.ldif" &&
		slapadd -q -n 1 -F /etc/ldap/slapd.d -l "$SCRATCH/entries.ldif" &&
		chown -R openldap: /etc/ldap/slapd.d /etc/ldap/key.pem /var/lib/ldap /run/slapd
}

slapd_answers() {
	ldapsearch -x -H "$URI" -b '' -s base >/dev/null
}

# slapd_start [COMMAND...]: as arguments of COMMAND.
slapd_start() {
	! is_started slapd || stop slapd
	start slapd "$@" slapd -d 0 -h "$slapd_urls" -u openldap -g openldap \
		-F /etc/ldap/slapd.d
	until_true slapd_answers
}

slapd_modify() {
	snippet "$1" >"$SCRATCH/ldif" && ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f "$SCRATCH/ldif"
}
