# SPDX-License-Identifier: BSD-3-Clause
# domain_members.sh - computers of a domain, by the commands of doc/active-directory.md;
# sourced after domain.sh and slapd.sh.
#
#	computers_join          the cases of adcli and msktutil
#	sssd_in_domain          those of SSSD, with the keytab of adcli's
#	members_use_tls         those of both under TLS, which the controller has to allow
#	samba_at_slapd          those of Samba's own client, at our slapd
#
# shellcheck shell=bash disable=SC2015,SC2034  # a failed step is shown; slapd.sh reads them

GUIDES+=("$SRCDIR/doc/active-directory.md")
ADMIN=$SCRATCH/cc/admin

# COMMAND on the computer member.ad.test.
on_member() {
	# shellcheck disable=SC2016  # its own arguments
	unshare --uts bash -c 'hostname member.ad.test && exec "$@"' - "$@"
}

# What the guide says, for HOST in place of ldap.ad.test. Without DNS the controller has to be
# named. kinit reads the password.
member_runs() { # NAME HOST
	snippet "$1" | sed "s/ldap\.ad\.test/$2/; s/msktutil [a-z-]*/& --verbose --server dc.ad.test/
		s/adcli [a-z]*/& --verbose --domain-controller=dc.ad.test/" >"$SCRATCH/snippet"
	run on_member env "KRB5CCNAME=$ADMIN" timeout 60 bash -e "$SCRATCH/snippet" <<<"$DOMAIN_PASSWORD" || show_both
}

# Does FILE have the key that the KDC has for this SERVICE?
fits() { # FILE SERVICE
	domain_kinit alice "$SCRATCH/cc/fits" >/dev/null && kvno -c "$SCRATCH/cc/fits" -k "$1" "$2"
}

without_ticket() {
	rm -f "$ADMIN"
}

# ---- adcli and msktutil ----

adcli_joins() {
	rm -f /etc/krb5.keytab
	member_runs ad-adcli member.ad.test && printed "Using GSS-SPNEGO for SASL bind" && printed "Set computer password" &&
		fits /etc/krb5.keytab ldap/member.ad.test
}

adcli_joins_by_ldaps() {
	domain_kinit Administrator "$ADMIN" >/dev/null &&
		run on_member env "KRB5CCNAME=$ADMIN" "LDAPTLS_CACERT=$DOMAIN/cert.pem" timeout 60 adcli join --verbose --use-ldaps \
			--domain-controller=dc.ad.test --login-ccache --computer-name=MEMBER ad.test || show_both
	printed "Using GSSAPI for SASL bind" && fits /etc/krb5.keytab host/member.ad.test
}

adcli_updates() {
	without_ticket
	member_runs ad-adcli-update member.ad.test && printed "Using GSS-SPNEGO for SASL bind" &&
		fits /etc/krb5.keytab imap/member.ad.test
}

adcli_asks_itself() {
	without_ticket
	! run on_member env "KRB5CCNAME=$ADMIN" timeout 60 adcli join --stdin-password --domain-controller=dc.ad.test ad.test \
		< <(printf %s "$DOMAIN_PASSWORD") && printed "there is no credential cache $ADMIN"
}

msktutil_creates() {
	mkdir -p /etc/ldap
	member_runs ad-msktutil other.ad.test && fits /etc/ldap/ldap.keytab ldap/other.ad.test
}

# The password is young: nothing is to be done, as the directory says.
msktutil_looks() {
	without_ticket
	member_runs ad-msktutil-update other.ad.test && printed "SASL username: ldap-server\$"
}

msktutil_updates() { # MECHANISM
	run on_member msktutil update --verbose --server dc.ad.test --computer-name ldap-server \
		--keytab /etc/ldap/ldap.keytab --enctypes 0x18 --sasl-mechanisms "$1" || show_both
	printed "SASL/$1 authentication started" && fits /etc/ldap/ldap.keytab ldap/other.ad.test &&
		! klist -ke /etc/ldap/ldap.keytab | grep arcfour
}

computers_join() {
	ok "doc/active-directory.md: adcli joins" adcli_joins
	ok "doc/active-directory.md: adcli updates, by the host's key" adcli_updates
	ok "adcli: a ticket of its own is not seen" adcli_asks_itself
	ok "doc/active-directory.md: msktutil" msktutil_creates
	ok "doc/active-directory.md: msktutil's daily job" msktutil_looks
	ok "msktutil changes the password, by GSS-SPNEGO" msktutil_updates GSS-SPNEGO
	ok "msktutil changes the password, by GSSAPI" msktutil_updates GSSAPI
}

# ---- SSSD ----

SSSD_LOG=$SCRATCH/sssd.log

sssd_folders() {
	empty /var/lib/sss /var/log/sssd
	mkdir -p /var/lib/sss/{db,deskprofile,gpo_cache,keytabs,mc,pipes/private,pubconf/krb5.include.d,secrets}
}

# sssd_start NAME [LINE...]: with the guide's file, and these lines besides.
sssd_start() {
	! is_started sssd || stop sssd
	umount /var/lib/sss /var/log/sssd 2>/dev/null
	sssd_folders
	{ snippet "$1" && shift && printf '%s\n' "debug_level = 7" "access_provider = permit" "$@"; } >/etc/sssd/sssd.conf
	chmod 600 /etc/sssd/sssd.conf
	: >"$SSSD_LOG"
	# shellcheck disable=SC2016  # its own argument
	start sssd unshare --uts bash -c 'hostname member.ad.test && exec sssd -i --logger=stderr >"$0" 2>&1' "$SSSD_LOG"
}

knows_alice() {
	getent -s sss passwd alice | grep -E '^alice:\*:[0-9]+:[0-9]+:' && getent -s sss group staff | grep -E ':(.*,)?bob'
}

# Both Kerberos libraries are in the process, and Cyrus' plug-in is not.
both_libraries() {
	local pid
	pid=$(pgrep --ns $$ --nslist pid -x sssd_be) && loads "$pid" && grep -q '/libkrb5\.so' "/proc/$pid/maps"
}

sssd_said() {
	grep -qF -e "$1" "$SSSD_LOG" && return
	echo "not logged by sssd: $1"
	grep -iE 'sasl|bind|adcli|fail' "$SSSD_LOG" | tail -n 20 | cut -c 1-300
	return 1
}

sssd_works() { # MECHANISM NAME LINE...
	local mechanism=$1
	shift
	sssd_start "$@" && until_true knows_alice && sssd_said "Executing sasl bind mech: $mechanism," && both_libraries
}

# By a controller that SSSD has found before.
sssd_renews() {
	until_true sssd_said "adcli output end" && sssd_said "* Using GSS-SPNEGO for SASL bind" &&
		sssd_said "* Password not too old, no change needed"
}

sssd_in_domain() {
	ok "doc/active-directory.md: SSSD, provider ad" sssd_works GSS-SPNEGO ad-sssd "ad_server = dc.ad.test" \
		"dyndns_update = false" "ad_machine_account_password_renewal_opts = 86400:5"
	ok "SSSD has adcli look at the computer's password" sssd_renews
	ok "doc/active-directory.md: SSSD, provider ldap" sssd_works GSS-SPNEGO ad-sssd-ldap
	stop sssd
}

members_use_tls() {
	ok "adcli by ldaps" adcli_joins_by_ldaps
	ok "SSSD, provider ad, by ldaps" sssd_works GSSAPI ad-sssd "ad_server = dc.ad.test" "dyndns_update = false" \
		"ad_use_ldaps = true" "ldap_tls_cacert = $DOMAIN/cert.pem"
	stop sssd
}

# ---- Samba's client, and slapd ----

slapd_in_domain() {
	! is_started slapd || stop slapd
	photo_count=0
	slapd_urls='ldap://ldap.ad.test ldapi:///'
	URI=ldap://ldap.ad.test
	slapd_make && install -o openldap -m 400 "$DOMAIN/ldap.keytab" /etc/ldap/ldap.keytab &&
		printf '%s\n' 'mech_list: GSSAPI GSS-SPNEGO EXTERNAL' 'keytab: /etc/ldap/ldap.keytab' \
			'kerberos5_pac: required' >/etc/ldap/sasl2/slapd.conf &&
		slapd_start && loads "$(cat "$SCRATCH/pids/slapd")"
}

ldbsearch_at_slapd() { # LAYER
	run timeout 30 ldbsearch --configfile="$DOMAIN/etc/smb.conf" -H ldap://ldap.ad.test --use-kerberos=required \
		--use-krb5-ccache="$SCRATCH/ccache" --option="client ldap sasl wrapping = $1" \
		-b dc=example,dc=test '(uid=alice)' cn
}

samba_finds() { # LAYER SSF
	ldbsearch_at_slapd "$1" && shown "cn: alice" &&
		logged "BIND dn=\"uid=alice,cn=gss-spnego,cn=auth\" mech=GSS-SPNEGO bind_ssf=$2 ssf=$2"
}

slapd_demands() { # LINE
	printf 'dn: cn=config\nchangetype: modify\nreplace: olcSaslSecProps\nolcSaslSecProps: %s\n' "$1" |
		ldapmodify -Q -Y EXTERNAL -H ldapi:///
}

refused_but_for_sealing() {
	slapd_demands minssf=128 &&
		! ldbsearch_at_slapd sign && printed "the client asks for integrity, and this server allows privacy" &&
		! ldbsearch_at_slapd plain && printed "the client asks for no layer, and this server allows privacy" &&
		samba_finds seal 256
}

samba_at_slapd() {
	ok "slapd starts, as a member of the domain" slapd_in_domain
	ok "Samba's client signs" samba_finds sign 1
	ok "Samba's client seals" samba_finds seal 256
	ok "Samba's client does neither" samba_finds plain 0
	ok "slapd demands strength: Samba's client has to seal" refused_but_for_sealing
	stop slapd
}
