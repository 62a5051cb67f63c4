#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# README: short, plain text that reads well as it is, and true.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"

readme=$SRCDIR/README

is_short() {
	wc -l <"$readme"
	[ "$(wc -l <"$readme")" -le 100 ] && ! grep -nE '^.{81}' "$readme"
}

# No table, heading, code or link of Markdown's.
is_plain() {
	! grep -nE '^\||^#|[`]|\]\(|\*\*' "$readme"
}

# Each page of doc/ is named, and each file that is named is there.
names_the_pages() {
	local name missing=
	while IFS= read -r name; do
		grep -qwF -e "$name" "$readme" || missing+=" $name"
	done < <(cd "$SRCDIR" && find doc -name '*.md' -o -path 'doc/*.txt')
	while IFS= read -r name; do
		[ -e "$SRCDIR/$name" ] || missing+=" $name"
	done < <(grep -oE '(doc/)?[A-Za-z0-9_-]+\.(md|txt)' "$readme")
	echo "not named, or not there:$missing"
	[ -z "$missing" ]
}

# The short way to a slapd is the guide's.
setup_is_the_guides() {
	local line lines missing=
	lines=$(sed -n '/^For OpenLDAP.s slapd/,/^Where to read on/s/^    //p' "$readme")
	while IFS= read -r line; do
		grep -qxF -e "$line" "$SRCDIR/doc/servers.md" || missing+="$line"$'\n'
	done <<<"$lines"
	echo "in README only: $missing"
	[ -n "$lines" ] && [ -z "$missing" ]
}

# libcrypto >= 3.0 of configure.ac is "libcrypto 3.0 or later" here.
versions() {
	local version missing=
	while IFS= read -r version; do
		tr -s ' \n' ' ' <"$readme" | grep -qF "$version" || missing+="$version"$'\n'
	done < <(sed -nE 's/^AC_INIT\(.*\[([0-9.]+)\]\)$/Version \1./p
		s/^K5_NEED_LIBRARY\(.*\[(lib[a-z0-9]+) >= ([0-9.]+)\].*/\1 \2 or later/p' "$SRCDIR/configure.ac")
	echo "not in README: $missing"
	[ -z "$missing" ]
}

ok "it is short" is_short
ok "it is plain text" is_plain
ok "it names each page of doc/, and no other" names_the_pages
ok "its way to a slapd is the guide's" setup_is_the_guides
ok "its versions are configure's" versions
done_testing
