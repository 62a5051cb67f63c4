#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Whose caches are believed, in whole logins: after su, in a set-uid program,
# by a daemon, from a folder as Kubernetes mounts it, and of each type. Only
# root can play all these users.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/ccaches.sh"
. "$(dirname "$0")/login.sh"
[ -z "${SANITIZER_PRELOAD:-}" ] || skip_all "programs of other users load no sanitizer"
[ "$(id -u)" -eq 0 ] || skip_all "only root can make what is another user's"
kdc_require unshare:util-linux sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin \
	getent:libc-bin
ccaches_start

mail=imap/mail.example.test
other=nobody
me=$(($(id -u "$other") - 1000))
of_other=$(id -u "$other")
cache=$SCRATCH/cache
usual=$(cat "$KRB5_CONFIG")
chmod 755 "$SCRATCH"
chmod 644 "$KRB5_CONFIG"
mkdir "$SCRATCH/module"
cp "$KERBEROS5_MODULE_DIR/libkerberos5.so" "$SCRATCH/module"
kdc_admin EXAMPLE.TEST <<<"ktadd -q -k $SCRATCH/keytab -norandkey $mail"
configure_server "mech_list: GSSAPI" "keytab: $SCRATCH/keytab"

appdefaults() { # [LINE...]
	printf '%s\n' "$usual" '[appdefaults]' "$@" >"$KRB5_CONFIG"
}

# A client of the user with this number, and what comes before its name.
client_of() { # UID CACHE [COMMAND...]
	local uid=$1 name=$2
	shift 2
	client=(setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
		env "KRB5CCNAME=$name" sasl-sample-client -s imap -p "$SCRATCH/module"
		-n mail.example.test -m GSSAPI)
}

# The file is alice's cache, and belongs to the user with this number.
cache_of() { # UID [MODE] [FILE]
	local file=${3:-$cache}
	rm -f "$file"
	cp "$SCRATCH/alice" "$file" && chown "$1" "$file" && chmod "${2:-600}" "$file"
}

logs_in() {
	login && says client "Username: alice"
}

# REASON, in the words of the client.
is_refused() {
	if fails login && says client "$1"; then
		return
	fi
	login_transcripts
	return 1
}

# ---- files ----

own_or_roots() {
	client_of "$me" "FILE:$cache"
	cache_of "$me" && logs_in && cache_of 0 644 && logs_in
}
ok "the user's own cache, and root's, are believed" own_or_roots

foreign() {
	client_of "$me" "FILE:$cache"
	cache_of "$of_other" 644 &&
		is_refused "the credential cache $cache belongs to user $of_other (mode 0644), expected is user $me, whom this program runs as, or root: run kinit as that one"
}
ok "another user's is not, and the reason names owner, mode and the way out" foreign

group_reads() {
	client_of "$me" "FILE:$cache"
	cache_of "$me" 640 && logs_in && cache_of "$me" 660 &&
		is_refused "can be written to by others (mode 0660): chmod go-w"
}
ok "a group may read a cache, and not write to it" group_reads

after_su() {
	client_of 0 "FILE:$cache"
	cache_of "$of_other" && is_refused "belongs to user $of_other" &&
		appdefaults "kerberos5_ccache_owners = $other" && logs_in &&
		appdefaults 'imap = {' "kerberos5_ccache_owners = $of_other, $me" '}' && logs_in &&
		appdefaults "kerberos5_ccache_owners = $me" && is_refused "belongs to user $of_other" &&
		appdefaults "kerberos5_ccache_owners = no-such-user" &&
		is_refused 'option kerberos5_ccache_owners: "no-such-user" is neither a user'
	local result=$?
	appdefaults
	return "$result"
}
ok "after su the other user's is not, unless the option names that user" after_su

set_uid() {
	local program=$SCRATCH/set-uid
	cp "$(command -v sasl-sample-client)" "$program" && chown "$of_other" "$program" &&
		chmod 4755 "$program" && cache_of "$me" || return
	client_of "$me" "FILE:$cache"
	client=("${client[@]/sasl-sample-client/$program}")
	is_refused "/tmp/krb5cc_$of_other" && says_not client "$cache"
}
ok "a set-uid program hears no KRB5CCNAME, and asks for the effective user's cache" set_uid

no_octets() {
	client_of "$me" "FILE:$cache"
	rm -f "$cache" && echo "QZ secret" >"$cache" && chown "$me" "$cache" &&
		is_refused "is not one that can be read" && says_not client QZ && says_not client 515a &&
		says_not trace QZ && says_not trace 515a
}
ok "what is no cache is not told, not an octet of it" no_octets

kubernetes() {
	local folder=$SCRATCH/secret
	mkdir -p "$folder/..2026_11_30" && ln -sfn ..2026_11_30 "$folder/..data" &&
		ln -sf ..data/ccache "$folder/ccache" && cache_of 0 440 "$folder/..2026_11_30/ccache" &&
		chgrp "$me" "$folder/..2026_11_30/ccache" || return
	client_of "$me" "FILE:$folder/ccache"
	logs_in && chown -h "$of_other" "$folder/ccache" &&
		is_refused "is a symbolic link of user $of_other"
}
ok "a link as Kubernetes makes it is followed, and one of another user's is not" kubernetes

# A daemon has a key, and looks for a cache first, which anybody could have put into /tmp.
daemon() {
	kdc_admin EXAMPLE.TEST <<<"ktadd -q -k $SCRATCH/client.keytab -norandkey alice" &&
		chown "$me" "$SCRATCH/client.keytab" && cache_of "$of_other" 644 || return
	touch "$SCRATCH/clients-trace" && chown "$me" "$SCRATCH/clients-trace"
	client_of "$me" "FILE:$cache" env "KRB5_CLIENT_KTNAME=$SCRATCH/client.keytab" \
		"KRB5_TRACE=$SCRATCH/clients-trace"
	logs_in && grep -F ": the credential cache $cache belongs to user $of_other" "$SCRATCH/clients-trace" &&
		chown "$of_other" "$SCRATCH/client.keytab" && chmod 644 "$SCRATCH/client.keytab" &&
		is_refused "the client keytab $SCRATCH/client.keytab belongs to user $of_other (mode 0644)"
}
ok "a daemon passes another's cache over, says so, and takes its key; but not another's key" daemon

# ---- a server's keytab ----

keytab_of_others() {
	client_of "$me" "FILE:$cache"
	cache_of "$me" && chmod 660 "$SCRATCH/keytab" && fails login &&
		says server "not offered: the keytab $SCRATCH/keytab of user 0 can be written to by others (mode 0660)" &&
		chmod 600 "$SCRATCH/keytab" && chown "$of_other" "$SCRATCH/keytab" && logs_in &&
		says server "keytab $SCRATCH/keytab belongs to user $of_other, who is neither root nor this server's user 0" &&
		chown 0 "$SCRATCH/keytab" && logs_in && says_not server "belongs to user"
}
ok "a server's keytab that others can write to is refused, another owner's is a warning" keytab_of_others

# ---- the other types ----

folder() {
	local folder=$SCRATCH/dir
	mkdir -p "$folder" && cache_of "$me" 600 "$folder/tkt" && chown "$me" "$folder" &&
		chmod 700 "$folder" || return
	client_of "$me" "DIR:$folder"
	logs_in && chmod 777 "$folder" &&
		is_refused "the credential cache folder $folder of user $me can be written to by others (mode 0777)" &&
		chmod 755 "$folder" && chown "$of_other" "$folder" &&
		is_refused "the credential cache folder $folder belongs to user $of_other" &&
		chown "$me" "$folder" && echo tkt >"$folder/primary" && chmod 666 "$folder/primary" &&
		is_refused "the file that names the primary credential cache, $folder/primary of user 0 can be written" &&
		chmod 600 "$folder/primary" && chown "$me" "$folder/primary" && logs_in &&
		cache_of "$of_other" 644 "$folder/tkt" && is_refused "belongs to user $of_other"
}
ok "DIR: the folder, its file primary and each file are judged" folder

kcm() {
	cp "$KRB5_CONFIG" "$SCRATCH/with-kcm"
	KRB5CCNAME=KCM: ticket alice "$mail" >/dev/null || return
	client_of 0 KCM:
	logs_in
}
if kcm_start; then
	chmod 644 "$KRB5_CONFIG"
	ok "KCM: the tickets of a daemon of root's are believed" kcm
else
	skip "KCM" "missing: $kcm_missing"
fi

# The superuser has the keyrings of all users.
keyring() {
	local name=KEYRING:persistent:$of_other
	setpriv --reuid "$of_other" --regid "$of_other" --clear-groups \
		env "KRB5CCNAME=$name" kinit alice <<<alice >/dev/null || return
	client_of "$of_other" "$name"
	logs_in || return
	client_of 0 "$name"
	is_refused "has a keyring of user $of_other" &&
		appdefaults "kerberos5_ccache_owners = $other" && logs_in
	local result=$?
	kdestroy -A -q -c "$name"
	appdefaults
	return "$result"
}
if keyring_works; then
	ok "KEYRING: another user's is not believed, unless the option names that user" keyring
else
	skip "KEYRING" "missing: $keyring_missing"
fi
done_testing
