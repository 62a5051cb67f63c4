#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The module as a file: what it exports, what it needs, how it is linked.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"

module=$KERBEROS5_MODULE_DIR/libkerberos5.so
dynamic=$(readelf --wide --dynamic "$module") || exit 99
segments=$(readelf --wide --program-headers "$module") || exit 99

same() { # WHAT EXPECTED FOUND
	[ "$2" = "$3" ] || { printf '%s: expected\n%s\nfound\n%s\n' "$@"; false; }
}

exported() {
	same "exported symbols" "sasl_client_plug_init
sasl_server_plug_init" "$(nm --dynamic --defined-only "$module" | awk '{ print $3 }' | sort)"
}

# libresolv is one of the C library's. Sanitizers bring libraries of their own.
needed() {
	local allowed='^lib(crypto|tasn1|c|resolv|sasl2)\.so'
	[ -z "${SANITIZER_PRELOAD:-}" ] || allowed='^lib(crypto|tasn1|c|resolv|sasl2|asan|ubsan)\.so'
	same "other libraries" "" "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$dynamic" |
		grep -Ev "$allowed")"
}

says() { # TEXT WHERE
	grep -E "$1" <<<"$2" || { echo "not there: $1"; false; }
}

does_not_say() {
	! grep -E "$1" <<<"$2"
}

no_search_path() {
	does_not_say '\((RPATH|RUNPATH)\)' "$dynamic"
}

no_writable_code() {
	does_not_say ' (RWE|WE) ' "$segments"
}

ok "exports the two entry points and nothing else" exported
ok "needs libcrypto, libtasn1, libsasl2 and libc at most" needed
ok "says its version" says '^cyrus-sasl-kerberos5 [0-9]+\.[0-9]+\.[0-9]+$' "$(strings "$module")"
ok "binds all symbols when it is loaded" says 'BIND_NOW|FLAGS.* NOW' "$dynamic"
ok "has tables that are read-only after that" says '^ *GNU_RELRO ' "$segments"
ok "has no relocations in its code" does_not_say 'TEXTREL' "$dynamic"
ok "has a stack that is not executable" says '^ *GNU_STACK .* RW ' "$segments"
ok "has no segment that is writable and executable" no_writable_code
ok "has no search path of its own" no_search_path
done_testing
