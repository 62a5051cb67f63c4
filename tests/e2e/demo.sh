#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# demo.sh - the main job, without a daemon: a throw-away realm made by
# tests/tools/mint, then sasl-sample-server and sasl-sample-client, which know
# nothing of Kerberos, authenticate each other with KERBEROS_V5 through the
# module as it was built. "./bootstrap demo" builds and runs it.
#
# Exit status 0 only if all six steps were taken, in order, and both programs
# ended well with alice logged in.

set -u
PATH=$PATH:/usr/sbin
source=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILDDIR:-$source}
modules=$build/plugin/.libs
host=mail.example.test

fail() {
	echo
	echo "FAILED: $*"
	for file in "$folder"/*.out "$folder"/*.err; do
		[ -s "$file" ] && echo "--- ${file##*/}" && LC_ALL=C tr -c '\11\12\40-\176' '?' <"$file"
	done
	exit 1
} >&2

# Wraps a line and indents what follows.
show() {
	printf '%s\n' "$*" | fold -s -w 84 | sed 's/ *$//; 1!s/^/             /'
}

# The trace, "[PID] SECONDS: N: WHAT", as it is written.
follow_trace() {
	local line step side
	while IFS= read -r line && [ "$line" != end ]; do
		line=${line#*: }
		step=${line%%:*}
		case $step in
		1 | 6) side=client ;;
		*) side=server ;;
		esac
		printf '%s' "$step" >>"$folder/steps"
		show "  $step  $side  ${line#*: }"
	done
}

for program in sasl-sample-server sasl-sample-client; do
	if ! command -v $program >/dev/null; then
		echo "$program is missing (Debian: sasl2-bin, Fedora: cyrus-sasl-devel)" >&2
		exit 1
	fi
done
if [ ! -e "$modules/libkerberos5.so" ] || [ ! -x "$build/tests/tools/mint" ]; then
	echo "not built yet: run ./bootstrap demo, or make all tests/tools/mint" >&2
	exit 1
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/kerberos5-demo.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT

echo "A throw-away realm in $folder:"
cat >"$folder/krb5.conf" <<END
[libdefaults]
	default_realm = EXAMPLE.TEST
END
cat >"$folder/sample.conf" <<END
mech_list: KERBEROS_V5
keytab: $folder/keytab
log_level: 4
END
"$build/tests/tools/mint" --realm EXAMPLE.TEST --client alice --service "imap/$host" \
	--keytab "$folder/keytab" --ccache "$folder/ccache" >"$folder/mint.out" 2>&1 ||
	fail "the realm could not be made"
sed 's/^/  /' "$folder/mint.out"

echo
echo "The exchange between sasl-sample-client and sasl-sample-server, which know nothing"
echo "of Kerberos, as the module's trace tells it:"
mkfifo -m 600 "$folder/trace" || exit 1
exec 3<>"$folder/trace"
follow_trace <&3 &
export KRB5_CONFIG=$folder/krb5.conf KRB5_TRACE=$folder/trace
export KRB5CCNAME=FILE:$folder/ccache SASL_CONF_PATH=$folder
"$source/tests/tools/sasl_shuttle.sh" "$folder" \
	sasl-sample-server -s imap -d "$host" -p "$modules" -- \
	sasl-sample-client -s imap -n "$host" -p "$modules" -m KERBEROS_V5
status=$?
echo end >&3
wait

[ $status -eq 0 ] || fail "the two programs did not come to an end with success"
[ "$(cat "$folder/steps" 2>/dev/null)" = 123456 ] ||
	fail "the six steps were not all taken, in order"
for side in server client; do
	grep -aqx 'Username: alice' "$folder/$side.out" || fail "the $side does not say that alice logged in"
done
verdict=$(sed -n 's/.*KERBEROS_V5: \(login accepted.* authenticated to .*\)/\1/p' "$folder/server.err")
[ -n "$verdict" ] || fail "the server's log does not say who was authenticated"

echo
echo "The server's log:"
show "  $verdict"
echo
echo "Done: alice is logged in at the server, and knows that it is the right one."
