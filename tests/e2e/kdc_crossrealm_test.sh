#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Users of other realms: bob of PARTNER.TEST, which EXAMPLE.TEST trusts, and
# carol of DISTANT.TEST, who comes by way of PARTNER.TEST.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/login.sh"
kdc_require sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin

mail=imap/mail.example.test
server_conf=$SCRATCH/server.conf
export KRB5CCNAME=FILE:$SCRATCH/ccache KRB5_CONFIG=$SCRATCH/krb5.conf
usual_client=("${client[@]}")
server=(env "KRB5_CONFIG=$server_conf" "${server[@]}")
capaths="[capaths]
	DISTANT.TEST = {
		EXAMPLE.TEST = PARTNER.TEST
	}"

# Through all realms on the way. kvno has to be told the service's.
gets_ticket() { # USER
	ticket "$1" "$mail@EXAMPLE.TEST" && klist -e -f
}

logs_in() { # PRINCIPAL
	client=("${usual_client[@]}")
	login && steps 123456 && says server "Username: $1" && says client "Username: $1" &&
		says server "$1 authenticated to $mail@EXAMPLE.TEST as \"$1\", aes256-cts-hmac-sha1-96, mutual"
}

# The flag T of klist -f
policy_is_checked() {
	klist -f | grep -F -A 1 " $mail@EXAMPLE.TEST" | grep -q 'Flags: .*T' &&
		says trace "flags: " && says trace "transited-policy-checked"
}

policy_is_not_checked() {
	! klist -f | grep -F -A 1 " $mail@EXAMPLE.TEST" | grep 'Flags: .*T'
}

# A name without a realm is one of EXAMPLE.TEST.
may_not_be_alice() { # PRINCIPAL
	client=("${usual_client[@]}" -u alice)
	fails login && says server "$1 authenticated to $mail@EXAMPLE.TEST as \"$1\", asking to act as \"alice\"" &&
		says server "Requested identity not authenticated identity" &&
		says_not server Username
}

# The rules of krb5.conf, in which $0 is the realm.
# shellcheck disable=SC2016
local_conf() {
	kdc_client_conf
	printf '%s\n' '[realms]' 'EXAMPLE.TEST = {' \
		'auth_to_local = RULE:[1:$1@$0](.*@PARTNER.TEST)s/@.*/-partner/' \
		'auth_to_local = DEFAULT' '}'
}

has_local_name() { # PRINCIPAL NAME
	client=("${usual_client[@]}")
	login && says server "Username: $2" && says client "Username: $1" &&
		says server "$1 authenticated to $mail@EXAMPLE.TEST as \"$2\", aes256-cts-hmac-sha1-96, mutual"
}

has_none() { # PRINCIPAL
	client=("${usual_client[@]}")
	fails login && says server "login refused ($1): $1 has no local name, and nobody else logs in here" &&
		says trace "$1 has no name on this server"
}

realm_is_refused() { # PRINCIPAL
	client=("${usual_client[@]}")
	fails login && says server "login refused ($1): clients of realm ${1#*@} do not log in here"
}

path_is_refused() {
	client=("${usual_client[@]}")
	fails login && says_not server Username && says_not client Username &&
		says server "KERBEROS_V5: login refused (carol@DISTANT.TEST): the ticket came from realm DISTANT.TEST to EXAMPLE.TEST through PARTNER.TEST, which is not on the path of the realm hierarchy; if that is a trusted path, list it in [capaths] of krb5.conf" &&
		says trace "the server does not trust the path of realms to $mail, the service that was asked for; server says (unverified): the ticket came through a realm that this server does not trust"
}

# The user's krb5.conf knows the way; the KDC's and the server's need not.
user_conf() {
	kdc_client_conf
	echo "$capaths"
}

# The key that two realms share.
trust() { # USERS-REALM SERVICES-REALM
	local realm
	for realm; do
		echo "addprinc -pw shared krbtgt/$2@$1" | kdc_admin "$realm"
	done
}

kdc_start EXAMPLE.TEST PARTNER.TEST DISTANT.TEST
kdc_admin EXAMPLE.TEST <<END
addprinc -pw alice alice
addprinc -randkey $mail
ktadd -k $SCRATCH/keytab -e aes256-cts:normal $mail
END
echo "addprinc -pw bob bob" | kdc_admin PARTNER.TEST
echo "addprinc -pw alice alice" | kdc_admin PARTNER.TEST
echo "addprinc -pw carol carol" | kdc_admin DISTANT.TEST
trust PARTNER.TEST EXAMPLE.TEST
trust DISTANT.TEST PARTNER.TEST
user_conf >"$KRB5_CONFIG"
configure_server "keytab: $SCRATCH/keytab" "mech_list: KERBEROS_V5"
kdc_client_conf >"$server_conf"

ok "a user of a realm that is trusted: kinit and kvno" gets_ticket bob@PARTNER.TEST
ok "logs in, and the name has its realm" logs_in bob@PARTNER.TEST
ok "the KDC has checked the path" policy_is_checked
ok "may not act as a user of this realm" may_not_be_alice bob@PARTNER.TEST
ok "a user whose name is also one of this realm: kinit and kvno" gets_ticket alice@PARTNER.TEST
ok "logs in, and is another" logs_in alice@PARTNER.TEST
ok "and may not act as the one of this realm" may_not_be_alice alice@PARTNER.TEST

ok "a user who comes through a realm between: kinit and kvno" gets_ticket carol@DISTANT.TEST
ok "the KDC has not checked the path, for it does not know it" policy_is_not_checked
ok "the server does not know it either, and refuses" path_is_refused
user_conf >"$server_conf"
ok "logs in where the server's [capaths] has the path" logs_in carol@DISTANT.TEST
kdc_client_conf >"$server_conf"
echo "$capaths" >>"$KDC_DIR/krb5.conf"
kdc_restart
ok "the KDC knows the path now: kinit and kvno" gets_ticket carol@DISTANT.TEST
ok "logs in, though the server does not know the path" logs_in carol@DISTANT.TEST
ok "since the KDC has checked it" policy_is_checked

local_conf >"$server_conf"
configure_server "keytab: $SCRATCH/keytab" "mech_list: KERBEROS_V5" "kerberos5_names: local"
ok "local names: a user of a realm without a rule has none" has_none carol@DISTANT.TEST
ok "local names: who comes from the realm with the rule" gets_ticket bob@PARTNER.TEST
ok "local names: has the one that it makes" has_local_name bob@PARTNER.TEST bob-partner
configure_server "keytab: $SCRATCH/keytab" "mech_list: KERBEROS_V5" \
	"kerberos5_realms: EXAMPLE.TEST, DISTANT.TEST"
ok "realms that are listed: not this one" realm_is_refused bob@PARTNER.TEST
ok "realms that are listed: carol's is" gets_ticket carol@DISTANT.TEST
ok "realms that are listed: she logs in" logs_in carol@DISTANT.TEST

done_testing
