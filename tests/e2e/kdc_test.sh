#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Logins with tickets from a real MIT KDC, through Debian's sample programs as
# they are: each encryption type, mutual and not, with and without an
# authorization identity; and what klist says is what the module says.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/login.sh"
kdc_require sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin

types="aes128-cts:aes128-cts-hmac-sha1-96 aes256-cts:aes256-cts-hmac-sha1-96
	aes128-sha2:aes128-cts-hmac-sha256-128 aes256-sha2:aes256-cts-hmac-sha384-192
	camellia128-cts:camellia128-cts-cmac camellia256-cts:camellia256-cts-cmac"
keytab=$SCRATCH/keytab
export KRB5CCNAME=FILE:$SCRATCH/ccache KRB5_CONFIG=$SCRATCH/krb5.conf

# A host for each type, whose key is of that type.
commands() {
	local type
	echo "addprinc -pw alice alice"
	for type in $types; do
		echo "addprinc -randkey imap/${type%:*}.example.test"
		echo "ktadd -k $keytab -e ${type%:*}:normal imap/${type%:*}.example.test"
	done
	echo "addprinc -randkey imap/mail.example.test"
	echo "ktadd -k $keytab -e aes256-cts:normal imap/mail.example.test"
	echo "setstr imap/mail.example.test session_enctypes aes128-sha2"
}

client_of() { # HOST OPTION...
	local host=$1
	shift
	client=(env "KRB5_CONFIG=$SCRATCH/client.conf" sasl-sample-client -s imap
		-p "$KERBEROS5_MODULE_DIR" -n "$host" "$@")
}

# The client's krb5.conf is the server's, but for this.
client_conf() { # [LINE...]
	{
		cat "$KRB5_CONFIG"
		[ $# -eq 0 ] || printf '%s\n' '[appdefaults]' "$@"
	} >"$SCRATCH/client.conf"
}

logs_in() { # NAME-OF-ALICE PRINCIPAL TYPE mutual|"not mutual"
	login && says server "Username: $1" && says client "Username: $1" &&
		says server "alice@EXAMPLE.TEST authenticated to $2 as \"$1\", $3, $4"
}

mutual_login() { # HOST TYPE
	client_of "$1" -m KERBEROS_V5
	logs_in alice "imap/$1@EXAMPLE.TEST" "$2" mutual && steps 123456
}

gssapi_login() { # HOST TYPE
	client_of "$1" -m GSSAPI
	logs_in alice "imap/$1@EXAMPLE.TEST" "$2" mutual && steps 123456
}

# The server's list has both, and nothing tells the client which one to take.
login_from_list() { # HOST TYPE
	client_of "$1"
	logs_in alice "imap/$1@EXAMPLE.TEST" "$2" mutual &&
		says client "Choosing best mechanism from: GSSAPI KERBEROS_V5" &&
		says client "Using mechanism GSSAPI"
}

login_without_mutual() { # HOST TYPE
	client_conf "	kerberos5_mutual = no"
	client_of "$1" -m KERBEROS_V5 -b min=0,max=0 # a layer would imply it
	logs_in alice "imap/$1@EXAMPLE.TEST" "$2" "not mutual" && steps 1234 &&
		says trace "4: no mutual authentication asked for"
}

own_authorization_identity() { # HOST TYPE
	client_of "$1" -m KERBEROS_V5 -u alice
	logs_in alice "imap/$1@EXAMPLE.TEST" "$2" mutual
}

# libsasl2's own policy, for a program that brings none.
# Whom the client may act as, libsasl2 asks the application at the end of the login: the sample
# client, whose protocol has no data with success, has read the AP-REP by then.
refused_authorization_identity() { # HOST
	client_of "$1" -m KERBEROS_V5 -u bob
	fails login && steps 123456 &&
		says server "Performing SASL negotiation: authentication failure" &&
		says server "Requested identity not authenticated identity" &&
		says client "Unable to parse input" && says_not server Username
}

# The client is done once it has sent its AP-REQ, and learns of it by what does not come.
refused_without_mutual() { # HOST
	client_conf "	kerberos5_mutual = no"
	client_of "$1" -m KERBEROS_V5 -u bob -b min=0,max=0
	fails login && steps 1234 && says client "Negotiation complete" &&
		says client "Unable to parse input" &&
		says server "alice@EXAMPLE.TEST authenticated to imap/$1@EXAMPLE.TEST as \"alice\", asking to act as \"bob\"" &&
		says server "Requested identity not authenticated identity" &&
		says_not server Username
}

same() { # WHAT EXPECTED FOUND
	[ -n "$2" ] && [ "$2" = "$3" ] && return
	printf '%s: klist says "%s", the module "%s"\n' "$@"
	login_transcripts
	return 1
}

# The words of a line of the trace, by the step's number.
traced() { # STEP EXPRESSION
	sed -n "s/^\[[0-9]*\] [0-9.]*: $1: .*$2.*/\1/p" "$LOGIN_DIR/trace"
}

# "11/23/26 22:50:18" to "2026-11-23 22:50:18 UTC"
iso_time() {
	sed 's|\(..\)/\(..\)/\(..\) \(.*\)|20\3-\1-\2 \4 UTC|'
}

# Of the service's ticket: the line with start and end, and the line after it.
listed() { # HOST
	klist -e -f | grep -F -A 1 " imap/$1@EXAMPLE.TEST"
}

agrees_with_klist() { # HOST
	local list kvno
	list=$(listed "$1")
	kvno=$(klist -k "$keytab" | sed -n "s|^ *\([0-9]*\) imap/$1@EXAMPLE.TEST.*|\1|p")
	same "enctype of the session key" \
		"$(sed -n 's/.*Etype (skey, tkt): \([^,]*\), .*/\1/p' <<<"$list")" \
		"$(traced 1 'session key \([^ ,]*\)')" &&
		same "enctype of the ticket" \
			"$(sed -n 's/.*Etype (skey, tkt): [^,]*, \([^ ]*\).*/\1/p' <<<"$list")" \
			"$(traced 1 'ticket encrypted with \([^ ,]*\)')" &&
		same "start" "$(sed -n '1s/  .*//p' <<<"$list" | iso_time)" \
			"$(traced 2 'valid from \(.*\) to')" &&
		same "end" "$(sed -n '1s/^[^ ]* [^ ]*  \([^ ]* [^ ]*\)  .*/\1/p' <<<"$list" | iso_time)" \
			"$(traced 2 'valid from .* to \([^,]*\), flags')" &&
		same "kvno" "$kvno" "$(traced 2 'kvno \([0-9]*\) of the keytab')"
}

# Both keys that the trace names in each of these steps.
trace_names() { # TYPE
	says trace "ticket encrypted with $1, session key $1" &&
		says trace "$1, kvno 2 of the keytab, session key $1" &&
		says trace ", encrypted with $1; subkey $1" &&
		says trace "the service is genuine; subkey $1"
}

test_type() { # SHORT-NAME NAME
	local host=$1.example.test
	kdc_client_conf "$1" >"$KRB5_CONFIG"
	client_conf
	ok "$2: kinit and kvno get a ticket" ticket alice "imap/$host"
	ok "$2: login" mutual_login "$host" "$2"
	ok "$2: login, GSSAPI" gssapi_login "$host" "$2"
	ok "$2: the trace names the type throughout" trace_names "$2"
	ok "$2: and says what klist says" agrees_with_klist "$host"
	ok "$2: login, the mechanism chosen from the server's list" login_from_list "$host" "$2"
	ok "$2: login with one's own authorization identity" own_authorization_identity "$host" "$2"
	ok "$2: another's authorization identity is refused" refused_authorization_identity "$host"
	ok "$2: login without mutual authentication" login_without_mutual "$host" "$2"
	ok "$2: another's authorization identity is refused there too" refused_without_mutual "$host"
}

kdc_start EXAMPLE.TEST
commands | kdc_admin EXAMPLE.TEST
configure_server "keytab: $keytab"
for type in $types; do
	test_type "${type%:*}" "${type#*:}"
done

# A session key of another type than the ticket, and what else differs between sites.
kdc_client_conf >"$KRB5_CONFIG"
client_conf
two_types() {
	client_of mail.example.test -m KERBEROS_V5
	logs_in alice imap/mail.example.test@EXAMPLE.TEST aes128-cts-hmac-sha256-128 mutual &&
		steps 123456 && agrees_with_klist mail.example.test &&
		says trace "ticket encrypted with aes256-cts-hmac-sha1-96, session key aes128-cts-hmac-sha256-128"
}
host_name_as_typed() {
	client_of MAIL.Example.Test. -m KERBEROS_V5
	logs_in alice imap/mail.example.test@EXAMPLE.TEST aes128-cts-hmac-sha256-128 mutual
}
without_default_realm() {
	sed -i '/default_realm/d' "$KRB5_CONFIG"
	client_conf
	client_of mail.example.test -m KERBEROS_V5
	logs_in alice@EXAMPLE.TEST imap/mail.example.test@EXAMPLE.TEST aes128-cts-hmac-sha256-128 mutual
}
ticket_without_tgt() {
	kdestroy && echo alice | kinit -S imap/mail.example.test alice@EXAMPLE.TEST &&
		logs_in alice@EXAMPLE.TEST imap/mail.example.test@EXAMPLE.TEST \
			aes128-cts-hmac-sha256-128 mutual
}
ok "ticket and session key of different types: kvno gets the ticket" \
	ticket alice imap/mail.example.test
ok "ticket and session key of different types: login" two_types
ok "a host name in capital letters and with a dot at its end" host_name_as_typed
ok "no default realm: the name has its realm" without_default_realm
ok "a ticket got by kinit itself, without one for the KDC" ticket_without_tgt

done_testing
