#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSS-SPNEGO between this module and Cyrus's plug-in, which is MIT krb5's or
# Heimdal's libraries underneath, whoever is the client.
#
# Of what they do, besides: MIT's library always asks for privacy, unless maxssf
# is 0, and Heimdal's always. Cyrus's server does not look at its limits. Its
# messages of SASL_MAXOUTBUF octets make packets that are longer than any program
# takes. Without data with success it does not log in its own client. With
# Heimdal's library its server fails at the name of every user.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

spnego="mech=GSS-SPNEGO"
messages="send=1x1,20x100,3x4096,1x65400"

# meets SSF SERVER WORDS CLIENT WORDS [SSF]: a login and data each way. The last is
# what the client says, if that is another.
meets() {
	meet "$2" "$spnego $messages $3" "$4" "$spnego $messages $5" &&
		said "server: ok ssf=$1 username=alice authid=alice " &&
		said "client: ok ssf=${6:-$1} " && all_received
}

# fails TEXT SERVER WORDS CLIENT WORDS: some side refuses, with these words.
fails() {
	refused meet "$2" "$spnego $3" "$4" "$spnego $5" && said "$1"
}

# by_server SERVER CLIENT TEXT SERVER-WORDS CLIENT-WORDS: our server says why, Cyrus's that it does.
by_server() {
	local text="server: failed at the login"
	[ "$1" != ours ] || text=$3
	fails "$text" "$1" "$4" "$2" "$5"
}

the_largest() {
	meet mit "$spnego send=1x100 maxbufsize=65536" ours "$spnego send=1xmax maxbufsize=16777215 $1" &&
		all_received && said "largest=65540"
}

strength() {
	case $1 in
	*128-*) echo 128 ;;
	*) echo 256 ;;
	esac
}

realm aes256-cts-hmac-sha1-96
case_of mit "mit to mit" meets 256 mit "" mit ""

# ---- the layers ----

for enctype in aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 \
	aes256-cts-hmac-sha384-192 camellia128-cts-cmac camellia256-cts-cmac; do
	realm "$enctype"
	ssf=$(strength "$enctype")
	case_of ours mit "ours to mit, $enctype, none" meets 0 mit "" ours maxssf=0
	case_of ours mit "ours to mit, $enctype, integrity" meets 1 mit "" ours maxssf=1
	case_of ours mit "ours to mit, $enctype, privacy" meets "$ssf" mit "" ours minssf=2
	case_of ours mit "mit to ours, $enctype, none" meets 0 ours "" mit maxssf=0
	case_of ours mit "mit to ours, $enctype, privacy" meets "$ssf" ours minssf=2 mit ""
	[[ $enctype = camellia* ]] || case_of ours heimdal "heimdal to ours, $enctype, privacy" \
		meets "$ssf" ours minssf=2 heimdal "" 56
done

realm aes256-cts-hmac-sha1-96
case_of ours mit "mit to ours: integrity, for which it asks with privacy" \
	meets 256 ours "" mit "minssf=1 maxssf=1"
case_of ours heimdal "heimdal to ours: no layer, for which it asks with privacy" \
	meets 256 ours "" heimdal maxssf=0 56
for client in mit heimdal; do
	case_of ours $client "$client to ours: privacy, of which the server allows integrity" \
		fails "the client asks for privacy, and this server allows integrity" \
		ours "minssf=1 maxssf=1" $client ""
	case_of ours $client "$client to ours: privacy, of which the server allows nothing" \
		fails "the client asks for privacy, and this server allows no layer" ours maxssf=0 $client ""
done
case_of ours mit "mit to ours: no layer, and the server requires one" \
	fails "the client asks for no layer, and this server allows integrity, privacy" \
	ours minssf=1 mit maxssf=0
case_of ours mit "ours to mit: the client requires more than there is" \
	fails "client: failed at the login" mit "" ours "minssf=257 maxssf=1000"
case_of ours mit "ours to mit, which does not look at its limits" \
	meets 256 mit maxssf=0 ours minssf=2

# Under TLS.
tls="external=256 maxssf=1000"
case_of ours mit "ours to mit: no layer under TLS" meets 0 mit "$tls" ours "$tls"
case_of ours mit "ours to mit: a layer demanded under TLS" meets 256 mit "$tls" ours "$tls minssf=257"
case_of ours mit "mit to ours: no layer under TLS" meets 0 ours "$tls" mit "$tls maxssf=0"
case_of ours mit "mit to ours: a layer under TLS" meets 256 ours "$tls minssf=257" mit "$tls"
case_of ours mit "mit to ours: a layer under TLS, which is all that the server's limit allows" \
	meets 256 ours "external=256 maxssf=256" mit "external=256 maxssf=256"

# Nothing tells how long packets may be: we send 65536 octets at most.
for layer in maxssf=1 minssf=2; do
	case_of ours mit "ours to mit: the largest messages, $layer" \
		the_largest "$layer"
done

# ---- bindings ----

for pair in "ours mit" "mit ours"; do
	read -r server client <<<"$pair"
	between="$client to $server"
	case_of "$server" "$client" "$between: the same bindings" \
		meets 256 "$server" cb.data=one "$client" cb.data=one
	case_of "$server" "$client" "$between: other bindings" by_server "$server" "$client" \
		"are not those of this connection" cb.data=one cb.data=two
	case_of "$server" "$client" "$between: the client has no bindings" \
		meets 256 "$server" cb.data=one "$client" ""
	case_of "$server" "$client" "$between: the server has no bindings" \
		meets 256 "$server" "" "$client" cb.data=one
	case_of "$server" "$client" "$between: no bindings where they are critical" by_server "$server" "$client" \
		"sent no channel bindings, and this service demands them" "cb.data=one cb.critical=1" ""
	case_of "$server" "$client" "$between: bindings in a protocol that carries no initial response" \
		meets 256 "$server" "cb.data=one initial=0" "$client" "cb.data=one initial=0"
done
case_of ours mit "mit to ours: bindings that are critical" \
	meets 256 ours "cb.data=one cb.critical=1" mit cb.data=one
case_of ours mit "mit to ours: other bindings where they are never compared" \
	meets 256 ours "cb.data=one opt.kerberos5_channel_bindings=never" mit cb.data=two

# ---- names, and what the protocol carries ----

declare -A client_ssf=([mit]=256 [heimdal]=56)
for client in mit heimdal; do
	for carried in "initial=0 success=0" "initial=1 success=0" "initial=0 success=1"; do
		case_of ours $client "$client to ours: a protocol with $carried" \
			meets 256 ours "$carried" "$client" "$carried" "${client_ssf[$client]}"
	done
done
case_of ours mit "ours to mit: a protocol with initial=0" meets 256 mit initial=0 ours initial=0
case_of ours mit "ours to mit: the user's own name" meets 256 mit "" ours user=alice
case_of ours mit "ours to mit: somebody else's name" \
	fails 'cannot ask to act as "bob"' mit "" ours user=bob
case_of ours mit "mit to ours: somebody else's name, which does not arrive" \
	meets 256 ours proxy=bob mit user=bob

# The context is established, and the name is then the plug-in's to get.
case_of ours heimdal "ours to heimdal, until it fails as with its own client" \
	fails "server: log 2: GSSAPI Failure: gss_canonicalize_name" heimdal "" ours ""

echo "client_aware_channel_bindings = true" >>"$SCRATCH/krb5.conf"
for client in ours mit; do
	case_of ours $client "$client to ours: announced bindings, and the same" \
		meets 256 ours cb.data=one $client cb.data=one
	case_of ours $client "$client to ours: announced bindings, and none" \
		fails "sent no channel bindings, though it says" ours cb.data=one $client ""
done

done_testing
