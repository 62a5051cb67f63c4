#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Tickets from a real Heimdal KDC, without libkrb5: by password and keytab,
# under other names, and of other realms.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/heimdal.sh"
. "$(dirname "$0")/get_ticket.sh"
. "$(dirname "$0")/login.sh"
heimdal_require

mail=imap/mail.example.test
tgt='krbtgt/EXAMPLE.TEST@EXAMPLE.TEST for'

# The usual krb5.conf, with more lines of [libdefaults].
configure() {
	heimdal_client_conf |
		awk -v more="$(printf '%s\n' "$@")" '{ print } /^\[libdefaults\]/ { print more }' >"$KRB5_CONFIG"
}

add() { # REALM PASSWORD|-r NAME [OPTION...]
	local realm=$1 key=$2 name=$3
	shift 3
	[ "$key" = -r ] || key=--password=$key
	heimdal_admin "$realm" add "$key" --use-defaults "$@" "$name"
}

# The key that two realms share, for clients of the first.
trust() { # CLIENTS-REALM SERVICES-REALM
	add "$2" shared "krbtgt/$2@$1"
}

libkrb5_takes_them() {
	gets "$tgt alice@EXAMPLE.TEST" -- -p alice -c "$SCRATCH/cache" alice "$mail" &&
		KRB5CCNAME=FILE:$SCRATCH/cache kvno -q "$mail" smtp/mail.example.test
}

# kinit, and no more: the rest is asked for, and kept, in the login.
whole_login() { # MECHANISM
	client=(env "KRB5CCNAME=FILE:$SCRATCH/user" sasl-sample-client -s imap
		-p "$KERBEROS5_MODULE_DIR" -n mail.example.test -m "$1")
	KRB5CCNAME=FILE:$SCRATCH/user kinit alice <<<alice && login && says server "Username: alice" &&
		KRB5CCNAME=FILE:$SCRATCH/user klist | grep -F "$mail@EXAMPLE.TEST"
}

heimdal_start EXAMPLE.TEST OTHER.TEST THIRD.TEST
add EXAMPLE.TEST alice alice
add EXAMPLE.TEST bob bob --attributes=requires-pre-auth
add EXAMPLE.TEST batch batch --attributes=requires-pre-auth
add EXAMPLE.TEST old old --pw-expiration-time=2020-01-01
add EXAMPLE.TEST gone gone --expiration-time=2020-01-01
add EXAMPLE.TEST locked locked
heimdal_admin EXAMPLE.TEST modify --attributes=disallow-all-tix locked
add EXAMPLE.TEST -r $mail
add EXAMPLE.TEST -r smtp/mail.example.test
add OTHER.TEST bob bob
add OTHER.TEST -r imap/mail.other.test
add THIRD.TEST -r imap/mail.third.test
trust EXAMPLE.TEST OTHER.TEST
trust OTHER.TEST EXAMPLE.TEST
trust OTHER.TEST THIRD.TEST
heimdal_admin EXAMPLE.TEST modify --alias=alice.smith@EXAMPLE.TEST --alias=alice@mail.test alice
heimdal_admin EXAMPLE.TEST ext_keytab --keytab="$SCRATCH/keytab" batch
configure

ok "a ticket-granting ticket by password, without pre-authentication" \
	gets "$tgt alice@EXAMPLE.TEST, aes256-cts-hmac-sha1-96" -- -p alice alice
ok "by UDP" asked "$heimdal_address:$heimdal_port answered, by UDP"
ok "with pre-authentication, where it is required" gets "$tgt bob@EXAMPLE.TEST" "$mail@EXAMPLE.TEST for bob@" -- \
	-p bob bob "$mail"
ok "it was asked for" asked "AS: asking the KDC of EXAMPLE.TEST for a ticket-granting ticket of bob@EXAMPLE.TEST, aes256"
ok "by keytab" gets "$tgt batch@EXAMPLE.TEST" "$mail@EXAMPLE.TEST for batch@" -- -k "$SCRATCH/keytab" batch "$mail"
if command -v kvno >/dev/null; then
	ok "libkrb5 takes these tickets and gets others with them" libkrb5_takes_them
else
	skip "libkrb5 takes these tickets and gets others with them" "missing: kvno (Debian: krb5-user)"
fi

ok "a wrong password" refused "the password of alice@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST" -p guess alice
ok "a wrong password where pre-authentication is required" \
	refused "the password of bob@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST" -p guess bob
ok "an expired password" \
	refused "the KDC of EXAMPLE.TEST says that the password of old@EXAMPLE.TEST has expired: change it (kpasswd)" \
	-p old old
ok "an expired account" \
	refused "the KDC of EXAMPLE.TEST says that the account gone@EXAMPLE.TEST has expired" -p gone gone
ok "a locked account, in Heimdal's words" \
	refused "the KDC of EXAMPLE.TEST does not give a ticket for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST to this client, by its policy" \
	-p locked locked
ok "nobody" refused "the KDC of EXAMPLE.TEST does not know carol@EXAMPLE.TEST" -p carol carol
ok "a service that is not there" \
	refused "the KDC of EXAMPLE.TEST does not know pop/mail.example.test@EXAMPLE.TEST: is the service registered under another name?" \
	-p alice alice pop/mail.example.test
heimdal_admin EXAMPLE.TEST passwd --random-key batch
ok "a keytab that is out of date" \
	refused "the key of batch@EXAMPLE.TEST in the keytab $SCRATCH/keytab is not the one that the KDC of EXAMPLE.TEST has" \
	-k "$SCRATCH/keytab" batch

ok "another name of hers is not known" \
	refused "the KDC of EXAMPLE.TEST does not know alice.smith@EXAMPLE.TEST" -p alice alice.smith
configure "canonicalize = true"
ok "where krb5.conf says canonicalize, the KDC gives the real one" \
	gets "$tgt alice@EXAMPLE.TEST" "$mail@EXAMPLE.TEST for alice@EXAMPLE.TEST" -- -p alice alice.smith "$mail"
configure
ok "an enterprise name" gets "$tgt alice@EXAMPLE.TEST" -- -e -p alice 'alice\@mail.test'

ok "this host's clock is an hour and more ahead" gets "$tgt bob@EXAMPLE.TEST" "$mail@EXAMPLE.TEST for bob@" -- \
	-s 5000 -p bob bob "$mail"
ok "it is as much behind" gets "$tgt alice@EXAMPLE.TEST" "$mail@EXAMPLE.TEST" -- -s -5000 -p alice alice "$mail"
ok "it is years behind" gets "$tgt alice@EXAMPLE.TEST" "$mail@EXAMPLE.TEST" -- -s -100000000 -p alice alice "$mail"

configure "udp_preference_limit = 1"
ok "by TCP where krb5.conf says so" gets "$tgt alice@EXAMPLE.TEST" -- -p alice alice
ok "and by nothing else" not_asked "$heimdal_address:$heimdal_port answered, by UDP"
configure

ok "a service of a realm that trusts this one" \
	gets "krbtgt/OTHER.TEST@EXAMPLE.TEST for alice@EXAMPLE.TEST" "imap/mail.other.test@OTHER.TEST for alice@EXAMPLE.TEST" -- \
	-p alice alice imap/mail.other.test@OTHER.TEST
ok "and the other way round" gets "$mail@EXAMPLE.TEST for bob@OTHER.TEST" -- -p bob bob@OTHER.TEST "$mail@EXAMPLE.TEST"
printf '%s\n' "[capaths]" "EXAMPLE.TEST = {" "THIRD.TEST = OTHER.TEST" "}" >>"$KRB5_CONFIG"
ok "through a realm between, which the KDC does not trust" \
	refused "the KDC of THIRD.TEST does not trust the path of realms by which alice@EXAMPLE.TEST comes" \
	-p alice alice imap/mail.third.test@THIRD.TEST
cat >>"$HEIMDAL/kdc.conf" <<END
[domain_realm]
	.other.test = OTHER.TEST
[capaths]
	EXAMPLE.TEST = {
		THIRD.TEST = OTHER.TEST
	}
END
heimdal_restart
ok "which it trusts now" gets "imap/mail.third.test@THIRD.TEST for alice@EXAMPLE.TEST" -- \
	-p alice alice imap/mail.third.test@THIRD.TEST
configure
ok "the KDC refers to the service's realm" gets "imap/mail.other.test@OTHER.TEST for alice@EXAMPLE.TEST" -- \
	-p alice alice imap/mail.other.test
ok "as its configuration says" asked "the KDC of EXAMPLE.TEST refers to realm OTHER.TEST"

heimdal_admin EXAMPLE.TEST ext_keytab --keytab="$SCRATCH/service" $mail
configure_server "keytab: $SCRATCH/service"
for mechanism in GSSAPI KERBEROS_V5; do
	if command -v kinit >/dev/null && command -v sasl-sample-client >/dev/null; then
		ok "kinit, and a login by $mechanism" whole_login $mechanism
	else
		skip "kinit, and a login by $mechanism" "missing: kinit (Debian: krb5-user) or sasl2-bin"
	fi
done

sed -i "s/^\[kdc\]/&\nmax-kdc-datagram-reply-length = 300/" "$HEIMDAL/kdc.conf"
heimdal_restart
ok "answers that are too big for UDP" gets "$tgt alice@EXAMPLE.TEST" "$mail@EXAMPLE.TEST" -- -p alice alice "$mail"
ok "come by TCP" asked "$heimdal_address:$heimdal_port answered, by TCP"
done_testing
