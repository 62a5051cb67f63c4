#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI with Cyrus' plug-in: what both sides have to agree on besides keys.
# Bindings, layers and buffers, the acting user, what the protocol can carry.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

messages=send=3x100,1x1000

# meets SSF SERVER WORDS CLIENT WORDS: a login and data each way.
meets() {
	meet "$2" "$messages $3" "$4" "$messages $5" && both_have "$1" && all_received
}

both_have() {
	said "server: ok ssf=$1 " && said "client: ok ssf=$1 "
}

# fails TEXT SERVER WORDS CLIENT WORDS: some side refuses, with these words.
fails() {
	refused meet "$2" "$3" "$4" "$5" && said "$1"
}

# acts_for_bob SERVER CLIENT
acts_for_bob() {
	meets 256 "$1" proxy=bob "$2" user=bob && said "server: ok ssf=256 username=bob authid=alice "
}

# better_subkey SERVER CLIENT: of 256 bits, sent under a session key of 128, which we do not forget.
better_subkey() {
	local -A strength=([ours]=128 [mit]=256)
	meet "$1" "$messages" "$2" "$messages" && all_received &&
		said "server: ok ssf=${strength[$1]} " && said "client: ok ssf=${strength[$2]} " &&
		said maxoutbuf=65464 # a checksum of 24 octets
}

# the_largest SERVER CLIENT WORDS: whole packets, each as long as the other side says.
the_largest() {
	meet "$1" "send=1xmax $3" "$2" "send=1xmax $3" && all_received
}

# too_weak SERVER CLIENT: no layer, where the client requires one.
too_weak() {
	fails "client: failed at the login" "$1" maxssf=0 "$2" minssf=1
}

# both_bits_are_integrity: to Cyrus' server they are; where we asked for privacy we take no less.
both_bits_are_integrity() {
	fails "client: failed at sasl_decode" mit "$messages" ours opt.ad_compat=1 &&
		said "server: ok ssf=1 "
}

# other_bindings SERVER CLIENT
other_bindings() {
	fails "server: failed at the login" "$1" cb.data=one "$2" cb.data=two &&
		said_by ours "$1" "channel bindings"
}

# announced_and_none SERVER CLIENT
announced_and_none() {
	fails "server: failed at the login" "$1" cb.data=one "$2" "" &&
		said_by ours "$1" "sent no channel bindings, though it says"
}

# said_by WHO SERVER TEXT: if WHO is the server, it said so.
said_by() {
	[ "$1" != "$2" ] || said "$3"
}

# both_ways PEER NAME COMMAND...: with SERVER and CLIENT in the command replaced.
both_ways() {
	local peer=$1 name=$2
	shift 2
	local here=("${@/#SERVER/$peer}") there=("${@/#SERVER/ours}")
	case_of ours "$peer" "ours to $peer: $name" "${here[@]/#CLIENT/ours}"
	case_of ours "$peer" "$peer to ours: $name" "${there[@]/#CLIENT/$peer}"
}

# with_keytab SERVER CLIENT: as a server's configuration file names it.
with_keytab() {
	KRB5_KTNAME=/nonexistent meets 256 "$1" "opt.keytab=$SCRATCH/keytab" "$2" ""
}

# The session key of 128 bits; the subkey of a better type, by the client's list (RFC 4537).
realm aes256-cts-hmac-sha1-96 --session-enctype aes128-cts-hmac-sha1-96
permit aes256-cts-hmac-sha384-192 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
both_ways mit "a better subkey" better_subkey SERVER CLIENT
permit aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96
both_ways mit "no better subkey where none is preferred" meets 128 SERVER "" CLIENT ""

realm aes256-cts-hmac-sha1-96
for carried in "initial=0 success=0" "initial=0 success=1" "initial=1 success=0"; do
	both_ways mit "a protocol with $carried" meets 256 SERVER "$carried" CLIENT "$carried"
done

both_ways mit "the option keytab" with_keytab SERVER CLIENT
both_ways mit "acting for another user" acts_for_bob SERVER CLIENT
both_ways mit "may not act for another user" fails "server: failed at the login (-14)" \
	SERVER "" CLIENT user=bob

both_ways mit "integrity, as the server wants it" meets 1 SERVER maxssf=1 CLIENT ""
both_ways mit "integrity, as the client wants it" meets 1 SERVER "" CLIENT maxssf=1
both_ways mit "no layer under TLS" meets 0 SERVER external=256 CLIENT external=256
both_ways mit "a layer that the server has not" too_weak SERVER CLIENT
for client in ours mit; do
	case_of ours $client "$client to ours: privacy, asked for as Active Directory wants it" \
		meets 256 ours "" $client opt.ad_compat=1
done
case_of ours mit "ours to mit: integrity where privacy was asked for" both_bits_are_integrity
for peer in mit heimdal; do
	for layer in maxssf=1 minssf=2; do
		both_ways $peer "the largest buffers, $layer" \
			the_largest SERVER CLIENT "$layer maxbufsize=16777215"
		both_ways $peer "small buffers, $layer" \
			the_largest SERVER CLIENT "$layer maxbufsize=201"
	done
done

both_ways mit "the same bindings" meets 256 SERVER cb.data=one CLIENT cb.data=one
both_ways mit "other bindings" other_bindings SERVER CLIENT
both_ways mit "the client has no bindings" meets 256 SERVER cb.data=one CLIENT ""
both_ways mit "the server has no bindings" meets 256 SERVER "" CLIENT cb.data=one
case_of ours mit "mit to ours: bindings that are critical" \
	meets 256 ours "cb.data=one cb.critical=1" mit cb.data=one
case_of ours mit "mit to ours: no bindings where they are critical" \
	fails "sent no channel bindings" ours "cb.data=one cb.critical=1" mit ""
case_of ours mit "mit to ours: no bindings where the option requires them" \
	fails "sent no channel bindings" ours "cb.data=one opt.kerberos5_channel_bindings=required" mit ""
case_of ours mit "mit to ours: other bindings where they are never compared" \
	meets 256 ours "cb.data=one opt.kerberos5_channel_bindings=never" mit cb.data=two
case_of ours mit "ours to mit: no bindings where the client's option requires them" \
	fails "server: failed at the login" mit cb.data=one ours opt.kerberos5_channel_bindings=required

# Clients that say that they send bindings if they have some.
echo "client_aware_channel_bindings = true" >>"$SCRATCH/krb5.conf"
both_ways mit "announced, and the same bindings" meets 256 SERVER cb.data=one CLIENT cb.data=one
both_ways mit "announced, and none" announced_and_none SERVER CLIENT
both_ways mit "announced, and none on either side" meets 256 SERVER "" CLIENT ""
case_of ours mit "mit to ours: announced, and none where they are never compared" \
	meets 256 ours "cb.data=one opt.kerberos5_channel_bindings=never" mit ""

done_testing
