# SPDX-License-Identifier: BSD-3-Clause
# domain_pac.sh - what a server makes of the PACs of a domain controller; sourced after domain.sh.
#
#	pac_cases            the cases; "sample MECHANISM" and "said FILE TEXT" are the test's
#	slapd_pac_cases      those of a slapd that asks for groups; after slapd.sh
#
# shellcheck shell=bash

# Of one that is not there it is no SID, which servers refuse.
sid_of() { # NAME
	sed -n "s/ $1\$//p" "$DOMAIN/sids" | grep . || echo none
}

pac_server() { # LINE...
	printf '%s\n' 'log_level: 4' "keytab: $DOMAIN/imap.keytab" "$@" >"$SCRATCH/conf/sample.conf"
}

# The login of a principal: after kinit, at a server with these lines.
pac_login() { # PRINCIPAL LINE...
	local principal=$1
	shift
	pac_server "$@"
	domain_conf
	rm -f "$SCRATCH/ccache" "$SCRATCH"/talk/*
	kinit ${pac_kinit:+"$pac_kinit"} -c "$SCRATCH/ccache" "$principal" <<<"$DOMAIN_PASSWORD" && sample GSSAPI
}

is_accepted_as() { # NAME PRINCIPAL LINE...
	local name=$1
	shift
	pac_login "$@"
	said talk/server.out "Username: $name"
}

is_refused() { # TEXT PRINCIPAL LINE...
	local text=$1
	shift
	! pac_login "$@" && said talk/server.err "$text"
}

# By the trace of the server.
is_read() {
	local sid
	sid=$(sid_of alice)
	is_accepted_as alice alice "kerberos5_pac: required" &&
		said trace "PAC is verified: account \"alice\" of \"AD.TEST\", UPN \"alice@ad.test\", SID $sid, "
}

member_of() { # GROUP
	is_accepted_as alice alice "kerberos5_require_group: $(sid_of "$1")"
}

not_member_of() { # GROUP PRINCIPAL
	is_refused "is in none of the groups that are required (kerberos5_require_group: S-1-5-" "$2" \
		"kerberos5_require_group: $(sid_of "$1")"
}

# ---- slapd ----

pac_slapd() {
	slapd_make && install -o openldap -m 400 "$DOMAIN/ldap.keytab" /etc/ldap/ldap.keytab
}

pac_slapd_requires() { # GROUP
	printf '%s\n' 'log_level: 2' 'mech_list: GSSAPI' 'keytab: /etc/ldap/ldap.keytab' 'kerberos5_replay_cache: none:' \
		"kerberos5_require_group: $(sid_of nobody) $(sid_of "$1")" >/etc/ldap/sasl2/slapd.conf
	slapd_start
}

pac_whoami() { # USER
	domain_conf
	domain_kinit "$1" "$SCRATCH/ccache"
	run env KRB5CCNAME="$SCRATCH/ccache" ldapwhoami -N -Y GSSAPI -H ldap://ldap.ad.test
}

slapd_takes() { # USER
	pac_whoami "$1" || { show_both && false; }
	shown "dn:uid=$1,cn=gssapi,cn=auth"
}

slapd_refuses() { # USER
	! pac_whoami "$1" && printed "only members of certain groups may log in here" &&
		logged "($1@AD.TEST): $1@AD.TEST is in none of the groups that are required"
}

# A client may ask for it so. Only this option stops it.
without_pac() {
	pac_kinit=--no-request-pac is_accepted_as root root && ! grep -F "ticket's PAC" "$SCRATCH/trace" &&
		pac_kinit=--no-request-pac is_refused "a PAC that verifies is required (kerberos5_pac): the ticket has none" \
			root "kerberos5_pac: required"
}

pac_cases() {
	ok "a PAC is verified, and its account is that of the directory" is_read
	for group in staff company "Domain Users"; do
		ok "alice is in $group" member_of "$group"
	done
	ok "alice is not in nobody" not_member_of nobody alice
	ok "carol is not in staff" not_member_of staff carol
	ok "a machine account without its dollar is refused" \
		is_refused 'the ticket names root@AD.TEST, and its PAC is of the account "root$"' root
	ok "unless nobody looks" is_accepted_as root root "kerberos5_pac: ignore"
	ok "it asks for a ticket without PAC" without_pac
	ok "it is accepted with it" is_accepted_as 'root$' 'root$' "kerberos5_pac: required"
	ok "a user by the UPN" is_accepted_as robert robert "kerberos5_pac: required"
	ok "a user by the account's name" is_accepted_as bob bob "kerberos5_pac: required"
	ok "a user whose UPN has another suffix" is_accepted_as carol carol "kerberos5_pac: required"
}

# The controller has the LDAP port of its own address.
# shellcheck disable=SC2034  # slapd.sh reads them
slapd_pac_cases() {
	URI=ldap://ldap.ad.test slapd_urls=ldap://192.0.2.2 photo_count=0
	ok "a slapd of the domain's" pac_slapd
	ok "it requires the group staff" pac_slapd_requires staff
	ok "it takes alice, who is in staff" slapd_takes alice
	ok "it refuses carol, who is not" slapd_refuses carol
	ok "it requires the group company" pac_slapd_requires company
	ok "it takes carol, who is in company" slapd_takes carol
	ok "it takes alice, who is in staff, which is in company" slapd_takes alice
}
