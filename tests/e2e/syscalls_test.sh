#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What a server asks of the system for each login after its first: it opens no
# file, and looks at its keytab once to see whether it has changed, and by GSSAPI
# at its replay cache.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/login.sh"

logins=6
calls=$LOGIN_DIR/calls
keytab=$SCRATCH/keytab
export KRB5_CONFIG=$SCRATCH/krb5.conf
unset KRB5_TRACE

[ -z "${SANITIZER_PRELOAD:-}" ] || skip_all "sanitizers make system calls of their own"
for program in strace:strace sasl-sample-client:sasl2-bin; do
	command -v "${program%:*}" >/dev/null ||
		skip_all "missing: ${program%:*} (Debian: ${program#*:})"
done
strace -o "$SCRATCH/trial" true 2>/dev/null || skip_all "strace may not trace here"

# From the end of the login before (the first: from the start) to that of each.
cut_up() {
	awk -v folder="$SCRATCH" '
		BEGIN { n = 1 }
		{ print >(folder "/calls." n) }
		/^write\(1, "login / { close(folder "/calls." n++) }' "$calls"
}

after_first() { # PATTERN: such calls of the logins after the first, as a count for each login
	local n
	for ((n = 2; n <= logins; n++)); do
		printf '%s ' "$(grep -cE "$1" "$SCRATCH/calls.$n")"
	done
}

show() {
	local n
	for ((n = 1; n <= logins; n++)); do
		echo "--- login $n"
		cat "$SCRATCH/calls.$n"
	done
}

are() { # COUNT PATTERN
	local n expected=
	for ((n = 2; n <= logins; n++)); do
		expected+="$1 "
	done
	[ "$(after_first "$2")" = "$expected" ] && return
	echo "found $(after_first "$2")in the logins after the first, of: $2"
	show
	return 1
}

log_in() {
	local n
	for ((n = 1; n <= logins; n++)); do
		stay_login "$SCRATCH/ccache" || return
	done
}

# Else the cases that follow would count nothing.
first_is_traced() {
	grep -q "^openat(.*\"$keytab\"" "$SCRATCH/calls.1" &&
		grep -q "^openat(.*\"$KRB5_CONFIG\"" "$SCRATCH/calls.1" && return
	show
	return 1
}

# each MECHANISM: logs in so often, and cuts up what the server did.
each() {
	configure_server "keytab: $keytab" "mech_list: $1"
	stay_start strace -o "$calls" -s 200
	ok "$1: $logins logins at one server" log_in
	stay_stop
	cut_up
	ok "$1: the server came to the end of the last" says server "login $logins: alice"
	ok "$1: the first one opens keytab and krb5.conf" first_is_traced
	ok "$1: the others look at the keytab once" \
		are 1 "^[a-z0-9_]*(stat|access|readlink)[a-z0-9_]*\(.*\"$keytab\""
	ok "$1: not at krb5.conf, within the minute" are 0 "$KRB5_CONFIG"
}

printf '[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n' >"$KRB5_CONFIG"
"$MINT" --keytab "$keytab" --ccache "$SCRATCH/ccache" >/dev/null
# A file that has just been written is looked at twice.
sleep 0.1
opens='^(open|openat|openat2|creat)\('
names='^[a-z0-9_]+\((AT_FDCWD, )?"/'

each KERBEROS_V5
ok "KERBEROS_V5: they open no file" are 0 "$opens"
ok "KERBEROS_V5: and name no other than the keytab" are 1 "$names"

each GSSAPI
ok "GSSAPI: they open no file: the replay cache stays open" are 0 "$opens"
ok "GSSAPI: and name no other than keytab and replay cache" are 2 "$names"
done_testing
