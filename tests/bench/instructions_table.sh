#!/bin/bash
# instructions_table.sh [ENCTYPE...] - what a login costs in instructions of user
# space (instructions.sh), by side and by library; part of make bench.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/instructions.sh"

if missing=$(instructions_missing); then
	echo "instructions of a login: $missing"
	exit 0
fi
enctypes=("$@")
[ $# -gt 0 ] || enctypes=(aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
	aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 camellia128-cts-cmac camellia256-cts-cmac)

row() { # MECHANISM WHOSE ENCTYPE COUNT...
	printf '%-12s %-6s %-27s %-7s %9s %9s %9s %9s %9s %9s %9s\n' "$@"
}

# both MECHANISM WHOSE ENCTYPE [theirs]: a line for each side, and their sum.
both() {
	local mechanism=$1 whose=$2 enctype=$3 side client server sum=() i
	shift 3
	for side in client server; do
		read -ra "${side?}" < <(instructions "$mechanism" "$enctype" $side "$@" 2>/dev/null)
	done
	[ ${#client[@]} -eq 7 ] && [ ${#server[@]} -eq 7 ] || return
	for i in "${!client[@]}"; do
		sum[i]=$((client[i] + server[i]))
	done
	row "$mechanism" "$whose" "$enctype" client "${client[@]}"
	row "$mechanism" "$whose" "$enctype" server "${server[@]}"
	row "$mechanism" "$whose" "$enctype" both "${sum[@]}"
}

echo "Instructions of a login, in all and by the library in whose code they are"
row mechanism whose enctype side all judged ours libcrypto libc libsasl2 others
for enctype in "${enctypes[@]}"; do
	both KERBEROS_V5 ours "$enctype"
	both GSSAPI ours "$enctype"
	both GSSAPI Cyrus "$enctype" theirs || echo "GSSAPI of Cyrus SASL is not installed"
done
