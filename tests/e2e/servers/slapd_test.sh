#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# OpenLDAP's slapd and its clients.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/slapd.sh"
. "$(dirname "$0")/mistakes.sh"
servers_require slapd:slapd ldapwhoami:ldap-utils openssl:openssl fail2ban-regex:fail2ban

SERVICE=ldap/ldap.example.test
KEYTAB=/etc/ldap/ldap.keytab
OWNER=openldap
CLIENT_ADDRESS=192.0.2.2
REFUSED=client
LDAPTLS_CACERT=/etc/ldap/cert.pem
export LDAPTLS_CACERT
# The layer where neither side says anything.
declare -A in_tls=([KERBEROS_V5]=256 [GSSAPI]=0)

# The SASL configuration as the guide has it, for $MECH. Other mechanisms: more words.
slapd_conf() {
	snippet slapd-conf | sed "s/^mech_list: .*/mech_list: ${*:-EXTERNAL $MECH}/" >/etc/ldap/sasl2/slapd.conf
}

whoami() { # COMMAND (env ...), --, ldapwhoami's arguments
	local before=()
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
	shift
	run as_user "${user:-alice}" "${before[@]}" ldapwhoami -H "$URI" "$@" || { show_both && false; }
}

log_in() {
	whoami "$@" -- -Y "$MECH"
}

is_alice() { # SSF [NAME ENTRY]
	shown "SASL/$MECH authentication started" && shown "SASL username: ${2:-${calls_herself:-alice}}" &&
		shown "SASL SSF: $1" && shown "dn:uid=${3:-alice},ou=people,dc=example,dc=test"
}

server_says() {
	case $1 in
	ERR) logged "SASL [conn=0] Error: $2" ;;
	FAIL) logged "SASL [conn=0] Failure: $2" ;;
	esac
}

client_says() {
	case $1 in
	local) shown "	additional info: SASL(-1): generic failure: $2" ;;
	refused)
		shown "ldap_sasl_interactive_bind: Invalid credentials (49)" &&
			shown "	additional info: SASL(-13): authentication failure: $2" &&
			logged "RESULT tag=97 err=49 "
		;;
	listed | alone) shown "	additional info: SASL(-4): no mechanism available: $2" ;;
	esac
}

works_besides() {
	ldapwhoami -Q -Y EXTERNAL -H ldapi:/// && ldapwhoami -x -H "$URI"
}

alone() {
	slapd_conf "$MECH" && slapd_start
}

restore() {
	slapd_conf && slapd_start
}

# ---- the guide ----

guide_works() {
	guide slapd-keytab && guide_file slapd-conf /etc/ldap/sasl2/slapd.conf && slapd_start &&
		snippet slapd-login >"$SCRATCH/login" && run as_user alice bash -e "$SCRATCH/login" <<<alice &&
		diff <(snippet slapd-login-prints) <(sed 1d "$CLIENT_OUT") &&
		logged "$(snippet slapd-login-log | sed 's/.* BIND/BIND/')" &&
		recorded /run/slapd-kerberos5/rcache2 openldap
}

module_is_there() {
	guide see-plugin >"$SCRATCH/seen" 2>&1
	cat "$SCRATCH/seen"
	grep -q 'Plugin "kerberos5"' "$SCRATCH/seen" &&
		grep -q 'SASL mechanism: GSSAPI' "$SCRATCH/seen"
}

keys_are_there() {
	local kvno
	kvno=$(as_user alice kvno "$SERVICE" | sed 's/.* = //')
	guide see-keytab >"$SCRATCH/seen"
	cat "$SCRATCH/seen"
	grep -q "^ *$kvno $SERVICE@EXAMPLE.TEST" "$SCRATCH/seen"
}

# ---- logins ----

named() {
	log_in && is_alice 256 && logged "mech=$MECH bind_ssf=256 ssf=256" &&
		loads "$(cat "$SCRATCH/pids/slapd")"
}

# Of the mechanisms that this client prefers to it, none is in the list.
from_list() {
	slapd_conf EXTERNAL PLAIN LOGIN DIGEST-MD5 CRAM-MD5 NTLM ANONYMOUS "$MECH" &&
		slapd_start && whoami -- && is_alice 256
}

scram_in_list() {
	slapd_conf EXTERNAL SCRAM-SHA-256 "$MECH" && slapd_start && ! whoami -- -w alice &&
		shown "SASL/SCRAM-SHA-256 authentication started"
}

both_in_list() {
	slapd_conf EXTERNAL KERBEROS_V5 GSSAPI && slapd_start && whoami -- && MECH=GSSAPI is_alice 256
}

layer() { # PROPERTIES SSF
	whoami -- -Y "$MECH" -O "$1" && is_alice "$2" && logged "mech=$MECH bind_ssf=$2 ssf=$2"
}

too_strong() {
	! whoami -- -Y "$MECH" -O minssf=257 && shown "	additional info: SASL(-4): no mechanism available: No worthy mechs found"
}

with_tls() { # PROPERTIES SSF
	whoami -- -ZZ -Y "$MECH" -O "$1" && is_alice "$2" && logged "mech=$MECH bind_ssf=$2 ssf=256"
}

cbinding() { # TYPE
	printf 'dn: cn=config\nchangetype: modify\nreplace: olcSaslCbinding\nolcSaslCbinding: %s\n' "$1" |
		ldapmodify -Q -Y EXTERNAL -H ldapi:///
}

bound() { # TYPE, the client's; TLS 1.3 has no tls-unique
	whoami env LDAPSASL_CBINDING="$1" LDAPTLS_CIPHER_SUITE=NORMAL:-VERS-TLS1.3 -- \
		-ZZ -Y "$MECH" -O maxssf=0
}

# OpenLDAP's bindings are critical on neither side.
channel_bindings() {
	cbinding tls-endpoint && bound tls-endpoint && is_alice 0 && bound none && is_alice 0 &&
		! bound tls-unique && show_both | grep 'channel bindings are not those of this connection' &&
		cbinding none && bound tls-unique && is_alice 0
}

# Clients that say that they send bindings if they have some, as Windows does.
announced() { # TYPE, the client's
	cp /etc/krb5.conf "$SCRATCH/aware.conf" && chmod 644 "$SCRATCH/aware.conf" &&
		printf '\n[libdefaults]\nclient_aware_channel_bindings = true\n' >>"$SCRATCH/aware.conf" &&
		whoami env KRB5_CONFIG="$SCRATCH/aware.conf" LDAPSASL_CBINDING="$1" -- -ZZ -Y "$MECH" -O maxssf=0
}

announced_bindings() {
	announced none && is_alice 0 && cbinding tls-endpoint && announced tls-endpoint && is_alice 0 &&
		! announced none && show_both | grep 'sent no channel bindings, though it says' &&
		cbinding none
}

required_bindings() {
	slapd_conf && echo "kerberos5_channel_bindings: required" >>/etc/ldap/sasl2/slapd.conf &&
		slapd_start && cbinding tls-endpoint && bound tls-endpoint && is_alice 0 &&
		! bound none && show_both | grep 'sent no channel bindings, and this service demands them' &&
		! log_in && show_both | grep 'requires channel bindings' && cbinding none && restore
}

layer_demanded() {
	slapd_modify slapd-secprops && layer minssf=0 256 && layer maxssf=1 1 &&
		! whoami -- -Y "$MECH" -O maxssf=0 && show_both >"$SCRATCH/refusal" &&
		whoami -- -ZZ -Y "$MECH" -O maxssf=0 && is_alice 0
}

layer_not_demanded() {
	printf 'dn: cn=config\nchangetype: modify\nreplace: olcSaslSecProps\nolcSaslSecProps: minssf=0\n' |
		ldapmodify -Q -Y EXTERNAL -H ldapi:/// && layer maxssf=0 0
}

# libldap says neither user nor SSF where the login is for another.
acts_as_other() {
	whoami -- -Y "$MECH" -X u:bob &&
		is_alice 256 u:bob bob
}

may_not_act() {
	! user=bob whoami -- -Y "$MECH" -X u:alice &&
		shown "	additional info: SASL(-14): authorization failure: not authorized" &&
		logged "SASL [conn=0] Failure: not authorized"
}

transfer() { # PROPERTIES
	as_user alice ldapsearch -Q -Y "$MECH" -O "$1" -H "$URI" -LLL -o ldif-wrap=no \
		-b ou=people,dc=example,dc=test '(uid=p*)' audio >"$SCRATCH/found.ldif" &&
		[ "$(grep -c '^audio::' "$SCRATCH/found.ldif")" -eq "$photo_count" ] &&
		cmp <(grep '^audio::' "$SCRATCH/entries.ldif") <(grep '^audio::' "$SCRATCH/found.ldif")
}

# The other way: what the client sends.
upload() { # PROPERTIES
	sed -n 's/^audio:: //p' "$SCRATCH/entries.ldif" | sed 's/.*/replace: audio\naudio:: &\n-/
		1s/^/dn: uid=alice,ou=people,dc=example,dc=test\nchangetype: modify\n/
		$!s/$/\n\ndn: uid=alice,ou=people,dc=example,dc=test\nchangetype: modify/' >"$SCRATCH/upload.ldif"
	as_user alice ldapmodify -Q -Y "$MECH" -O "$1" -H "$URI" -f "$SCRATCH/upload.ldif" >"$SCRATCH/uploaded" &&
		[ "$(grep -c '^modifying' "$SCRATCH/uploaded")" -eq "$photo_count" ] &&
		cmp <(grep '^audio::' "$SCRATCH/entries.ldif" | tail -n 1) \
			<(slapcat -n 1 -F /etc/ldap/slapd.d -a '(uid=alice)' -o ldif-wrap=no | grep '^audio::')
}

parallel() { # COUNT
	at_once "$1" ldapwhoami -Q -Y "$MECH" -H "$URI" && all_printed "$1" dn:uid=alice,ou=people,dc=example,dc=test
}

large_ticket() {
	minted --ticket-size 49152 && log_in "${use_minted[@]}" && is_alice 256
}

# bob of another realm is bob here, and of a third one nobody.
other_realms() {
	slapd_conf && snippet slapd-local-names >>/etc/ldap/sasl2/slapd.conf && slapd_start &&
		log_in && is_alice 256 && minted --client bob@OTHER.TEST &&
		log_in "${use_minted[@]}" && shown "dn:uid=bob,ou=people,dc=example,dc=test" &&
		minted --client bob@THIRD.TEST && login_fails "${use_minted[@]}" &&
		client_says refused "clients of realm THIRD.TEST do not log in here" && restore
}

# slapd's limit lower than it is, then as the guide has it.
ticket_limit() {
	snippet slapd-limit | sed 's/262143/32768/' | ldapmodify -Q -Y EXTERNAL -H ldapi:/// &&
		login_fails "${use_minted[@]}" && shown "$(snippet slapd-limit-prints)" &&
		logged "closed (connection lost)" && slapd_modify slapd-limit && log_in "${use_minted[@]}"
}

cells() {
	restore
	fresh_ticket alice
	fresh_ticket bob
	ok "$MECH: named by the client" named
	ok "$MECH: no layer" layer maxssf=0 0
	ok "$MECH: integrity" layer maxssf=1 1
	ok "$MECH: confidentiality demanded" layer minssf=256 256
	ok "$MECH: more than there is" too_strong
	ok "$MECH: in TLS, without a layer" with_tls maxssf=0 0
	ok "$MECH: in TLS, as it comes" with_tls minssf=0 "${in_tls[$MECH]}"
	ok "$MECH: in TLS, a layer demanded" with_tls minssf=512 256
	ok "$MECH: in TLS, with channel bindings" channel_bindings
	ok "$MECH: in TLS, and the client says that it sends them" announced_bindings
	ok "$MECH: in TLS, with channel bindings that the option requires" required_bindings
	ok "$MECH: the server demands a layer" layer_demanded
	ok "$MECH: and demands none again" layer_not_demanded
	ok "$MECH: acting as another" acts_as_other
	ok "$MECH: and without leave" may_not_act
	ok "$MECH: ten million octets, confidential" transfer minssf=256
	ok "$MECH: ten million octets, integrity" transfer maxssf=1
	ok "$MECH: ten million octets from the client" upload minssf=256
	ok "$MECH: 200 logins in parallel" parallel 200
	ok "$MECH: a ticket of 48 KiB" large_ticket
	ok "$MECH: and a lower limit" ticket_limit
	ok "$MECH: chosen for its strength" from_list
	ok "$MECH: but not where there is SCRAM too" scram_in_list
	mistakes
	ok "$MECH: the filter for fail2ban finds who was refused" filter_counts
}

# GSSAPI between our module and Cyrus' plug-in; who has which is said by WHAT.
peers() { # WHAT
	ok "$1: no layer" layer maxssf=0 0
	ok "$1: integrity" layer maxssf=1 1
	ok "$1: confidentiality" layer minssf=256 256
	ok "$1: in TLS" with_tls maxssf=0 0
	ok "$1: acting as another" acts_as_other
	ok "$1: and without leave" may_not_act
	ok "$1: ten million octets, confidential" transfer minssf=256
	ok "$1: ten million octets, integrity" transfer maxssf=1
	ok "$1: ten million octets from the client" upload minssf=256
	ok "$1: 50 logins in parallel" parallel 50
	ok "$1: a ticket of 48 KiB" large_ticket
}

slapd_make
servers_kdc ldap/mail.example.test ldap/old.example.test
ok "doc/servers.md: is the module there?" module_is_there
ok "doc/servers.md: a login" guide_works
ok "doc/servers.md: are the keys there?" keys_are_there
ok "doc/servers.md: names of entries" slapd_modify slapd-names
ok "doc/servers.md: acting as another" slapd_modify slapd-authz
MECH=GSSAPI
ok "doc/servers.md: clients of other realms" other_realms
for MECH in KERBEROS_V5 GSSAPI; do
	cells
done
ok "both in the list: GSSAPI is chosen" both_in_list
restore
fresh_ticket alice
fresh_ticket bob
client_plugins=("${cyrus_plugins[@]}")
calls_herself=alice@EXAMPLE.TEST
peers "the client has Cyrus' GSSAPI"
client_plugins=()
unset calls_herself
printf 'dn: cn=config\nchangetype: modify\nadd: olcSaslHost\nolcSaslHost: ldap.example.test\n' |
	ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null
slapd_start "${cyrus_plugins[@]}"
peers "slapd has Cyrus' GSSAPI"
done_testing
