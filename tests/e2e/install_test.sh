#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# "make install" installs the module, for programs to load, and all of doc/, and nothing else.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"

make_here() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$BUILDDIR" DESTDIR="$SCRATCH/root" "$@"
}

files() {
	find "$SCRATCH/root" ! -type d -printf '%f %m\n' | LC_ALL=C sort
}

# leaves FILES COMMAND...: so that these are there after it.
leaves() {
	local expected=$1
	shift
	"$@" || return
	files
	[ "$(files)" = "$expected" ]
}

# What has to be there: the manual is of doc/ too.
installed() {
	{
		find "$SRCDIR/doc" -type f -printf '%f 644\n'
		echo "libkerberos5.so 755"
	} | LC_ALL=C sort
}

ok "make install installs the module, all of doc/ and nothing else" \
	leaves "$(installed)" make_here install
ok "make uninstall takes it away" leaves "" make_here uninstall
done_testing
