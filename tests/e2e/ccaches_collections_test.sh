#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Collections beside MIT's libkrb5: alice's cache and bob's, as kinit makes
# them and kswitch orders them.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/ccaches.sh"
kdc_require unshare:util-linux kswitch:krb5-user
ccaches_start

both() {
	echo alice | kinit alice && echo bob | kinit bob && klist -l
}

# The same caches as klist's, and in front the same.
listed() {
	klist -l | sed '1,2d;s/^[^ ]* *//' >"$SCRATCH/theirs"
	"$CCACHE" list "$KRB5CCNAME" >"$SCRATCH/ours" || return
	tail "$SCRATCH/theirs" "$SCRATCH/ours"
	[ "$(wc -l <"$SCRATCH/ours")" -eq 2 ] &&
		[ "$(head -n 1 "$SCRATCH/ours")" = "$(head -n 1 "$SCRATCH/theirs")" ] &&
		cmp <(sort "$SCRATCH/ours") <(sort "$SCRATCH/theirs")
}

chosen() { # CLIENT REALM WHOSE
	local said
	said=$("$CCACHE" choose "$KRB5CCNAME" "$1" "$2") && echo "$said" &&
		[[ $said == *" $3@EXAMPLE.TEST" ]]
}

told() { # CLIENT TEXT
	local said
	! said=$("$CCACHE" choose "$KRB5CCNAME" "$1" "" 2>&1) && echo "$said" && [[ $said == *$2* ]]
}

collection() { # NAME
	export KRB5CCNAME=$1
	ok "$1: kinit makes two caches" both
	for user in alice bob; do
		ok "$1: kswitch to $user's" kswitch -p $user
		ok "$1: they are listed as klist lists them" listed
		ok "$1: without more, $user's is taken" chosen "" "" $user
		ok "$1: for a server of the realm too" chosen "" EXAMPLE.TEST $user
		ok "$1: and for one of another realm" chosen "" OTHER.TEST $user
		ok "$1: alice gets hers" chosen alice "" alice
		ok "$1: bob gets his" chosen bob@EXAMPLE.TEST OTHER.TEST bob
	done
	ok "$1: who has none is told so" told bob@OTHER.TEST \
		"no credential cache of bob@OTHER.TEST in $1, which has that of "
}

mkdir "$SCRATCH/dir"
collection "DIR:$SCRATCH/dir"
if keyring_works; then
	collection "KEYRING:session:$keyring"
	collection "KEYRING:user:$keyring"
	collection "KEYRING:$keyring"
else
	skip "KEYRING" "missing: $keyring_missing"
fi
if kcm_start; then
	collection KCM:
else
	skip "KCM" "missing: $kcm_missing"
fi

# It takes a moment to end.
no_kcm() {
	local tries refused="cannot be asked for credential caches: Connection refused: start it"
	kill "$kcm_pid" && wait "$kcm_pid"
	kcm_pid=
	for ((tries = 0; tries < 50; tries++)); do
		told "" "$refused" >/dev/null && return
		sleep 0.1
	done
	told "" "$refused"
}
[ -z "$kcm_pid" ] || ok "a daemon that ended is told" no_kcm

export KRB5CCNAME=FILE:$SCRATCH/alice
ok "a file is chosen if it is the client's" chosen alice "" alice
ok "and refused if it is not" told bob "which has that of alice@EXAMPLE.TEST: run kinit bob"
export KRB5CCNAME=DIR:$SCRATCH/run
mkdir -p "$SCRATCH/run"
ok "a folder without caches is told" told "" "there is no credential cache in the collection"
done_testing
