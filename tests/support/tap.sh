# SPDX-License-Identifier: BSD-3-Clause
# tap.sh - what the tests in shell share; they source it as their first step.
#
# Gives SRCDIR, BUILDDIR, KERBEROS5_MODULE_DIR (where libkerberos5.so lies) and
# MINT (the minting tool), also to a script that is run by hand in a tree that
# was built in place; and SCRATCH, a folder of the test's own that goes with it.
#
#	ok NAME COMMAND...      a case: COMMAND succeeds; what it printed is shown if not
#	nok NAME COMMAND...     a case: COMMAND fails
#	skip NAME REASON        a case that cannot run here
#	skip_all REASON         ends a test none of whose cases can
#	done_testing            the last line of every test
#
# shellcheck shell=bash

set -u

SRCDIR=${SRCDIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BUILDDIR=${BUILDDIR:-$SRCDIR}
KERBEROS5_MODULE_DIR=${KERBEROS5_MODULE_DIR:-$BUILDDIR/plugin/.libs}
MINT=${MINT:-$BUILDDIR/tests/tools/mint}
export SRCDIR BUILDDIR KERBEROS5_MODULE_DIR MINT
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/kerberos5-test.XXXXXX") || exit 99
trap leave_scratch EXIT

# With KEEP_SCRATCH in the environment it stays, for whoever looks for a fault.
leave_scratch() {
	if [ -n "${KEEP_SCRATCH:-}" ]; then
		echo "# kept: $SCRATCH"
	else
		rm -rf "$SCRATCH"
	fi
}

tap_cases=0
tap_failures=0

tap_result() { # RESULT NAME [OUTPUT]
	tap_cases=$((tap_cases + 1))
	printf '%s %d - %s\n' "$1" "$tap_cases" "$2"
	if [ "$1" = "not ok" ]; then
		tap_failures=$((tap_failures + 1))
		printf '%s\n' "${3:-}" | LC_ALL=C tr -c '\11\12\40-\176' '?' | sed 's/^/# /'
	fi
}

ok() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		tap_result ok "$name"
	else
		tap_result "not ok" "$name" "exit status $? from: $*
$output"
	fi
}

nok() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		tap_result "not ok" "$name" "no failure from: $*
$output"
	else
		tap_result ok "$name"
	fi
}

skip() {
	tap_result ok "$1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing() {
	echo "1..$tap_cases"
	[ "$tap_cases" -gt 0 ] && [ "$tap_failures" -eq 0 ]
	exit
}
