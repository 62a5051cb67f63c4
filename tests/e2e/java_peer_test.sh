#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI between this module and Java's own, whoever is the client. Java is
# used where it is on the machine; ./bootstrap does not install it.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"
. "$(dirname "$0")/java_peer.sh"

reason=$(missing java)
[ -z "$reason" ] || skip_all "$reason"

messages=send=1x1,20x100,3x4096,1xmax
java_build

# Java's own login module takes a cache with a ticket-granting ticket alone.
java_realm() {
	realm "$1"
	"$MINT" --service krbtgt/EXAMPLE.TEST --ccache "$SCRATCH/java_ccache" --enctype "$1" >&2 &&
		"$MINT" --keytab "$SCRATCH/keytab" --ccache "$SCRATCH/java_ccache" --enctype "$1" --add >&2 ||
		exit 99
}

# serves_java QOP SSF SERVER [WORDS [JAVA_WORDS]]
serves_java() {
	java_client "$3" "$messages ${4-}" "$messages qop=$1 ${5-}" && both_say "$1" "$2" alice
}

# logs_in_to_java QOP SSF CLIENT [WORDS [JAVA_WORDS]]
logs_in_to_java() {
	java_server "$3" "user=alice $messages ${4-}" "$messages qop=$1 ${5-}" &&
		both_say "$1" "$2" alice
}

logs_in_as_bob() {
	java_server ours "user=bob $messages" "$messages" && both_say auth-conf 256 bob
}

serves_bob() {
	java_client ours "proxy=bob $messages" "user=bob $messages" && both_say auth-conf 256 bob
}

java_realm aes256-cts-hmac-sha1-96
case_of mit "java to mit" serves_java auth-conf 256 mit
case_of mit "mit to java" logs_in_to_java auth-conf 256 mit

# No layer, and then no mutual authentication: no AP-REP.
case_of ours "java to ours, none" serves_java auth 0 ours
case_of ours "java to ours, none, with mutual authentication" serves_java auth 0 ours "" mutual=true
case_of ours "java to ours, integrity" serves_java auth-int 1 ours
case_of ours "java to ours, privacy" serves_java auth-conf 256 ours
case_of ours "java to ours, for another user" serves_bob
case_of ours "java to ours, the largest buffers" serves_java auth-conf 256 ours \
	maxbufsize=16777215 maxbufsize=16777215
case_of ours "ours requires a layer of java" \
	refused java_client ours minssf=1 qop=auth

# Java offers a buffer for no layer too.
case_of ours "ours to java, none" logs_in_to_java auth 0 ours
case_of ours "ours to java, integrity" logs_in_to_java auth-int 1 ours
case_of ours "ours to java, privacy" logs_in_to_java auth-conf 256 ours
case_of ours "ours to java, for another user" logs_in_as_bob
case_of ours "ours to java, the largest buffers" logs_in_to_java auth-conf 256 ours \
	maxbufsize=16777215 maxbufsize=16777215
case_of ours "ours requires a layer that java does not offer" \
	refused java_server ours minssf=1 qop=auth

for enctype in aes128-cts-hmac-sha1-96:128 aes128-cts-hmac-sha256-128:128 \
	aes256-cts-hmac-sha384-192:256; do
	java_realm "${enctype%:*}"
	case_of ours "java to ours, ${enctype%:*}" serves_java auth-conf "${enctype#*:}" ours
	case_of ours "ours to java, ${enctype%:*}" logs_in_to_java auth-conf "${enctype#*:}" ours
done

# Java asks for the layer of which it is told, and as a server takes every one.
java_realm aes256-cts-hmac-sha1-96
spnego="mech=GSS-SPNEGO"
for layer in auth:0 auth-int:1 auth-conf:256; do
	case_of ours "SPNEGO: java to ours, ${layer%:*}" \
		serves_java "${layer%:*}" "${layer#*:}" ours $spnego $spnego
	case_of ours "SPNEGO: ours to java, ${layer%:*}" \
		logs_in_to_java "${layer%:*}" "${layer#*:}" ours "$spnego maxssf=${layer#*:}" $spnego
done
case_of ours "SPNEGO: java to ours, none, without mutual authentication" \
	serves_java auth 0 ours $spnego "$spnego mutual=false"
case_of ours "SPNEGO: ours requires a layer of java" \
	refused java_client ours "$spnego minssf=1" "$spnego qop=auth"

done_testing
