# SPDX-License-Identifier: BSD-3-Clause
# measure.sh - what a login costs that does not depend on what else the machine
# does: instructions of user space (by callgrind), system calls (by strace) and
# memory, of both sides in one process (logins.c). For bash scripts that source
# it behind tests/support/tap.sh.
#
#	measure_realm ENCTYPE     makes a ticket and a key of this type, for what follows
#	measure_missing PROGRAM   says what is missing, if it is; fails if nothing is
#	measure_has MECHANISM WHOSE
#	                          is the mechanism there? WHOSE module: "ours", or
#	                          "theirs", what is in PEER_MODULE_DIR
#	measure_instructions MECHANISM SIDE WHOSE
#	                          SIDE is "client" or "server"; prints
#	                          TOTAL JUDGED OURS LIBCRYPTO LIBC LIBSASL2 OTHERS
#	measure_calls MECHANISM WHOSE
#	                          system calls of a login, without clock_gettime
#	measure_memory MECHANISM WHOSE
#	                          private memory after a hundred logins, in KiB
#
# Instructions and calls are those of a login after the first: the difference of
# two runs of different length. The instructions are the same on every run of one
# machine and release, but for the libraries that choose code by processor.
# libcrypto's choice is pinned, to what valgrind 3.19 knows how to run; libc's is
# not. JUDGED is the total without these two.
#
# shellcheck shell=bash

MEASURE_SHORT=10
MEASURE_LONG=60

measure_realm() {
	export KRB5_CONFIG=$SCRATCH/krb5.conf KRB5_KTNAME=$SCRATCH/keytab
	export KRB5CCNAME=$SCRATCH/ccache KRB5RCACHENAME=file2:$SCRATCH/rcache
	unset KRB5_TRACE
	rm -f "$SCRATCH/keytab" "$SCRATCH/ccache" "$SCRATCH/rcache"
	printf '[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n\tdns_canonicalize_hostname = false
	rdns = false\n\tpermitted_enctypes = %s\n' "$1" >"$KRB5_CONFIG"
	"$MINT" --keytab "$KRB5_KTNAME" --ccache "$KRB5CCNAME" --enctype "$1" \
		--service test/mail.example.test >/dev/null
	# A file that has just been written is read again.
	sleep 0.1
}

measure_missing() {
	command -v "$1" >/dev/null && return 1
	echo "missing: $1 (Debian: $1)"
}

# logins WHOSE COMMAND...: with the modules of one side.
measure_with() {
	local whose=$1
	shift
	if [ "$whose" = ours ]; then
		SASL_PATH=$KERBEROS5_MODULE_DIR "$@"
	else
		SASL_PATH=${PEER_MODULE_DIR:-} "$@"
	fi
}

measure_has() {
	measure_with "$2" "$BUILDDIR/tests/bench/logins" "$1" 1 >/dev/null 2>&1
}

# From one file of callgrind's: each library and what was executed in its own code.
measure_by_object() { # FILE
	awk '
		/^c?ob=/ {
			current = /^ob=/
			sub(/^c?ob=/, "")
			id = $1
			if (NF > 1) { sub(/^[^ ]* /, ""); name[id] = $0 }
			if (current) object = id
			next
		}
		/^calls=/ { getline; next }
		/^[-+*0-9]/ { sum[object] += $2 }
		END { for (id in sum) printf "%s\t%d\n", name[id], sum[id] }' "$1"
}

measure_callgrind() { # COUNT MECHANISM SIDE WHOSE
	OPENSSL_ia32cap='~0x2000000000000000:~0x20000000' measure_with "$4" \
		valgrind --tool=callgrind --callgrind-out-file="$SCRATCH/callgrind.out" \
		--toggle-collect="login_$3_*" "$BUILDDIR/tests/bench/logins" "$2" "$1" \
		>"$SCRATCH/callgrind.log" 2>&1 || { cat "$SCRATCH/callgrind.log" >&2; return 1; }
	measure_by_object "$SCRATCH/callgrind.out"
}

measure_instructions() {
	measure_callgrind $MEASURE_SHORT "$@" >"$SCRATCH/short" &&
		measure_callgrind $MEASURE_LONG "$@" >"$SCRATCH/long" || return
	awk -F'\t' -v logins=$((MEASURE_LONG - MEASURE_SHORT)) '
		function room(path) {
			if (path ~ /libkerberos5/) return "ours"
			if (path ~ /libcrypto/) return "libcrypto"
			if (path ~ /\/(libc|ld-linux[^\/]*)[.-]/) return "libc"
			if (path ~ /libsasl2/) return "libsasl2"
			return "others"
		}
		{ sum[room($1)] += FILENAME ~ /short$/ ? -$2 : $2 }
		END {
			for (each in sum) total += sum[each] /= logins
			printf "%d %d %d %d %d %d %d\n", total, total - sum["libcrypto"] - sum["libc"],
				sum["ours"], sum["libcrypto"], sum["libc"], sum["libsasl2"], sum["others"]
		}' "$SCRATCH/short" "$SCRATCH/long"
}

measure_strace() { # COUNT MECHANISM WHOSE
	measure_with "$3" strace -f -e 'trace=!clock_gettime' -o "$SCRATCH/calls" \
		"$BUILDDIR/tests/bench/logins" "$2" "$1" >/dev/null || return
	wc -l <"$SCRATCH/calls"
}

measure_calls() {
	local short long
	short=$(measure_strace $MEASURE_SHORT "$@") && long=$(measure_strace $MEASURE_LONG "$@") || return
	awk -v calls=$((long - short)) -v logins=$((MEASURE_LONG - MEASURE_SHORT)) \
		'BEGIN { printf "%.1f\n", calls / logins }'
}

measure_memory() {
	measure_with "$2" "$BUILDDIR/tests/bench/logins" "$1" 100
}
