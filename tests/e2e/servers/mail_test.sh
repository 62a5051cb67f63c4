#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Mail: exim as a server; Postfix and sendmail that log in where they relay to.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
smtptest=/usr/lib/cyrus/bin/smtptest
EXIM_DIR=${EXIM_DIR:-$SRCDIR/tests/peers/exim}
SENDMAIL_DIR=${SENDMAIL_DIR:-$SRCDIR/tests/peers/sendmail}
servers_require postfix:postfix "$smtptest:cyrus-clients" "$EXIM_DIR/usr/sbin/exim4:exim4-daemon-heavy" \
	"$SENDMAIL_DIR/usr/libexec/sendmail/sendmail:sendmail-bin" m4:m4

# One Postfix that relays to its own port 587, where mail goes no further.
make_postfix() {
	private /var/spool/postfix /var/lib/postfix
	cp /etc/hosts /etc/nsswitch.conf /var/spool/postfix/etc/
	mkdir -p /etc/postfix/sasl
	cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
	cat >>/etc/postfix/master.cf <<-END
		587 inet n - y - - smtpd
		  -o content_filter=discard:
		  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
	END
	cat >/etc/postfix/main.cf <<-END
		compatibility_level = 3.6
		myhostname = mail.example.test
		mydestination =
		alias_maps =
		alias_database =
		inet_protocols = ipv4
		smtp_host_lookup = native
	END
	guide postfix-setup && guide_file postfix-conf /etc/postfix/sasl/smtpd.conf
}

relays() { # TEXT...
	LOG_START=$(stat -c %s "$SYSLOG")
	: >"$CLIENT_OUT"
	printf 'Subject: hello\n\nhello\n' | sendmail -f alice@example.test bob@other.test
	local text
	for text; do
		logged "$text" || return
	done
}

postfix_relays() {
	make_postfix && guide postfix-client-keytab && guide postfix-client && postfix start >>"$SYSLOG" 2>&1 &&
		tr -d ' ' </var/spool/postfix/pid/master.pid >"$SCRATCH/pids/postfix" && until_true greets 587 &&
		relays "sasl_method=GSSAPI, sasl_username=$(snippet postfix-client-name)" "relay=mail.example.test[192.0.2.1]:587"
}

# One line for each time that smtp gave up.
says_why_once() {
	local lines
	lines=$(tail -c +$((LOG_START + 1)) "$SYSLOG" | grep -a 'postfix/smtp\[' | grep -ac 'there is no credential cache') &&
		[ "$lines" -eq "$(tail -c +$((LOG_START + 1)) "$SYSLOG" | grep -ac 'SASL authentication failed')" ] && return
	echo "the reason is logged $lines times"
	show_both && false
}

postfix_without_keytab() {
	mv /var/spool/postfix/etc/krb5 /var/spool/postfix/etc/krb5.away &&
		relays "SASL authentication failed" "warning: SASL authentication failure: GSSAPI: there is no credential cache" &&
		says_why_once
	local status=$?
	mv /var/spool/postfix/etc/krb5.away /var/spool/postfix/etc/krb5
	return "$status"
}

# ---- exim ----

exim_start() {
	start exim env LD_LIBRARY_PATH="$EXIM_DIR/usr/lib:$EXIM_DIR/usr/lib/$(uname -m)-linux-gnu" \
		"$EXIM_DIR/usr/sbin/exim4" -bdf -C /etc/exim4/exim4.conf -oX 25
}

make_exim() {
	useradd -r -M Debian-exim
	install -d -o Debian-exim /var/spool/exim4 /var/log/exim4
	empty /var/spool/exim4 /var/log/exim4
	chown Debian-exim /var/spool/exim4 /var/log/exim4
	mkdir -p /etc/exim4
	{
		printf '%s\n' 'primary_hostname = mail.example.test' 'log_file_path = syslog' 'acl_smtp_rcpt = rcpt' \
			'host_lookup =' 'rfc1413_query_timeout = 0s' 'keep_environment =' 'log_selector = +smtp_connection' \
			'begin acl' 'rcpt:' '  accept authenticated = *' '  deny' \
			'begin routers' 'begin transports' 'begin authenticators'
		snippet exim-authenticator
	} >/etc/exim4/exim4.conf
}

logs_in() {
	run as_user alice "$smtptest" -m GSSAPI mail.example.test && shown "S: 235 Authentication succeeded"
}

exim_works() {
	make_exim && guide exim-keytab && guide_file exim-conf /etc/sasl2/exim.conf && exim_start && until_true greets 25 &&
		{ echo alice | as_user alice kinit alice >/dev/null; } && logs_in
}

exim_without_keytab() {
	stop exim
	mv /etc/exim4/smtp.keytab /etc/exim4/away
	exim_start && until_true greets 25 && ! logs_in >/dev/null && stop exim
	sed -i '/^kerberos5_hide/d' /etc/sasl2/exim.conf
	LOG_START=$(stat -c %s "$SYSLOG")
	exim_start && logged "$(snippet exim-hidden)"
}

# ---- sendmail ----

# The guide's lines, and what a host without DNS and a second server on it need.
sendmail_conf() {
	local cf=$SENDMAIL_DIR/usr/share/sendmail/cf
	{
		printf '%s\n' 'divert(0)dnl' "define(\`confDOMAIN_NAME', \`client.example.test')dnl" 'OSTYPE(linux)dnl' \
			"define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/switch')dnl" "FEATURE(\`nocanonify')dnl" \
			"FEATURE(\`accept_unresolvable_domains')dnl"
		snippet sendmail-mc
		echo 'MAILER(smtp)dnl'
	} >"$SCRATCH/sendmail.mc"
	echo 'hosts files' >/etc/mail/switch
	m4 -D_CF_DIR_="$cf/" "$cf/m4/cf.m4" "$SCRATCH/sendmail.mc" >/etc/mail/sendmail.cf
}

sendmail_relays() {
	mkdir -p /etc/mail
	mkdir -m 700 "$SCRATCH/mqueue"
	guide sendmail-keytab && sendmail_conf && snippet sendmail-authinfo |
		"$SENDMAIL_DIR/usr/libexec/sendmail/makemap" hash /etc/mail/authinfo || return
	chmod 600 /etc/mail/authinfo.db
	LOG_START=$(stat -c %s "$SYSLOG")
	run "$SENDMAIL_DIR/usr/libexec/sendmail/sendmail" -C /etc/mail/sendmail.cf -oQ"$SCRATCH/mqueue" -v \
		-f alice@example.test bob@other.test <<<$'Subject: hello\n\nhello'
	logged "sasl_method=GSSAPI, sasl_username=relay/sendmail.example.test"
}

servers_kdc
ok "doc/servers.md: exim" exim_works
ok "doc/servers.md: exim without a keytab" exim_without_keytab
ok "doc/clients.md: Postfix relays" postfix_relays
ok "doc/clients.md: Postfix without a keytab" postfix_without_keytab
ok "doc/clients.md: sendmail relays" sendmail_relays
done_testing
