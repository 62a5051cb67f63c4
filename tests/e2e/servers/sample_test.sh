#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# libsasl2's own sample server and client, each as a user of its own.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/mistakes.sh"
servers_require sasl-sample-server:sasl2-bin

SERVICE=imap/mail.example.test
KEYTAB=/etc/sample.keytab
OWNER=bob
CONF=$SCRATCH/conf
TALK=$SCRATCH/talk

sample_conf() {
	printf '%s\n' "mech_list: ${*:-PLAIN $MECH}" "keytab: $KEYTAB" 'log_level: 4' >"$CONF/sample.conf"
}

# The programs talk by standard input and output; what else they print is the log, and what
# the client's user reads.
sample() { # COMMAND (env ...), --, the client's arguments
	local before=() status
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
	shift
	rm -f "$SCRATCH/cc/trace"
	LOG_START=$(stat -c %s "$SYSLOG")
	"$SRCDIR/tests/tools/sasl_shuttle.sh" "$TALK" \
		setpriv --reuid bob --regid bob --clear-groups env SASL_CONF_PATH="$CONF" \
		sasl-sample-server -s imap -p "$PLUGINS" -- \
		"${client_plugins[@]}" setpriv --reuid alice --regid alice --clear-groups \
		env KRB5CCNAME="$SCRATCH/cc/alice" KRB5_TRACE="$SCRATCH/cc/trace" "${before[@]}" \
		sasl-sample-client -s imap -n mail.example.test -p "$PLUGINS" "$@"
	status=$?
	cat "$TALK/server.out" "$TALK/server.err" >>"$SYSLOG"
	cat "$TALK/client.out" "$TALK/client.err" "$SCRATCH/cc/trace" >"$CLIENT_OUT" 2>/dev/null
	[ "$status" -eq 0 ] || { show_both && false; }
}

log_in() {
	sample "$@" -- -m "$MECH"
}

server_says() {
	logged "$2"
}

client_says() {
	case $1 in
	local | refused) shown "[0] 0.0: $2" ;;
	listed | alone) printed "Unable to parse input" && logged "no mechanism available" ;; # it just ends
	esac
}

works_besides() {
	sample_conf PLAIN ANONYMOUS && sample -- -m ANONYMOUS
	sample_conf
}

alone() {
	sample_conf "$MECH"
}

restore() {
	sample_conf
}

# ---- logins ----

as_name_and_layer() { # SSF
	logged "$MECH: login accepted: alice@EXAMPLE.TEST authenticated to $SERVICE@EXAMPLE.TEST as \"alice\", aes256-cts-hmac-sha1-96, mutual, SSF $1"
}

layer() { # OPTIONS SSF
	# shellcheck disable=SC2086  # a list of words
	sample -- -m "$MECH" $1 && as_name_and_layer "$2"
}

too_strong() {
	! sample -- -m "$MECH" -b min=257,max=300 && printed "no mechanism available"
}

from_list() {
	sample_conf PLAIN LOGIN DIGEST-MD5 CRAM-MD5 NTLM "$MECH" && sample -- && as_name_and_layer 256
}

both_in_list() {
	sample_conf KERBEROS_V5 GSSAPI && sample -- && MECH=GSSAPI as_name_and_layer 256
}

may_not_act() {
	! sample -- -m "$MECH" -u bob && logged "asking to act as \"bob\"" && logged "Requested identity not authenticated identity"
}

cells() {
	restore
	fresh_ticket alice
	ok "$MECH: named by the client" layer "" 256
	ok "$MECH: no layer" layer "-b max=0" 0
	ok "$MECH: integrity" layer "-b max=1" 1
	ok "$MECH: more than there is" too_strong
	ok "$MECH: chosen for its strength" from_list
	restore
	ok "$MECH: acting as another" may_not_act
	mistakes
}

servers_kdc "$SERVICE" imap/old.example.test
mkdir -p "$CONF" "$TALK"
new_keytab "$SERVICE"
for MECH in KERBEROS_V5 GSSAPI; do
	cells
done
MECH=GSSAPI
restore
ok "both in the list: GSSAPI is chosen" both_in_list
done_testing
