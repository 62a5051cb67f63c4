# SPDX-License-Identifier: BSD-3-Clause
# java_peer.sh - Java's own GSSAPI as one side of a login; sourced after peers.sh.
#
#	java_build              compiles SaslPeer; ends the test with status 99 where it cannot
#	java_client SERVER WORDS JAVA_WORDS
#	java_server CLIENT WORDS JAVA_WORDS
#	                        a login as of meet(), with tests/peers/SaslPeer.java on the other side
#	both_say QOP SSF USER   did both sides say so, and was all data received?
#
# The client's cache is $SCRATCH/java_ccache.
#
# shellcheck shell=bash disable=SC2154  # peers.sh sets "side"

java=(java)

java_build() {
	local package
	# SaslPeer reads a cache and makes tickets of it by Java's own means.
	for package in sun.security.krb5 sun.security.krb5.internal.ccache sun.security.jgss.krb5; do
		java+=(--add-exports "java.security.jgss/$package=ALL-UNNAMED")
	done
	if ! "${java[@]}" -m jdk.compiler/com.sun.tools.javac.Main "${java[@]:1}" -d "$SCRATCH/java" \
		"$SRCDIR"/tests/peers/{SaslPeer,SpnegoSide}.java >"$SCRATCH/javac" 2>&1; then
		cat "$SCRATCH/javac" >&2
		exit 99
	fi
	java+=(-XX:TieredStopAtLevel=1 "-Djava.security.krb5.conf=$SCRATCH/krb5.conf"
		-cp "$SCRATCH/java" SaslPeer)
}

java_client() {
	local words
	peer_of server "$1" "$2"
	read -ra words <<<"ccache=$SCRATCH/java_ccache $3"
	join "${side[@]}" -- "${java[@]}" client "${words[@]}"
}

java_server() {
	local words
	peer_of client "$1" "$2"
	read -ra words <<<"keytab=$SCRATCH/keytab $3"
	join "${java[@]}" server "${words[@]}" -- "${side[@]}"
}

both_say() {
	said ": ok qop=$1 " && said ": ok ssf=$2 " && all_received &&
		grep -qE "^server: ok .* username=$3 authid=alice(@EXAMPLE.TEST)? " "$SCRATCH/said"
}
