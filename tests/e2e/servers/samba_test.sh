#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Samba as an Active Directory domain controller: its KDC gives the tickets, after
# kinit, by a keytab and by a password, and its LDAP server takes them, with and
# without a layer; and what a server makes of the PACs in them.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/domain.sh"
. "$(dirname "$0")/slapd.sh"
. "$(dirname "$0")/domain_ldap.sh"
. "$(dirname "$0")/domain_members.sh"
. "$(dirname "$0")/domain_pac.sh"
domain_require ldapsearch:ldap-utils slapd:slapd sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin setsid:util-linux \
	adcli:adcli msktutil:msktutil sssd:sssd-ad ldbsearch:ldb-tools

both="GSSAPI KERBEROS_V5"

# ---- a client ----

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
	domain_conf
	rm -f "$SCRATCH/ccache"
	domain_kinit alice "$SCRATCH/ccache" && sample "$1"
	is_alice && klist "$SCRATCH/ccache" | grep -F imap/mail.ad.test@AD.TEST
}

by_keytab() { # MECHANISM
	domain_conf "kerberos5_client_keytab = $DOMAIN/alice.keytab"
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
	domain_conf "kerberos5_credentials = password"
	sample "$1" setsid bash -c "$feeding" feeding "$lines" "$2"
	said trace "AS: asking the KDC of AD.TEST"
}

right_password() {
	by_password "$1" "$DOMAIN_PASSWORD" && is_alice
}

wrong_password() {
	by_password GSSAPI wrong
	said trace "the password of alice@AD.TEST is wrong, by the KDC of AD.TEST"
}

refused_account() { # USER SENTENCE
	domain_conf
	! "$BUILDDIR/tests/tools/get_ticket" -p "$DOMAIN_PASSWORD" "$1" >"$SCRATCH/trace" 2>&1 && said trace "$2"
}

mkdir "$SCRATCH/conf" "$SCRATCH/talk"
printf '%s\n' 'log_level: 4' "keytab: $DOMAIN/imap.keytab" >"$SCRATCH/conf/sample.conf"
domain_conf
ok "a domain is made" domain_make
ok "its controller starts" domain_start
for mechanism in $both; do
	ok "$mechanism: after kinit" after_kinit "$mechanism"
	ok "$mechanism: by a client keytab" by_keytab "$mechanism"
	ok "$mechanism: by password" right_password "$mechanism"
done
ok "a wrong password" wrong_password
ok "one that has to be changed" refused_account stale "expired"
ok "an account that is disabled" refused_account locked "locked"
pac_cases
slapd_pac_cases
at_its_ldap_server
computers_join
sssd_in_domain
samba_at_slapd
ok "its controller starts anew, and takes logins under TLS" \
	domain_start --option="ldap server require strong auth = allow_sasl_over_tls"
at_its_ldap_server_under_tls
members_use_tls
done_testing
