dnl SPDX-License-Identifier: BSD-3-Clause
dnl k5_needs.m4 - says everything that is missing at once, with the package
dnl that has it, rather than stopping at the first.

dnl K5_MISSING(WHAT, DEBIAN-PACKAGE, FEDORA-PACKAGE)
AC_DEFUN([K5_MISSING], [
k5_missing="$k5_missing
  $1  (Debian: $2, Fedora: $3)"
])

dnl K5_NEED_LIBRARY(PREFIX, PKG-CONFIG-MODULE-AND-VERSION, DEBIAN, FEDORA)
dnl Sets PREFIX_CFLAGS and PREFIX_LIBS.
AC_DEFUN([K5_NEED_LIBRARY], [
AS_IF([test -n "$PKG_CONFIG"],
	[PKG_CHECK_MODULES([$1], [$2], [], [K5_MISSING([$2], [$3], [$4])])],
	[K5_MISSING([$2], [$3], [$4])])
])

dnl K5_NEED_PROGRAM(VARIABLE, PROGRAM, DEBIAN, FEDORA)
AC_DEFUN([K5_NEED_PROGRAM], [
AC_PATH_PROG([$1], [$2])
AS_IF([test -z "$$1"], [K5_MISSING([the program $2], [$3], [$4])])
])

dnl K5_STOP_IF_MISSING
AC_DEFUN([K5_STOP_IF_MISSING], [
AS_IF([test -n "$k5_missing"], [AC_MSG_ERROR([missing:$k5_missing

Install these, or run ./bootstrap, which does it on a Debian system. A library
that is installed in a place of its own is found through PKG_CONFIG_PATH.])])
])
