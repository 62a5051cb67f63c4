#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI between this module and GNU SASL's program, gsasl, which knows no
# security layer: it answers every offer with "none".
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

# Lines of base64 on standard input and output, with the mechanism's name before the first.
gsasl_program="gsasl --quiet --mechanism GSSAPI --service imap --hostname mail.example.test"
sed_name="sed -u /^GSSAPI\$/d"

# meet_client SERVER [WORDS]: gsasl as client, for alice.
meet_client() {
	peer_of server "$1" "plain=1 ${2-}"
	join "${side[@]}" -- \
		bash -c "$gsasl_program --client --authorization-id alice | $sed_name"
}

# meet_server CLIENT [WORDS]: gsasl as server. It asks whether the user may log
# in, on standard output and input, and is told so at the client's end.
meet_server() {
	peer_of client "$1" "plain=1 initial=0 ${2-}"
	join bash -c "{ cat; echo y; } | $gsasl_program --server | tee -p $SCRATCH/gsasl.out | $sed_name" \
		-- "${side[@]}"
	cat "$SCRATCH/gsasl.out"
}

serves() {
	meet_client "$@" && said "server: ok ssf=0 username=alice authid=alice "
}

# logs_in USER CLIENT [WORDS]
logs_in() {
	local user=$1
	shift
	meet_server "$@" && said "client: ok ssf=0 " &&
		grep -qx "Authzid: $user" "$SCRATCH/gsasl.out" &&
		grep -qx "Display Name: alice@EXAMPLE.TEST" "$SCRATCH/gsasl.out"
}

server_refuses() {
	refused meet_client "$@" && said "server: failed at the login"
}

client_refuses() {
	meet_server "$@" >/dev/null
	said "client: failed at the login"
}

realm aes256-cts-hmac-sha1-96
case_of gsasl mit "gsasl to mit" serves mit
case_of gsasl mit "mit to gsasl" logs_in alice mit user=alice

case_of gsasl ours "gsasl to ours, which offers no layer" serves ours maxssf=0
# gsasl names a buffer where it should have none: the server's own size.
case_of gsasl ours "gsasl to ours, which offers layers" serves ours
case_of gsasl ours "ours requires a layer of gsasl" server_refuses ours minssf=1

# gsasl offers a buffer of FF FF FF for no layer.
case_of gsasl ours "ours to gsasl, without a layer" logs_in alice ours "user=alice maxssf=0"
case_of gsasl ours "ours to gsasl, which offers none" logs_in alice ours user=alice
case_of gsasl ours "ours to gsasl, for another user" logs_in bob ours user=bob
case_of gsasl ours "ours requires a layer that gsasl has not" client_refuses ours minssf=1

done_testing
