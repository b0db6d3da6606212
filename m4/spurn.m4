dnl SPDX-FileCopyrightText: 2026 The spurn authors
dnl SPDX-License-Identifier: ISC
dnl
dnl What configure.ac asks of the compiler and of libraries. Flags go into SPURN_CPPFLAGS,
dnl SPURN_CFLAGS and SPURN_LDFLAGS, never into the user's CFLAGS.

dnl SPURN_TRY_CFLAGS(VARIABLE, FLAGS): appends those of FLAGS that the compiler knows to VARIABLE.
AC_DEFUN([SPURN_TRY_CFLAGS], [
	for spurn_flag in $2; do
		AC_MSG_CHECKING([whether $CC takes $spurn_flag])
		spurn_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $spurn_flag"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
			[AC_MSG_RESULT([yes]); $1="$$1 $spurn_flag"], [AC_MSG_RESULT([no])])
		CFLAGS=$spurn_saved_CFLAGS
	done
])

dnl SPURN_TRY_LDFLAGS(FLAGS): appends those of FLAGS that the linker knows to SPURN_LDFLAGS.
AC_DEFUN([SPURN_TRY_LDFLAGS], [
	for spurn_flag in $1; do
		AC_MSG_CHECKING([whether $CC links with $spurn_flag])
		spurn_saved_LDFLAGS=$LDFLAGS
		LDFLAGS="$LDFLAGS -Werror $spurn_flag"
		AC_LINK_IFELSE([AC_LANG_PROGRAM],
			[AC_MSG_RESULT([yes]); SPURN_LDFLAGS="$SPURN_LDFLAGS $spurn_flag"],
			[AC_MSG_RESULT([no])])
		LDFLAGS=$spurn_saved_LDFLAGS
	done
])

dnl SPURN_REQUIRE_C17: C17 with GNU extensions, or no build.
AC_DEFUN([SPURN_REQUIRE_C17], [
	spurn_c17=
	SPURN_TRY_CFLAGS([spurn_c17], [-std=gnu17])
	AS_IF([test -z "$spurn_c17"],
		[AC_MSG_ERROR([$CC is no C17 compiler; Debian: apt-get install gcc])])
	SPURN_CFLAGS="$SPURN_CFLAGS$spurn_c17"
])

dnl SPURN_HARDENING: makes a bug that is still there harder to exploit, in every build. Fortified
dnl library calls need an optimising compiler, and hide errors from the sanitizers' own checks.
AC_DEFUN([SPURN_HARDENING], [
	SPURN_TRY_CFLAGS([SPURN_CFLAGS],
		[-fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection])
	SPURN_TRY_LDFLAGS([-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed])
	AS_IF([test "$enable_sanitizers$enable_tsan" = nono],
		[AS_CASE([" $CFLAGS "],
			[*" -O0 "*], [],
			[*" -O"*], [SPURN_CPPFLAGS="$SPURN_CPPFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])])
])

dnl SPURN_WARNINGS: what --enable-developer asks for. Those that only one of gcc and clang knows are
dnl left out for the other. tests/check-compiler proves that they bite.
AC_DEFUN([SPURN_WARNINGS], [
	SPURN_TRY_CFLAGS([SPURN_CFLAGS], [m4_normalize([
		-Wall -Wextra
		-Wconversion -Wsign-conversion -Wdouble-promotion
		-Wshadow -Wundef -Wvla -Walloca -Wdate-time
		-Wpointer-arith -Wcast-qual -Wcast-align -Wcast-align=strict -Wwrite-strings
		-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
		-Wmissing-variable-declarations -Wnested-externs -Wredundant-decls
		-Wformat=2 -Wformat-signedness -Wimplicit-fallthrough -Wunused-macros
		-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init
		-Wcomma -Wassign-enum -Wunreachable-code-aggressive])])
	SPURN_CFLAGS="$SPURN_CFLAGS -Werror"
])

dnl SPURN_SANITIZE(SANITIZERS, MORE-FLAGS): builds with -fsanitize=SANITIZERS, or not at all.
AC_DEFUN([SPURN_SANITIZE], [
	AC_MSG_CHECKING([whether $CC can build with -fsanitize=$1])
	spurn_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -fsanitize=$1"
	AC_LINK_IFELSE([AC_LANG_PROGRAM], [AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		AC_MSG_ERROR([$CC cannot build with -fsanitize=$1; Debian: apt-get install gcc,
or with clang: apt-get install libclang-rt-dev])])
	CFLAGS=$spurn_saved_CFLAGS
	SPURN_CFLAGS="$SPURN_CFLAGS -fsanitize=$1 -fno-omit-frame-pointer $2"
	SPURN_LDFLAGS="$SPURN_LDFLAGS -fsanitize=$1"
])

dnl SPURN_LIBRARY(NAME, HEADER, LIBRARY, FUNCTION, DEBIAN-PACKAGE): a library without a .pc file.
AC_DEFUN([SPURN_LIBRARY], [
	AC_CHECK_HEADER([$2], [],
		[AC_MSG_ERROR([$2 is missing; Debian: apt-get install $5])])
	AC_CHECK_LIB([$3], [$4], [$1_LIBS=-l$3],
		[AC_MSG_ERROR([lib$3 is missing; Debian: apt-get install $5])])
	AC_SUBST([$1_LIBS])
])

dnl SPURN_PKG(NAME, MODULE, DEBIAN-PACKAGE): a library that pkg-config knows.
AC_DEFUN([SPURN_PKG], [
	PKG_CHECK_MODULES([$1], [$2], [],
		[AC_MSG_ERROR([$2 is missing; Debian: apt-get install $3])])
])
