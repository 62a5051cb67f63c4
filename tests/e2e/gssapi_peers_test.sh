#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI between this module and Cyrus' plug-in, which is MIT krb5's or
# Heimdal's libraries underneath: logins and layers, whoever is the client.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

# shellcheck disable=SC2034  # by name, below
enctypes_mit='aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96
	aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha384-192
	camellia128-cts-cmac camellia256-cts-cmac'
# shellcheck disable=SC2034
enctypes_heimdal='aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96
	aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha384-192'
messages=send=1x1,20x100,3x4096,1xmax

# strength WHO LAYER ENCTYPE: the SSF that a side names. Heimdal's flavour knows no better.
strength() {
	case $1:$2:$3 in
	*:none:*) echo 0 ;;
	*:integrity:*) echo 1 ;;
	heimdal:*) echo 56 ;;
	*:*128-*) echo 128 ;;
	*) echo 256 ;;
	esac
}

layer_words() {
	case $1 in
	none) echo maxssf=0 ;;
	integrity) echo "minssf=1 maxssf=1" ;;
	privacy) echo minssf=2 ;;
	esac
}

# protects SERVER CLIENT LAYER ENCTYPE [WORDS]
protects() {
	local words
	words="$(layer_words "$3") ${5:-$messages}"
	meet "$1" "$words" "$2" "$words" &&
		said "server: ok ssf=$(strength "$1" "$3" "$4") username=alice authid=alice " &&
		said "client: ok ssf=$(strength "$2" "$3" "$4") " && all_received
}

# The reference: others between themselves.
realm aes256-cts-hmac-sha1-96
case_of mit "mit to mit" protects mit mit privacy aes256-cts-hmac-sha1-96
case_of mit heimdal "mit to heimdal" protects heimdal mit privacy aes256-cts-hmac-sha1-96

for peer in mit heimdal; do
	enctypes=enctypes_$peer
	for enctype in ${!enctypes}; do
		realm "$enctype"
		for layer in none integrity privacy; do
			case_of ours $peer "ours to $peer, $enctype, $layer" \
				protects $peer ours $layer "$enctype"
			case_of ours $peer "$peer to ours, $enctype, $layer" \
				protects ours $peer $layer "$enctype"
		done
	done
done

done_testing
