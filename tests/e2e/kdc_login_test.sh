#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Clients get their tickets themselves, from a real MIT KDC: after kinit, from a
# keytab, or by password, and nobody runs kvno.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/login.sh"
kdc_require sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin setsid:util-linux

mail=imap/mail.example.test
far=imap/mail.other.test
both="GSSAPI KERBEROS_V5"
types="aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 camellia256-cts-cmac camellia128-cts-cmac"
export KRB5_CONFIG=$SCRATCH/krb5.conf
ccache=$SCRATCH/ccache

# The client's options of krb5.conf, if any.
usual() { # [LINE...]
	{
		kdc_client_conf
		printf '%s\n' '[domain_realm]' 'mail.other.test = OTHER.TEST'
		[ $# -eq 0 ] || printf '%s\n' '[appdefaults]' "$@"
	} >"$KRB5_CONFIG"
}

# With nothing in its environment but a cache of this name.
client_of() { # MECHANISM [OPTION...]
	local mechanism=$1
	shift
	client=(env "KRB5CCNAME=FILE:$ccache" sasl-sample-client -s imap -p "$KERBEROS5_MODULE_DIR"
		-n mail.example.test -m "$mechanism" "$@")
}

has_ticket() { # SERVICE
	klist "$ccache" | grep -F " $1@" || { klist "$ccache" && false; }
}

new_cache() { # USER
	rm -f "$ccache"
	echo "${1%@*}" | kinit -c "$ccache" "$1"
}

logs_in_as() { # NAME
	login && says server "Username: $1" && says client "Username: $1"
}

# What the client was told by KDCs, in its trace.
asks() {
	says trace "TGS: asking the KDC of $1"
}
asks_nobody() {
	says_not trace ": asking the"
}

# ---- after kinit ----

after_kinit() { # MECHANISM
	usual
	client_of "$1"
	new_cache alice && logs_in_as alice && asks EXAMPLE.TEST && has_ticket "$mail" &&
		[ "$(has_ticket "$mail" | wc -l)" -eq 1 ]
}

again() { # MECHANISM
	client_of "$1"
	cp "$ccache" "$SCRATCH/before"
	logs_in_as alice && asks_nobody && cmp "$ccache" "$SCRATCH/before"
}

# Nobody listens where the client is told to ask.
no_kdc() { # [LINE...]
	usual "$@"
	sed -i "s/\tkdc = .*/\tkdc = $kdc_address:1/" "$KRB5_CONFIG"
}

without_kdc() {
	no_kdc
	client_of GSSAPI
	logs_in_as alice && asks_nobody
}

no_kdc_no_ticket() {
	usual
	new_cache alice
	no_kdc "	kerberos5_kdc_timeout = 2"
	client_of GSSAPI
	fails login && says trace "no KDC of EXAMPLE.TEST answers ($kdc_address:1 by TCP: Connection refused"
}

unknown_service() {
	usual
	new_cache alice
	client_of GSSAPI -s nothing
	fails login && says trace "the KDC of EXAMPLE.TEST does not know nothing/mail.example.test"
}

# By somebody who may read the cache and the module, and no more.
cache_is_read_only() {
	usual
	mkdir -p "$SCRATCH/modules"
	cp "$KERBEROS5_MODULE_DIR/libkerberos5.so" "$SCRATCH/modules"
	new_cache alice
	chmod 755 "$SCRATCH" "$LOGIN_DIR" "$SCRATCH/modules"
	chmod 644 "$ccache"
	cp "$ccache" "$SCRATCH/before"
	client_of GSSAPI
	client=(setpriv --reuid=65534 --regid=65534 --clear-groups
		"${client[@]/$KERBEROS5_MODULE_DIR/$SCRATCH/modules}")
	touch "$LOGIN_DIR/trace"
	login && says server "Username: alice" && cmp "$ccache" "$SCRATCH/before"
}

# All at once; the cache has every ticket in the end.
one_of_many() { # NUMBER
	mkdir -p "$SCRATCH/many/$1"
	"$SRCDIR/tests/tools/sasl_shuttle.sh" "$SCRATCH/many/$1" "${server[@]}" -- "${client[@]}" -n "host$1.example.test"
}

many_at_once() {
	local i pids=() status=0
	usual
	new_cache alice
	client_of GSSAPI
	for i in 1 2 3 4 5 6 7 8; do
		one_of_many "$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || status=1
	done
	for i in 1 2 3 4 5 6 7 8; do
		has_ticket "imap/host$i.example.test" || status=1
	done
	[ "$status" -eq 0 ] || tail -n 3 "$SCRATCH"/many/*/*.err
	return "$status"
}

# ---- other realms ----

to_other_realm() { # USER HOST NAME
	usual
	client_of KERBEROS_V5 -n "$2"
	new_cache "$1" && logs_in_as "$3" && has_ticket "imap/$2" && has_ticket krbtgt/OTHER.TEST
}

from_other_realm() {
	usual
	client_of GSSAPI
	new_cache bob@OTHER.TEST && logs_in_as bob@OTHER.TEST && has_ticket "$mail" &&
		has_ticket krbtgt/EXAMPLE.TEST
}

# ---- several identities ----

collection() {
	mkdir -p "$SCRATCH/dir"
	export KRB5CCNAME=DIR:$SCRATCH/dir
	echo bob | kinit bob@OTHER.TEST && echo alice | kinit alice
	local status=$?
	unset KRB5CCNAME
	return "$status"
}

from_collection() { # NAME OPTION...
	local name=$1
	shift
	client_of GSSAPI "$@"
	client[1]=KRB5CCNAME=DIR:$SCRATCH/dir
	logs_in_as "$name"
}

nobody_else() {
	usual "	kerberos5_credentials = cache strict"
	client_of GSSAPI -a carol
	client[1]=KRB5CCNAME=DIR:$SCRATCH/dir
	fails login && says trace "carol@EXAMPLE.TEST is to log in and nobody else (strict in the option kerberos5_credentials): there is no credential cache of carol@EXAMPLE.TEST in DIR:$SCRATCH/dir"
}

# Below the service's name, as two services of one program would have them.
by_option() { # NAME LINE...
	local name=$1
	shift
	usual '	imap = {' "$@" '	}' '	kerberos5_ccache = FILE:/nowhere'
	client_of GSSAPI
	client=(env -u KRB5CCNAME "${client[@]:2}")
	logs_in_as "$name"
}

# As msktutil makes it: the machine's other name is the first.
of_a_domains_keytab() { # NAME LINE...
	rm -f "$ccache"
	by_option "$@" "	kerberos5_client_keytab = $SCRATCH/machine.keytab"
}

# ---- by keytab ----

by_keytab() { # MECHANISM LINE...
	local mechanism=$1
	shift
	usual "$@"
	rm -f "$ccache"
	client_of "$mechanism"
	logs_in_as batch && says trace "AS: asking the KDC of EXAMPLE.TEST for a ticket-granting ticket of batch@EXAMPLE.TEST" &&
		[ ! -e "$ccache" ]
}

by_keytab_of_environment() {
	client_of GSSAPI
	client=(env "KRB5_CLIENT_KTNAME=$SCRATCH/client.keytab" "${client[@]}")
	usual
	logs_in_as batch
}

cache_before_keytab() {
	usual "	kerberos5_client_keytab = $SCRATCH/client.keytab"
	client_of GSSAPI
	new_cache alice && logs_in_as alice
}

keytab_before_cache() {
	usual "	kerberos5_client_keytab = $SCRATCH/client.keytab" "	kerberos5_credentials = keytab cache"
	client_of GSSAPI
	logs_in_as batch
}

# ---- by password ----

# The line that the sample client reads where there is no terminal, after NUMBER of the server's.
# shellcheck disable=SC2016  # it is a script
feeding='
	number=$1 password=$2
	shift 2
	"$@" < <(
		for ((i = 0; i < number; i++)); do
			IFS= read -r line && printf "%s\n" "$line"
		done
		printf "%s\n" "$password"
		exec cat
	)'

asked_for_password() { # MECHANISM USER PASSWORD
	local before=1
	[ "$1" = GSSAPI ] || before=2
	rm -f "$ccache"
	client_of "$1" -a "$2"
	client=(setsid bash -c "$feeding" feeding "$before" "$3" "${client[@]}")
}

by_password() { # MECHANISM
	usual "	kerberos5_credentials = cache password"
	asked_for_password "$1" alice alice
	logs_in_as alice && [ ! -e "$ccache" ]
}

refused_password() { # USER PASSWORD SENTENCE
	usual "	kerberos5_credentials = password"
	asked_for_password GSSAPI "$1" "$2"
	fails login && says trace "$3" && says_not trace secret
}

# The client has a password to give, and is not asked for it.
never_unless_named() {
	usual
	asked_for_password GSSAPI alice alice
	fails login && says trace "there is no credential cache $ccache: run kinit, or set KRB5CCNAME" && says_not trace "client keytab" &&
		asks_nobody && says_not client Password
}

# ---- the PAC that MIT's KDC makes, from release 1.20 on ----

required() { # COMMAND...
	configure_server "keytab: $SCRATCH/keytab" "kerberos5_pac: required"
	"$@"
	local status=$?
	configure_server "keytab: $SCRATCH/keytab"
	return "$status"
}

signed_with() { # TYPE: of the service's only key
	usual
	client_of GSSAPI -n "$1.example.test"
	new_cache alice && required logs_in_as alice &&
		klist -e "$ccache" | grep -A 1 -F " imap/$1." | grep -E "Etype.*, $1 *\$"
}

pac_from_other_realm() {
	required from_other_realm
}

# The option +no_auth_data_required of the service.
without_pac() {
	kdc_admin EXAMPLE.TEST <<<"modprinc +no_auth_data_required $mail"
	usual
	client_of GSSAPI
	new_cache alice && fails required login && says server "a PAC that verifies is required (kerberos5_pac): the ticket has none"
	local status=$?
	kdc_admin EXAMPLE.TEST <<<"modprinc -no_auth_data_required $mail"
	return "$status"
}

traced() {
	usual
	client_of GSSAPI
	new_cache alice && logs_in_as alice && says trace 'the ticket'\''s PAC is verified: account "" of "", UPN "", SID none, 0 groups; ticket signature: yes'
}

makes_pacs() {
	[ "$(printf '%s\n' 1.20 "$(klist -V | grep -o '[0-9.]*$')" | sort -V | head -n 1)" = 1.20 ]
}

kdc_start EXAMPLE.TEST OTHER.TEST
kdc_admin EXAMPLE.TEST <<END
addprinc -pw alice alice
addprinc -pw secret +requires_preauth locked
addprinc -pw secret -pwexpire "2001-01-01" stale
addprinc -pw shared krbtgt/EXAMPLE.TEST@OTHER.TEST
addprinc -pw shared krbtgt/OTHER.TEST@EXAMPLE.TEST
addprinc -randkey batch
ktadd -k $SCRATCH/client.keytab batch
addprinc -randkey host/mail.example.test
addprinc -randkey MAIL\$
ktadd -k $SCRATCH/machine.keytab host/mail.example.test
ktadd -k $SCRATCH/machine.keytab MAIL\$
modprinc -allow_tix locked
$(for type in $types; do
	printf 'addprinc -randkey -e %s:normal imap/%s\n' "$type" "$type.example.test"
	printf 'ktadd -k %s -e %s:normal imap/%s\n' "$SCRATCH/keytab" "$type" "$type.example.test"
done)
$(printf 'addprinc -randkey imap/%s\nktadd -k '"$SCRATCH"'/keytab imap/%s\n' \
	mail.example.test{,} host{1,2,3,4,5,6,7,8}.example.test{,})
END
kdc_admin OTHER.TEST <<END
addprinc -pw bob bob
addprinc -pw shared krbtgt/EXAMPLE.TEST@OTHER.TEST
addprinc -pw shared krbtgt/OTHER.TEST@EXAMPLE.TEST
addprinc -randkey $far
ktadd -k $SCRATCH/keytab $far
END
configure_server "keytab: $SCRATCH/keytab"

for mechanism in $both; do
	ok "$mechanism: after kinit, and the ticket is in the cache" after_kinit "$mechanism"
	ok "$mechanism: again, and neither KDC nor cache is bothered" again "$mechanism"
done
ok "with the ticket in the cache and no KDC" without_kdc
ok "with neither: who was asked, within the time allowed" no_kdc_no_ticket
ok "a service that the KDC does not know" unknown_service
ok "a cache that cannot be written is no hindrance" cache_is_read_only
ok "eight clients at once share a cache, and each leaves its ticket there" many_at_once

ok "to a service of another realm" to_other_realm alice mail.other.test alice
ok "to a service of one's own realm, where krb5.conf has another one for the default" \
	to_other_realm bob@OTHER.TEST mail.other.test bob@OTHER.TEST
ok "from another realm" from_other_realm

ok "two identities in a collection: kinit" collection
usual
ok "the primary one is of the server's realm" from_collection alice
ok "the other one is of the server's realm" from_collection bob@OTHER.TEST -n mail.other.test
ok "the one that the program names" from_collection bob@OTHER.TEST -a bob@OTHER.TEST
ok "not there, and it does not matter" from_collection alice -a carol
ok "not there, and it does" nobody_else

ok "the cache that the option names" by_option alice \
	"		kerberos5_ccache = DIR:$SCRATCH/dir"
ok "the one of it that the option names" by_option bob@OTHER.TEST \
	"		kerberos5_ccache = DIR:$SCRATCH/dir" \
	"		kerberos5_client_principal = bob@OTHER.TEST"
ok "the first key of a keytab" of_a_domains_keytab host/mail.example.test
ok "the one that the option names" of_a_domains_keytab 'MAIL$' \
	'		kerberos5_client_principal = MAIL$'

for mechanism in $both; do
	ok "$mechanism: by a client keytab" by_keytab "$mechanism" \
		"	kerberos5_client_keytab = $SCRATCH/client.keytab"
	ok "$mechanism: by password" by_password "$mechanism"
done
ok "by the keytab of KRB5_CLIENT_KTNAME" by_keytab_of_environment
ok "the cache goes before the keytab" cache_before_keytab
ok "unless it is the other way round" keytab_before_cache

ok "a wrong password" refused_password alice wrong \
	"the password of alice@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST"
ok "an expired one" refused_password stale secret "expired"
ok "a locked account" refused_password locked secret "locked"
ok "an account that is not known" refused_password nobody secret \
	"does not know nobody@EXAMPLE.TEST"
ok "without the option no password goes to a KDC" never_unless_named

if makes_pacs; then
	for type in $types; do
		ok "a PAC, signed with $type" signed_with "$type"
	done
	ok "a PAC of a user of another realm" pac_from_other_realm
	ok "what is in it" traced
	ok "a ticket without PAC, if one is required" without_pac
else
	skip "PACs" "MIT krb5 makes them from release 1.20 on, this is $(klist -V)"
fi

done_testing
