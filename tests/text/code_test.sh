#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The code as text: how failures are passed on (plugin/base/error.h), and how many
# arguments functions have.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
cd "$SRCDIR" || exit 99

shopt -s nullglob
sources=()
for file in asn1/*.[ch] plugin/*.[ch] plugin/*/*.[ch]; do
	[ "$file" = asn1/compiled.c ] || sources+=("$file") # asn1Parser's
done

# absent PATTERN [OTHERS]: in no line; lines that match OTHERS are no concern.
absent() {
	! grep -nE "$1" "${sources[@]}" | grep -vE "${2:-^$}"
}

# absent_pair FIRST SECOND: no line that matches FIRST is before one that matches SECOND.
absent_pair() {
	awk -v first="$1" -v second="$2" '
		FNR > 1 && before ~ first && $0 ~ second { print FILENAME ":" FNR ": " $0; found = 1 }
		{ before = $0 }
		END { exit found }' "${sources[@]}"
}

# Errors that are kept are members of structs.
members='plugin/store/keytab\.c:.*\bfailure;|plugin/kdc/request_once\.c:.*\bresult;|\.h:'
ok "an error is declared by NEW_ERROR()" absent '^	+struct error [a-z_]+(, [a-z_]+)*;' "$members"
ok "an error is not cleared, which costs too much" absent 'struct error [a-z_]+ = \{'
ok "nobody asks whether there is an error to set" absent '!err\>([^-]|$)|[&|] err\)|\(err &|\<err \?'
ok "no status is assigned within a condition" absent '\(status = '
ok "a failure is returned as err->status" absent_pair '^	+if [(]status[)]$' '^	+return status;$'
ok "no status is chosen after it was tested" absent 'return status \? status :'

# Those that have more than five, as a library has them.
others=(
	res_nquery client_take server_take
)
arguments() {
	awk -v most=5 -f tests/text/arguments.awk "${sources[@]}" >"$SCRATCH/found"
	diff <(printf '%s\n' "${others[@]}" | sort) \
		<(awk '{ sub(/\(\)$/, "", $2); print $2 }' "$SCRATCH/found" | sort -u)
}
ok "a function has at most five arguments, but for those that are listed" arguments

# Headers of tests declare. But for these: what takes the place of functions of a library, for the
# one program that includes it, and DER that is put together by macros.
with_code='(der_kdc_samples|der_samples|framing_stand_ins|keyring_stand_in|krb5_conf_environment|local_names|openssl_faults|own_hosts)\.h:'
declaring() {
	! grep -nE '^(MUST_CHECK )?static .*[a-z]' tests/support/*.h | grep -vE "^tests/support/$with_code"
}
ok "a header of tests/support only declares, but for those that are listed" declaring

# Not what asn1Parser makes, and what ./bootstrap ci unpacks into tests/peers/.
licensed() {
	local file missing=""
	while IFS= read -r file; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || missing+=" $file"
	done < <(echo bootstrap Makefile.am configure.ac | tr ' ' '\n' &&
		find asn1 plugin tests \( -name '*.[ch]' -o -name '*.sh' -o -name '*.asn' -o -name '*.java' \) \
			! -name compiled.c ! -path 'tests/peers/*/*')
	echo "without:$missing"
	[ -z "$missing" ]
}
ok "each file of source names its licence" licensed

done_testing
