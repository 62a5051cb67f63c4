#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Writing a file never damages it: full disks, stopped writers, several
# writers at once, libkrb5 among them. klist is the judge.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/ccaches.sh"
kdc_require unshare:util-linux
ccaches_start

imap=imap/mail.example.test
ldap=ldap/mail.example.test
smtp=smtp/mail.example.test
file=$SCRATCH/file

alices_file() {
	KRB5CCNAME=FILE:$file ticket alice "$imap" >/dev/null
}

# A disk of its own of 8 KiB, filled to the end.
mount_disk() {
	mount -t tmpfs -o size=8k none "$SCRATCH/disk"
}
fill_disk() {
	mount_disk && cp "$file" "$SCRATCH/disk/cache" &&
		! "$CCACHE" fill "FILE:$SCRATCH/alice" "$ldap" "FILE:$SCRATCH/disk/cache" 1000 s \
			2>"$SCRATCH/said" &&
		grep "No space left on device" "$SCRATCH/said" &&
		kept "FILE:$SCRATCH/disk/cache" krbtgt/ "$imap" s0/ &&
		[ "$(grep -c ' s[0-9]*/mail' "$SCRATCH/klist")" -ge 3 ] &&
		! "$CCACHE" create "FILE:$SCRATCH/alice" "$ldap" "FILE:$SCRATCH/disk/cache" &&
		kept "FILE:$SCRATCH/disk/cache" krbtgt/ "$imap" s0/ &&
		[ "$(ls -A "$SCRATCH/disk")" = cache ] &&
		mount -o remount,size=64k "$SCRATCH/disk" &&
		KRB5CCNAME=FILE:$SCRATCH/disk/cache kvno -q "$smtp" &&
		kept "FILE:$SCRATCH/disk/cache" krbtgt/ "$imap" s0/ "$smtp"
}

in_namespace() { # FUNCTION
	local as_root=()
	[ "$(id -u)" -eq 0 ] || as_root=(-r)
	export -f mount_disk fill_disk kept
	export CCACHE SCRATCH imap ldap smtp file
	unshare "${as_root[@]}" -m bash -c "$1"
}

mkdir "$SCRATCH/disk"
alices_file
if in_namespace mount_disk 2>/dev/null; then
	ok "a full disk: what is there stays, and is all that klist shows" in_namespace fill_disk
else
	skip "a full disk" "missing: the right to mount (unshare -m)"
fi

limited() {
	alices_file || return
	(
		ulimit -f "$(($(stat -c %s "$file") / 1024 + 1))"
		"$CCACHE" fill "FILE:$SCRATCH/alice" "$ldap" "FILE:$file" 1000 s
	) 2>"$SCRATCH/said"
	[ $? -eq 1 ] && grep "File too large" "$SCRATCH/said" && kept "FILE:$file" krbtgt/ "$imap"
}
ok "a limit of the process does not end it" limited

# A long credential loses its end, and a short one takes its place.
torn() {
	local octets
	for octets in 1 100 3000; do
		alices_file &&
			"$MINT" --ccache "$file" --add --ticket-size 3000 --service "$smtp" &&
			truncate -s "-$octets" "$file" || return
		"$CCACHE" copy "FILE:$SCRATCH/alice" "$ldap" "FILE:$file" &&
			kept "FILE:$file" krbtgt/ "$imap" "$ldap" && ! kept "FILE:$file" "$smtp" &&
			KRB5CCNAME=FILE:$file kvno -q "$smtp" &&
			kept "FILE:$file" krbtgt/ "$imap" "$ldap" "$smtp" || return
	done
}
ok "a writer that was stopped leaves nothing that harms" torn

killed() {
	local i
	alices_file || return
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$CCACHE" fill "FILE:$SCRATCH/alice" "$ldap" "FILE:$file" 100000 "k$i-" &
		while kill -0 $! && ! klist -c "FILE:$file" | grep -q " k$i-"; do :; done
		kill -KILL $!
		wait $!
	done 2>/dev/null
	"$CCACHE" copy "FILE:$SCRATCH/alice" "$ldap" "FILE:$file" &&
		kept "FILE:$file" krbtgt/ "$imap" "$ldap" k1-0/ k2-0/ k10-0/
}
ok "neither do writers that are killed" killed

crowd() {
	local i pids=() service
	alices_file || return
	for i in 1 2 3; do
		"$CCACHE" fill "FILE:$SCRATCH/alice" "$ldap" "FILE:$file" 40 "w$i-" &
		pids+=($!)
	done
	for service in "$imap" "$ldap" $smtp; do
		KRB5CCNAME=FILE:$file kvno -q "$service" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || return
	done
	kept "FILE:$file" krbtgt/ "$imap" "$ldap" "$smtp" &&
		[ "$(grep -c ' w[123]-' "$SCRATCH/klist")" -eq 120 ]
}
ok "of several writers at once, kvno among them, none loses anything" crowd

read_only() {
	local said
	alices_file && chmod 400 "$file" && cp -p "$file" "$SCRATCH/before" || return
	if [ "$(id -u)" -eq 0 ]; then
		chown 12345 "$file" && chmod 755 "$SCRATCH" && chmod 644 "$SCRATCH/alice" "$KRB5_CONFIG"
		! said=$(setpriv --reuid 12345 --clear-groups "$CCACHE" copy \
			"FILE:$SCRATCH/alice" "$ldap" "FILE:$file" 2>&1)
	else
		! said=$("$CCACHE" copy "FILE:$SCRATCH/alice" "$ldap" "FILE:$file" 2>&1)
	fi
	echo "$said"
	[[ $said == *"cannot be written as user "*": Permission denied" ]] &&
		cmp "$file" "$SCRATCH/before"
}
ok "a read-only cache stays, with a sentence" read_only
done_testing
