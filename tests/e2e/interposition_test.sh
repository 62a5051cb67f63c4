#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The module in a process that has the same names: a program that defines every
# one of ours itself, and one that has libkrb5 and a GSS-API library in it,
# whose functions some of ours are called like. Nobody takes the other's.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/login.sh"

core=$BUILDDIR/plugin/.libs/libcore.a
impostor=$SCRATCH/impostor.so
read -r -a compiler <<<"${CC:-cc}"

[ -z "${SANITIZER_PRELOAD:-}" ] || skip_all "a sanitizer's library wants to be the first"
for program in sasl-sample-client:sasl2-bin nm:binutils "${compiler[0]}:gcc"; do
	command -v "${program%%:*}" >/dev/null ||
		skip_all "missing: ${program%%:*} (Debian: ${program#*:})"
done

# All names that one file of the module has from another.
own_names() {
	nm --defined-only --extern-only "$core" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u
}

# A library that defines them all: whoever calls one of its functions ends the process.
make_impostor() {
	{
		cat <<'END'
#include <unistd.h>
static void caught(const char *name)
{
	while (*name)
		(void)!write(2, name++, 1);
	(void)!write(2, " was called\n", 12);
	_exit(86);
}
END
		own_names | sed 's/.*/void &(void); void &(void) { caught("&"); }/'
	} >"$SCRATCH/impostor.c" &&
		"${compiler[@]}" -w -fno-builtin -shared -fPIC -o "$impostor" "$SCRATCH/impostor.c"
}

# The trap works: a library whose names are not hidden, as those of the module are, falls into it.
catches() {
	echo 'int buffer_append(void) { return 0; } int use(void) { return buffer_append(); }' \
		>"$SCRATCH/open.c"
	echo 'int use(void); int main(void) { return use(); }' >"$SCRATCH/victim.c"
	"${compiler[@]}" -w -fPIC -shared -o "$SCRATCH/open.so" "$SCRATCH/open.c" &&
		"${compiler[@]}" -w -o "$SCRATCH/victim" "$SCRATCH/victim.c" "$SCRATCH/open.so" &&
		"$SCRATCH/victim" || return
	LD_PRELOAD=$impostor "$SCRATCH/victim" 2>"$SCRATCH/caught"
	[ $? = 86 ] && grep -q '^buffer_append was called' "$SCRATCH/caught"
}

has_names() {
	local count
	count=$(own_names | grep -c .)
	echo "$count names"
	[ "$count" -gt 300 ] && own_names | grep -x keytab_find && own_names | grep -x gss_unwrap
}

library() { # NAME: where the loader finds it
	/sbin/ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }'
}

# both_ways PRELOAD MECHANISM: a login, in two processes that have these libraries in them, before
# those that the shuttle needs.
both_ways() {
	# shellcheck disable=SC2016  # it is for the inner shell
	local with=(bash -c 'LD_PRELOAD="$0 ${LD_PRELOAD-}" exec "$@"' "$1")
	rm -f "$SCRATCH/rcache"
	server=("${with[@]}" sasl-sample-server -s imap -p "$KERBEROS5_MODULE_DIR")
	client=("${with[@]}" sasl-sample-client -s imap -p "$KERBEROS5_MODULE_DIR"
		-n mail.example.test -m "$2")
	login && steps 123456
}

export KRB5_CONFIG=$SCRATCH/krb5.conf KRB5_KTNAME=$SCRATCH/keytab KRB5CCNAME=$SCRATCH/ccache
printf '[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n\tdns_canonicalize_hostname = false\n' \
	>"$KRB5_CONFIG"
"$MINT" --keytab "$KRB5_KTNAME" --ccache "$KRB5CCNAME" --service imap/mail.example.test >/dev/null ||
	exit 99
configure_server 'mech_list: GSSAPI KERBEROS_V5'

ok "the module has names of its own" has_names
ok "an impostor defines them" make_impostor
ok "who takes the impostor's is caught" catches
for mechanism in KERBEROS_V5 GSSAPI; do
	ok "$mechanism with an impostor in the process" both_ways "$impostor" $mechanism
done
krb5=$(library libkrb5.so.3) gss=$(library libgssapi_krb5.so.2)
heimdal=$(library libgssapi.so.3)
for mechanism in KERBEROS_V5 GSSAPI; do
	if [ -n "$krb5" ] && [ -n "$gss" ]; then
		ok "$mechanism with MIT's libraries in the process" both_ways "$gss $krb5" $mechanism
	else
		skip "$mechanism with MIT's libraries in the process" "missing: libgssapi-krb5-2"
	fi
	if [ -n "$heimdal" ]; then
		ok "$mechanism with Heimdal's in the process" both_ways "$heimdal" $mechanism
	else
		skip "$mechanism with Heimdal's in the process" "missing: libgssapi3-heimdal"
	fi
done
done_testing
