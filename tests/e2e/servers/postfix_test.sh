#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Postfix's smtpd, in its chroot, and Cyrus' test client.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/mistakes.sh"
. "$(dirname "$0")/dialog.sh"
smtptest=/usr/lib/cyrus/bin/smtptest
servers_require postfix:postfix "$smtptest:cyrus-clients" openssl:openssl fail2ban-regex:fail2ban

SERVICE=smtp/mail.example.test
KEYTAB=/var/spool/postfix/etc/postfix/smtp.keytab
KEYTAB_NAME=/etc/postfix/smtp.keytab
OWNER=postfix
CLIENT_ADDRESS=192.0.2.1

make_folders() {
	private /var/spool/postfix /var/lib/postfix
	mkdir -p /etc/postfix/sasl
	cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=mail.example.test -out /etc/postfix/cert.pem -keyout /etc/postfix/key.pem 2>/dev/null
	cat >/etc/postfix/main.cf <<-END
		compatibility_level = 3.6
		myhostname = mail.example.test
		mydestination = mail.example.test
		local_recipient_maps =
		alias_maps =
		alias_database =
		inet_protocols = ipv4
		smtpd_tls_cert_file = /etc/postfix/cert.pem
		smtpd_tls_key_file = /etc/postfix/key.pem
		smtpd_tls_security_level = may
	END
}

# The guide's lines for $MECH; LINE... last.
smtpd_conf() {
	snippet postfix-conf | sed "s/^mech_list: .*/mech_list: ${mechanisms:-$MECH}/" >/etc/postfix/sasl/smtpd.conf
	[ $# -eq 0 ] || printf '%s\n' "$@" >>/etc/postfix/sasl/smtpd.conf
}

# Its master goes into the background and writes down its process id.
postfix_launch() {
	! is_started postfix || stop postfix
	"$@" postfix start >>"$SYSLOG" 2>&1
	tr -d ' ' </var/spool/postfix/pid/master.pid >"$SCRATCH/pids/postfix"
}

postfix_start() {
	postfix_launch "$@"
	until_true greets 25
}

smtp() { # COMMAND (env ...), --, smtptest's arguments
	cyrus_client "$smtptest" "$@"
	grep -q '^S: 235 2.7.0 Authentication successful' "$CLIENT_OUT" || { show_both && false; }
}

log_in() {
	smtp "$@" -- -m "$MECH"
}

is_alice() { # STRENGTH
	begun "C: AUTH $MECH" && shown "Authenticated." && shown "Security strength factor: $1"
}

server_says() {
	case $1 in
	ERR) logged "warning: SASL authentication problem: $2" ;;
	FAIL) logged "warning: SASL authentication failure: $2" ;;
	esac
}

client_says() {
	case $1 in
	local | refused) shown "[0] 0.0: $2" ;;
	listed | alone) shown "S: 535 5.7.8 Error: authentication failed: no mechanism available" ;;
	esac
}

# Mail still comes in.
works_besides() {
	exec {server}<>/dev/tcp/mail.example.test/25
	printf '%s\r\n' 'HELO mail.example.test' 'MAIL FROM:<a@example.test>' 'RCPT TO:<bob@mail.example.test>' QUIT >&"$server"
	timeout 10 cat <&"$server" >"$SCRATCH/mail"
	grep -q '^250 2.1.0 Ok' "$SCRATCH/mail" && grep -q '^250 2.1.5 Ok' "$SCRATCH/mail"
}

alone() {
	postfix_start
}

restore() {
	smtpd_conf && postfix_start
}

# ---- the guide ----

guide_works() {
	guide postfix-setup && guide_file postfix-conf /etc/postfix/sasl/smtpd.conf && postfix_start &&
		snippet postfix-login >"$SCRATCH/login" && run as_user alice bash -e "$SCRATCH/login" <<<alice
	shown "S: 235 2.7.0 Authentication successful" &&
		recorded /var/spool/postfix/run/kerberos5/rcache2 postfix
}

# ---- logins ----

named() {
	log_in && is_alice 0 && logged "disconnect from unknown[192.0.2.1] ehlo=1 auth=1"
}

from_list() {
	mechanisms="PLAIN LOGIN DIGEST-MD5 CRAM-MD5 NTLM $MECH" smtpd_conf && postfix_start && smtp -- && is_alice 0
}

with_tls() {
	smtp -- -m "$MECH" -t '' && is_alice 256
}

# smtpd has no layers: a client that demands one finds no mechanism, or refuses the offer.
layer_demanded() {
	! smtp -- -m "$MECH" -k 1 -l 256 && not_logged "auth=1"
}

# The user is who logged in, and nobody else.
may_not_act() {
	! smtp -- -m "$MECH" -u bob && shown "S: 535 5.7.8 Error: authentication failed: authentication failure" &&
		logged "warning: SASL authentication failure: Requested identity not authenticated identity"
}

# What a user may do by name: here, which sender's address to use.
senders() {
	guide postfix-senders && postfix_start
	printf 'MAIL FROM:<alice@mail.example.test>\r\nRCPT TO:<bob@mail.example.test>\r\nQUIT\r\n' >"$SCRATCH/commands"
	commands=$SCRATCH/commands
	log_in && shown "250 2.1.5 Ok" && ! shown "553" >/dev/null && user=bob log_in &&
		shown "553 5.7.1 <alice@mail.example.test>: Sender address rejected: not owned by user bob" &&
		logged "Sender address rejected: not owned by user bob"
}

parallel() { # COUNT
	at_once "$1" "$smtptest" -m "$MECH" mail.example.test && all_printed "$1" Authenticated.
}

large_ticket() {
	minted --ticket-size 49152 && ! run dialog smtp "$MECH" "${use_minted[@]}" &&
		shown "$(snippet postfix-ticket-prints)" && logged "$(snippet postfix-ticket-log)"
}

limit_raised() {
	guide postfix-ticket && postfix_start && run dialog smtp "$MECH" "${use_minted[@]}" &&
		shown "235 2.7.0 Authentication successful"
}

# Not so with kerberos5_hide: no, which the guide has.
hidden_and_alone() {
	mv "$KEYTAB" "$KEYTAB.away" && smtpd_conf && sed -i '/^kerberos5_hide: no/d' /etc/postfix/sasl/smtpd.conf &&
		postfix_launch && ! log_in && ! shown "S: 220 mail.example.test ESMTP Postfix" >/dev/null &&
		logged "$(snippet postfix-hidden-log)" && server_says ERR "$(text_of no-keytab log)" && mv "$KEYTAB.away" "$KEYTAB"
}

no_replay_folder() {
	smtpd_conf && postfix_start && mv /var/spool/postfix/run /var/spool/postfix/run.away && ! log_in &&
		server_says ERR "$(snippet postfix-replay-log | sed "s/user 103, group 106/user $(id -u postfix), group $(id -g postfix)/")"
	local status=$?
	mv /var/spool/postfix/run.away /var/spool/postfix/run
	return "$status"
}

cells() {
	restore
	fresh_ticket alice
	fresh_ticket bob
	ok "$MECH: named by the client" named
	ok "$MECH: in TLS" with_tls
	ok "$MECH: the client demands a layer" layer_demanded
	ok "$MECH: acting as another" may_not_act
	ok "$MECH: whose sender's address it is" senders
	ok "$MECH: 200 logins in parallel" parallel 200
	postconf -X smtpd_sasl_response_limit
	restore
	ok "$MECH: a ticket of 48 KiB" large_ticket
	ok "$MECH: and room for it" limit_raised
	ok "$MECH: chosen for its strength" from_list
	restore
	mistakes
	ok "$MECH: the filter for fail2ban finds who was refused" filter_counts
	ok "$MECH: no other mechanism, and hidden" hidden_and_alone
	[ "$MECH" != GSSAPI ] || ok "$MECH: no folder for the replay cache" no_replay_folder
}

# GSSAPI between our module and Cyrus' plug-in; who has which is said by WHAT.
peers() { # WHAT
	ok "$1: a login" named
	ok "$1: in TLS" with_tls
	ok "$1: 50 logins in parallel" parallel 50
}

MECH=GSSAPI
make_folders
servers_kdc smtp/old.example.test
ok "doc/servers.md: a login" guide_works
for MECH in KERBEROS_V5 GSSAPI; do
	cells
done
restore
fresh_ticket alice
client_plugins=("${cyrus_plugins[@]}")
peers "the client has Cyrus' GSSAPI"
client_plugins=()
cp -p "$KEYTAB" "$KEYTAB_NAME" # which this plug-in looks at before the chroot, and in it
install -d -m 1777 /var/spool/postfix/var/tmp # for its replay cache
postfix_start "${cyrus_plugins[@]}"
peers "smtpd has Cyrus' GSSAPI"
done_testing
