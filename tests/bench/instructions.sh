# instructions.sh - what a login costs in instructions of user space, counted by
# callgrind as the difference of two run lengths; for bash scripts that source it.
#
# The count is the same on every run of one machine and release, but for the
# libraries that choose code by processor. libcrypto's choice is pinned below, to what
# valgrind 3.19 knows how to run; libc's is not, so that a test judges "judged".
#
#	instructions_missing                 says what is missing; fails if nothing is
#	instructions MECHANISM ENCTYPE SIDE [theirs]
#	                                     SIDE is "client" or "server"; prints
#	                                     TOTAL JUDGED OURS LIBCRYPTO LIBC LIBSASL2 OTHERS
#
# JUDGED is the total without libcrypto and libc.
#
# shellcheck shell=bash

INSTRUCTIONS_SHORT=10
INSTRUCTIONS_LONG=60

instructions_missing() {
	command -v "${VALGRIND:-valgrind}" >/dev/null && return 1
	echo "missing: valgrind (Debian: valgrind)"
}

# From one file of callgrind's: each library and what was executed in its own code.
instructions_by_object() { # FILE
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

instructions_run() { # COUNT MECHANISM ENCTYPE SIDE [theirs]
	local count=$1 mechanism=$2 enctype=$3 side=$4
	shift 4
	env OPENSSL_ia32cap='~0x2000000000000000:~0x20000000' "$BUILDDIR/libtool" --mode=execute \
		"${VALGRIND:-valgrind}" --tool=callgrind --callgrind-out-file="$SCRATCH/callgrind.out" \
		--toggle-collect="login_${side}_*" \
		"$BUILDDIR/tests/bench/logins" "$mechanism" "$enctype" "$count" "$@" \
		>"$SCRATCH/callgrind.log" 2>&1 || { cat "$SCRATCH/callgrind.log" >&2; return 1; }
	instructions_by_object "$SCRATCH/callgrind.out"
}

instructions() { # MECHANISM ENCTYPE SIDE [theirs]
	instructions_run $INSTRUCTIONS_SHORT "$@" >"$SCRATCH/short" &&
		instructions_run $INSTRUCTIONS_LONG "$@" >"$SCRATCH/long" || return
	awk -F'\t' -v logins=$((INSTRUCTIONS_LONG - INSTRUCTIONS_SHORT)) '
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
