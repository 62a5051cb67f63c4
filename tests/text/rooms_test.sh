#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The rooms of the house, by their #include lines: arrows go down only, other rooms
# see the faces of a room alone, and each foreign library is known in one place.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
cd "$SRCDIR" || exit 99

# room FOLDER ROOMS... : the rooms that files in FOLDER may include from, besides their own.
room() {
	local folder=$1 own=${1#plugin/} allowed
	shift
	allowed=$(IFS='|' && echo "$own|$*")
	! grep -E '^#include "' "$folder"/*.[ch] | grep -Ev "#include \"($allowed)/"
}

# faces ROOM HEADERS... : files of other rooms include these of it, each of them, and no others.
faces() {
	local room=$1
	shift
	diff <(printf '%s\n' "$@" | sort) <(
		grep -E "^#include \"$room/" asn1/*.[ch] plugin/*.[ch] plugin/*/*.[ch] |
			grep -Ev "^(plugin/)?$room/" | sed -E "s|.*\"$room/(.*)\\.h\".*|\\1|" | sort -u
	)
}

# library HEADER FOLDERS... : only files in FOLDERS include it.
library() {
	local header=$1
	shift
	! grep -rE "^#include <$header" asn1 plugin --include='*.[ch]' |
		grep -Ev "^($(IFS='|' && echo "$*"))[/:]" | grep -v '^asn1/compiled\.c:'
}

base=(base)
asn1=(asn1 "${base[@]}")
crypto=(crypto asn1 "${base[@]}")
conf=(conf "${crypto[@]}")
store=(store "${conf[@]}")
kdc=(kdc pac "${store[@]}")
gss=(gss ap "${kdc[@]}")
sasl=(sasl "${gss[@]}")

ok "base/ includes nothing of the house" room plugin/base
ok "asn1/ includes base/ alone" room asn1 "${base[@]}"
ok "crypto/ includes asn1/ and what is below" room plugin/crypto "${asn1[@]}"
ok "conf/ includes crypto/ and what is below" room plugin/conf "${crypto[@]}"
ok "store/ includes conf/ and what is below" room plugin/store "${conf[@]}"
ok "pac/ includes conf/ and what is below" room plugin/pac "${conf[@]}"
ok "kdc/ includes store/ and what is below" room plugin/kdc "${store[@]}"
ok "ap/ includes pac/, store/ and what is below" room plugin/ap pac "${store[@]}"
ok "sasl/ includes store/ and what is below, and knows no exchange" room plugin/sasl "${store[@]}"
ok "gss/ includes ap/ and what is below" room plugin/gss ap pac "${store[@]}"
ok "mech/ includes sasl/, gss/, ap/, kdc/ and what is below" room plugin/mech "${sasl[@]}"
ok "base/ has 13 faces" faces base bytes error file file_lock file_trust portable principal realm \
	refusal shared text timestamp utf8
ok "asn1/ has a face for each family of messages" \
	faces asn1 der der_cred der_element der_kdc der_packet der_spnego
ok "crypto/ has 5 faces" faces crypto digest enctype key random siphash
ok "conf/ has 4 faces" faces conf kdc_conf krb5_conf local_rules profile
ok "store/ has 5 faces" faces store ccache credential keytab location replay_cache
ok "pac/ has 1 face" faces pac pac
ok "kdc/ has 2 faces" faces kdc refused_tickets tickets
ok "ap/ has 5 faces" faces ap ap bindings channel step ticket
ok "gss/ has 5 faces" faces gss gss gss_mechanism gss_message gss_token spnego
ok "sasl/ has 8 faces" \
	faces sasl address framing identity logger options prompts properties security
ok "mech/ shows plugin.c its mechanisms" faces mech client gs2 gss_spnego gssapi kerberos_v5 server
ok "<sasl/...> is known to plugin.c, mech/ and sasl/" \
	library sasl/ plugin/plugin.c plugin/mech plugin/sasl
ok "<libtasn1.h> is known to asn1/" library libtasn1 asn1
ok "<openssl/...> is known to crypto/" library openssl/ plugin/crypto
for other in krb5 gssapi profile.h; do
	ok "<$other> is known to nobody" library "$other" none
done
done_testing
