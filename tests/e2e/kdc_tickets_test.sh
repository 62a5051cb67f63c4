#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Tickets from real MIT KDCs, without libkrb5: by password and keytab, in one
# realm.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/get_ticket.sh"
kdc_require pkill:procps

mail=imap/mail.example.test
tgt='krbtgt/EXAMPLE.TEST@EXAMPLE.TEST for alice@EXAMPLE.TEST'
day='86400 s, offset 0'

# The usual krb5.conf, with more lines of [libdefaults].
configure() {
	kdc_client_conf | awk -v more="$(printf '%s\n' "$@")" '{ print } /^\[libdefaults\]/ { print more }' \
		>"$KRB5_CONFIG"
}

# With all that libkrb5 reads of a cache, and asks a KDC with what is in it.
libkrb5_takes_them() {
	gets "$mail@EXAMPLE.TEST" -- -p alice -c "$SCRATCH/cache" alice "$mail" &&
		klist -e -f "$SCRATCH/cache" >"$SCRATCH/list" &&
		grep -q "Default principal: alice@EXAMPLE.TEST" "$SCRATCH/list" &&
		grep -q "$mail@EXAMPLE.TEST" "$SCRATCH/list" &&
		KRB5CCNAME=FILE:$SCRATCH/cache kvno -q "smtp/mail.example.test"
}

by_keytab_of_each_type() {
	local type
	for type in aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 \
		aes128-cts-hmac-sha256-128 camellia256-cts-cmac camellia128-cts-cmac; do
		echo "ktadd -k $SCRATCH/$type -e $type:normal batch" | kdc_admin EXAMPLE.TEST
		gets "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST for batch@EXAMPLE.TEST, $type," \
			"$mail@EXAMPLE.TEST for batch@EXAMPLE.TEST," -- -k "$SCRATCH/$type" batch "$mail" ||
			return
		asked "AS: asking the KDC of EXAMPLE.TEST for a ticket-granting ticket of batch@EXAMPLE.TEST, $type" ||
			return
	done
}

by_password_of_each_type() {
	local type
	for type in aes256-cts aes128-cts aes256-sha2 aes128-sha2 camellia256-cts camellia128-cts; do
		configure "default_tkt_enctypes = $type"
		gets "$tgt, " -- -p alice alice && gets "krbtgt/" -- -p bob bob || return
	done
	configure
}

# The types in krb5.conf's order; and libkrb5 with the same file.
order_of_permitted_enctypes() {
	configure "permitted_enctypes = aes128-sha2 aes256-cts aes128-cts"
	gets "$tgt, aes128-cts-hmac-sha256-128," "$mail@EXAMPLE.TEST for alice@EXAMPLE.TEST, aes128-cts-hmac-sha256-128," -- \
		-p alice alice "$mail" || return
	(
		export KRB5CCNAME=FILE:$SCRATCH/of_libkrb5
		ticket alice "$mail" && klist -e | grep -c 'skey, tkt): aes128-cts-hmac-sha256-128' | grep -qx 2
	)
	local result=$?
	configure
	return "$result"
}

# The KDC itself is a child of what limits its time.
silent_kdc() {
	pkill -STOP -P "$kdc_pid"
	refused "no KDC of EXAMPLE.TEST answers ($kdc_address:$kdc_port by UDP: no answer" -t 2 -p alice alice
	local result=$?
	pkill -CONT -P "$kdc_pid"
	return "$result"
}

with_kdcs() {
	configure
	sed -i "/kdc = $kdc_address:$kdc_port/{
		$1
	}" "$KRB5_CONFIG"
}

password_changed_at_the_primary() {
	with_kdcs "i primary_kdc = $kdc_address:$kdc_port"
	refused "the password of bob@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST" -p wrong bob &&
		[ "$(grep -c 'PREAUTH_FAILED: bob@EXAMPLE.TEST' "$KDC_DIR/kdc.log")" = "$1" ]
}

kdc_udp=yes
kdc_start EXAMPLE.TEST
kdc_admin EXAMPLE.TEST <<END
addprinc -pw alice alice
addprinc +requires_preauth -pw bob bob
addprinc +requires_preauth -pw batch batch
addprinc -pw old -pwexpire 2020-01-01 old
addprinc -pw gone -expire 2020-01-01 gone
addprinc -pw locked -allow_tix locked
addpol -maxfailure 2 -failurecountinterval 0 -lockoutduration 0 strict
addprinc +requires_preauth -policy strict -pw secret careful
addprinc +requires_hwauth -pw token token
addprinc -randkey $mail
addprinc -randkey smtp/mail.example.test
addprinc -randkey -allow_svr client/only.example.test
END
configure

ok "a ticket-granting ticket by password, without pre-authentication" \
	gets "$tgt, aes256-cts-hmac-sha1-96, 0x00410000, $day" -- -p alice alice
ok "by UDP" asked "$kdc_address:$kdc_port answered, by UDP"
ok "with pre-authentication, where it is required" \
	gets "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST for bob@EXAMPLE.TEST, aes256-cts-hmac-sha1-96, 0x00610000, $day" -- \
	-p bob bob
ok "and a service's" \
	gets "$mail@EXAMPLE.TEST for bob@EXAMPLE.TEST, aes256-cts-hmac-sha1-96, 0x002" -- -p bob bob "$mail"
ok "whose realm is known" gets "$mail@EXAMPLE.TEST for alice@" -- -p alice alice "$mail@EXAMPLE.TEST"
ok "libkrb5 takes these tickets and gets others with them" libkrb5_takes_them
ok "by keytabs with keys of each type" by_keytab_of_each_type
ok "by passwords, with keys of each type" by_password_of_each_type

ok "a wrong password" refused "the password of alice@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST" \
	-p guess alice
ok "a wrong password where pre-authentication is required" \
	refused "the password of bob@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST" -p guess bob
ok "an expired password" \
	refused "the KDC of EXAMPLE.TEST says that the password of old@EXAMPLE.TEST has expired: change it (kpasswd)" \
	-p old old
ok "an expired account" \
	refused "the KDC of EXAMPLE.TEST says that the account gone@EXAMPLE.TEST has expired" -p gone gone
ok "a locked account" \
	refused "the KDC of EXAMPLE.TEST says that the account locked@EXAMPLE.TEST is locked or disabled" \
	-p locked locked
ok "an account under attack: wrong once" refused "the password of careful@EXAMPLE.TEST is wrong" -p 1 careful
ok "wrong twice" refused "the password of careful@EXAMPLE.TEST is wrong" -p 2 careful
ok "and locked then, whatever the password" \
	refused "the KDC of EXAMPLE.TEST says that the account careful@EXAMPLE.TEST is locked or disabled" \
	-p secret careful
ok "nobody" refused "the KDC of EXAMPLE.TEST does not know carol@EXAMPLE.TEST: is the name spelt right" \
	-p carol carol
ok "pre-authentication by other means" \
	refused "the KDC of EXAMPLE.TEST" -p token token
ok "a service that is not there" \
	refused "the KDC of EXAMPLE.TEST does not know pop/mail.example.test@EXAMPLE.TEST: is the service registered under another name?" \
	-p alice alice pop/mail.example.test
ok "a service that is none" \
	refused "the KDC of EXAMPLE.TEST" -p alice alice client/only.example.test
echo "cpw -randkey -e camellia128-cts:normal batch" | kdc_admin EXAMPLE.TEST
ok "a keytab that is out of date" \
	refused "the key of batch@EXAMPLE.TEST in the keytab $SCRATCH/camellia128-cts-cmac is not the one that the KDC of EXAMPLE.TEST has: export it again (kadmin: ktadd)" \
	-k "$SCRATCH/camellia128-cts-cmac" batch

ok "session keys of the type that permitted_enctypes has first, as libkrb5 gets them" \
	order_of_permitted_enctypes

configure "forwardable = true" "proxiable = true" "renew_lifetime = 7d" "ticket_lifetime = 2h"
echo "modprinc -maxrenewlife 7d alice
modprinc -maxrenewlife 7d krbtgt/EXAMPLE.TEST" | kdc_admin EXAMPLE.TEST
ok "flags and times as krb5.conf wants them" \
	gets "$tgt, aes256-cts-hmac-sha1-96, 0x50c10000, 7200 s" -- -p alice alice "$mail"
ok "of the service's ticket too" gets "$mail@EXAMPLE.TEST for alice@EXAMPLE.TEST, aes256-cts-hmac-sha1-96, 0x500" -- \
	-p alice alice "$mail"
configure

ok "this host's clock is an hour and more ahead" \
	gets "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST for bob@EXAMPLE.TEST, aes256-cts-hmac-sha1-96, 0x00610000, 86400 s, offset -5" \
	"$mail" -- -s 5000 -p bob bob "$mail"
ok "it says so" asked "this host's clock is 1 h 23 min ahead of the KDC's"
ok "it is as much behind" gets "$tgt" "$mail" -- -s -5000 -p alice alice "$mail"
ok "it is years behind" gets "$tgt" "$mail" -- -s -100000000 -p alice alice "$mail"
configure "kdc_timesync = false"
ok "that is a fault where kdc_timesync is off" \
	refused "the KDC of EXAMPLE.TEST finds the clocks too far apart: this host is 1 h 23 min ahead of the KDC" \
	-s 5000 -p bob bob
ok "also where there is no pre-authentication" \
	refused "the clock of the KDC of EXAMPLE.TEST is 1 h 23 min behind this host's" -s 5000 -p alice alice
configure

configure "udp_preference_limit = 1"
ok "by TCP where krb5.conf says so" gets "$tgt" -- -p alice alice
ok "and by nothing else" not_asked "$kdc_address:$kdc_port answered, by UDP"
ok "a KDC that refuses connections is passed over" with_kdcs "i kdc = $kdc_address:1"
ok "the next one answers" gets "$tgt" -- -p alice alice
with_kdcs "s/kdc = .*/kdc = $kdc_address:1/"
ok "where there is no other that is said" \
	refused "no KDC of EXAMPLE.TEST answers ($kdc_address:1 by UDP: Connection refused; $kdc_address:1 by TCP: Connection refused)" \
	-p alice alice
configure
ok "a KDC that is silent" silent_kdc
: >"$KDC_DIR/kdc.log"
ok "a wrong password is not tried twice at the same KDC, though it is the primary one" \
	password_changed_at_the_primary 1

configure
sed -i "/kdc_listen/i kdc_max_dgram_reply_size = 200" "$KDC_DIR/kdc.conf"
kdc_restart
ok "answers that are too big for UDP" gets "$tgt" "$mail" -- -p alice alice "$mail"
ok "come by TCP" asked "$kdc_address:$kdc_port answered, by TCP"
done_testing
