# SPDX-License-Identifier: BSD-3-Clause
# login.sh - one login from end to end, and what both sides say of it; sourced
# after tap.sh.
#
#	server client           the two programs, as arrays; sasl-sample-server and -client
#	                        if not changed
#	login                   runs them against each other; true if both succeeded
#	fails login             true if they did not
#	says SIDE TEXT          did SIDE (server, client) say so, on standard output or error?
#	says trace TEXT         or the trace that KRB5_TRACE asks for?
#	says_not SIDE TEXT
#	sent SIDE               prints the octets of all its messages
#	steps NUMBERS           were these steps, and no others, taken in this order?
#	configure_server LINE... writes the server's sample.conf anew
#
# Several logins at one server, tests/tools/server, in place of "login":
#
#	stay_start [COMMAND...] starts it (as COMMAND's argument)
#	stay_login CCACHE       has one client log in; true if it did
#	stay_stop               ends it
#
# LOGIN_DIR holds the transcripts, LOGIN_CONF the folder of sample.conf.
#
# shellcheck shell=bash

PATH=$PATH:/usr/sbin:/sbin
LOGIN_DIR=$SCRATCH/login
LOGIN_CONF=$SCRATCH/sasl
mkdir "$LOGIN_DIR" "$LOGIN_CONF"
export SASL_CONF_PATH=$LOGIN_CONF KRB5RCACHENAME=file2:$SCRATCH/rcache

# shellcheck disable=SC2034  # tests read and change them
{
	server=(sasl-sample-server -s imap -p "$KERBEROS5_MODULE_DIR")
	client=(sasl-sample-client -s imap -p "$KERBEROS5_MODULE_DIR" -n mail.example.test)
}

configure_server() {
	printf '%s\n' 'log_level: 4' "$@" >"$LOGIN_CONF/sample.conf"
}

login() {
	rm -f "$LOGIN_DIR"/*
	KRB5_TRACE=$LOGIN_DIR/trace "$SRCDIR/tests/tools/sasl_shuttle.sh" "$LOGIN_DIR" \
		"${server[@]}" -- "${client[@]}" && return
	echo "the login failed"
	login_transcripts
	return 1
}

fails() {
	! "$@" >/dev/null || { echo "no failure of: $*" && login_transcripts && false; }
}

login_transcripts() {
	local file
	for file in "$LOGIN_DIR"/*; do
		[ -s "$file" ] && echo "--- ${file##*/}" && cut -c 1-1000 "$file"
	done
}

login_files() {
	case $1 in
	trace) echo "$LOGIN_DIR/trace" ;;
	*) echo "$LOGIN_DIR/$1.out" "$LOGIN_DIR/$1.err" ;;
	esac
}

# shellcheck disable=SC2046  # the names have no blanks
says() {
	grep -aqF -e "$2" $(login_files "$1") && return
	printf 'not said by %s: %s\n' "$1" "$2"
	login_transcripts
	return 1
}

says_not() {
	! says "$@" >/dev/null || { echo "said by $1: $2" && login_transcripts && false; }
}

sent() {
	local message
	sed -n 's/^[CS]: //p' "$LOGIN_DIR/$1.out" | while read -r message; do
		base64 -d <<<"$message"
	done
}

steps() {
	local taken
	taken=$(sed -n 's/^\[[0-9]*\] [0-9.]*: \([1-6]\): .*/\1/p' "$LOGIN_DIR/trace" | tr -d '\n')
	[ "$taken" = "$1" ] || { echo "steps taken: $taken, expected: $1" && login_transcripts && false; }
}

# Runs a client for each name of a cache that is written to the FIFO "go", and
# writes to "done" how it went.
# shellcheck disable=SC2016  # it is a script
stay_clients='
	exec 3<"$0/go" 4>"$0/done"
	while read -r ccache <&3; do
		echo "C: *"
		if KRB5CCNAME=$ccache "$@"; then
			echo succeeded >&4
		else
			echo "C: *"
			echo failed >&4
		fi
	done'

stay_start() {
	rm -f "$LOGIN_DIR"/*
	mkfifo "$LOGIN_DIR/go" "$LOGIN_DIR/done"
	"$SRCDIR/tests/tools/sasl_shuttle.sh" -t 60 "$LOGIN_DIR" "$@" "$BUILDDIR/tests/tools/server" -- \
		bash -c "$stay_clients" "$LOGIN_DIR" "${client[@]}" &
	stay_pid=$!
	exec 3>"$LOGIN_DIR/go" 4<"$LOGIN_DIR/done"
}

stay_login() {
	local result
	rm -f "$LOGIN_DIR/trace"
	echo "$1" >&3
	read -r -t 20 result <&4
	[ "$result" = succeeded ] || { echo "the login: ${result:-no answer}" && login_transcripts && false; }
}

stay_stop() {
	exec 3>&- 4<&-
	wait "$stay_pid"
}
