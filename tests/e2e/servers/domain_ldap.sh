# SPDX-License-Identifier: BSD-3-Clause
# domain_ldap.sh - logins at the LDAP server of a domain controller; sourced after domain.sh.
#
#	at_its_ldap_server           the cases of a controller as it is by default
#	at_its_ldap_server_under_tls those of one that takes logins under TLS
#
# shellcheck shell=bash

# search MECHANISM OPTION...: of her own entry.
search() {
	local mechanism=$1
	shift
	run env KRB5CCNAME="$SCRATCH/ccache" LDAPTLS_CACERT="$DOMAIN/cert.pem" ldapsearch -N -Y "$mechanism" \
		-LLL -b "${base-CN=alice,CN=Users,DC=ad,DC=test}" "$@"
}

layer_of() { # SSF MECHANISM OPTION...
	local ssf=$1
	shift
	search "$@" || { show_both && false; }
	shown "SASL/$1 authentication started" && shown "SASL SSF: $ssf" && shown "userPrincipalName: alice@ad.test"
}

# By the SIDs of who asks, the server's word.
is_her_account() {
	search GSS-SPNEGO -H ldap://dc.ad.test objectSid && sid=$(sed -n 's/^objectSid:: //p' "$CLIENT_OUT") &&
		base='' search GSS-SPNEGO -H ldap://dc.ad.test -s base tokenGroups && shown "tokenGroups:: ${sid:-none}"
}

# About 1400 entries, 1.7 million octets.
many_entries() { # OPTION...
	base=CN=DisplaySpecifiers,CN=Configuration,DC=ad,DC=test search GSS-SPNEGO -H ldap://dc.ad.test "$@"
	[ "$(grep -c '^dn: ' "$CLIENT_OUT")" -gt 1000 ] && [ "$(stat -c %s "$CLIENT_OUT")" -gt 1000000 ]
}

refused_with() { # TEXT MECHANISM OPTION...
	local text=$1
	shift
	! search "$@" && printed "$text" && ! grep '^dn:' "$CLIENT_OUT"
}

at_its_ldap_server() {
	local mechanism at=(-H ldap://dc.ad.test)
	domain_conf
	domain_kinit alice "$SCRATCH/ccache" >/dev/null
	for mechanism in GSSAPI GSS-SPNEGO; do
		ok "at its LDAP server, $mechanism: privacy" layer_of 256 $mechanism "${at[@]}"
		ok "$mechanism: integrity" layer_of 1 $mechanism "${at[@]}" -O maxssf=1
		ok "$mechanism: refused without a layer" refused_with "Sign or Seal are required" $mechanism "${at[@]}" -O maxssf=0
		ok "$mechanism: refused under TLS, by default" refused_with "Sign or Seal are required" $mechanism -H ldaps://dc.ad.test
	done
	ok "GSS-SPNEGO: the server knows whose account it is" is_her_account
	ok "a long answer with privacy" many_entries
	ok "a long answer with integrity" many_entries -O maxssf=1
	ok "GSS-SPNEGO: our client refuses to act as another" \
		refused_with 'GSS-SPNEGO logs in as the user of the ticket, alice@AD.TEST, and cannot ask to act as "u:bob"' \
		GSS-SPNEGO "${at[@]}" -X u:bob
}

at_its_ldap_server_under_tls() {
	local mechanism
	for mechanism in GSSAPI GSS-SPNEGO; do
		ok "under TLS, $mechanism: no layer by default" layer_of 0 $mechanism -H ldaps://dc.ad.test
		ok "$mechanism: with maxssf=0" layer_of 0 $mechanism -H ldaps://dc.ad.test -O maxssf=0
		ok "$mechanism: by StartTLS" layer_of 0 $mechanism -ZZ -H ldap://dc.ad.test
		ok "$mechanism: it refuses a layer beneath TLS" refused_with "Sign or Seal are not allowed if TLS is used" \
			$mechanism -H ldaps://dc.ad.test -O minssf=300
		ok "$mechanism: with channel bindings" layer_of 0 $mechanism -H ldaps://dc.ad.test -o SASL_CBINDING=tls-endpoint
	done
	ok "without TLS it demands a layer still" refused_with "Strong(er) authentication required" GSS-SPNEGO \
		-H ldap://dc.ad.test -O maxssf=0
}
