#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# costs.sh [ENCTYPE...] - what a login costs in instructions, by side and by
# library, in system calls and in memory (measure.sh); part of make bench.
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/measure.sh"

enctypes=("$@")
[ $# -gt 0 ] || enctypes=(aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
	aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 camellia128-cts-cmac camellia256-cts-cmac)

# Those that are there.
each_mechanism() { # FUNCTION ARGUMENT...
	local function=$1 mechanism
	shift
	for mechanism in "KERBEROS_V5 ours" "GSSAPI ours" "GSSAPI theirs" "GSS-SPNEGO ours" \
		"GSS-SPNEGO theirs" "GS2-KRB5 ours"; do
		# shellcheck disable=SC2086  # two words
		! measure_has $mechanism || "$function" $mechanism "$@"
	done
}

row() {
	printf '%-12s %-6s %-27s %-7s %9s %9s %9s %9s %9s %9s %9s\n' "$@"
}

instructions() { # MECHANISM WHOSE ENCTYPE
	local side client=() server=() sum=() i
	for side in client server; do
		read -ra "${side?}" < <(measure_instructions "$1" $side "$2")
	done
	for i in "${!client[@]}"; do
		sum[i]=$((client[i] + server[i]))
	done
	row "$1" "$2" "$3" client "${client[@]}"
	row "$1" "$2" "$3" server "${server[@]}"
	row "$1" "$2" "$3" both "${sum[@]}"
}

calls_and_memory() { # MECHANISM WHOSE
	printf '%-12s %-6s %12s %12s\n' "$1" "$2" "$(measure_calls "$@")" "$(measure_memory "$@")"
}

if missing=$(measure_missing valgrind); then
	echo "instructions of a login: $missing"
else
	echo "Instructions of a login, in all and by the library in whose code they are"
	row mechanism whose enctype side all judged ours libcrypto libc libsasl2 others
	for enctype in "${enctypes[@]}"; do
		measure_realm "$enctype"
		each_mechanism instructions "$enctype"
	done
fi
if missing=$(measure_missing strace); then
	echo "system calls of a login: $missing"
else
	measure_realm "${enctypes[0]}"
	echo "System calls of a login, and private memory after a hundred, in KiB"
	each_mechanism calls_and_memory
	! measure_has ANONYMOUS theirs || calls_and_memory ANONYMOUS theirs
fi
