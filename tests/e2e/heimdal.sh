# SPDX-License-Identifier: BSD-3-Clause
# heimdal.sh - a throw-away Heimdal KDC for tests in shell; sourced after tap.sh.
#
#	heimdal_require         skips the whole test where Heimdal's programs are missing
#	heimdal_start REALM...  makes a database with these realms and runs the KDC that serves
#	                        them, at $heimdal_address:$heimdal_port by UDP and TCP
#	heimdal_admin REALM WORD...  one command of kadmin for that realm
#	heimdal_restart         with its configuration, $HEIMDAL/kdc.conf, changed
#	heimdal_client_conf     prints a krb5.conf by which the KDC is found
#
# The programs are those installed, or those that ./bootstrap ci unpacked to
# HEIMDAL_KDC_DIR: their packages and MIT's exclude each other.
#
# As with kdc.sh, the KDC listens on loopback only, at an address of our own,
# and ends with the test.
#
# shellcheck shell=bash

PATH=$PATH:/usr/sbin:/sbin
HEIMDAL_KDC_DIR=${HEIMDAL_KDC_DIR:-$BUILDDIR/tests/peers/heimdal-kdc}
HEIMDAL=$SCRATCH/heimdal
heimdal_address=127.$((($$ >> 16) % 200 + 50)).$((($$ >> 8) & 255)).$(($$ & 255))
heimdal_port=
heimdal_pid=
heimdal_realms=()
export LC_ALL=C TZ=UTC

# The first of these paths that there is, below HEIMDAL_KDC_DIR or the root.
heimdal_program() {
	local root path
	for root in "$HEIMDAL_KDC_DIR" ""; do
		for path; do
			[ -x "$root/$path" ] && echo "$root/$path" && return
		done
	done
}

heimdal_kdc=$(heimdal_program usr/lib/heimdal-servers/kdc usr/libexec/kdc usr/sbin/kdc)
heimdal_kadmin=$(heimdal_program usr/bin/kadmin.heimdal)
heimdal_kstash=$(heimdal_program usr/sbin/kstash)
heimdal_libraries=$(find "$HEIMDAL_KDC_DIR" -name 'libkdc.so*' -printf '%h\n' -quit 2>/dev/null)
heimdal_libraries=$heimdal_libraries:${heimdal_libraries/\/usr\/lib//lib}

heimdal_require() {
	if [ -z "$heimdal_kdc" ] || [ -z "$heimdal_kadmin" ] || [ -z "$heimdal_kstash" ]; then
		skip_all "missing: Heimdal's kdc, kadmin.heimdal and kstash (./bootstrap ci)"
	fi
	command -v setpriv >/dev/null || skip_all "missing: setpriv (Debian: util-linux)"
}

heimdal_tool() {
	KRB5_CONFIG=$HEIMDAL/kdc.conf LD_LIBRARY_PATH=$heimdal_libraries "$@" </dev/null \
		>>"$HEIMDAL/tools.log" 2>&1
}

heimdal_fail() {
	echo "Bail out! $*"
	sed 's/^/# /' "$HEIMDAL"/*.log
	exit 99
}

heimdal_client_conf() {
	local realm
	cat <<-END
		[libdefaults]
			default_realm = ${heimdal_realms[0]}
			dns_lookup_kdc = false
			dns_canonicalize_hostname = false
		[realms]
	END
	for realm in "${heimdal_realms[@]}"; do
		printf '\t%s = {\n\t\tkdc = %s:%s\n\t}\n' "$realm" "$heimdal_address" "$heimdal_port"
	done
}

heimdal_write_conf() {
	heimdal_client_conf
	cat <<-END
		[kdc]
			database = {
				dbname = $HEIMDAL/database
				mkey_file = $HEIMDAL/mkey
				acl_file = $HEIMDAL/acl
				log_file = $HEIMDAL/changes
			}
		[kadmin]
			default_keys = aes256-cts-hmac-sha1-96:pw-salt aes128-cts-hmac-sha1-96:pw-salt
		[logging]
			kdc = FILE:$HEIMDAL/kdc.log
			default = FILE:$HEIMDAL/kdc.log
	END
}

heimdal_admin() {
	local realm=$1
	shift
	heimdal_tool "$heimdal_kadmin" -l -c "$HEIMDAL/kdc.conf" -r "$realm" "$@" ||
		heimdal_fail "kadmin for $realm: $*"
}

# It logs the addresses that it listens at when it is ready. False where the port is in use.
heimdal_run() {
	local tries
	: >"$HEIMDAL/kdc.log"
	heimdal_tool exec setpriv --pdeathsig TERM timeout 300 "$heimdal_kdc" \
		--config-file="$HEIMDAL/kdc.conf" --addresses="$heimdal_address" \
		--ports="$heimdal_port" &
	heimdal_pid=$!
	for ((tries = 0; tries < 200; tries++)); do
		[ "$(grep -c 'listening on IPv4' "$HEIMDAL/kdc.log")" -ge 2 ] && return
		kill -0 "$heimdal_pid" 2>/dev/null || break
		sleep 0.05
	done
	heimdal_stop
	return 1
}

heimdal_stop() {
	[ -n "$heimdal_pid" ] || return
	kill "$heimdal_pid" 2>/dev/null
	wait "$heimdal_pid"
	heimdal_pid=
}

heimdal_start() {
	local realm attempt
	trap 'heimdal_stop; leave_scratch' EXIT
	mkdir "$HEIMDAL"
	heimdal_realms=("$@")
	for attempt in 1 2 3 4 5; do
		heimdal_port=$((10000 + RANDOM % 20000))
		heimdal_write_conf >"$HEIMDAL/kdc.conf"
		if [ "$attempt" -eq 1 ]; then
			heimdal_tool "$heimdal_kstash" --random-key --key-file="$HEIMDAL/mkey" ||
				heimdal_fail "kstash"
			for realm; do
				heimdal_admin "$realm" init --realm-max-ticket-life=unlimited \
					--realm-max-renewable-life=unlimited "$realm"
			done
		fi
		heimdal_run && return
	done
	heimdal_fail "the KDC does not start"
}

heimdal_restart() {
	heimdal_stop
	heimdal_run || heimdal_fail "the KDC does not start again"
}
