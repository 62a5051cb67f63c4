#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GS2-KRB5 and GS2-KRB5-PLUS of Cyrus's plug-in with MIT krb5 as a client of this
# module's server.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

gs2="mech=GS2-KRB5 opt.kerberos5_mechanisms=GS2-KRB5"
plus="mech=GS2-KRB5-PLUS opt.kerberos5_mechanisms=GS2-KRB5"
same="cb.name=tls-unique cb.data=abcdef"
other="cb.name=tls-unique cb.data=abcdeg"

# logs_in CLIENT WORDS [USER [SERVER-WORDS]]: Cyrus's client cannot do without names.
logs_in() {
	local user=${3:-alice}
	meet ours "$2 proxy=$user ${4:-}" "$1" "$2 user=$user authname=alice" &&
		said "server: ok ssf=0 username=$user authid=alice " && said "client: ok ssf=0 "
}

differ() { # CLIENT
	refused meet ours "$plus $same" "$1" "$plus $other user=alice authname=alice" &&
		said "are not those of this connection"
}

for enctype in aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128; do
	realm $enctype
	for client in ours mit; do
		case_of ours $client "$client to ours, $enctype" logs_in $client "$gs2"
	done
done
for client in ours mit; do
	case_of ours $client "$client to ours, as somebody else" logs_in $client "$gs2" a=b,c
	case_of ours $client "$client to ours, bindings of both" logs_in $client "$plus $same"
	case_of ours $client "$client to ours, bindings that differ" differ $client
	case_of ours $client "$client to ours, only the server has bindings" \
		logs_in $client "$gs2" alice "$same"
done

done_testing
