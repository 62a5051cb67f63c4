#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GS2-KRB5 and GS2-KRB5-PLUS between this module and Cyrus's plug-in, which is
# MIT krb5's or Heimdal's libraries underneath, whoever is the client; and with
# GNU SASL's program, gsasl, which has no bindings outside TLS.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

gs2="mech=GS2-KRB5 opt.kerberos5_mechanisms=GS2-KRB5"
plus="mech=GS2-KRB5-PLUS opt.kerberos5_mechanisms=GS2-KRB5"
# A client that chooses from a list knows what the server offers of bindings.
listed="mech=GS2-KRB5,PLAIN opt.kerberos5_mechanisms=GS2-KRB5"
same="cb.name=tls-unique cb.data=abcdef"
other="cb.name=tls-unique cb.data=abcdeg"
named="cb.name=tls-exporter cb.data=abcdef"

# logs_in USER SERVER WORDS CLIENT WORDS: Cyrus's client cannot do without names,
# and its server without accounts.
logs_in() {
	meet "$2" "$3 proxy=$1 accounts=1" "$4" "$5 user=$1 authname=alice" &&
		said "server: ok ssf=0 username=$1 authid=alice " && said "client: ok ssf=0 "
}

# fails SERVER WORDS CLIENT WORDS REASON...: the server refuses, and says the
# reason of whoever it is, WHO=TEXT.
fails() {
	local whose=$1 reason
	refused meet "$1" "$2 accounts=1" "$3" "$4 user=alice authname=alice" &&
		said "server: failed at the login" || return
	for reason in "${@:5}"; do
		[ "${reason%%=*}" != "$whose" ] || said "${reason#*=}" || return
	done
}

# What libsasl2 says, for whom it finds that out.
changed="client incorrectly assumed server had no channel binding"
wrong="Incorrect channel bindings were supplied"

realm aes256-cts-hmac-sha1-96
case_of mit "mit to mit" logs_in a=b,c mit "$plus $same" mit "$plus $same"
for pair in "ours ours" "ours mit" "ours heimdal" "mit ours" "heimdal ours"; do
	read -r server client <<<"$pair"
	between="$client to $server"
	case_of "$server" "$client" "$between" logs_in alice "$server" "$gs2" "$client" "$gs2"
	case_of "$server" "$client" "$between, as somebody else" \
		logs_in a=b,c "$server" "$gs2" "$client" "$gs2"
	case_of "$server" "$client" "$between, as somebody else, bindings of both" \
		logs_in "=2C,=" "$server" "$plus $same" "$client" "$plus $same"
	case_of "$server" "$client" "$between, bindings that differ" \
		fails "$server" "$plus $same" "$client" "$plus $other" \
		"ours=are not those of this connection" "mit=$wrong" "heimdal=$wrong"
	case_of "$server" "$client" "$between, bindings of another type" \
		fails "$server" "$plus $same" "$client" "$plus $named" \
		"ours=the client uses channel bindings of the type tls-exporter, this server tls-unique"
	case_of "$server" "$client" "$between, tls-exporter of both" \
		logs_in alice "$server" "$plus $named" "$client" "$plus $named"
	case_of "$server" "$client" "$between, only the server has bindings" \
		logs_in alice "$server" "$gs2 $same" "$client" "$gs2"
	case_of "$server" "$client" "$between, only the server has bindings, and demands some" \
		fails "$server" "$gs2 $same cb.critical=1" "$client" "$gs2"
	case_of "$server" "$client" "$between, the client has bindings and is not offered -PLUS" \
		logs_in alice "$server" "$gs2" "$client" "$listed $same"
	case_of "$server" "$client" "$between, both have bindings and -PLUS is taken off the list" \
		fails "$server" "$gs2 $same" "$client" "$listed $same" \
		"ours=somebody on the way changed the list of mechanisms" "mit=$changed" "heimdal=$changed"
done

realm aes128-cts-hmac-sha256-128
for pair in "ours mit" "ours heimdal" "mit ours" "heimdal ours"; do
	read -r server client <<<"$pair"
	case_of "$server" "$client" "$client to $server, aes128-cts-hmac-sha256-128" \
		logs_in alice "$server" "$plus $same" "$client" "$plus $same"
done

# ---- gsasl ----

gsasl_program="gsasl --quiet --mechanism GS2-KRB5 --service imap --hostname mail.example.test"
gsasl_name='/^GS2-KRB5$/d'
# Its status tells nothing, and sed's neither: the other side may have ended before the
# last line, which is empty.

# serves_gsasl USER: gsasl asks for no protection of the sequence, for which Cyrus's server refuses it.
serves_gsasl() {
	peer_of server ours "$gs2 plain=1 proxy=$1"
	join "${side[@]}" -- \
		bash -c "$gsasl_program --client --authorization-id $1 | sed -u '$gsasl_name'; true" &&
		! grep -q '^gsasl: mechanism error' "$SCRATCH/said" &&
		said "server: ok ssf=0 username=$1 authid=alice "
}

# logs_in_to_gsasl USER WHO: gsasl asks after the first message whether the user may log in.
logs_in_to_gsasl() {
	local out=$SCRATCH/gsasl.out
	peer_of client "$2" "$gs2 plain=1 initial=0 user=$1 authname=alice"
	join bash -c "{ sed -u 1q; echo y; cat; } | $gsasl_program --server | tee -p $out |
		sed -u '$gsasl_name; /^Authzid:/d; /^Display Name:/d; s/^Validate .* (y.n) //'; true" \
		-- "${side[@]}" &&
		said "client: ok ssf=0 " && grep -qx "Authzid: $1" "$out" &&
		grep -qx "Display Name: alice@EXAMPLE.TEST" "$out"
}

realm aes256-cts-hmac-sha1-96
case_of gsasl mit "mit to gsasl" logs_in_to_gsasl a=b,c mit
for user in alice a=b,c; do
	case_of gsasl ours "gsasl to ours, as $user" serves_gsasl $user
	case_of gsasl ours "ours to gsasl, as $user" logs_in_to_gsasl $user ours
done

done_testing
