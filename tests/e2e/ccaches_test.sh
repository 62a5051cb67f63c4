#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Each type of credential cache beside MIT's libkrb5: what kinit and kvno wrote
# is read, and what is stored is what klist shows and kvno adds to.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/ccaches.sh"
kdc_require unshare:util-linux
ccaches_start

imap=imap/mail.example.test
ldap=ldap/mail.example.test
smtp=smtp/mail.example.test

reads() { # CACHE SERVICE [NAME]
	local said
	said=$("$CCACHE" show "$1" "$2") && echo "$said" &&
		[[ $said == "${3:-$1} alice@EXAMPLE.TEST"$'\n'"$2@EXAMPLE.TEST "* ]]
}

adds() { # CACHE
	"$CCACHE" copy "FILE:$SCRATCH/alice" "$ldap" "$1" && kept "$1" krbtgt/ "$imap" "$ldap"
}

# libkrb5 goes by the KDC's clock as it is kept there; a file of version 3 has no place.
keeps_offset() { # CACHE
	if [[ $1 == */old ]]; then
		! "$CCACHE" offset "$1" 7200 2>"$SCRATCH/said" && grep "of version 3" "$SCRATCH/said"
		return
	fi
	[ "$("$CCACHE" offset "$1" 7200)" = 7200 ] || return
	# MIT's libkrb5 does not ask the KCM daemon for it before it asks a KDC.
	[[ $1 == KCM:* ]] || kvno -q "$smtp" 2>&1 | grep "Clock skew too great" || return
	[ "$("$CCACHE" offset "$1" 0)" = 0 ] && kept "$1" krbtgt/ "$imap" "$ldap"
}

made() { # CACHE
	"$CCACHE" create "FILE:$SCRATCH/alice" "$imap" "$1" && kept "$1" "$imap" && ! kept "$1" "$ldap"
}

# For CACHE, which we call NAME.
both_ways() { # CACHE [NAME]
	local cache=$1 name=${2:-$1}
	export KRB5CCNAME=$cache
	ok "$cache: kinit and kvno write it" ticket alice "$imap"
	ok "$cache: what they wrote is read" reads "$cache" "$imap" "$name"
	ok "$cache: a ticket is added, and klist shows it beside the others" adds "$cache"
	ok "$cache: the KDC's time offset is kept" keeps_offset "$cache"
	ok "$cache: kvno adds to it" kvno -q "$smtp"
	ok "$cache: what it added is read" reads "$cache" "$smtp" "$name"
	ok "$cache: and what was added before" reads "$cache" "$ldap" "$name"
	ok "$cache: klist shows all" kept "$cache" krbtgt/ "$imap" "$ldap" "$smtp"
	[[ $cache == */old ]] || ok "$cache: one that is made takes its place" made "$cache"
	export KRB5CCNAME=FILE:/nonexistent
}

mkdir "$SCRATCH/dir"
both_ways "FILE:$SCRATCH/file" "$SCRATCH/file"
both_ways "DIR:$SCRATCH/dir" "DIR::$SCRATCH/dir/tkt"
both_ways "DIR::$SCRATCH/dir/tktother"

version_of() { # CACHE VERSION
	[ "$(od -An -N2 -tx1 "$1" | tr -d ' ')" = "050$2" ]
}
old_file() {
	sed "s,^\[libdefaults\],&\n\tccache_type = 3," "$KRB5_CONFIG" >"$SCRATCH/old.conf"
	KRB5_CONFIG=$SCRATCH/old.conf both_ways "FILE:$SCRATCH/old" "$SCRATCH/old"
	ok "a file of version 3 stays one" version_of "$SCRATCH/old" 3
}
old_file

created() {
	umask 0
	"$CCACHE" create "FILE:$SCRATCH/alice" "$imap" "FILE:$SCRATCH/created" &&
		kept "FILE:$SCRATCH/created" "$imap" && version_of "$SCRATCH/created" 4 &&
		[ "$(stat -c %a "$SCRATCH/created")" = 600 ]
}
ok "a file that is made is one for klist" created

# The KDC's clock is ahead, and libkrb5 keeps that in the cache.
offset() {
	local said
	"$MINT" --ccache "$SCRATCH/ahead" --kdc-offset 7200 --starttime +1h --service "$imap" &&
		"$CCACHE" copy "FILE:$SCRATCH/ahead" "$imap" "FILE:$SCRATCH/ahead" &&
		said=$(od -An -j4 -N8 -tx1 "$SCRATCH/ahead") && echo "$said" &&
		[ "$said" = " 00 01 00 08 00 00 1c 20" ]
}
ok "the KDC's time offset is heeded, and stays" offset

if keyring_works; then
	both_ways "KEYRING:session:$keyring" "KEYRING:session:$keyring:$keyring"
	both_ways "KEYRING:session:$keyring:other"
	both_ways "KEYRING:user:$keyring" "KEYRING:user:$keyring:$keyring"
	both_ways "KEYRING:persistent:$(id -u):$keyring"
	both_ways "KEYRING:$keyring" "KEYRING:legacy:$keyring:$keyring"
else
	skip "KEYRING" "missing: $keyring_missing"
fi

if kcm_start; then
	both_ways "KCM:$(id -u)"
	both_ways KCM: "KCM:$(id -u)"
else
	skip "KCM" "missing: $kcm_missing"
fi

for type in API: MSLSA: STD:; do
	ok "$type is refused by name" grep -q "of type ${type%:}, which is not supported" \
		<("$CCACHE" list "$type" 2>&1)
done
done_testing
