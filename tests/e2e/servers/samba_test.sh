#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Samba as an Active Directory domain controller: its KDC gives the tickets, after
# kinit, by a keytab and by a password, and its LDAP server takes them: with
# layers, too.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
servers_require samba:samba samba-tool:samba-common-bin ldapsearch:ldap-utils \
	sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin setsid:util-linux
[ -d /usr/share/samba/setup ] || skip_all "missing: what makes a domain (Debian: samba-ad-provision)"

DC=$SCRATCH/dc
password=Secret-of-Alice-1
both="GSSAPI KERBEROS_V5"

# ---- the domain ----

samba_network() {
	ip address add 192.0.2.3/32 dev lo
	printf '%s\n' '192.0.2.3 dc.ad.test dc' '192.0.2.1 mail.ad.test' >>/etc/hosts
	hostname dc
}

# Its home is the folder of the test; nothing of it goes to /var.
provision() {
	mkdir -p "$DC" /run/samba /var/lib/samba
	empty /var/lib/samba
	samba-tool domain provision --realm=AD.TEST --domain=AD --server-role=dc --dns-backend=NONE \
		--adminpass="$password" --targetdir="$DC" --host-name=dc --host-ip=192.0.2.3 \
		--option="interfaces = 192.0.2.3/32 127.0.0.1/8" --option="bind interfaces only = yes" \
		--option="vfs objects =" --option="server services = ldap cldap kdc" \
		--option="kdc default domain supported enctypes = aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96"
}

tool() {
	samba-tool "$@" --configfile="$DC/etc/smb.conf"
}

users() {
	tool user create alice "$password" && tool user create stale "$password" &&
		tool user create locked "$password" && tool user disable locked &&
		tool user setpassword stale --newpassword="$password" --must-change-at-next-login &&
		tool user create --random-password mail && tool spn add imap/mail.ad.test mail &&
		tool spn add ldap/dc.ad.test 'DC$' &&
		tool domain exportkeytab "$SCRATCH/keytab" --principal=imap/mail.ad.test &&
		tool domain exportkeytab "$SCRATCH/client.keytab" --principal=alice
}

starts() {
	start samba samba -i -M single --configfile="$DC/etc/smb.conf" --debug-stdout
	until_true bash -c ': </dev/tcp/192.0.2.3/88 </dev/tcp/192.0.2.3/389' || { tail "$SYSLOG" && false; }
}

# ---- a client ----

usual() { # [LINE...]
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
				}
		END
		[ $# -eq 0 ] || printf '%s\n' '[appdefaults]' "$@"
	} >/etc/krb5.conf
}

sample() { # MECHANISM COMMAND...
	local mechanism=$1
	shift
	rm -f "$SCRATCH/trace"
	KRB5_TRACE=$SCRATCH/trace SASL_CONF_PATH=$SCRATCH/conf "$SRCDIR/tests/tools/sasl_shuttle.sh" \
		"$SCRATCH/talk" sasl-sample-server -s imap -p "$PLUGINS" -- \
		env KRB5CCNAME="$SCRATCH/ccache" "$@" \
		sasl-sample-client -s imap -n mail.ad.test -p "$PLUGINS" -m "$mechanism" -a alice
}

said() { # FILE TEXT
	grep -aqF -e "$2" "$SCRATCH/$1" && return
	echo "not said in $1: $2"
	tail -n 20 "$SCRATCH"/talk/*.{out,err} "$SCRATCH/trace"
	return 1
}

is_alice() {
	said talk/server.out "Username: alice" && said talk/client.out "Username: alice"
}

after_kinit() { # MECHANISM
	usual
	rm -f "$SCRATCH/ccache"
	echo "$password" | kinit -c "$SCRATCH/ccache" alice && sample "$1"
	is_alice && klist "$SCRATCH/ccache" | grep -F imap/mail.ad.test@AD.TEST
}

by_keytab() { # MECHANISM
	usual "	kerberos5_client_keytab = $SCRATCH/client.keytab"
	rm -f "$SCRATCH/ccache"
	sample "$1"
	is_alice
}

# The sample client reads it from its input, after the server's first line, or the second.
# shellcheck disable=SC2016  # it is a script
feeding='
	number=$1 password=$2
	shift 2
	"$@" < <(
		for ((i = 0; i < number; i++)); do
			IFS= read -r line && printf "%s\n" "$line"
		done
		printf "%s\n" "$password"
		exec cat
	)'

by_password() { # MECHANISM PASSWORD
	local lines=1
	[ "$1" = GSSAPI ] || lines=2
	usual "	kerberos5_credentials = password"
	sample "$1" setsid bash -c "$feeding" feeding "$lines" "$2"
	said trace "AS: asking the KDC of AD.TEST"
}

right_password() {
	by_password "$1" "$password" && is_alice
}

wrong_password() {
	by_password GSSAPI wrong
	said trace "the password of alice@AD.TEST is wrong, by the KDC of AD.TEST"
}

refused_account() { # USER SENTENCE
	usual
	! "$BUILDDIR/tests/tools/get_ticket" -p "$password" "$1" >"$SCRATCH/trace" 2>&1 && said trace "$2"
}

# Its own LDAP server, by what is in its directory: a layer included.
at_its_ldap_server() { # SSF OPTION...
	local ssf=$1
	shift
	usual
	echo "$password" | kinit -c "$SCRATCH/ccache" alice
	run env KRB5CCNAME="$SCRATCH/ccache" ldapsearch -N -Y GSSAPI \
		-H ldap://dc.ad.test "$@" -LLL -b CN=Users,DC=ad,DC=test cn=alice userPrincipalName || show_both
	printed "SASL SSF: $ssf" && shown "userPrincipalName: alice@ad.test"
}

mkdir "$SCRATCH/conf" "$SCRATCH/talk"
printf '%s\n' 'log_level: 4' "keytab: $SCRATCH/keytab" >"$SCRATCH/conf/sample.conf"
samba_network
usual
ok "a domain is made" provision
ok "with users and services" users
ok "the domain controller starts" starts
for mechanism in $both; do
	ok "$mechanism: after kinit" after_kinit "$mechanism"
	ok "$mechanism: by a client keytab" by_keytab "$mechanism"
	ok "$mechanism: by password" right_password "$mechanism"
done
ok "a wrong password" wrong_password
ok "one that has to be changed" refused_account stale "expired"
ok "an account that is disabled" refused_account locked "locked"
ok "at its LDAP server, with privacy" at_its_ldap_server 256
ok "with integrity" at_its_ldap_server 1 -O maxssf=1

done_testing
