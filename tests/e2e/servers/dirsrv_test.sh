#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# 389 Directory Server: a consumer at which users and the supplier's replication log in.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
servers_require dscreate:389-ds-base ns-slapd:389-ds-base ldapwhoami:ldap-utils

# lib389 starts its servers itself where there is no systemd.
make_folders() {
	private /var/lib /usr/share/dirsrv/inf
	empty /var/log
	chmod 1777 /dev/shm
	install -d -o dirsrv -g dirsrv /var/log/dirsrv /run/lock/dirsrv /run/dirsrv
	sed -i 's/^with_systemd.*/with_systemd = 0/' /usr/share/dirsrv/inf/defaults.inf
}

make_instance() { # NAME HOST PORT
	cat >"$SCRATCH/$1.inf" <<-END
		[general]
		config_version = 2
		full_machine_name = $2
		start = False
		systemd = False
		selinux = False
		strict_host_checking = False
		[slapd]
		instance_name = $1
		port = $3
		secure_port = 0
		self_sign_cert = False
		root_password = secret-of-the-manager
		[backend-userroot]
		sample_entries = no
		suffix = dc=example,dc=test
		create_suffix_entry = True
	END
	dscreate from-file "$SCRATCH/$1.inf"
}

by_root() { # NAME COMMAND...
	local name=$1 command=$2
	shift 2
	"$command" -Q -Y EXTERNAL -H "ldapi://%2Frun%2Fslapd-$name.socket" "$@"
}

ds_start() { # NAME, and its environment
	local name=$1
	shift
	! is_started "$name" || stop "$name"
	start "$name" env "$@" ns-slapd -D "/etc/dirsrv/slapd-$name" -i "/run/dirsrv/slapd-$name.pid" -d 0
	until_true by_root "$name" ldapwhoami
}

make_both() {
	make_instance consumer ldap.example.test 389 && make_instance supplier mail.example.test 1389
}

person() { # UID
	printf 'dn: uid=%s,dc=example,dc=test\nobjectClass: inetOrgPerson\n' "$1"
	printf '%s: %s\n' uid "$1" cn "$1" sn "$1"
}

guide_works() {
	# shellcheck disable=SC2046  # a word for each line
	guide dirsrv-keytab && ds_start consumer $(snippet dirsrv-environment) && guide dirsrv-names &&
		person alice | by_root consumer ldapadd &&
		run as_user alice bash -c "kinit alice && exec ldapwhoami -Y GSSAPI -H ldap://ldap.example.test" <<<alice
	printed "dn: uid=alice,dc=example,dc=test" && recorded /run/dirsrv-kerberos5/rcache2 dirsrv &&
		loads "$(cat "$SCRATCH/pids/consumer")"
}

consumer_has() { # UID
	by_root consumer ldapsearch -LLL -b "uid=$1,dc=example,dc=test" cn
}

# The first entry comes with the whole database, the second by itself.
replicates() {
	# shellcheck disable=SC2046  # a word for each line
	guide dirsrv-client-keytab && ds_start supplier $(snippet dirsrv-client-environment) && guide dirsrv-consumer &&
		person bob | by_root supplier ldapadd && guide dirsrv-supplier && until_true consumer_has bob &&
		person carol | by_root supplier ldapadd && until_true consumer_has carol
}

# By nothing but GSSAPI.
without_keytab() {
	mv /etc/dirsrv/client.keytab /etc/dirsrv/away
	# shellcheck disable=SC2046  # a word for each line
	ds_start supplier $(snippet dirsrv-client-environment) && person dave | by_root supplier ldapadd && until_true bind_failed
}

bind_failed() {
	dsconf supplier repl-agmt status --suffix dc=example,dc=test to-ldap | grep -q 'Last Update Status: .*Local error' &&
		! consumer_has dave
}

make_folders
servers_kdc
ok "389-ds: two servers" make_both
ok "doc/servers.md: 389-ds" guide_works
ok "doc/clients.md: 389-ds replicates" replicates
ok "389-ds: without a client keytab" without_keytab
done_testing
