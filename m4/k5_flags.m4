dnl SPDX-License-Identifier: BSD-3-Clause
dnl k5_flags.m4 - compiler and linker flags, each taken only where it works.

dnl K5_COMPILER_FLAG(VARIABLE, FLAG)
dnl Appends FLAG to VARIABLE if a program compiles and links with it without
dnl a warning. Linking is tried too because a flag such as
dnl -fstack-protector-strong may compile and then miss its library.
AC_DEFUN([K5_COMPILER_FLAG], [
AS_VAR_PUSHDEF([k5_cache], [k5_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [k5_cache], [
	k5_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()],
		[AS_VAR_SET([k5_cache], [yes])], [AS_VAR_SET([k5_cache], [no])])
	CFLAGS=$k5_saved_cflags])
AS_VAR_IF([k5_cache], [yes], [$1="${$1:+$$1 }$2"])
AS_VAR_POPDEF([k5_cache])
])

dnl K5_LINKER_FLAG(VARIABLE, FLAG)
dnl The same for a flag of the linker.
AC_DEFUN([K5_LINKER_FLAG], [
AS_VAR_PUSHDEF([k5_cache], [k5_cv_ldflag_$2])
AC_CACHE_CHECK([whether the linker takes $2], [k5_cache], [
	k5_saved_ldflags=$LDFLAGS
	LDFLAGS="$LDFLAGS -Wl,--fatal-warnings $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()],
		[AS_VAR_SET([k5_cache], [yes])], [AS_VAR_SET([k5_cache], [no])])
	LDFLAGS=$k5_saved_ldflags])
AS_VAR_IF([k5_cache], [yes], [$1="${$1:+$$1 }$2"])
AS_VAR_POPDEF([k5_cache])
])

dnl K5_FORTIFY(VARIABLE)
dnl Appends -D_FORTIFY_SOURCE=2 where the compiler optimizes; glibc warns
dnl where it does not. A level that CPPFLAGS, CFLAGS or the compiler itself
dnl sets is replaced only if it is lower.
AC_DEFUN([K5_FORTIFY], [
AC_CACHE_CHECK([whether _FORTIFY_SOURCE has to be set], [k5_cv_fortify], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#if !defined __OPTIMIZE__
#error not optimizing
#elif defined _FORTIFY_SOURCE && _FORTIFY_SOURCE >= 2
#error set already
#endif
]])], [k5_cv_fortify=yes], [k5_cv_fortify=no])])
AS_IF([test "$k5_cv_fortify" = yes],
	[$1="${$1:+$$1 }-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
])
