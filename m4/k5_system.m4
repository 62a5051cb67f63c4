dnl SPDX-License-Identifier: BSD-3-Clause
dnl k5_system.m4 - what the system and its C library have to have.

dnl K5_LINUX
dnl Stops where the kernel is another. After AC_CANONICAL_HOST.
AC_DEFUN([K5_LINUX], [
AS_CASE([$host_os], [linux*], [],
	[AC_MSG_ERROR([$PACKAGE_NAME is for Linux, with glibc or musl; this is $host_os. Among what
it needs of the kernel are locks of open files (F_OFD_SETLK), statx() and MSG_TRUNC.])])
])

dnl K5_RESOLVER_STATE
dnl Has the resolver functions with a state of the caller's? glibc has; musl
dnl needs none.
AC_DEFUN([K5_RESOLVER_STATE], [
AC_CACHE_CHECK([for res_ninit], [k5_cv_res_ninit], [
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>]],
		[[struct __res_state state = {0}; res_nclose(&state); return res_ninit(&state);]])],
		[k5_cv_res_ninit=yes], [k5_cv_res_ninit=no])])
AS_IF([test "$k5_cv_res_ninit" = yes],
	[AC_DEFINE([HAVE_RES_NINIT], [1], [resolver functions with a state])])
])

dnl K5_TIME64
dnl A time_t of 64 bits, with _TIME_BITS where the C library wants to be asked
dnl for it. After AC_SYS_LARGEFILE: glibc has the one only with the other.
AC_DEFUN([K5_TIME64], [
m4_pushdef([k5_program], [AC_LANG_PROGRAM([[#include <time.h>
static const char wide_enough[sizeof(time_t) >= 8 ? 1 : -1] = {0};]],
	[[return wide_enough[0];]])])
AC_CACHE_CHECK([what makes time_t have 64 bits], [k5_cv_time64], [
	k5_saved_cppflags=$CPPFLAGS
	k5_cv_time64=no
	AC_COMPILE_IFELSE([k5_program], [k5_cv_time64='nothing is needed'], [
		CPPFLAGS="$CPPFLAGS -D_TIME_BITS=64"
		AC_COMPILE_IFELSE([k5_program], [k5_cv_time64=-D_TIME_BITS=64])])
	CPPFLAGS=$k5_saved_cppflags])
m4_popdef([k5_program])
AS_CASE([$k5_cv_time64],
	[-D*], [AC_DEFINE([_TIME_BITS], [64], [a time_t of 64 bits])],
	[no], [AC_MSG_ERROR([time_t has 32 bits here: clocks would be wrong from 2038-01-19 on.
A C library is needed that has it in 64 bits (glibc >= 2.34, musl >= 1.2)])])
])
