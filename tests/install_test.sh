#!/bin/bash
# "make install" installs the module, for programs to load, and its manual, and nothing else.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/tap.sh"

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

ok "make install installs the module, its manual and nothing else" leaves "libkerberos5.5 644
libkerberos5.so 755" make_here install
ok "make uninstall takes it away" leaves "" make_here uninstall
done_testing
