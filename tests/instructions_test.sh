#!/bin/bash
# What a login may cost in instructions of user space, both sides together
# (tests/bench/instructions.sh). Judged is what does not depend on the processor:
# all but libcrypto and libc, whose part is printed beside it.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/bench/instructions.sh"

enctype=aes256-cts-hmac-sha1-96

[ -z "${SANITIZER_PRELOAD:-}" ] || skip_all "a build with sanitizers does not run under valgrind"
! missing=$(instructions_missing) || skip_all "$missing"

# costs MECHANISM LIMIT: is what is judged within the limit?
costs() {
	local mechanism=$1 limit=$2 side sides=() total=0 judged=0
	for side in client server; do
		read -ra sides < <(instructions "$mechanism" "$enctype" "$side")
		[ ${#sides[@]} -eq 7 ] || return
		total=$((total + sides[0]))
		judged=$((judged + sides[1]))
	done
	echo "$mechanism: $judged instructions, $limit allowed; $total with libcrypto and libc" | tee "$SCRATCH/said"
	[ "$judged" -gt 10000 ] && [ "$judged" -le "$limit" ]
}

note() {
	sed 's/^/# /' "$SCRATCH/said"
}

ok "KERBEROS_V5: a login costs at most 190,000" costs KERBEROS_V5 190000
note
ok "GSSAPI: a login costs at most 120,000" costs GSSAPI 120000
note
done_testing
