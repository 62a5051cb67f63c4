#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What goes wrong at a real site, with tickets from a real MIT KDC, and what
# each side says of it: the server in its log, the client, which can say it
# nowhere else, in the file that KRB5_TRACE names.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/login.sh"
kdc_require sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin

mail=imap/mail.example.test
keytab=$SCRATCH/keytab
usual_client=("${client[@]}")
usual_server=("${server[@]}")
export KRB5CCNAME=FILE:$SCRATCH/ccache KRB5_CONFIG=$SCRATCH/krb5.conf

usual() {
	client=("${usual_client[@]}")
	server=("${usual_server[@]}")
	configure_server "keytab: ${1:-$keytab}" "mech_list: KERBEROS_V5"
}

# refused CLIENT-SAYS SERVER-SAYS, and the server's "login refused" with it in its log,
# after the client's name as far as that is known
refused() {
	fails login && says trace "$1" && says server "KERBEROS_V5: login refused" && says server ": $2" &&
		says client "Performing SASL negotiation: authentication failure" &&
		says_not client Username && says_not server Username &&
		nothing_private_sent
}

# The client gives up before it sends anything.
not_begun() {
	fails login && says trace "$1" && steps "" &&
		says client "Performing SASL negotiation: generic failure" &&
		says server "Unable to parse input"
}

# Whoever is not authenticated reads no path of the server's.
nothing_private_sent() {
	! sent server | grep -aF "$SCRATCH" || { echo "a path was sent" && false; }
}

# ---- the client's cache ----

no_cache() {
	usual
	KRB5CCNAME=FILE:$SCRATCH/none not_begun \
		"there is no credential cache $SCRATCH/none: run kinit, or set KRB5CCNAME"
}

# Tickets for other services, and none to get this one by.
no_ticket() {
	usual
	echo alice | KRB5CCNAME=FILE:$SCRATCH/other kinit -S kadmin/changepw alice >&2 &&
		KRB5CCNAME=FILE:$SCRATCH/other not_begun \
			"there is no ticket of alice@EXAMPLE.TEST for $mail in the credential cache $SCRATCH/other: run kinit"
}

# Another host's ticket is not this host's.
ticket_for_another_host() {
	usual
	client+=(-n other.example.test)
	not_begun "the KDC of EXAMPLE.TEST does not know imap/other.example.test"
}

# By a KDC that gives out tickets for seconds; with the ticket for it they end.
expired() {
	usual
	sleep "$(((expires_at = expiring + 3) > SECONDS ? expires_at - SECONDS : 0))"
	KRB5CCNAME=FILE:$SCRATCH/expiring not_begun "the ticket for $mail@EXAMPLE.TEST in the credential cache $SCRATCH/expiring ended at " &&
		says trace " s ago: run kinit"
}

postdated() {
	usual
	echo alice | KRB5CCNAME=FILE:$SCRATCH/postdated kinit -S "$mail" -s 1h alice &&
		KRB5CCNAME=FILE:$SCRATCH/postdated not_begun "the ticket for $mail@EXAMPLE.TEST in the credential cache $SCRATCH/postdated starts at " &&
		says trace ": wait, or check this host's clock"
}

not_validated() {
	usual
	KRB5CCNAME=FILE:$SCRATCH/invalid not_begun "the ticket for $mail@EXAMPLE.TEST in the credential cache $SCRATCH/invalid is postdated and was not validated (flag INVALID): run kinit -v"
}

# ---- the server's keytab ----

wrong_service() {
	usual
	client+=(-s ldap)
	refused "the server holds no key for ldap/mail.example.test, the service that was asked for; server says (unverified): the ticket is for ldap/mail.example.test@EXAMPLE.TEST, this server holds no key for it" \
		"the ticket is for ldap/mail.example.test@EXAMPLE.TEST, this server serves any imap/HOST and holds keys for $mail@EXAMPLE.TEST (keytab $keytab)"
}

wrong_realm() {
	usual "$SCRATCH/partner"
	"$MINT" --keytab "$SCRATCH/partner" --service "$mail@PARTNER.TEST"
	refused "the server holds no key for $mail, the service that was asked for; server says (unverified): the ticket is for $mail@EXAMPLE.TEST, this server holds no key for it" \
		"the ticket is for $mail@EXAMPLE.TEST, this server serves any imap/HOST and holds keys for $mail@PARTNER.TEST (keytab $SCRATCH/partner)"
}

pinned_to_another_host() {
	usual "$SCRATCH/www"
	cp "$keytab" "$SCRATCH/www"
	"$MINT" --keytab "$SCRATCH/www" --service imap/www.example.test
	echo "kerberos5_service_principal: imap/www.example.test" >>"$LOGIN_CONF/sample.conf"
	refused "the server holds no key for $mail, the service that was asked for; server says (unverified): the ticket is for $mail@EXAMPLE.TEST, this server holds no key for it" \
		"the ticket is for $mail@EXAMPLE.TEST, this server serves imap/www.example.test and holds keys for imap/www.example.test@EXAMPLE.TEST (keytab $SCRATCH/www)"
}

mechanism_missing() { # WHY
	fails login && says server "Sending list of 0 mechanism(s)" &&
		says client "Starting SASL negotiation: no mechanism available" &&
		says server "KERBEROS_V5: not offered: $1"
}

not_offered() {
	usual "$SCRATCH/host"
	"$MINT" --keytab "$SCRATCH/host" --service host/mail.example.test
	mechanism_missing "keytab $SCRATCH/host has no key for any imap/HOST, it has keys for: host/mail.example.test@EXAMPLE.TEST"
}

no_keytab() {
	usual "$SCRATCH/none"
	mechanism_missing "there is no keytab $SCRATCH/none: make it with kadmin's ktadd"
}

# Of the right version and type, made of a wrong password.
wrong_key() {
	local kvno
	kvno=$(kvno_of "$keytab")
	usual "$SCRATCH/wrong"
	"$MINT" --keytab "$SCRATCH/wrong" --service "$mail" --password wrong --kvno "$kvno"
	refused "the server cannot decrypt the ticket for $mail, the service that was asked for: its key may have been changed, run kinit; if that does not help, the server's keytab is out of date; server says (unverified): the ticket does not decrypt with the server's key" \
		"the ticket for $mail@EXAMPLE.TEST (kvno $kvno, aes256-cts-hmac-sha1-96) does not decrypt with the key of keytab $SCRATCH/wrong: the KDC's key is another one"
}

wrong_type() {
	usual "$SCRATCH/type"
	"$MINT" --keytab "$SCRATCH/type" --service "$mail" --enctype camellia256-cts \
		--kvno "$(kvno_of "$keytab")"
	refused "the server has no key of the ticket's encryption type for $mail, the service that was asked for; server says (unverified): the server has no key of the ticket's encryption type, aes256-cts-hmac-sha1-96" \
		"the ticket for $mail@EXAMPLE.TEST is encrypted with aes256-cts-hmac-sha1-96, keytab $SCRATCH/type has for it only camellia256-cts-cmac"
}

type_not_permitted() {
	usual "$SCRATCH/both"
	cp "$keytab" "$SCRATCH/both"
	"$MINT" --keytab "$SCRATCH/both" --service "$mail" --enctype camellia256-cts --kvno 9
	kdc_client_conf camellia256-cts >"$SCRATCH/camellia.conf"
	server=(env "KRB5_CONFIG=$SCRATCH/camellia.conf" "${server[@]}")
	refused "the server does not accept an encryption type in the ticket for $mail, the service that was asked for; server says (unverified): the encryption type of the ticket for $mail@EXAMPLE.TEST: aes256-cts-hmac-sha1-96 is not permitted" \
		"the encryption type of the ticket for $mail@EXAMPLE.TEST: aes256-cts-hmac-sha1-96 is not one of the permitted_enctypes of krb5.conf"
}

kvno_of() { # KEYTAB
	klist -k "$1" | sed -n "s|^ *\([0-9]*\) $mail@.*|\1|p"
}

# ---- the exchange ----

mutual_required() {
	usual
	configure_server "keytab: $keytab" "mech_list: KERBEROS_V5" "kerberos5_mutual: required"
	cat "$KRB5_CONFIG" - >"$SCRATCH/not-mutual.conf" <<<"[appdefaults]
	kerberos5_mutual = no"
	# No layer: that would imply it.
	client=(env "KRB5_CONFIG=$SCRATCH/not-mutual.conf" "${client[@]}" -b "min=0,max=0")
	fails login && steps 1234 && says_not server Username &&
		says server "KERBEROS_V5: login refused (alice@EXAMPLE.TEST): this server requires mutual authentication and the client did not ask for it" &&
		says server "Performing SASL negotiation: authentication failure"
}

# What a client sends takes its time, by which it is older than the server's clockskew.
too_late() {
	usual
	sed 's/\[libdefaults\]/&\n\tclockskew = 1/' "$KRB5_CONFIG" >"$SCRATCH/skew.conf"
	server=(env "KRB5_CONFIG=$SCRATCH/skew.conf" "${server[@]}")
	# shellcheck disable=SC2016
	client=(bash -c '"$@" | while read -r line; do
			case $line in "C: bo"*) sleep 2.2 ;; esac
			echo "$line"
		done; exit "${PIPESTATUS[0]}"' "$0" "${client[@]}")
	refused "clock skew too great: this host is " \
		"clock skew too great: the clock of client alice@EXAMPLE.TEST is " &&
		says trace " s behind the server; server says (unverified): clock skew too great: the client's clock is " &&
		says server " s behind this server's ("
}

# The messages of a side, from a login that succeeded; the client's second is its AP-REQ.
recorded() { # SIDE NUMBER
	sed -n "s/^[CS]: //p" "$SCRATCH/recorded.$1" | sed -n "$2p"
}

record() {
	usual
	login && steps 123456 && cp "$LOGIN_DIR/client.out" "$SCRATCH/recorded.client" &&
		cp "$LOGIN_DIR/server.out" "$SCRATCH/recorded.server"
}

replay() {
	usual
	client=(bash -c 'printf "C: %s\n" "$@"; cat >/dev/null' "$0"
		"$(recorded client 1)" "$(recorded client 2)" "")
	fails login && steps 234 && says_not server Username &&
		says server "KERBEROS_V5: login refused (alice@EXAMPLE.TEST): the AP-REQ answers another challenge than the one that was sent: it was made for another connection, or replayed" &&
		says server "Performing SASL negotiation: authentication failure"
}

# Whoever has not got the service's key can but send what it has seen.
impostor() {
	usual
	server=(bash -c 'printf "S: %s\n" "$@"; cat >/dev/null' "$0"
		"$(recorded server 1)" "$(recorded server 2)" "$1")
	fails login && steps 1 && says_not client Username && says trace "$2" &&
		says client "Performing SASL negotiation: $3"
}

commands() {
	echo "addprinc -pw alice alice"
	echo "addprinc -randkey $mail"
	echo "addprinc -randkey ldap/mail.example.test"
	echo "addprinc -randkey imap/www.example.test"
	echo "ktadd -k $keytab -e aes256-cts:normal $mail"
}

kdc_start EXAMPLE.TEST
commands | kdc_admin EXAMPLE.TEST
kdc_client_conf >"$KRB5_CONFIG"

# These take their time to become unusable.
expiring=$SECONDS
echo alice | KRB5CCNAME=FILE:$SCRATCH/expiring kinit -l 2s alice >/dev/null
KRB5CCNAME=FILE:$SCRATCH/expiring kvno -q "$mail"
echo alice | KRB5CCNAME=FILE:$SCRATCH/invalid kinit -S "$mail" -s 1s alice >/dev/null

ok "tickets are there" ticket alice "$mail" ldap/mail.example.test
ok "and one is taken" record
ok "no credential cache" no_cache
ok "no ticket for the service" no_ticket
ok "a ticket for another host" ticket_for_another_host
ok "a ticket that starts in an hour" postdated
ok "another service's ticket" wrong_service
ok "the key of another realm" wrong_realm
ok "a key that does not fit" wrong_key
ok "a key of another type" wrong_type
ok "a type that the server does not permit" type_not_permitted
ok "a service that is pinned to another name" pinned_to_another_host
ok "no key for the service" not_offered
ok "no keytab" no_keytab
ok "a client that does not ask for mutual authentication, where it is required" mutual_required
ok "a message that comes too late" too_late
ok "a replay of the client's messages" replay
ok "a replay of the server's messages" impostor "$(recorded server 3)" \
	"mutual authentication failed: the AP-REP has the time " "server failed mutual authentication step"
ok "no AP-REP" impostor "" "an AP-REP was expected, what came is empty" \
	"bad protocol / cancel"
ok "a ticket that has expired" expired
ok "a ticket that was postdated and not validated" not_validated

done_testing
