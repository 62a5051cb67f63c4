#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI's layers: packets that come twice, out of order or changed, or that do
# not come, are refused, whoever sent them. (Cyrus' plug-in takes all but those
# that were changed.)
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

messages=send=4x100
because=

# server_refuses CLIENT WAY LAYER, client_refuses SERVER WAY LAYER: ours, with the reason
server_refuses() {
	refused meet ours "$3" "$1" "$messages way=$2 $3" &&
		said "server: failed at sasl_decode (-9)" && said "$because"
}

client_refuses() {
	refused meet "$1" "$messages way=$2 $3" ours "$3" &&
		said "client: failed at sasl_decode (-9)" && said "$because"
}

both_refuse() {
	server_refuses "$@" && client_refuses "$@"
}

# What ours refuses is really there: Cyrus' plug-in gives the octets to the program.
mit_takes() {
	refused meet mit "$2" ours "$messages way=$1 $2" &&
		said "server: failed at the octets of a message"
}

realm aes256-cts-hmac-sha1-96
case_of mit "mit gives a packet to the program that came twice" mit_takes repeat minssf=2
case_of mit "mit does not miss a packet that was lost" mit_takes drop minssf=2

for layer in maxssf=1 minssf=2; do
	for way in repeat drop swap change; do
		because="sequence number"
		[ $way != change ] || because="integrity check failed"
		for peer in ours mit heimdal; do
			case_of ours $peer "$way, from $peer, $layer" both_refuse $peer $way $layer
		done
	done
done

done_testing
