# SPDX-License-Identifier: BSD-3-Clause
# peers.sh - a realm without a KDC, and those who meet in it: this module and
# what others wrote; sourced after tap.sh.
#
#	realm ENCTYPE [OPTION...] makes the realm anew: a keytab and a cache with keys of this
#	                        type, by the minting tool with these options, and a krb5.conf
#	                        that permits no other type
#	permit ENCTYPE...       a krb5.conf that permits these types
#	missing WHO...          what is missing for these peers: ours, mit, heimdal, gsasl, java;
#	                        nothing is printed if nothing is
#	case_of WHO... NAME COMMAND...
#	                        a case as of ok(), skipped where one of these peers is missing
#	meet SERVER WORDS CLIENT WORDS
#	                        a login; each side is ours, mit or heimdal, the words are for
#	                        tests/peers/peer. True if both sides ended well
#	peer_of ROLE WHO WORDS  one of these sides as a command, in the array "side". What
#	                        others leak is not ours to look for
#	join COMMAND... -- COMMAND...
#	                        a meeting of any commands, such as those
#	said TEXT               did a side say a line with this, beginning with "client: " or "server: "?
#	all_received            has each side received as much as the other sent, and something?
#	refused COMMAND...      true if the command, a meeting, failed
#
# What the sides say is in $SCRATCH/said. A folder of its own for each keeps
# modules apart that both offer GSSAPI.
#
# shellcheck shell=bash

PEER=$BUILDDIR/tests/peers/peer
# Made by ./bootstrap ci: packages of the two flavours exclude each other.
HEIMDAL_DIR=${HEIMDAL_DIR:-$BUILDDIR/tests/peers/heimdal}
export KRB5_CONFIG=$SCRATCH/krb5.conf KRB5_KTNAME=FILE:$SCRATCH/keytab
export KRB5CCNAME=FILE:$SCRATCH/ccache KRB5RCACHEDIR=$SCRATCH LC_ALL=C
unset KRB5_CLIENT_KTNAME KRB5_TRACE KRB5RCACHENAME KRB5RCACHETYPE
peers_libdir=$(pkg-config --variable=libdir libsasl2)/sasl2

# A flavour is known by the library that it is linked with.
peers_flavour() {
	case $(ldd "$1" 2>/dev/null) in
	*'not found'*) ;;
	*libgssapi_krb5.so*) echo mit ;;
	*libgssapi.so*) echo heimdal ;;
	esac
}

for peers_module in "$peers_libdir" "$HEIMDAL_DIR"; do
	peers_found=$(peers_flavour "$peers_module/libgssapiv2.so")
	if [ -n "$peers_found" ] && [ ! -d "$SCRATCH/$peers_found" ]; then
		mkdir "$SCRATCH/$peers_found"
		ln -s "$peers_module/libgssapiv2.so" "$SCRATCH/$peers_found/libgssapiv2.so"
		[ ! -e "$peers_module/libgs2.so" ] ||
			ln -s "$peers_module/libgs2.so" "$SCRATCH/$peers_found/libgs2.so"
	fi
done
ln -s "$KERBEROS5_MODULE_DIR" "$SCRATCH/ours"

missing() {
	local who
	for who; do
		case $who in
		mit) [ -d "$SCRATCH/mit" ] ||
			echo "missing: Cyrus' plug-in with MIT krb5 (Debian: libsasl2-modules-gssapi-mit)" ;;
		heimdal) [ -d "$SCRATCH/heimdal" ] ||
			echo "missing: Cyrus' plug-in with Heimdal (./bootstrap ci)" ;;
		gsasl) command -v gsasl >/dev/null || echo "missing: gsasl (Debian: gsasl)" ;;
		java) java_is_new_enough ||
			echo "missing: java of version 11 or later, with its compiler (Debian: default-jdk-headless)" ;;
		esac
	done | head -1
}

java_is_new_enough() {
	command -v java >/dev/null && java --list-modules 2>/dev/null | grep -q '^jdk\.compiler@'
}

case_of() {
	local peers=() reason
	while [[ $1 =~ ^(ours|mit|heimdal|gsasl|java)$ ]]; do
		peers+=("$1")
		shift
	done
	reason=$(missing "${peers[@]}")
	if [ -n "$reason" ]; then
		skip "$1" "$reason"
	else
		ok "$@"
	fi
}

permit() {
	cat >"$SCRATCH/krb5.conf" <<-END
		[libdefaults]
			default_realm = EXAMPLE.TEST
			dns_canonicalize_hostname = false
			rdns = false
			dns_lookup_kdc = false
			dns_lookup_realm = false
			permitted_enctypes = $*
			default_etypes = $*
	END
}

realm() {
	local enctype=$1
	shift
	permit "$enctype"
	rm -f "$SCRATCH/keytab" "$SCRATCH/ccache"
	"$MINT" --keytab "$SCRATCH/keytab" --ccache "$SCRATCH/ccache" --enctype "$enctype" "$@" >&2 ||
		exit 99
}

join() {
	timeout 20 "$PEER" pair "$@" 2>"$SCRATCH/said"
	local status=$?
	cat "$SCRATCH/said"
	return $status
}

peer_of() {
	local words
	read -ra words <<<"$3"
	side=("$PEER" "$1" "path=$SCRATCH/$2" "${words[@]}")
	if [ "$2" != ours ] && [ -n "${SANITIZER_PRELOAD:-}" ]; then
		side=(env "ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" "${side[@]}")
	fi
}

meet() {
	local server
	peer_of server "$1" "$2"
	server=("${side[@]}")
	peer_of client "$3" "$4"
	join "${server[@]}" -- "${side[@]}"
}

said() {
	grep -aF -e "$1" "$SCRATCH/said" | grep -aqE '^(client|server): ' || { echo "not said: $1"; false; }
}

all_received() {
	local counts
	counts=$(sed -nE 's/^(client|server): ok .* sent=([0-9]*) received=([0-9]*) .*/\1 \2 \3/p' \
		"$SCRATCH/said" | sort | tr '\n' ' ')
	read -r _ client_sent client_received _ server_sent server_received <<<"$counts"
	[ "$client_sent" -gt 0 ] && [ "$server_sent" -gt 0 ] &&
		[ "$client_sent" = "$server_received" ] && [ "$server_sent" = "$client_received" ]
}

refused() {
	! "$@" || { echo "not refused"; false; }
}
