#!/bin/bash
# README against the code: what it lists is what there is.
#
# shellcheck disable=SC2016,SC2317  # backquotes are README's; ok() calls these functions
. "$(dirname "$0")/tap.sh"

# part NAME: the lines between "<!-- NAME -->" and "<!-- end -->".
part() {
	sed -n "/^<!-- $1 -->\$/,/^<!-- end -->\$/{/^<!--/!p}" "$SRCDIR/README"
}

# The words of README's `...`, one a line.
words() {
	grep -o '`[^`]*`' "$SRCDIR/README" | tr -d '\140'
}

options() {
	[ -n "$(part options)" ] && diff <(part options) <("$BUILDDIR/tests/print_options")
}

# The first column, without the table's head.
properties() {
	local code
	code=$(sed -n '/ property_table\[\] = {/,/^};/s/.*{"\([^"]*\)",.*/\1/p' \
		"$SRCDIR/plugin/mech/acceptor.c")
	[ -n "$code" ] && diff <(part properties | sed '1,2d; s/^| `\([^`]*\)`.*/\1/') <(echo "$code")
}

# known PATTERN FILE...: each name that the code's lines give (\1 of the pattern) stands in README.
known() {
	local pattern=$1 names missing
	shift
	names=$(cat "$@" | sed -n "s/.*$pattern.*/\1/p" | sort -u)
	missing=$(comm -23 <(echo "$names") <(words | sort -u))
	echo "not in README: $missing"
	[ -n "$names" ] && [ -z "$missing" ]
}

code=$(find "$SRCDIR/plugin" -name '*.c')
# shellcheck disable=SC2086  # a list of files
{
	ok "the options are those of the code" options
	ok "the properties are those of the code" properties
	ok "every environment variable is named" known '[^a-z]\(KRB5[A-Z0-9_]*\)"' $code
	ok "every relation of [libdefaults] is named" \
		known '{"\([a-z_]*\)", "[^"]*", take_[a-z_]*}' "$SRCDIR/plugin/conf/krb5_conf.c"
	ok "every encryption type is named" \
		known '\.name = "\([a-z0-9-]*\)"' "$SRCDIR/plugin/crypto/enctype.c"
}
done_testing
