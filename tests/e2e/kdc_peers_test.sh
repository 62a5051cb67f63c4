#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI with tickets from a real KDC: clients that others wrote get them by
# themselves, and hand over their credentials where they are asked to.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/peers.sh"
. "$(dirname "$0")/java_peer.sh"
# shellcheck disable=SC2119
kdc_require

messages=send=3x100,1x1000
delegates=flags=32 # SASL_SEC_PASS_CREDENTIALS
trace=$SCRATCH/trace
kept=$SCRATCH/kept-alice@EXAMPLE.TEST

# A cache with a new ticket-granting ticket and nothing else.
fresh_cache() {
	rm -f "$SCRATCH/ccache" "$trace" "$kept"
	echo alice | kinit -f alice >/dev/null && cp "$SCRATCH/ccache" "$SCRATCH/java_ccache"
}

# Only our side traces: libkrb5 would do so too.
traced_server() {
	peer_of server ours "$messages opt.kerberos5_delegated_ccache=FILE:$SCRATCH/kept-%{principal}"
	side=(env "KRB5_TRACE=$trace" "${side[@]}")
}

# Heimdal would ask by UDP first, where the KDC does not listen.
conf_of() {
	case $1 in
	heimdal) echo "$SCRATCH/heimdal.conf" ;;
	*) echo "$SCRATCH/krb5.conf" ;;
	esac
}

# serves CLIENT [WORDS]
serves() {
	local server
	fresh_cache
	traced_server
	server=("${side[@]}")
	peer_of client "$1" "$messages ${2-}"
	join "${server[@]}" -- env "KRB5_CONFIG=$(conf_of "$1")" "${side[@]}" &&
		said "server: ok ssf=256 username=alice authid=alice " && all_received
}

# serves_java [WORDS]
serves_java() {
	fresh_cache
	traced_server
	join "${side[@]}" -- "${java[@]}" client "ccache=$SCRATCH/java_ccache" "$messages" "$@" &&
		said "server: ok ssf=256 username=alice authid=alice " && all_received
}

# With the cache that the server keeps, libkrb5 gets tickets as the user.
kept_is_good() {
	KRB5CCNAME=FILE:$kept kvno imap/mail.example.test && KRB5CCNAME=FILE:$kept klist -f >"$SCRATCH/klist" &&
		cat "$SCRATCH/klist" && grep -q '^Default principal: alice@EXAMPLE.TEST$' "$SCRATCH/klist" &&
		grep -A1 'krbtgt/EXAMPLE.TEST@EXAMPLE.TEST' "$SCRATCH/klist" | grep -q 'Flags: F.*f' &&
		[ "$(stat -c %a "$kept")" = 600 ]
}

# and_delegated COMMAND...: a ticket-granting ticket came with it, and was kept.
and_delegated() {
	"$@" && grep -F "delegated ticket krbtgt/EXAMPLE.TEST@EXAMPLE.TEST " "$trace" && kept_is_good
}

and_did_not_delegate() {
	"$@" && ! grep -F "delegated ticket" "$trace" && ! [ -e "$kept" ]
}

# Ours on both sides; the client's words ask for delegation.
ours_delegates() {
	fresh_cache
	traced_server
	local server=("${side[@]}")
	peer_of client ours "$messages $1"
	join "${server[@]}" -- "${side[@]}" && said "server: ok ssf=256 username=alice authid=alice "
}

# And again with what the server has kept: it acts as the user.
acts_with_kept() {
	peer_of client ours "$messages"
	local client=("${side[@]}")
	cp "$kept" "$SCRATCH/acting"
	traced_server
	join "${side[@]}" -- env "KRB5CCNAME=FILE:$SCRATCH/acting" "${client[@]}" &&
		said "server: ok ssf=256 username=alice authid=alice "
}

# logs_in SERVER
logs_in() {
	fresh_cache
	kvno -q imap/mail.example.test &&
		meet "$1" "$messages" ours "$messages ${2-}" && all_received &&
		said "client: ok ssf=256 username=alice "
}

kdc_start EXAMPLE.TEST
kdc_admin EXAMPLE.TEST <<END
	addprinc -pw alice alice
	addprinc -randkey imap/mail.example.test
	ktadd -k $SCRATCH/keytab imap/mail.example.test
END
# Java knows no abbreviations.
kdc_client_conf "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96" >"$SCRATCH/krb5.conf"
sed 's,kdc = ,&tcp/,' "$SCRATCH/krb5.conf" >"$SCRATCH/heimdal.conf"

for client in mit heimdal; do
	case_of $client "$client to ours" and_did_not_delegate serves $client
	case_of $client "$client to ours, with its credentials" and_delegated serves $client $delegates
	case_of $client "ours to $client" logs_in $client
done

if [ -z "$(missing java)" ]; then
	java_build
fi
for words in "$delegates" opt.kerberos5_delegate=yes; do
	case_of ours "ours to ours, with its credentials ($words)" and_delegated ours_delegates "$words"
done
case_of ours "and the server acts with them" acts_with_kept
case_of ours "ours to ours, if the KDC says so, which it does not" \
	and_did_not_delegate ours_delegates opt.kerberos5_delegate=ok-as-delegate
kdc_admin EXAMPLE.TEST <<<"modprinc +ok_as_delegate imap/mail.example.test"
case_of ours "ours to ours, and it does" and_delegated ours_delegates opt.kerberos5_delegate=ok-as-delegate
for server in mit heimdal; do
	case_of $server "ours to $server, with its credentials" logs_in $server opt.kerberos5_delegate=yes
done
case_of java "java to ours" and_did_not_delegate serves_java
case_of java "java to ours, with its credentials" and_delegated serves_java delegate=true

done_testing
