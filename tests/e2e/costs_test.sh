#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What a login may cost, both sides together (tests/bench/measure.sh).
#
# Of its instructions of user space those are judged that do not depend on the
# processor: all but libcrypto's and libc's, whose part is printed beside it.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/../bench/measure.sh"

[ -z "${SANITIZER_PRELOAD:-}" ] || skip_all "a build with sanitizers costs more"
for program in valgrind strace; do
	! missing=$(measure_missing $program) || skip_all "$missing"
done
strace -o "$SCRATCH/trial" true 2>/dev/null || skip_all "strace may not trace here"

costs() { # MECHANISM LIMIT
	local mechanism=$1 limit=$2 side sides=() total=0 judged=0
	for side in client server; do
		read -ra sides < <(measure_instructions "$mechanism" "$side" ours)
		[ ${#sides[@]} -eq 7 ] || return
		total=$((total + sides[0]))
		judged=$((judged + sides[1]))
	done
	echo "$mechanism: $judged instructions, $limit allowed; $total with libcrypto and libc" |
		tee "$SCRATCH/said"
	[ "$judged" -gt 10000 ] && [ "$judged" -le "$limit" ]
}

# Beyond those of libsasl2, which looks up the name of the host.
calls() { # MECHANISM LIMIT
	local all own
	all=$(measure_calls "$1" ours) && own=$(measure_calls ANONYMOUS theirs) || return
	echo "$1: $all system calls, of which libsasl2 makes $own; $2 allowed beside these" |
		tee "$SCRATCH/said"
	awk -v all="$all" -v own="$own" -v limit="$2" 'BEGIN { exit !(own > 0 && all - own <= limit) }'
}

# Of what was said last.
percent() { # PERCENT
	awk -v percent="$1" '{ print int($2 * percent / 100) }' "$SCRATCH/said"
}

note() {
	sed 's/^/# /' "$SCRATCH/said"
}

measure_realm aes256-cts-hmac-sha1-96
ok "KERBEROS_V5: a login costs at most 190,000 instructions" costs KERBEROS_V5 190000
note
ok "GSSAPI: a login costs at most 120,000 instructions" costs GSSAPI 120000
note
ok "GSS-SPNEGO: a login costs at most 120 percent of GSSAPI's" costs GSS-SPNEGO "$(percent 120)"
note
ok "GS2-KRB5: a login costs at most 116,000 instructions" costs GS2-KRB5 116000
note
PEER_MODULE_DIR=${PEER_MODULE_DIR:-$(pkg-config --variable=libdir libsasl2 2>/dev/null)/sasl2}
if measure_has ANONYMOUS theirs; then
	ok "KERBEROS_V5: a login makes at most 5 system calls" calls KERBEROS_V5 5
	note
	for mechanism in GSSAPI GSS-SPNEGO GS2-KRB5; do
		ok "$mechanism: a login makes at most 11 system calls" calls $mechanism 11
		note
	done
else
	skip "system calls" "libsasl2's ANONYMOUS is missing (Debian: libsasl2-modules)"
fi
done_testing
