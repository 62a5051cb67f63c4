# SPDX-License-Identifier: BSD-3-Clause
# kdc.sh - a throw-away MIT KDC for tests in shell; sourced after tap.sh.
#
#	kdc_require PROGRAM...  skips the whole test where MIT's programs, or these, are missing
#	kdc_start REALM...      makes the realms' databases and runs the KDC that serves them
#	kdc_admin REALM         runs the commands of kadmin.local on standard input
#	kdc_restart             with a krb5.conf of its own that was changed
#	kdc_client_conf [TYPES] prints a krb5.conf by which the KDC is found, and with these
#	                        permitted_enctypes (all six)
#	kdc_udp=yes             before kdc_start: UDP too
#	kdc_lines=TEXT          likewise: these lines in each realm of its configuration
#	kdc_also=ADDRESS        likewise: at that address too, which has to be the test's own
#	ticket USER SERVICE...  has USER (NAME or NAME@REALM) log in and get these tickets
#
# KDC_DIR, in SCRATCH, holds all its files: kdc.log, krb5.conf (its own) and the
# databases. The user's password is the user's name.
#
# The KDC cannot be taken for another's: it listens on loopback only, at an
# address made of our own process id. It ends with the test, however that ends.
#
# shellcheck shell=bash

PATH=$PATH:/usr/sbin:/sbin
KDC_DIR=$SCRATCH/kdc
kdc_address=127.$((($$ >> 16) % 200 + 50)).$((($$ >> 8) & 255)).$(($$ & 255))
kdc_port=
kdc_udp=
kdc_also=
kdc_lines=
kdc_pid=
kdc_realms=()
export LC_ALL=C TZ=UTC
unset KRB5_KTNAME KRB5_CLIENT_KTNAME KRB5_KDC_PROFILE KRB5_TRACE

kdc_require() {
	local program missing=()
	for program in krb5kdc:krb5-kdc kdb5_util:krb5-kdc kadmin.local:krb5-admin-server \
		kinit:krb5-user kvno:krb5-user klist:krb5-user setpriv:util-linux "$@"; do
		command -v "${program%:*}" >/dev/null ||
			missing+=("${program%:*} (Debian: ${program#*:})")
	done
	[ ${#missing[@]} -eq 0 ] || skip_all "missing: ${missing[*]}"
}

# With the KDC's configuration. What is said goes to a log.
kdc_tool() {
	KRB5_CONFIG=$KDC_DIR/krb5.conf KRB5_KDC_PROFILE=$KDC_DIR/kdc.conf "$@" \
		>>"$KDC_DIR/tools.log" 2>&1
}

kdc_fail() {
	echo "Bail out! $*"
	sed 's/^/# /' "$KDC_DIR"/*.log
	exit 99
}

kdc_write_conf() {
	local realm addresses="$kdc_address:$kdc_port${kdc_also:+ $kdc_also:$kdc_port}"
	cat <<-END
		[kdcdefaults]
			kdc_listen = "${kdc_udp:+$addresses}"
			kdc_tcp_listen = "$addresses"
		[logging]
			kdc = FILE:$KDC_DIR/kdc.log
			default = FILE:$KDC_DIR/kdc.log
		[realms]
	END
	for realm in "${kdc_realms[@]}"; do
		cat <<-END
			$realm = {
				database_name = $KDC_DIR/$realm.db
				key_stash_file = $KDC_DIR/$realm.stash
				supported_enctypes = aes256-cts:normal aes128-cts:normal aes256-sha2:normal aes128-sha2:normal camellia256-cts:normal camellia128-cts:normal
				reject_bad_transit = false
				$kdc_lines
			}
		END
	done
}

# shellcheck disable=SC2120  # the tests pass types
kdc_client_conf() {
	local realm
	cat <<-END
		[libdefaults]
			default_realm = ${kdc_realms[0]}
			permitted_enctypes = ${1:-aes camellia}
			dns_lookup_kdc = false
			dns_lookup_realm = false
			dns_canonicalize_hostname = false
			${kdc_udp:+#}udp_preference_limit = 1
		[realms]
	END
	for realm in "${kdc_realms[@]}"; do
		printf '\t%s = {\n\t\tkdc = %s:%s\n\t}\n' "$realm" "$kdc_address" "$kdc_port"
	done
}

# It says "commencing operation" when it is ready. False where the port is in use.
kdc_run() {
	local tries
	: >"$KDC_DIR/kdc.log"
	# If we are killed it is too; and by the time, if our parent cannot be watched.
	kdc_tool exec setpriv --pdeathsig TERM timeout 300 krb5kdc -n "${kdc_realms[@]/#/-r}" &
	kdc_pid=$!
	for ((tries = 0; tries < 200; tries++)); do
		grep -q 'commencing operation' "$KDC_DIR/kdc.log" && return
		kill -0 "$kdc_pid" 2>/dev/null || break
		sleep 0.05
	done
	kdc_stop
	return 1
}

kdc_stop() {
	[ -n "$kdc_pid" ] || return
	kill "$kdc_pid" 2>/dev/null
	wait "$kdc_pid"
	kdc_pid=
}

kdc_start() {
	local realm attempt
	trap 'kdc_stop; leave_scratch' EXIT
	mkdir "$KDC_DIR"
	kdc_realms=("$@")
	for attempt in 1 2 3 4 5; do
		kdc_port=$((10000 + RANDOM % 20000))
		kdc_write_conf >"$KDC_DIR/kdc.conf"
		# shellcheck disable=SC2119
		kdc_client_conf >"$KDC_DIR/krb5.conf"
		if [ "$attempt" -eq 1 ]; then
			for realm; do
				kdc_tool kdb5_util -r "$realm" create -s -P master ||
					kdc_fail "no database for $realm"
			done
		fi
		kdc_run && return
	done
	kdc_fail "the KDC does not start"
}

kdc_restart() {
	kdc_stop
	kdc_run || kdc_fail "the KDC does not start again"
}

# kadmin.local's exit status does not tell that a command failed, "... while ..." does.
kdc_admin() {
	: >"$KDC_DIR/tools.log"
	if ! kdc_tool kadmin.local -r "$1" || grep -q ' while ' "$KDC_DIR/tools.log"; then
		kdc_fail "kadmin.local for $1"
	fi
}

ticket() {
	local user=$1 name=${1%@*}
	shift
	echo "$name" | kinit "$user" && kvno -q "$@"
}
