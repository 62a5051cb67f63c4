# SPDX-License-Identifier: BSD-3-Clause
# domain.sh - a throw-away Active Directory domain, of Samba; sourced after common.sh.
#
#	domain_require PROGRAM:PACKAGE... skips the whole test where Samba, or these, are missing
#	domain_make               makes the domain AD.TEST (about ten seconds)
#	domain_start [OPTION...]  starts its controller, dc.ad.test, or starts it anew: KDC, LDAP
#	                          with and without TLS, kpasswd; OPTIONs are samba's
#	domain_conf [LINE...]     writes the krb5.conf of a member; LINEs go to [appdefaults]
#	domain_kinit NAME CACHE   gets a TGT for NAME (a principal, by the password of all)
#	domain_tool COMMAND...    samba-tool, at its database
#
# All passwords are $DOMAIN_PASSWORD. Everything else is in $DOMAIN: the keytabs
# imap.keytab (imap/mail.ad.test), ldap.keytab (ldap/ldap.ad.test), alice.keytab and
# client.keytab (the machine account client$), the certificate cert.pem of the LDAP server, and
# sids, with the SID and the name of each account and group.
# mail.ad.test and ldap.ad.test are other names of the two hosts that tests have. domain.py has
# the accounts:
#
#	alice           in the group staff, which is in company; has POSIX attributes
#	bob             in staff; the UPN robert@ad.test
#	carol           in company; the UPN carol@corp.test, another suffix
#	stale, locked   has to change the password; is disabled
#	svc-imap, svc-ldap      services, as users
#	root$, client$  machine accounts
#	nobody          a group without members
#
# shellcheck shell=bash

DOMAIN=$SCRATCH/domain
DOMAIN_PASSWORD=Secret-of-Alice-1

domain_require() {
	servers_require samba:samba samba-tool:samba-common-bin openssl:openssl "$@"
	[ -d /usr/share/samba/setup ] || skip_all "missing: what makes a domain (Debian: samba-ad-provision)"
}

domain_network() {
	ip address add 192.0.2.3/32 dev lo
	printf '%s\n' '192.0.2.3 dc.ad.test dc' '192.0.2.1 mail.ad.test' '192.0.2.2 ldap.ad.test' >>/etc/hosts
	hostname dc
}

# Without its own, samba makes an RSA key of 4096 bits when it starts.
domain_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=dc.ad.test \
		-addext subjectAltName=DNS:dc.ad.test -out "$DOMAIN/cert.pem" -keyout "$DOMAIN/key.pem" 2>/dev/null
}

# Its home is the folder of the test; nothing of it goes to /var.
domain_make() {
	mkdir -p "$DOMAIN" /run/samba /var/lib/samba
	empty /var/lib/samba
	domain_network
	domain_certificate
	/usr/bin/python3 "$SRCDIR/tests/e2e/servers/domain.py" "$DOMAIN" "$DOMAIN_PASSWORD" \
		--option="interfaces = 192.0.2.3/32 127.0.0.1/8" --option="bind interfaces only = yes" \
		--option="vfs objects =" --option="server services = ldap cldap kdc" \
		--option="tls certfile = $DOMAIN/cert.pem" --option="tls keyfile = $DOMAIN/key.pem" --option="tls cafile =" \
		--option="kdc default domain supported enctypes = aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96"
}

domain_tool() {
	samba-tool "$@" --configfile="$DOMAIN/etc/smb.conf"
}

domain_answers() {
	(: </dev/tcp/192.0.2.3/88 && : </dev/tcp/192.0.2.3/389 && : </dev/tcp/192.0.2.3/636)
}

domain_start() {
	! is_started samba || stop samba
	start samba samba -i -M single --configfile="$DOMAIN/etc/smb.conf" --debug-stdout "$@"
	until_true domain_answers || { tail "$SYSLOG" && false; }
}

domain_conf() {
	{
		cat <<-END
			[libdefaults]
				default_realm = AD.TEST
				dns_lookup_kdc = false
				dns_canonicalize_hostname = false
				rdns = false
			[realms]
				AD.TEST = {
					kdc = 192.0.2.3
					kpasswd_server = 192.0.2.3
				}
		END
		[ $# -eq 0 ] || printf '%s\n' '[appdefaults]' "${@/#/$'\t'}"
	} >/etc/krb5.conf
}

domain_kinit() {
	kinit -c "$2" "$1" <<<"$DOMAIN_PASSWORD"
}
