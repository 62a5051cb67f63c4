#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Cyrus IMAP's imapd and timsieved, and its test clients.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/mistakes.sh"
. "$(dirname "$0")/dialog.sh"
imtest=/usr/lib/cyrus/bin/imtest
servers_require cyrmaster:cyrus-imapd "$imtest:cyrus-clients" openssl:openssl saslpasswd2:sasl2-bin fail2ban-regex:fail2ban

SERVICE=imap/mail.example.test
KEYTAB=/etc/cyrus.keytab
OWNER=cyrus
CLIENT_ADDRESS=192.0.2.1

make_folders() {
	private /var/lib/cyrus /var/spool/cyrus /var/spool/sieve
	mkdir -p /run/cyrus/socket /run/cyrus/proc /run/cyrus/lock
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=mail.example.test -out /etc/cyrus.pem -keyout /etc/cyrus.key 2>/dev/null
	chown -R cyrus:mail /run/cyrus /etc/cyrus.key
	cat >/etc/cyrus.conf <<-END
		START {
			recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
		}
		SERVICES {
			imap cmd="imapd" listen="imap" prefork=0 maxchild=300
			sieve cmd="timsieved" listen="sieve" prefork=0
		}
		EVENTS {
		}
	END
	echo bob | saslpasswd2 -p -c -u mail.example.test bob
	chown cyrus /etc/sasldb2
}

# imapd.conf LINE...: with the guide's lines for $MECH; these last.
imapd_conf() {
	cat >/etc/imapd.conf <<-END
		configdirectory: /var/lib/cyrus
		proc_path: /run/cyrus/proc
		mboxname_lockpath: /run/cyrus/lock
		defaultpartition: default
		partition-default: /var/spool/cyrus/mail
		sievedir: /var/spool/sieve
		autocreate_quota: 0
		syslog_prefix: cyrus
		failedloginpause: 0
		allowplaintext: yes
		sasl_pwcheck_method: auxprop
		tls_server_cert: /etc/cyrus.pem
		tls_server_key: /etc/cyrus.key
		servername: mail.example.test
	END
	snippet imapd-conf | sed "s/^sasl_mech_list: .*/sasl_mech_list: ${mechanisms:-$MECH PLAIN}/" >>/etc/imapd.conf
	[ $# -eq 0 ] || printf '%s\n' "$@" >>/etc/imapd.conf
}

cyrus_start() {
	! is_started cyrus || stop cyrus
	# Where 200 come at once and more than the queue takes, the kernel forgets some that wait for a greeting.
	start cyrus "$@" cyrmaster -l 256
	until_true greets 143
}

imap() { # COMMAND (env ...), --, imtest's arguments
	cyrus_client "$imtest" "$@"
	grep -qx 'Authenticated.' "$CLIENT_OUT" || { show_both && false; }
}

log_in() {
	imap "$@" -- -m "$MECH"
}

# The log tells which layer the mechanism has made, imtest the strength with TLS.
is_alice() { # LAYER [STRENGTH]
	begun "C: A01 AUTHENTICATE $MECH" && shown "Security strength factor: ${2:-$1}" &&
		{ [ -n "${at_cyrus:-}" ] || logged "SASL $MECH: login accepted from $CLIENT_ADDRESS: alice@EXAMPLE.TEST authenticated to $SERVICE@EXAMPLE.TEST as \"alice\", aes256-cts-hmac-sha1-96, mutual, SSF $1"; } &&
		logged "[192.0.2.1] alice $MECH"
}

server_says() {
	logged "SASL $2"
}

client_says() {
	case $1 in
	local | refused) shown "[0] 0.0: $2" ;;
	listed | alone) shown "[Server did not advertise AUTH=$MECH]" ;;
	esac
}

works_besides() {
	user=bob imap -- -m PLAIN -a bob -w bob || show_both
	logged "[192.0.2.1] bob PLAIN"
}

alone() {
	mechanisms=$MECH imapd_conf && cyrus_start
}

restore() {
	imapd_conf && cyrus_start
}

# ---- the guide ----

guide_works() {
	guide imapd-keytab && mechanisms="GSSAPI KERBEROS_V5" imapd_conf && cyrus_start &&
		snippet imapd-login >"$SCRATCH/login" && run as_user alice bash -e "$SCRATCH/login" <<<alice
	shown Authenticated. && shown "Security strength factor: 256" &&
		logged "$(snippet imapd-login-log)" && recorded /run/cyrus-kerberos5/rcache2 cyrus
}

# ---- logins ----

named() {
	log_in && is_alice 1 # imtest asks for 128 at most, and the key has 256 bits
}

from_list() {
	mechanisms="PLAIN LOGIN DIGEST-MD5 CRAM-MD5 NTLM $MECH" imapd_conf && cyrus_start && imap -- && is_alice 1
}

layer() { # OPTIONS SSF
	# shellcheck disable=SC2086  # a list of words
	imap -- -m "$MECH" $1 && is_alice "$2"
}

too_strong() {
	! imap -- -m "$MECH" -k 257 -l 257 && shown "Authentication failed. no mechanism available"
}

with_tls() {
	imap -- -m "$MECH" -t '' && is_alice 0 256
}

layer_demanded() {
	imapd_conf "sasl_minimum_layer: 2" && cyrus_start && layer "-l 256" 256 && ! log_in &&
		shown "[0] 0.0: $(snippet imapd-layer-prints)"
}

layer_forbidden() {
	imapd_conf "sasl_maximum_layer: 0" && cyrus_start && layer "-l 256" 0
}

acts_as_other() {
	imapd_conf "$(snippet imapd-authz)" && cyrus_start && imap -- -m "$MECH" -u bob && logged "[192.0.2.1] bob $MECH"
}

may_not_act() {
	! user=bob imap -- -m "$MECH" -u alice && shown "S: A01 NO authentication failure" &&
		logged "SASL user bob is not allowed to proxy" &&
		logged "[SASL(-13): authentication failure: user bob is not allowed to proxy]"
}

# A message of a million octets, from the client; ten copies of it, to the client.
transfer() { # OPTIONS SSF
	{
		printf 'Subject: %s\r\n\r\n' "$1"
		head -c 768000 /dev/urandom | base64 | sed 's/$/\r/'
	} >"$SCRATCH/mail"
	{
		printf 'a SELECT INBOX\r\nb STORE 1:* +FLAGS \\Deleted\r\nc EXPUNGE\r\n'
		printf 'd APPEND INBOX {%d+}\r\n' "$(stat -c %s "$SCRATCH/mail")"
		cat "$SCRATCH/mail"
		printf '\r\n'
		printf 'e%s COPY 1 INBOX\r\n' {1..9}
		printf 'f FETCH 1:10 BODY[]\r\ng LOGOUT\r\n'
	} >"$SCRATCH/commands"
	commands=$SCRATCH/commands
	layer "$1" "$2" >/dev/null || return
	LC_ALL=C awk -v RS='\r\n' '/ FETCH .*BODY\[\]/ { inside = 1; next } /^\)$/ { inside = 0 } inside' \
		"$CLIENT_OUT" >"$SCRATCH/fetched"
	for _ in {1..10}; do
		tr -d '\r' <"$SCRATCH/mail"
	done | cmp - "$SCRATCH/fetched"
}

parallel() { # COUNT
	at_once "$1" "$imtest" -m "$MECH" mail.example.test && all_printed "$1" Authenticated.
}

# timsieved has a service name of its own, and so wants a key of its own.
sieve() {
	run as_user alice "${imtest%imtest}sivtest" -m "$MECH" mail.example.test
	shown Authenticated.
}

sieve_without_key() {
	new_keytab "$SERVICE" && fresh_ticket alice && ! sieve && logged "$MECH: not offered: keytab $KEYTAB has no key for any sieve/HOST, it has keys for: $SERVICE@EXAMPLE.TEST"
}

sieve_with_key() {
	guide imapd-sieve && as_user alice kvno -q sieve/mail.example.test && sieve
}

# As large as imapd takes it: 16384 octets with what is around.
largest_ticket() {
	minted --ticket-size 15360 && run dialog imap "$MECH" "${use_minted[@]}" && logged "$(snippet imapd-login-log | sed "s/GSSAPI/$MECH/")"
}

larger_ticket() {
	minted --ticket-size 49152 && ! run dialog imap "$MECH" "${use_minted[@]}" &&
		shown "$(snippet imapd-ticket-prints)" && logged "$(snippet imapd-ticket-log)"
}

# ok() for what ends in a layer. cyrus-imapd 3.10 sends its answer inside of it (issue 6454).
layered() {
	case $imapd_version in
	3.10.*) skip "$1" "cyrus-imapd $imapd_version answers inside the layer" ;;
	*) ok "$@" ;;
	esac
}
imapd_version=$(dpkg-query -W -f '${Version}' cyrus-imapd)

cells() {
	restore
	fresh_ticket alice
	fresh_ticket bob
	layered "$MECH: named by the client" named
	ok "$MECH: no layer" layer "-l 0" 0
	layered "$MECH: integrity" layer "-l 1" 1
	layered "$MECH: confidentiality demanded" layer "-k 256 -l 256" 256
	ok "$MECH: more than there is" too_strong
	ok "$MECH: in TLS, without a layer" with_tls
	layered "$MECH: ten million octets, confidential" transfer "-l 256" 256
	layered "$MECH: ten million octets, integrity" transfer "-l 1" 1
	layered "$MECH: 200 logins in parallel" parallel 200
	ok "$MECH: the largest ticket" largest_ticket
	ok "$MECH: a ticket of 48 KiB" larger_ticket
	layered "$MECH: the server demands a layer" layer_demanded
	ok "$MECH: the server forbids layers" layer_forbidden
	layered "$MECH: acting as another" acts_as_other
	ok "$MECH: and without leave" may_not_act
	layered "$MECH: chosen for its strength" from_list
	restore
	ok "$MECH: sieve without a key of its own" sieve_without_key
	mistakes
	ok "$MECH: the filter for fail2ban finds who was refused" filter_counts
	ok "$MECH: sieve with a key" sieve_with_key
}

# GSSAPI between our module and Cyrus' plug-in; who has which is said by WHAT.
peers() { # WHAT
	ok "$1: no layer" layer "-l 0" 0
	layered "$1: integrity" layer "-l 1" 1
	layered "$1: confidentiality" layer "-k 256 -l 256" 256
	ok "$1: in TLS" with_tls
	layered "$1: ten million octets, confidential" transfer "-l 256" 256
	layered "$1: ten million octets, integrity" transfer "-l 1" 1
	layered "$1: 50 logins in parallel" parallel 50
}

MECH=GSSAPI
make_folders
servers_kdc imap/old.example.test
ok "doc/servers.md: a login" guide_works
for MECH in KERBEROS_V5 GSSAPI; do
	cells
done
restore
fresh_ticket alice
client_plugins=("${cyrus_plugins[@]}")
peers "the client has Cyrus' GSSAPI"
client_plugins=()
cyrus_start "${cyrus_plugins[@]}"
at_cyrus=yes
peers "imapd has Cyrus' GSSAPI"
done_testing
