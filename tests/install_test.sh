#!/bin/bash
# "make install" installs the module, for programs to load, and nothing else.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/tap.sh"

make_here() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$BUILDDIR" DESTDIR="$SCRATCH/root" "$@"
}

files() {
	find "$SCRATCH/root" ! -type d -printf '%f %m\n'
}

installed() {
	make_here install && [ "$(files)" = "libkerberos5.so 755" ] || { files; false; }
}

nothing_left() {
	make_here uninstall && [ -z "$(files)" ] || { files; false; }
}

ok "make install installs the module and nothing else" installed
ok "make uninstall takes it away" nothing_left
done_testing
