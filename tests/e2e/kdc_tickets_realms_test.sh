#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Tickets of other realms from real MIT KDCs, without libkrb5: with a trust
# both ways, through a realm between, and by referral.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/get_ticket.sh"
kdc_require awk:mawk

# The key that two realms share, for clients of the first.
trust() { # CLIENTS-REALM SERVICES-REALM
	local realm
	for realm; do
		echo "addprinc -pw shared krbtgt/$2@$1" | kdc_admin "$realm"
	done
}

asking='TGS: asking the KDC of'
configure() {
	{
		kdc_client_conf
		printf '%s\n' "$@"
	} >"$KRB5_CONFIG"
}

libkrb5_takes_them() {
	gets "imap/mail.other.test@OTHER.TEST" -- -p alice -c "$SCRATCH/cache" alice imap/mail.other.test@OTHER.TEST &&
		KRB5CCNAME=FILE:$SCRATCH/cache kvno -q imap/mail.other.test@OTHER.TEST smtp/mail.other.test@OTHER.TEST
}

kdc_start EXAMPLE.TEST OTHER.TEST THIRD.TEST
kdc_admin EXAMPLE.TEST <<END
addprinc -pw alice alice
addprinc -randkey imap/mail.example.test
END
kdc_admin OTHER.TEST <<END
addprinc -pw bob bob
addprinc -randkey imap/mail.other.test
addprinc -randkey smtp/mail.other.test
END
echo "addprinc -randkey imap/mail.third.test" | kdc_admin THIRD.TEST
trust EXAMPLE.TEST OTHER.TEST
trust OTHER.TEST EXAMPLE.TEST
trust OTHER.TEST THIRD.TEST
configure

ok "a service of a realm that trusts this one" \
	gets "krbtgt/OTHER.TEST@EXAMPLE.TEST for alice@EXAMPLE.TEST" \
	"imap/mail.other.test@OTHER.TEST for alice@EXAMPLE.TEST" -- -p alice alice imap/mail.other.test@OTHER.TEST
ok "and the other way round" gets "imap/mail.example.test@EXAMPLE.TEST for bob@OTHER.TEST" -- \
	-p bob bob@OTHER.TEST imap/mail.example.test@EXAMPLE.TEST
ok "libkrb5 takes these tickets" libkrb5_takes_them
ok "by the host's domain, where the KDC does not know the service" \
	gets "imap/mail.other.test@OTHER.TEST for alice@EXAMPLE.TEST" -- -p alice alice imap/mail.other.test

ok "a realm without a path to it" \
	refused "the client takes the host for realm THIRD.TEST (krb5.conf [domain_realm]), and realm EXAMPLE.TEST gives no ticket for it: the KDC of EXAMPLE.TEST does not know krbtgt/THIRD.TEST@EXAMPLE.TEST" \
	-p alice alice imap/mail.third.test@THIRD.TEST
configure "[capaths]" "EXAMPLE.TEST = {" "THIRD.TEST = OTHER.TEST" "}"
ok "with a path in [capaths], through a realm between" \
	gets "krbtgt/OTHER.TEST@EXAMPLE.TEST for" "krbtgt/THIRD.TEST@OTHER.TEST for" \
	"imap/mail.third.test@THIRD.TEST for alice@EXAMPLE.TEST" -- -p alice alice imap/mail.third.test@THIRD.TEST
ok "the farthest realm is asked for first" asked "$asking EXAMPLE.TEST for krbtgt/THIRD.TEST@EXAMPLE.TEST"
configure "[capaths]" "EXAMPLE.TEST = {" "THIRD.TEST = NOWHERE.TEST" "}"
ok "a path that leads nowhere" \
	refused "the client takes the host for realm THIRD.TEST (krb5.conf [domain_realm]), and realm EXAMPLE.TEST gives no ticket for it" -p alice alice imap/mail.third.test@THIRD.TEST
configure
ok "a realm that is none" \
	refused "the client takes the host for realm NOWHERE.TEST (krb5.conf [domain_realm]), and realm EXAMPLE.TEST gives no ticket for it" -p alice alice imap/mail@NOWHERE.TEST

cat >>"$KDC_DIR/krb5.conf" <<END
[domain_realm]
	.other.test = OTHER.TEST
	.third.test = OTHER.TEST
[capaths]
	EXAMPLE.TEST = {
		THIRD.TEST = OTHER.TEST
	}
END
kdc_restart
ok "the KDC refers to the service's realm" \
	gets "imap/mail.other.test@OTHER.TEST for alice@EXAMPLE.TEST" -- -p alice alice imap/mail.other.test
ok "as its configuration says" asked "the KDC of EXAMPLE.TEST refers to realm OTHER.TEST"
ok "and no ticket for it was asked for" not_asked "$asking EXAMPLE.TEST for krbtgt/OTHER.TEST"
ok "a referral to a realm that does not know it" \
	refused "the KDC of OTHER.TEST does not know imap/mail.third.test@OTHER.TEST: is the service registered under another name?" \
	-p alice alice imap/mail.third.test
ok "the KDC knows the path by itself" \
	gets "imap/mail.third.test@THIRD.TEST for alice@EXAMPLE.TEST" -- -p alice alice imap/mail.third.test@THIRD.TEST

kdc_client_conf | sed '/OTHER.TEST = {/,/}/d' >"$KRB5_CONFIG"
ok "a referral to a realm of which no KDC is known" \
	refused "no KDC of OTHER.TEST is known: krb5.conf names none in [realms], and dns_lookup_kdc does not let DNS be asked" \
	-p alice alice imap/mail.other.test
done_testing
