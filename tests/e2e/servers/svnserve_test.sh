#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Subversion's svnserve and svn. GSSAPI only: its protocol has no word with an underscore.
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/mistakes.sh"
servers_require svnserve:subversion svn:subversion svnadmin:subversion fail2ban-regex:fail2ban

SERVICE=svn/mail.example.test
KEYTAB=/etc/svn.keytab
OWNER=www-data
CLIENT_ADDRESS=192.0.2.1
MECH=GSSAPI
REPOSITORY=/srv/svn/project
URL=svn://mail.example.test/project

make_repositories() {
	empty /srv
	mkdir -p /srv/svn /etc/sasl2
	svnadmin create "$REPOSITORY" && svnadmin create /srv/svn/open && svnadmin create /srv/svn/layers
	printf '[general]\nanon-access = read\n' >/srv/svn/open/conf/svnserve.conf
	chown -R www-data /srv/svn
}

svn_conf() {
	snippet svn-conf | sed "s/^mech_list: .*/mech_list: ${mechanisms:-$MECH}/" >/etc/sasl2/svn.conf
}

# svnserve_start [COMMAND...]
svnserve_start() {
	! is_started svnserve || stop svnserve
	start svnserve "$@" setpriv --reuid www-data --regid www-data --clear-groups \
		svnserve -d --foreground -r /srv/svn
	until_true greets 3690
}

svn_as() { # USER COMMAND (env ...), --, svn's arguments
	local user=$1 before=()
	shift
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
	shift
	run as_user "$user" env KRB5_TRACE=/dev/stderr "${before[@]}" env HOME="$SCRATCH/cc" svn --non-interactive "$@" ||
		{ show_both && false; }
}

log_in() {
	svn_as alice "$@" -- ls "$URL"
}

server_says() {
	logged "svnserve: $2"
}

client_says() {
	case $1 in
	local) shown "[0] 0.0: $2" && shown "svn: E170001: Can't get username or password" ;;
	refused) shown "svn: E170001: SASL authentication error: SASL(-13): authentication failure: $2" ;;
	listed | alone) shown "svn: E170001: Could not obtain the list of SASL mechanisms" ;;
	esac
}

# A repository that everybody may read.
works_besides() {
	as_user bob env HOME="$SCRATCH/cc" svn --non-interactive info svn://mail.example.test/open
}

alone() {
	svnserve_start
}

restore() {
	svn_conf && svnserve_start
}

guide_works() {
	guide svn-keytab && guide_file svn-conf /etc/sasl2/svn.conf &&
		guide_file svn-server "$REPOSITORY/conf/svnserve.conf" &&
		guide_file svn-authz "$REPOSITORY/conf/authz" && svnserve_start &&
		snippet svn-login >"$SCRATCH/login" && run as_user alice env HOME="$SCRATCH/cc" bash -e "$SCRATCH/login" <<<alice &&
		logged "$(snippet svn-login-log)" && recorded /run/svn-kerberos5/rcache2 www-data
}

# The libsasl2 of the server tells the strength.
layer() { # MINIMUM MAXIMUM SSF
	sed "s/^use-sasl.*/&\nmin-encryption = $1\nmax-encryption = $2/" "$REPOSITORY/conf/svnserve.conf" |
		grep -v '^authz-db' >/srv/svn/layers/conf/svnserve.conf
	svn_as alice -- info svn://mail.example.test/layers && logged "$(snippet svn-login-log | sed "s/SSF .*/SSF $3/")"
}

too_strong() {
	! layer 257 300 0 >/dev/null && shown "svn: E170001: Could not obtain the list of SASL mechanisms"
}

underscore() {
	local status
	mechanisms=KERBEROS_V5 svn_conf && svnserve_start && ! log_in && shown "$(snippet svn-underscore)"
	status=$?
	restore
	return "$status"
}

from_list() {
	mechanisms="DIGEST-MD5 CRAM-MD5 PLAIN LOGIN NTLM GSSAPI" svn_conf && svnserve_start && log_in &&
		logged "$(snippet svn-login-log)"
}

may_write() {
	svn_as alice -- mkdir -m made "$URL/a$1" && svn_as bob -- ls "$URL" && shown "a$1/"
}

may_not_write() {
	! svn_as bob -- mkdir -m made "$URL/b" && shown "svn: E170001: Authorization failed"
}

# Both ways, through the layer.
transfer() { # MINIMUM MAXIMUM SSF
	layer "$1" "$2" "$3" >/dev/null && head -c 10000000 /dev/urandom >"$SCRATCH/cc/file" && rm -f "$SCRATCH/cc/back" &&
		svn_as alice -- import -m "$3" "$SCRATCH/cc/file" "svn://mail.example.test/layers/file$1$2" &&
		svn_as alice -- export "svn://mail.example.test/layers/file$1$2" "$SCRATCH/cc/back" &&
		cmp "$SCRATCH/cc/file" "$SCRATCH/cc/back"
}

parallel() { # COUNT
	at_once "$1" env HOME="$SCRATCH/cc" svn --non-interactive info "$URL" && all_printed "$1" "URL: $URL"
}

large_ticket() {
	minted --ticket-size 49152 && log_in "${use_minted[@]}"
}

peers() { # WHAT
	ok "$1: a login" log_in
	ok "$1: writing" may_write "$2"
}

make_repositories
servers_kdc svn/old.example.test
ok "doc/servers.md: a login" guide_works
fresh_ticket bob
ok "GSSAPI: the only one in the list" log_in
ok "GSSAPI: no layer" layer 0 0 0
ok "GSSAPI: integrity" layer 1 1 1
ok "GSSAPI: confidentiality demanded" layer 256 256 256
ok "GSSAPI: more than there is" too_strong
ok "GSSAPI: writing" may_write 1
ok "GSSAPI: and without leave" may_not_write
ok "GSSAPI: ten million octets each way, confidential" transfer 256 256 256
ok "GSSAPI: ten million octets each way, integrity" transfer 1 1 1
ok "GSSAPI: 200 logins in parallel" parallel 200
ok "GSSAPI: a ticket of 48 KiB" large_ticket
ok "GSSAPI: chosen for its strength" from_list
restore
ok "KERBEROS_V5 has an underscore" underscore
mistakes
ok "the filter for fail2ban finds who was refused" filter_counts
fresh_ticket bob
client_plugins=("${cyrus_plugins[@]}")
peers "the client has Cyrus' GSSAPI" 2
client_plugins=()
svnserve_start "${cyrus_plugins[@]}"
peers "svnserve has Cyrus' GSSAPI" 3
done_testing
