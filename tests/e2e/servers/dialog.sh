# SPDX-License-Identifier: BSD-3-Clause
# dialog.sh - a login at a mail server line by line, for tickets that are too
# large for the buffers of imtest and smtptest; sourced after common.sh.
#
#	dialog imap|smtp MECHANISM COMMAND...
#
# as alice (COMMAND, env ..., goes before tests/peers/peer). Prints the server's
# final word; true if that is yes.
#
# shellcheck shell=bash

dialog_line() { # -> $line, without its end
	IFS= read -r -t 20 line <&"$server" && line=${line%$'\r'}
}

dialog_send() {
	printf '%s\r\n' "$1" >&"$server"
}

# The greeting, and up to where the mechanism is named.
dialog_open() { # PROTOCOL MECHANISM
	case $1 in
	imap)
		exec {server}<>/dev/tcp/mail.example.test/143
		dialog_line && dialog_send "a AUTHENTICATE $2"
		;;
	smtp)
		exec {server}<>/dev/tcp/mail.example.test/25
		dialog_line && dialog_send "EHLO mail.example.test"
		while dialog_line && [ "${line:3:1}" = - ]; do :; done
		dialog_send "AUTH $2"
		;;
	esac
}

dialog() {
	local protocol=$1 mechanism=$2 server client line
	shift 2
	coproc PEER { as_user alice "$@" "$BUILDDIR/tests/peers/peer" client path="$PLUGINS" mech="$mechanism" \
		service="$protocol" host=mail.example.test plain=1 initial=0 2>/dev/null; }
	client=$PEER_PID
	dialog_open "$protocol" "$mechanism"
	while dialog_line && [[ $line =~ ^(\+|334)\ ?(.*)$ ]]; do
		echo "${BASH_REMATCH[2]}" >&"${PEER[1]}"
		IFS= read -r -t 20 line <&"${PEER[0]}" || line= # it has ended, content
		dialog_send "${line/!/*}"
	done
	exec {server}>&-
	kill "$client" 2>/dev/null
	echo "${line:0:200}"
	[[ $line =~ ^(a\ OK|235) ]]
}
