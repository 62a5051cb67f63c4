#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What changes for a site that replaces Cyrus SASL's GSSAPI plug-in: the table of
# doc/replacing-cyrus.md, with slapd and its clients, by either module.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/slapd.sh"
servers_require slapd:slapd ldapwhoami:ldap-utils openssl:openssl
photo_count=0

OTHER=/etc/ldap/other.keytab
CACHE=$SCRATCH/cc/alice

# server ours|cyrus [KEYTAB]: slapd with this module or that.
server() {
	local with=()
	[ "$1" = ours ] || with=("${cyrus_plugins[@]}")
	printf '%s\n' 'mech_list: EXTERNAL GSSAPI GSS-SPNEGO GS2-KRB5' "keytab: ${2:-/etc/ldap/ldap.keytab}" \
		'log_level: 4' >/etc/ldap/sasl2/slapd.conf
	slapd_start "${with[@]}"
}

# client ours|cyrus [OPTION...]: ldapwhoami, of alice's.
client() {
	client_plugins=()
	[ "$1" = ours ] || client_plugins=("${cyrus_plugins[@]}")
	shift
	run as_user alice env LDAPTLS_CACERT=/etc/ldap/cert.pem ldapwhoami -N -Y "${mech:-GSSAPI}" -H "${host:-$URI}" "$@"
}

fresh() {
	rm -f "$CACHE"
	as_user alice kinit alice <<<alice >/dev/null
}

calls_herself() { # ours|cyrus NAME
	fresh && client "$1" && shown "SASL username: $2"
}

is_called() { # DN
	client ours && shown "dn:$1"
}

# Of a realm that is trusted; the ticket is minted.
other_realm() { # ours|cyrus
	"$MINT" --client-realm OTHER.TEST --client bob --service ldap/ldap.example.test \
		--keytab "$OTHER" --ccache "$SCRATCH/cc/minted" && chown openldap "$OTHER" && fresh &&
		cat "$SCRATCH/cc/minted" >"$CACHE" && server "$1" "$OTHER" &&
		is_called "uid=bob@other.test,cn=gssapi,cn=auth"
}

# The keytab is not the KDC's.
old_keytab() { # ours|cyrus SENTENCE
	fresh && server "$1" "$OTHER" && ! client ours && shown "ldap_sasl_interactive_bind: Invalid credentials (49)" &&
		logged "SASL [conn=0] Failure: $2"
}

offers() { # ours|cyrus MECHANISM...
	local whose=$1
	shift
	server "$whose" "${keytab:-}" &&
		diff <(ldapsearch -x -H "$URI" -b '' -s base -LLL supportedSASLMechanisms | sed -n 's/^supp.*: //p') \
			<([ $# -eq 0 ] || printf '%s\n' "$@")
}

# An alias of the host has no key at the KDC.
alias_works() { # ours|cyrus
	fresh && host=ldap://alias.example.test client "$1"
}

alias_with_option() {
	sed -i 's/^\[libdefaults\]/&\n\tdns_canonicalize_hostname = true/' /etc/krb5.conf && alias_works ours
}

cache_of_another() { # ours|cyrus
	fresh && chown bob "$CACHE" && chmod 644 "$CACHE" && client "$1"
}

writable_keytab() { # ours|cyrus
	fresh && chmod 660 /etc/ldap/ldap.keytab && server "$1" && client ours
}

# Both record in the file that has this name by default: each refuses what the other has seen
# (gssapi_replay_test.sh).
default_replay_cache() { # ours|cyrus
	rm -f /var/tmp/*
	fresh && server "$1" && client ours && [ "$(ls /var/tmp)" = "krb5_$(id -u openldap).rcache2" ]
}

no_cache() { # ours|cyrus SENTENCE
	rm -f "$CACHE"
	! client "$1" && printed "$2"
}

# By GSS-SPNEGO.
layer() { # ours|cyrus SSF OPTION...
	local whose=$1 ssf=$2
	shift 2
	mech=GSS-SPNEGO client "$whose" "$@" && shown "SASL SSF: $ssf"
}

as_bob() { # ours|cyrus
	mech=GSS-SPNEGO client "$1" -X u:bob && shown "dn:uid=alice,cn=gss-spnego,cn=auth"
}

# The client signs, and the server demands encryption.
too_weak() { # ours|cyrus
	server "$1" && mech=GSS-SPNEGO client ours -O maxssf=1 && shown "SASL SSF: 1"
}

slapd_demands() { # PROPERTIES
	printf 'dn: cn=config\nchangetype: modify\nreplace: olcSaslSecProps\nolcSaslSecProps: %s\n' "$1" |
		ldapmodify -Q -Y EXTERNAL -H ldapi:///
}

# fails TEXT COMMAND...: and the client prints TEXT.
fails() {
	local text=$1
	shift
	! "$@" && printed "$text"
}

slapd_make
servers_kdc ldap/mail.example.test
sed -i '/dns_canonicalize_hostname/d; /rdns/d' /etc/krb5.conf
guide slapd-keytab >/dev/null 2>&1
sed -i 's/ldap.example.test/& alias.example.test/' /etc/hosts
server ours
printf 'dn: cn=config\nchangetype: modify\nadd: olcSaslHost\nolcSaslHost: ldap.example.test\n' |
	ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null

ok "our client calls itself alice" calls_herself ours alice
ok "Cyrus' client calls itself alice@EXAMPLE.TEST" calls_herself cyrus alice@EXAMPLE.TEST
ok "our client asks for the host by the name that it is given" \
	fails "does not know ldap/alias.example.test@EXAMPLE.TEST" alias_works ours
ok "Cyrus' client asks DNS for the host's name" alias_works cyrus
ok "our client does so with dns_canonicalize_hostname" alias_with_option
ok "our client refuses a cache of another user's" \
	fails "belongs to user" cache_of_another ours
ok "Cyrus' client takes it" cache_of_another cyrus
ok "our client says what is missing" no_cache ours "there is no credential cache"
ok "Cyrus' client says it in another way" no_cache cyrus "No Kerberos credentials available"
fresh
ok "our client signs, if it may not encrypt" layer ours 1 -O maxssf=1
ok "Cyrus' client encrypts all the same" layer cyrus 256 -O maxssf=1
host=ldaps://ldap.example.test
ok "our client takes no layer under TLS" layer ours 0
ok "Cyrus' client takes one" layer cyrus 256
host=
ok "our client refuses to act as another" fails 'cannot ask to act as "u:bob"' as_bob ours
ok "Cyrus' client leaves it out" as_bob cyrus
ok "slapd demands encryption" slapd_demands minssf=64 # ldapi has 71
ok "our server refuses a client that signs" \
	fails "the client asks for integrity, and this server allows privacy" too_weak ours
ok "Cyrus' server takes it" too_weak cyrus
ok "slapd demands nothing" slapd_demands none
for whose in ours cyrus; do
	ok "$whose: the replay cache is libkrb5's by default" default_replay_cache $whose
	ok "$whose: a user of the default realm" is_called "uid=alice,cn=gssapi,cn=auth"
	ok "$whose: a user of another realm" other_realm $whose
done
ok "ours: an old keytab" old_keytab ours "GSSAPI: login refused from 192.0.2.2: the ticket for ldap/ldap.example.test@EXAMPLE.TEST is encrypted with aes256-cts-hmac-sha1-96 of kvno 0, keytab $OTHER has kvno 1: the KDC has a newer key, export the keytab again (kadmin: ktadd)"
ok "cyrus: an old keytab" old_keytab cyrus "GSSAPI Error: Unspecified GSS failure.  Minor code may provide more information (Request ticket server ldap/ldap.example.test@EXAMPLE.TEST kvno 2 not found in keytab; keytab is likely out of date)"
ok "our server offers two of them" offers ours GSSAPI GSS-SPNEGO
ok "Cyrus' server offers three mechanisms" offers cyrus GSSAPI GSS-SPNEGO GS2-KRB5
keytab=/etc/ldap/none
ok "our server offers nothing without a keytab" offers ours
ok "Cyrus' server offers no GSSAPI then, but GS2-KRB5" offers cyrus GS2-KRB5
keytab=
ok "our server refuses a keytab that others can write to" \
	fails "GSSAPI is not available on this server" writable_keytab ours
ok "Cyrus' server takes it" writable_keytab cyrus
done_testing
