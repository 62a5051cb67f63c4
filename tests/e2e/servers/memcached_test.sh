#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# memcached -S and the tools of libmemcached.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/mistakes.sh"
servers_require memcached:memcached memccat:libmemcached-tools

SERVICE=memcached/mail.example.test
KEYTAB=/etc/memcached.keytab
OWNER=memcache

memcached_conf() {
	mkdir -p /etc/sasl2
	snippet memcached-conf | sed "s/^mech_list: .*/mech_list: ${mechanisms:-$MECH}/" >/etc/sasl2/memcached.conf
}

# -vv: it passes on what libsasl2 logs.
memcached_start() {
	! is_started memcached || stop memcached
	start memcached "$@" memcached -S -vv -u memcache -l mail.example.test
	until_true bash -c ': </dev/tcp/mail.example.test/11211'
}

# The tools want a password, which Kerberos does not use.
with_tool() { # COMMAND (env ...), --, TOOL, its arguments
	local before=() tool
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
	tool=$2
	shift 2
	run as_user "${user:-alice}" env KRB5_TRACE=/dev/stderr "${before[@]}" "$tool" -u alice -p - -b \
		--servers=mail.example.test "$@" || { show_both && false; }
}

log_in() {
	with_tool "$@" -- memcstat && printed "version: "
}

server_says() {
	case $1 in
	ERR) logged "SASL (severity 1): $2" ;;
	FAIL) logged "SASL (severity 2): $2" ;;
	esac
}

client_says() {
	case $1 in
	local | refused) shown "[0] 0.0: $2" ;;
	listed | alone) printed "FAILED TO SEND AUTHENTICATION TO SERVER, no mechanism available" ;;
	esac
}

# Nothing to compare with: who does not log in is not served.
works_besides() {
	! as_user alice memcstat -b --servers=mail.example.test | grep -q 'version: '
}

alone() {
	memcached_start
}

restore() {
	memcached_conf && memcached_start
}

# ---- the guide ----

guide_works() {
	guide memcached-keytab && guide_file memcached-conf /etc/sasl2/memcached.conf && memcached_start &&
		snippet memcached-login >"$SCRATCH/login" && run as_user alice bash -e "$SCRATCH/login" <<<alice &&
		printed "version: " && recorded /run/memcached-kerberos5/rcache2 memcache
}

named() {
	log_in && logged "mech:  \`\`$MECH''" && logged "sasl result code:  0" &&
		loads "$(cat "$SCRATCH/pids/memcached")"
}

from_list() {
	mechanisms="PLAIN LOGIN DIGEST-MD5 CRAM-MD5 NTLM $MECH" memcached_conf && memcached_start && log_in &&
		logged "mech:  \`\`$MECH''"
}

# What one client stores another one finds.
stored() {
	echo hello >"$SCRATCH/greeting" && with_tool -- memccp "$SCRATCH/greeting" && with_tool -- memccat greeting && shown hello
}

parallel() { # COUNT
	at_once "$1" memccat -u alice -p - -b --servers=mail.example.test greeting && all_printed "$1" hello
}

large_ticket() {
	minted --ticket-size 49152 && log_in "${use_minted[@]}"
}

cells() {
	fresh_ticket alice
	restore
	ok "$MECH: the only one in the list" named
	ok "$MECH: storing and reading" stored
	ok "$MECH: 200 logins in parallel" parallel 200
	ok "$MECH: a ticket of 48 KiB" large_ticket
	ok "$MECH: chosen for its strength" from_list
	restore
	mistakes
}

MECH=GSSAPI
servers_kdc memcached/old.example.test
ok "doc/servers.md: a login" guide_works
for MECH in KERBEROS_V5 GSSAPI; do
	cells
done
done_testing
