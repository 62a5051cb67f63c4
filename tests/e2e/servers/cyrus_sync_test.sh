#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Cyrus IMAP's replication: sync_client logs in at a replica's sync_server.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
imtest=/usr/lib/cyrus/bin/imtest
servers_require cyrmaster:cyrus-imapd /usr/lib/cyrus/bin/sync_client:cyrus-replication "$imtest:cyrus-clients"

# NAME-imapd.conf, with the folders that it names. Both are this host: the master's IMAP is at port 1143.
cyrus_conf() { # NAME
	install -d -o cyrus -g mail "/var/lib/$1" "/var/lib/$1/"{db,sync,log,msg,user,socket} "/var/spool/$1" \
		"/run/$1" "/run/$1/"{proc,lock}
	cat >"/etc/$1.conf" <<-END
		configdirectory: /var/lib/$1
		proc_path: /run/$1/proc
		mboxname_lockpath: /run/$1/lock
		defaultpartition: default
		partition-default: /var/spool/$1
		autocreate_quota: 0
		syslog_prefix: $1
		servername: mail.example.test
	END
	snippet imapd-conf >>"/etc/$1.conf"
}

# The commands of the guide, with the configuration of NAME besides.
commands_of() { # NAME, and the lines of cyrus.conf
	sed "s,/usr/sbin/cyrus [a-z_]*,& -C /etc/$1.conf,; s,cmd=\"[a-z_][a-z_]*,& -C /etc/$1.conf,"
}

cyrus_start() { # NAME COMMAND...
	local name=$1
	shift
	start "$name" "$@" cyrmaster -C "/etc/$name.conf" -M "/etc/$name-services.conf" -p "/run/$name/pid"
}

make_replica() {
	cyrus_conf replica && guide imapd-keytab && guide sync-server-keytab && snippet sync-server-conf >>/etc/replica.conf &&
		{
			printf 'START {\nrecover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"\n}\nSERVICES {\n'
			snippet sync-server-service
			printf '}\nEVENTS {\n}\n'
		} | commands_of replica >/etc/replica-services.conf && cyrus_start replica && until_true greets 2005
}

make_master() {
	cyrus_conf master && guide sync-client-keytab && snippet sync-client-conf >>/etc/master.conf &&
		{
			printf 'START {\nrecover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"\n'
			snippet sync-client-start
			printf '}\nSERVICES {\nimap cmd="imapd" listen="143"\n}\nEVENTS {\n}\n'
		} | commands_of master >/etc/master-services.conf
}

is_replicated() {
	find /var/spool/replica -name cyrus.index | grep -q .
}

# Alice's first login makes her mailbox.
replicates() {
	LOG_START=$(stat -c %s "$SYSLOG")
	: >"$CLIENT_OUT"
	# shellcheck disable=SC2046  # a word for each line
	make_master && cyrus_start master env $(snippet sync-client-environment) && until_true greets 143 &&
		logged 'replica/syncserver[1]: GSSAPI: login accepted from 192.0.2.1: mailsync@EXAMPLE.TEST authenticated to csync/mail.example.test@EXAMPLE.TEST as "mailsync"' &&
		as_user alice bash -c "kinit alice && exec $imtest -m GSSAPI mail.example.test" <<<alice >"$CLIENT_OUT" &&
		until_true is_replicated
}

# Once more, by hand: it tries again later, and so does not end by itself.
without_keytab() {
	rm /etc/cyrus-client.keytab
	LOG_START=$(stat -c %s "$SYSLOG")
	timeout 3 setpriv --reuid cyrus --regid mail --clear-groups env "$(snippet sync-client-environment)" \
		/usr/sbin/cyrus sync_client -C /etc/master.conf -u alice
	logged "client keytab: there is no client keytab /etc/cyrus-client.keytab"
}

private /var/lib /var/spool
servers_kdc
ok "doc/clients.md: a replica of Cyrus IMAP" make_replica
ok "doc/clients.md: sync_client" replicates
ok "sync_client: without a keytab" without_keytab
done_testing
