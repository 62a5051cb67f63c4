#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The key of the service changes at the KDC, and with kadmin's ktadd in the
# keytab, while the server runs.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/login.sh"
kdc_require ktutil:krb5-user sasl-sample-client:sasl2-bin

mail=imap/mail.example.test
keytab=$SCRATCH/keytab
old=$SCRATCH/old
new=$SCRATCH/new
export KRB5_CONFIG=$SCRATCH/krb5.conf
hold=$SCRATCH/hold
# A client that waits while the file is there.
# shellcheck disable=SC2016
client=(bash -c 'while [ -e "$0" ]; do sleep 0.02; done; exec "$@"' "$hold" "${client[@]}")

# Makes a new key and appends it to the keytab.
ktadd() {
	echo "ktadd -k $keytab -e aes256-cts:normal $mail" | kdc_admin EXAMPLE.TEST
}

get_ticket() { # CCACHE
	KRB5CCNAME=FILE:$1 ticket alice "$mail"
}

kvno_of() { # CCACHE
	KRB5CCNAME=FILE:$1 kvno "$mail" | sed 's/.*kvno = //'
}

logs_in() { # CCACHE
	stay_login "$1" && steps 123456 && says trace "kvno $(kvno_of "$1") of the keytab"
}

rotated_between_logins() {
	ktadd && get_ticket "$new" && [ "$(kvno_of "$new")" -gt "$(kvno_of "$old")" ] &&
		logs_in "$new"
}

# The server looks at the keytab when it is asked for its list of mechanisms,
# which it sends; the key changes after that.
rotated_during_login() {
	local login lists tries
	lists=$(lists_sent)
	touch "$hold"
	logs_in "$new" &
	login=$!
	for ((tries = 0; tries < 1000 && $(lists_sent) == lists; tries++)); do
		sleep 0.02
	done
	cp "$new" "$old" && ktadd && get_ticket "$new"
	rm "$hold"
	wait "$login"
}

lists_sent() {
	grep -ac "^S: $(printf KERBEROS_V5 | base64)" "$LOGIN_DIR/server.out"
}

# Another file takes its place, in which the old key is not.
replaced() {
	printf '%s\n' "rkt $keytab" "delent 1" "delent 1" "wkt $keytab.new" | ktutil && mv "$keytab.new" "$keytab" &&
		logs_in "$new"
}

old_key_gone() {
	fails stay_login "$old" && steps 1 &&
		says trace "the server has no key of the ticket's version for $mail, the service that was asked for: run kinit; if that does not help, the server's keytab is out of date; server says (unverified): the server has no key of the ticket's version (kvno $(kvno_of "$old")): the ticket is older than the server's key, get a new one (kinit)" &&
		says server "KERBEROS_V5: login refused: the ticket for $mail@EXAMPLE.TEST is encrypted with aes256-cts-hmac-sha1-96 of kvno $(kvno_of "$old"), keytab $keytab has kvno $(kvno_of "$new"): "
}

# One line for each change of the keytab's state, not one for each connection.
# shellcheck disable=SC2015
no_keytab() {
	local lines=
	mv "$keytab" "$keytab.away" && fails stay_login "$new" && fails stay_login "$new" &&
		says client "no mechanism available" &&
		says server "KERBEROS_V5: not offered: there is no keytab $keytab: " &&
		lines=$(grep -ac 'not offered' "$LOGIN_DIR/server.err") &&
		[ "$lines" -eq 1 ] || { echo "lines about it: $lines" && login_transcripts && false; }
}

keytab_back() {
	mv "$keytab.away" "$keytab" && logs_in "$new"
}

commands() {
	echo "addprinc -pw alice alice"
	echo "addprinc -randkey $mail"
	echo "ktadd -k $keytab -e aes256-cts:normal $mail"
}

kdc_start EXAMPLE.TEST
commands | kdc_admin EXAMPLE.TEST
kdc_client_conf >"$KRB5_CONFIG"
configure_server "keytab: $keytab" "mech_list: KERBEROS_V5"
get_ticket "$old" >/dev/null
# shellcheck disable=SC2119
KRB5_TRACE=$LOGIN_DIR/trace stay_start

ok "a login" logs_in "$old"
ok "the key changes between two logins: the new ticket" rotated_between_logins
ok "and the old one, whose key is still in the keytab" logs_in "$old"
ok "the key changes during a login" rotated_during_login
ok "and the ticket before" logs_in "$old"
ok "a keytab with the new key only takes the place of the old" replaced
ok "and the old ticket is refused" old_key_gone
ok "the keytab goes" no_keytab
ok "and comes back" keytab_back
stay_stop
done_testing
