#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# HTTP Negotiate (RFC 4559): Cyrus IMAP's httpd, curl and Chromium.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/mistakes.sh"
servers_require cyrmaster:cyrus-imapd /usr/lib/cyrus/bin/ctl_zoneinfo:cyrus-caldav openssl:openssl curl:curl

SERVICE=HTTP/mail.example.test
KEYTAB=/etc/cyrus.keytab
OWNER=cyrus
URL=http://mail.example.test/dav/calendars/user/alice/Default/
CLIENT_ADDRESS=192.0.2.1
MECH=GSS-SPNEGO

make_folders() {
	private /var/lib/cyrus /var/spool/cyrus
	mkdir -p /run/cyrus/socket /run/cyrus/proc /run/cyrus/lock
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=mail.example.test -addext subjectAltName=DNS:mail.example.test \
		-out /etc/cyrus.pem -keyout /etc/cyrus.key 2>/dev/null
	chown -R cyrus:mail /run/cyrus /etc/cyrus.key
	cat >/etc/cyrus.conf <<-END
		START {
			recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
		}
		SERVICES {
			imap cmd="imapd" listen="imap" prefork=0
			http cmd="httpd" listen="http" prefork=0
			https cmd="httpd -s" listen="https" prefork=0
		}
		EVENTS {
		}
	END
}

imapd_conf() {
	cat >/etc/imapd.conf <<-END
		configdirectory: /var/lib/cyrus
		proc_path: /run/cyrus/proc
		mboxname_lockpath: /run/cyrus/lock
		defaultpartition: default
		partition-default: /var/spool/cyrus/mail
		autocreate_quota: 0
		syslog_prefix: cyrus
		failedloginpause: 0
		allowplaintext: yes
		tls_server_cert: /etc/cyrus.pem
		tls_server_key: /etc/cyrus.key
		servername: mail.example.test
	END
	snippet httpd-conf >>/etc/imapd.conf
	[ $# -eq 0 ] || printf '%s\n' "$@" >>/etc/imapd.conf
}

cyrus_start() {
	! is_started cyrus || stop cyrus
	start cyrus "$@" cyrmaster -l 256
	until_true greets 143
}

# get [OPTION...]: the page, with what goes over the wire; ${get_as[@]} (env ...) goes before curl.
get_as=()
get() {
	run as_user "${user:-alice}" "${get_as[@]}" curl -sv --cacert /etc/cyrus.pem "$@" "${url:-$URL}" || { show_both && false; }
}

with_ticket() {
	get --negotiate -u : "$@"
}

# The mutual token comes with the page.
answered() { # STATUS
	tr -d '\r' <"$CLIENT_OUT" | grep -Eqi "^< HTTP/[0-9.]+ $1( |\$)" || { show_both && false; }
}

is_user() { # USER
	answered 200 && grep -qi '^< www-authenticate: Negotiate oYG' "$CLIENT_OUT" &&
		logged "$MECH: login accepted from $CLIENT_ADDRESS: $1@EXAMPLE.TEST authenticated to HTTP/mail.example.test@EXAMPLE.TEST as \"$1\", aes256-cts-hmac-sha1-96, mutual, SSF 0"
}

# token OCTETS...: as a client sends them that has them from somewhere else.
token() {
	get -H "Authorization: Negotiate $1" && answered 401
}

is_refused() { # REASON
	logged "$MECH: login refused from $CLIENT_ADDRESS" && logged "$1"
}

# ---- the guide ----

guide_works() {
	guide imapd-keytab && guide httpd-keytab && imapd_conf && cyrus_start && mailboxes &&
		snippet httpd-login >"$SCRATCH/login" && run as_user alice bash -e "$SCRATCH/login" <<<alice &&
		printed '200' && logged "$(snippet httpd-login-log)" && recorded /run/cyrus-kerberos5/rcache2 cyrus
}

# httpd lets in nobody who has no mailbox, which the first login to imapd makes.
mailboxes() {
	for user in alice bob; do
		ticket "$user" && run as_user "$user" /usr/lib/cyrus/bin/imtest -m GSSAPI mail.example.test
		grep -qx 'Authenticated.' "$CLIENT_OUT" || { show_both && return 1; }
	done
}

# ---- logins ----

without_token() {
	get && answered 401 && grep -qi '^< www-authenticate: Negotiate' "$CLIENT_OUT" && not_logged "$MECH: login"
}

with_curl() {
	with_ticket && is_user alice
}

another_user() {
	user=bob url=${URL/alice/bob} with_ticket && is_user bob
}

in_tls() {
	url=${URL/http:/https:} with_ticket "$@" && is_user alice && logged "alice Negotiate+TLS User logged in"
}

# curl logs in for each page, on one connection.
two_pages() {
	with_ticket "$URL" && is_user alice &&
		[ "$(tail -c +$((LOG_START + 1)) "$SYSLOG" | grep -c "$MECH: login accepted")" -eq 2 ] && return
	show_both
	return 1
}

# ---- refusals ----

replayed() {
	local sent
	with_ticket && sent=$(tr -d '\r' <"$CLIENT_OUT" | sed -n 's/^> [Aa]uthorization: Negotiate //p') &&
		token "$sent" && is_refused "the request is a replay"
}

encoded() {
	printf %b "$1" | base64 -w 0
}

no_token() {
	token "$(encoded 'GET / HTTP/1.1')" && is_refused "it begins with the octet 47, not with 60"
}

no_kerberos() {
	token "$(encoded '\x60\x1c\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x12\x30\x10\xa0\x0e\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a')" &&
		is_refused "$(snippet httpd-ntlm-log)"
}

raw_ntlm() {
	token "$(encoded 'NTLMSSP\0\x01\0\0\0')" && is_refused "a token of NTLM came where a token of SPNEGO is due"
}

ticket() { # USER
	echo "$1" | as_user "$1" kinit "$1" >/dev/null
}

old_key() {
	kadmin -q "cpw -randkey HTTP/mail.example.test" >/dev/null && ticket alice && with_ticket && answered 401 &&
		is_refused "the KDC has a newer key, export the keytab again" && guide httpd-keytab &&
		ticket alice && with_curl
}

# httpd has room for 16384 octets, as imapd has.
largest_ticket() {
	minted --ticket-size 15360 && with_minted && is_user alice
}

larger_ticket() {
	minted --ticket-size 49152 && with_minted && answered 401 && logged "$(snippet httpd-ticket-log)"
}

with_minted() {
	get_as=("${use_minted[@]}")
	with_ticket
	get_as=()
}

# curl sends no bindings here. This has it say in its ticket that it would, as Windows does.
aware_of_bindings() {
	sed 's/^\[libdefaults\]$/&\nclient_aware_channel_bindings = true/' /etc/krb5.conf >"$SCRATCH/aware.conf" &&
		get_as=(env "KRB5_CONFIG=$SCRATCH/aware.conf")
	url=${URL/http:/https:} with_ticket
	get_as=()
}

bindings_differ() {
	aware_of_bindings && answered 401 && logged "$(snippet httpd-bindings-log)"
}

bindings_ignored() {
	imapd_conf "$(snippet httpd-bindings)" && cyrus_start && aware_of_bindings && is_user alice
}

# With Cyrus's plug-in and libkrb5 in httpd likewise.
cyrus_differs() {
	aware_of_bindings && answered 401
}

# ---- others ----

delegated() {
	echo alice | as_user alice kinit -f alice >/dev/null && install -d -o cyrus -m 700 /run/cyrus-delegated &&
		imapd_conf 'sasl_kerberos5_delegated_ccache: FILE:/run/cyrus-delegated/%{principal}' && cyrus_start &&
		with_ticket --delegation always && is_user alice &&
		env KRB5CCNAME=FILE:/run/cyrus-delegated/alice@EXAMPLE.TEST kvno "$SERVICE"
}

cyrus_at_httpd() {
	cyrus_start "${cyrus_plugins[@]}" && with_ticket && answered 200
}

# Cyrus's test client has our module. It hears that the server is genuine, and then goes on where
# it is at the end, with Cyrus's own plug-in as well; it ends when the server closes the connection.
httptest() {
	printf '%s\r\n' 'OPTIONS * HTTP/1.1' 'Host: mail.example.test' 'Connection: close' '' >"$SCRATCH/commands"
	commands=$SCRATCH/commands cyrus_client /usr/lib/cyrus/bin/httptest -- -m negotiate
	printed "6: AP-REP decrypted" && logged "alice Negotiate User logged in"
}

# Chromium loads libgssapi_krb5 at its start, and only if it has met Negotiate before: its first
# file says so. The folder of calendars is a page, a calendar would be downloaded.
browser() {
	local folder=$SCRATCH/cc/home
	mkdir -p "$folder/chromium" &&
		echo '{"net":{"received_http_auth_negotiate_headers":true}}' >"$folder/chromium/Local State" &&
		chown -R alice "$folder" && imapd_conf "caldav_allowcalendaradmin: yes" && cyrus_start || return
	run as_user alice env HOME="$folder" TMPDIR="$folder" chromium --headless --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$folder/chromium" --auth-server-allowlist=mail.example.test \
		--timeout=20000 --dump-dom "${URL%Default/}"
	printed '<title>Available Calendars</title>' &&
		logged "$MECH: login accepted from $CLIENT_ADDRESS: alice@EXAMPLE.TEST authenticated to $SERVICE@EXAMPLE.TEST" &&
		logged '(auth=Negotiate) => "HTTP/1.1 200 OK"'
}

make_folders
servers_kdc imap/old.example.test
ok "doc/servers.md: a login" guide_works
ok "without a token: 401, and Negotiate is offered" without_token
ok "curl gets in, and hears that the server is genuine" with_curl
ok "another user" another_user
ok "in TLS, HTTP/2" in_tls
ok "in TLS, HTTP/1.1" in_tls --http1.1
ok "two logins on one connection" two_pages
ok "a replay is refused" replayed
ok "a client without Kerberos is refused by name" no_kerberos
ok "NTLM alone is refused by name" raw_ntlm
ok "octets that are no token are refused" no_token
ok "the largest ticket" largest_ticket
ok "a ticket of 48 KiB" larger_ticket
ok "after the service's key was changed" old_key
ok "in TLS, a client that would send channel bindings is refused" bindings_differ
ok "and not if httpd's are ignored" bindings_ignored
ok "curl delegates its ticket" delegated
ok "Cyrus's test client has our module" httptest
if command -v chromium >/dev/null; then
	ok "Chromium gets in" browser
else
	skip "Chromium gets in" "missing: chromium (Debian: chromium)"
fi
ok "httpd has Cyrus's GSS-SPNEGO: curl gets in" cyrus_at_httpd
ok "httpd has Cyrus's GSS-SPNEGO: the client that would send bindings is refused" cyrus_differs
ok "httpd has Cyrus's GSS-SPNEGO, and its test client our module" httptest
done_testing
