# SPDX-License-Identifier: BSD-3-Clause
# common.sh - a machine of its own for a test of a real server; sourced first.
#
# The test runs once more as root in namespaces of its own (mounts, network,
# processes, host name). What it then writes to /etc, /var, /run and /dev is
# seen by nobody else and gone with it, and so are its processes; the standard
# ports cannot collide. So a server runs there with the paths, users and ports
# that an administrator finds, set up by the very words of doc/servers.md.
#
# tap.sh and kdc.sh are sourced by this file. Then there are
#
#	servers_require PROGRAM:PACKAGE... skips the whole test where a program is missing
#	servers_kdc PRINCIPAL...  starts a KDC for EXAMPLE.TEST with alice, bob and these;
#	                          "kadmin" then speaks to its database
#	snippet NAME              prints the block of doc/servers.md or doc/clients.md under
#	                          "<!-- NAME -->"
#	guide NAME                runs it, as root
#	guide_file NAME FILE      writes it to FILE
#	recorded FILE USER      is FILE, in a folder of USER's alone, a replay cache with a login?
#	as_user USER COMMAND...   as that user, with the user's credential cache
#	client_plugins=("${cyrus_plugins[@]}")  has as_user run clients with Debian's SASL
#	                          plug-ins (GSSAPI among them) in place of ours; servers the
#	                          same, with "start NAME "${cyrus_plugins[@]}" COMMAND..."
#	start NAME COMMAND...     runs a server in the background; its output is in the log
#	stop NAME                 ends it, by its process id
#	greets PORT             does a server at this host answer who connects there?
#	loads PID               has that process our module, and not Cyrus' GSSAPI?
#	until_true COMMAND...     repeats it, for half a minute at most
#
# A cell looks at both sides of one login:
#
#	run COMMAND...            runs the client; what it prints is kept, true if it succeeded
#	shown TEXT                did the client print this line, whole?
#	logged TEXT               did the server log this since "run"? waits for it
#	printed TEXT             did it print this, in a line with more?
#	begun TEXT               did it print a line that begins with these words?
#	cyrus_client PROGRAM COMMAND... -- ARGUMENT...
#	                          runs one of Cyrus' (by "env ..." and the like), of $user or
#	                          alice, with what $commands has for its input; its exit status
#	                          tells nothing
#	at_once COUNT COMMAND... as many clients of alice's at the same time
#	all_printed COUNT TEXT   did each of them print this line?
#	not_logged TEXT
#
#	filter_counts           does the manual's filter for fail2ban find each login that
#	                        the server has refused so far, as $CLIENT_ADDRESS's, and no other?
#
# Names of hosts: mail.example.test (this one) and ldap.example.test, each with
# an address of its own.
#
# shellcheck shell=bash

# ---- on the machine: into the namespaces ----

if [ -z "${SERVERS_OUTSIDE:-}" ]; then
	. "$(dirname "${BASH_SOURCE[0]}")/../../support/tap.sh"
	[ -z "${SANITIZER_PRELOAD:-}" ] || skip_all "servers that drop privileges load no sanitizer"
	[ "$(id -u)" -eq 0 ] || skip_all "only root can make a namespace in which servers change users"
	for program in unshare:util-linux ip:iproute2; do
		command -v "${program%:*}" >/dev/null || skip_all "missing: $program"
	done
	servers_unshare=(unshare --mount --net --pid --uts --ipc --fork --kill-child=TERM)
	"${servers_unshare[@]}" true 2>/dev/null || skip_all "this machine allows no namespaces"
	SERVERS_OUTSIDE=$(readlink /proc/self/ns/mnt) SERVERS_SCRATCH=$SCRATCH \
		"${servers_unshare[@]}" bash "$0" "$@"
	exit
fi

# ---- inside ----

if [ "$SERVERS_OUTSIDE" = "$(readlink /proc/self/ns/mnt)" ]; then
	echo "Bail out! not in a namespace: nothing here may be changed"
	exit 99
fi
mount --make-rprivate / && mount -t proc proc /proc || exit 99
# In memory, and gone with the namespace however the test ends, unless it is to be kept.
if [ -n "${KEEP_SCRATCH:-}" ]; then
	chmod 755 "$SERVERS_SCRATCH"
else
	mount -t tmpfs -o mode=755 tmpfs "$SERVERS_SCRATCH" || exit 99
fi
export TMPDIR=$SERVERS_SCRATCH
. "$(dirname "${BASH_SOURCE[0]}")/../../support/tap.sh"
. "$SRCDIR/tests/e2e/kdc.sh"
trap - EXIT # the namespace goes, and all in it
chmod 755 "$SCRATCH"
mkdir -m 1777 "$SCRATCH/cc"
unset TMPDIR

GUIDES=("$SRCDIR/doc/servers.md" "$SRCDIR/doc/clients.md")
SYSLOG=$SCRATCH/syslog
PLUGINS=$(echo /usr/lib/*/sasl2)
CLIENT_OUT=$SCRATCH/client.out
unset KRB5_CONFIG KRB5CCNAME SASL_PATH SASL_CONF_PATH

# A copy of DIR takes its place.
private() {
	local dir copy
	for dir; do
		copy=$SCRATCH/private$dir
		mkdir -p "${copy%/*}" && cp -a "$dir" "$copy" && mount --bind "$copy" "$dir" || exit 99
	done
}

empty() {
	local dir
	for dir; do
		mount -t tmpfs -o mode="$(stat -c %a "$dir")" tmpfs "$dir" || exit 99
	done
}

servers_devices() {
	local device
	mkdir "$SCRATCH/dev" "$SCRATCH/dev/shm" && mknod -m 666 "$SCRATCH/dev/ptmx" c 5 2
	for device in null zero full random urandom tty; do
		: >"$SCRATCH/dev/$device" && mount --bind "/dev/$device" "$SCRATCH/dev/$device" || exit 99
	done
	ln -s /proc/self/fd "$SCRATCH/dev/fd"
	ln -s /proc/self/fd/2 "$SCRATCH/dev/stderr"
	mount --rbind "$SCRATCH/dev" /dev || exit 99
}

servers_network() {
	ip link set lo up
	ip address add 192.0.2.1/32 dev lo
	ip address add 192.0.2.2/32 dev lo
	printf '%s\n' '127.0.0.1 localhost' '192.0.2.1 mail.example.test' \
		'192.0.2.2 ldap.example.test' >/etc/hosts
	echo 'hosts: files' >"$SCRATCH/nsswitch"
	sed '/^hosts:/d' /etc/nsswitch.conf >>"$SCRATCH/nsswitch"
	cat "$SCRATCH/nsswitch" >/etc/nsswitch.conf
	: >/etc/resolv.conf
	hostname mail.example.test
}

# "ours" has what Debian installs but its GSSAPI, and our module.
servers_plugins() {
	mkdir "$SCRATCH/plugins"
	cp -a "$PLUGINS" "$SCRATCH/plugins/cyrus" && cp -a "$PLUGINS" "$SCRATCH/plugins/ours" || exit 99
	rm -f "$SCRATCH"/plugins/*/libkerberos5.so "$SCRATCH"/plugins/ours/lib{gssapiv2,gs2}.so*
	cp "$KERBEROS5_MODULE_DIR/libkerberos5.so" "$SCRATCH/plugins/ours" || exit 99
	mount --bind "$SCRATCH/plugins/ours" "$PLUGINS" || exit 99
}

# shellcheck disable=SC2016,SC2034  # its own arguments; tests use it
cyrus_plugins=(unshare --mount bash -c 'mount --bind "$0" "$1" && shift && exec "$@"'
	"$SCRATCH/plugins/cyrus" "$PLUGINS")
client_plugins=()

servers_require() {
	kdc_require saslpluginviewer:sasl2-bin "$@"
}

# ---- its services: a log and a KDC ----

until_true() {
	local until=$((SECONDS + 40))
	while [ $SECONDS -lt $until ]; do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	"$@"
}

# Cells run in shells of their own, so that files remember which process it is.
start() {
	local name=$1
	shift
	{ exec "$@"; } >>"$SYSLOG" 2>&1 </dev/null &
	echo $! >"$SCRATCH/pids/$name"
}

# A process whose first thread has ended is a zombie as well, and may still have its sockets.
is_gone() {
	local pid=$1 state threads
	state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
	threads=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
	[ -z "$state" ] || { [ "$state" = Z ] && [ "$threads" -le 1 ]; }
}

# Does a server greet whoever connects? One that does has done what it does first.
greets() { # PORT
	(exec 3<>"/dev/tcp/mail.example.test/$1" && read -r -t 10 -N 1 _ <&3)
}

stop() {
	local pid
	pid=$(cat "$SCRATCH/pids/$1") && rm "$SCRATCH/pids/$1" && kill "$pid" 2>/dev/null
	until_true is_gone "$pid"
}

loads() {
	grep -q 'libkerberos5\.so' "/proc/$1/maps" && ! grep 'libgssapiv2' "/proc/$1/maps"
}

is_started() {
	[ -e "$SCRATCH/pids/$1" ]
}

stop_all() {
	local file
	for file in "$SCRATCH"/pids/*; do
		stop "${file##*/}"
	done
	kdc_stop
}

servers_log() {
	mkdir "$SCRATCH/pids"
	: >"$SYSLOG"
	start log "$BUILDDIR/tests/tools/syslog_sink" /dev/log
	until_true test -S /dev/log
}

# Where there is no systemd, what it makes of the lines that the guide has.
servers_tmpfiles() {
	mkdir -p /etc/tmpfiles.d
	command -v systemd-tmpfiles >/dev/null && return
	cat >"$SCRATCH/bin/systemd-tmpfiles" <<-'END'
		#!/bin/sh
		umask 022
		[ "$1" = --create ] && while read -r type path mode user group; do
			[ "$type" = d ] && mkdir -p "${path%/*}" &&
				install -d -m "$mode" -o "$user" -g "$group" "$path" || exit
		done <"/etc/tmpfiles.d/$2"
	END
	chmod 755 "$SCRATCH/bin/systemd-tmpfiles"
}

servers_kdc() {
	local principal
	kdc_start EXAMPLE.TEST
	{
		echo "addprinc -pw alice alice"
		echo "addprinc -pw bob bob"
		for principal; do
			echo "addprinc -randkey $principal"
		done
	} | kdc_admin EXAMPLE.TEST
	# shellcheck disable=SC2119
	kdc_client_conf >/etc/krb5.conf
	chmod 644 /etc/krb5.conf
	mkdir "$SCRATCH/bin"
	cat >"$SCRATCH/bin/kadmin" <<-END
		#!/bin/sh
		export KRB5_CONFIG=$KDC_DIR/krb5.conf KRB5_KDC_PROFILE=$KDC_DIR/kdc.conf
		exec kadmin.local -r EXAMPLE.TEST "\$@"
	END
	chmod 755 "$SCRATCH/bin/kadmin"
	servers_tmpfiles
	PATH=$SCRATCH/bin:$PATH
	trap stop_all EXIT
}

# ---- the guide ----

snippet() {
	awk -v mark="<!-- $1 -->" '
		$0 == mark { found = 1; next }
		found && /^```/ { if (open) exit; open = 1; next }
		open { print; any = 1 }
		END { exit !any }' "${GUIDES[@]}" || { echo "no snippet $1 in ${GUIDES[*]}" >&2 && echo "NO SNIPPET" && false; }
}

guide() {
	snippet "$1" >"$SCRATCH/snippet" && bash -e "$SCRATCH/snippet"
}

guide_file() {
	mkdir -p "${2%/*}" && snippet "$1" >"$2"
}

recorded() {
	[ -s "$1" ] && [ "$(stat -c '%U %a' "$1")" = "$2 600" ] &&
		[ "$(stat -c '%U %a' "${1%/*}")" = "$2 700" ] && [ -z "$(ls /var/tmp)" ] && return
	ls -la "${1%/*}" /var/tmp
	return 1
}

# ---- a client ----

as_user() {
	local user=$1
	shift
	KRB5CCNAME=FILE:$SCRATCH/cc/$user "${client_plugins[@]}" timeout "${client_seconds:-30}" setpriv --reuid "$user" --regid "$user" --clear-groups \
		env "USER=$user" "LOGNAME=$user" HOME=/ "$@"
}

run() {
	LOG_START=$(stat -c %s "$SYSLOG")
	: >"$CLIENT_OUT"
	chmod 666 "$CLIENT_OUT" # for KRB5_TRACE=/dev/stderr
	"$@" >>"$CLIENT_OUT" 2>&1
}

# What differs from run to run: processes, connections, versions of keys, times, folders.
same_always() {
	sed -E "s/\r$//; s,$SCRATCH/cc/[a-z.]+,/tmp/krb5cc_2001,g
		"'s/\[[0-9]+\]/[N]/g; s/conn=[0-9]+/conn=N/g; s/kvno [0-9]+/kvno N/g
		s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/DATE/g; s/^(\[N\]) [0-9.]+:/\1 TIME:/; s/( min) [0-9]+ s/\1/g'
}

show_both() {
	echo "--- the client printed"
	cut -c 1-1000 "$CLIENT_OUT"
	echo "--- the server logged"
	tail -c +$((LOG_START + 1)) "$SYSLOG" | cut -c 1-1000
}

shown() {
	same_always <"$CLIENT_OUT" | grep -aqxF -e "$(same_always <<<"$1")" && return
	echo "not printed by the client: $1"
	show_both
	return 1
}

# TEXT anywhere in what the client printed.
printed() {
	grep -aqF -e "$1" "$CLIENT_OUT" && return
	echo "not printed by the client: $1"
	show_both
	return 1
}

# A line of these words, or one that goes on after them and a blank.
begun() {
	same_always <"$CLIENT_OUT" | grep -aqE "^$1( |\$)" && return
	echo "not printed by the client: $1 ..."
	show_both
	return 1
}

# Clients that run all at once: does each end, and does each print TEXT?
at_once() { # COUNT COMMAND...
	local n count=$1 pids=() client_seconds=120
	shift
	rm -f "$SCRATCH"/parallel.*
	for ((n = 0; n < count; n++)); do
		as_user alice "$@" >"$SCRATCH/parallel.$n" 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
}

cyrus_client() {
	local program=$1 before=()
	shift
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
	shift
	run as_user "${user:-alice}" env KRB5_TRACE=/dev/stderr "${before[@]}" "$program" "$@" \
		mail.example.test <"${commands:-/dev/null}"
}

all_printed() { # COUNT TEXT
	local printed
	printed=$(grep -lxaF -e "$2" "$SCRATCH"/parallel.* | wc -l)
	[ "$printed" -eq "$1" ] && return
	echo "of $1 clients $printed printed $2; of the others, one:"
	grep -LxaF -e "$2" "$SCRATCH"/parallel.* | head -n 1 | xargs cut -c 1-1000
	return 1
}

in_log() {
	tail -c +$((LOG_START + 1)) "$SYSLOG" | same_always | grep -aqF -e "$(same_always <<<"$1")"
}

logged() {
	until_true in_log "$1" && return
	echo "not logged by the server: $1"
	show_both
	return 1
}

not_logged() {
	logger -p auth.debug "everything before this is there" &&
		logged "everything before this is there" && ! in_log "$1" && return
	echo "logged by the server: $1"
	show_both
	return 1
}

# A syslogd puts time and host before what programs say.
with_head() {
	sed "s/^/$(date '+%b %e %T') mail /"
}

# The last two lines are what clients may have the server write: of an unknown address, and
# a service's name that quotes a line.
filter_counts() {
	local filter=/etc/fail2ban/filter.d/libkerberos5.conf refused line
	sed -n '/^\.\\" fail2ban$/,/^\.Ed/p' "$SRCDIR/doc/libkerberos5.5" | sed '/^\./d; s/\\e/\\/g' >"$filter"
	with_head <"$SYSLOG" >"$SCRATCH/fail2ban.log"
	refused=$(grep -ac 'login refused from ' "$SCRATCH/fail2ban.log")
	line=$(grep -am 1 'login refused from ' "$SCRATCH/fail2ban.log")
	# shellcheck disable=SC2001  # with a group
	{
		sed 's/ refused from .*/ refused: the ticket is for GSSAPI: login refused from 198.51.100.9: x/' <<<"$line"
		sed "s/\(.* refused from \).*/\1$CLIENT_ADDRESS (a) b@R): from 198.51.100.9: GSSAPI: login refused from 198.51.100.9: x/" <<<"$line"
	} >>"$SCRATCH/fail2ban.log"
	fail2ban-regex -o '<ip>' "$SCRATCH/fail2ban.log" "$filter" >"$SCRATCH/fail2ban.found"
	echo "of $refused: $(sort "$SCRATCH/fail2ban.found" | uniq -c)"
	[ "$refused" -gt 0 ] && [ "$(grep -cx "$CLIENT_ADDRESS" "$SCRATCH/fail2ban.found")" -eq $((refused + 1)) ] &&
		! grep -vx "$CLIENT_ADDRESS" "$SCRATCH/fail2ban.found"
}

exec </dev/null
private /etc
empty /run /var/tmp
servers_devices
servers_network
servers_plugins
groupadd -g 2001 alice && useradd -M -u 2001 -g 2001 alice &&
	groupadd -g 2002 bob && useradd -M -u 2002 -g 2002 bob || exit 99
trap stop_all EXIT
servers_log
