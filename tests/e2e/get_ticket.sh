# SPDX-License-Identifier: BSD-3-Clause
# get_ticket.sh - what the tests of tests/tools/get_ticket share; sourced after tap.sh.
#
#	gets LINE... -- OPTION...    get_ticket with these options succeeds, and each LINE is
#	                             in what it prints, by the beginning
#	refused TEXT OPTION...       it fails, with this sentence or the beginning of it
#	asked TEXT                   the last one asked so (the beginning of a line of its trace)
#	not_asked TEXT
#
# What the last one said is in $SCRATCH/tickets and $SCRATCH/trace.
#
# shellcheck shell=bash

GET_TICKET=$BUILDDIR/tests/tools/get_ticket
export KRB5_CONFIG=$SCRATCH/krb5.conf LC_ALL=C
unset KRB5_CLIENT_KTNAME KRB5_KTNAME KRB5CCNAME KRB5_TRACE

get_ticket() {
	timeout 60 "$GET_TICKET" "$@" >"$SCRATCH/tickets" 2>"$SCRATCH/trace"
}

get_ticket_show() {
	cat "$SCRATCH/tickets" "$SCRATCH/trace"
	false
}

# begins FILE TEXT
begins() {
	awk -v text="$2" 'index($0, text) == 1 { found = 1 } END { exit !found }' "$1"
}

gets() {
	local line lines=()
	while [ "$1" != -- ]; do
		lines+=("$1")
		shift
	done
	shift
	get_ticket "$@" || get_ticket_show || return
	for line in "${lines[@]}"; do
		begins "$SCRATCH/tickets" "$line" || { echo "missing: $line" && get_ticket_show; } || return
	done
}

refused() {
	local text=$1
	shift
	if get_ticket "$@"; then
		echo "not refused" && get_ticket_show
	else
		begins "$SCRATCH/trace" "get_ticket: $text" || { echo "missing: $text" && get_ticket_show; }
	fi
}

asked() {
	begins "$SCRATCH/trace" "$1" || { echo "not asked: $1" && get_ticket_show; }
}

not_asked() {
	! begins "$SCRATCH/trace" "$1" || { echo "asked: $1" && get_ticket_show; }
}
