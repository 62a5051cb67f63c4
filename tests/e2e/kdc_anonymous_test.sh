#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Anonymous PKINIT (RFC 8062) with a real MIT KDC and a throw-away CA: its
# tickets log nobody in, whichever side looks at them.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/login.sh"
. "$(dirname "$0")/peers.sh"
kdc_require openssl:openssl sasl-sample-server:sasl2-bin sasl-sample-client:sasl2-bin
compgen -G '/usr/lib/*/krb5/plugins/preauth/pkinit.so' >/dev/null || skip_all "missing: pkinit.so (Debian: krb5-pkinit)"

mail=imap/mail.example.test
pki=$SCRATCH/pki
refusal="nobody logs in without a name"

# The KDC's certificate has id-pkinit-san and id-pkinit-KPKdc (RFC 4556 section 3.2.4).
make_pki() {
	mkdir "$pki" && cat >"$pki/openssl.cnf" <<-'END'
		[kdc]
		basicConstraints = CA:FALSE
		keyUsage = digitalSignature, keyEncipherment, keyAgreement
		extendedKeyUsage = 1.3.6.1.5.2.3.5
		subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:principal
		[principal]
		realm = EXP:0, GeneralString:EXAMPLE.TEST
		name = EXP:1, SEQUENCE:name
		[name]
		type = EXP:0, INTEGER:1
		string = EXP:1, SEQUENCE:components
		[components]
		first = GeneralString:krbtgt
		second = GeneralString:EXAMPLE.TEST
	END
	openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=CA -keyout "$pki/ca.key" -out "$pki/ca.pem" &&
		openssl req -new -newkey rsa:2048 -nodes -subj /CN=KDC -keyout "$pki/kdc.key" -out "$pki/kdc.csr" &&
		openssl x509 -req -in "$pki/kdc.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -CAcreateserial \
			-days 1 -extfile "$pki/openssl.cnf" -extensions kdc -out "$pki/kdc.pem"
}

# Flag a of klist -f, and the name.
gets_ticket() {
	rm -f "$SCRATCH/ccache"
	kinit -n @EXAMPLE.TEST && kvno -q "$mail@EXAMPLE.TEST" && klist -f >"$SCRATCH/klist"
	cat "$SCRATCH/klist"
	grep -qx 'Default principal: WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS' "$SCRATCH/klist" &&
		grep -A 1 " $mail@EXAMPLE.TEST" "$SCRATCH/klist" | grep -q 'Flags: .*a'
}

# Our client does not even begin.
our_client_refuses() { # MECHANISM
	client=(sasl-sample-client -s imap -p "$KERBEROS5_MODULE_DIR" -n mail.example.test -m "$1")
	fails login && steps "" && says_not server Username &&
		says trace "the ticket of WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS is anonymous (by its name), and $refusal"
}

# MIT's begins, and our server refuses.
our_server_refuses() {
	refused meet ours "" mit "" && said "$refusal"
}

# Nobody but the test's certificates and names is at fault where that fails.
alice_logs_in() {
	rm -f "$SCRATCH/ccache"
	ticket alice "$mail" && client=(sasl-sample-client -s imap -p "$KERBEROS5_MODULE_DIR" -n mail.example.test -m GSSAPI) &&
		login && says server "Username: alice"
}

make_pki >"$SCRATCH/openssl.log" 2>&1 || kdc_fail "no certificates: $(cat "$SCRATCH/openssl.log")"
# shellcheck disable=SC2034  # kdc.sh reads it
kdc_lines="pkinit_identity = FILE:$pki/kdc.pem,$pki/kdc.key
pkinit_anchors = FILE:$pki/ca.pem"
kdc_start EXAMPLE.TEST
kdc_admin EXAMPLE.TEST <<END
	addprinc -pw alice alice
	addprinc -randkey WELLKNOWN/ANONYMOUS
	addprinc -randkey $mail
	ktadd -k $SCRATCH/keytab $mail
END
# shellcheck disable=SC2119
kdc_client_conf | sed "s|.*\[libdefaults\].*|&\n\tpkinit_anchors = FILE:$pki/ca.pem|" >"$SCRATCH/krb5.conf"
configure_server "keytab: $SCRATCH/keytab"

ok "kinit -n: an anonymous ticket" gets_ticket
ok "GSSAPI: our client does not use it" our_client_refuses GSSAPI
ok "KERBEROS_V5: our client does not use it" our_client_refuses KERBEROS_V5
case_of mit "MIT's client does, and our server refuses" our_server_refuses
ok "with a name: the login succeeds" alice_logs_in
done_testing
