#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# sasl_shuttle.sh - lets a server and a client that speak lines on standard
# input and output, as sasl-sample-server and sasl-sample-client do, speak to
# each other.
#
#	sasl_shuttle.sh [-t SECONDS] [-j] DIR SERVER [ARG...] -- CLIENT [ARG...]
#
# Lines of the server that begin with "S: " go to the client, lines of the
# client that begin with "C: " to the server; what else they say stays in the
# transcripts. DIR, which has to exist, then holds for each side
#
#	server.out  client.out        standard output, whole
#	server.err  client.err        standard error; with -j both go to ours
#	server.status  client.status  exit status; 124: ended after SECONDS (default 20)
#
# Exit status 0 if both ended with 0, 1 if not, 2 for a wrong call. Either
# side ends by itself once the other is gone: its input ends.
#
# The sample programs do not flush a standard output that is a pipe, so that
# stdbuf has to make it line-buffered. In a build with sanitizers,
# SANITIZER_PRELOAD names the library that the programs, which were built
# without, have to load before the module; leaks are not looked for, since the
# sample programs themselves have some.

set -u
export LC_ALL=C

usage() {
	echo "usage: $0 [-t SECONDS] [-j] DIR SERVER [ARG...] -- CLIENT [ARG...]" >&2
	exit 2
}

seconds=20
join=no
while getopts t:j option; do
	case $option in
	t) seconds=$OPTARG ;;
	j) join=yes ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -lt 1 ] || [ ! -d "$1" ]; then
	usage
fi
dir=$1
shift

server=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	server+=("$1")
	shift
done
if [ $# -lt 2 ] || [ ${#server[@]} -eq 0 ]; then
	usage
fi
shift
client=("$@")

# The programs may print octets of the exchange, so that grep -a is needed.
side() { # NAME LETTER COMMAND...
	local name=$1 letter=$2
	shift 2
	if [ "$join" = no ]; then
		exec 2>"$dir/$name.err"
	fi
	set -- stdbuf -oL "$@" # which adds to LD_PRELOAD
	if [ -n "${SANITIZER_PRELOAD:-}" ]; then
		set -- env "LD_PRELOAD=$SANITIZER_PRELOAD" \
			"ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" "$@"
	fi
	{
		timeout "$seconds" "$@"
		echo $? >"$dir/$name.status"
	} | tee "$dir/$name.out" | grep -a --line-buffered "^$letter: "
}

rm -f "$dir"/to-server "$dir"/to-client
mkfifo -m 600 "$dir/to-server" "$dir/to-client" || exit 2
# Opening one end waits for the other, so that the order matters.
side server S "${server[@]}" <"$dir/to-server" >"$dir/to-client" &
side client C "${client[@]}" >"$dir/to-server" <"$dir/to-client" &
wait
rm -f "$dir"/to-server "$dir"/to-client

[ "$(cat "$dir/server.status")" = 0 ] && [ "$(cat "$dir/client.status")" = 0 ]
