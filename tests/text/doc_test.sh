#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The manual page and the guides against the code and the tests: what
# they list is what there is, and what they quote is what is said.
#
# shellcheck disable=SC2016,SC2317  # backquotes are Markdown's; ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"

manual=$SRCDIR/doc/libkerberos5.5
guide=$SRCDIR/doc/servers.md
clients=$SRCDIR/doc/clients.md

# ---- the manual ----

is_clean() {
	mandoc -Tlint -Wwarning "$manual"
}

# Arguments of mdoc's macros (a pattern) in the manual, one a line, without punctuation.
marked() { # MACROS
	grep -E "^\.(It )?($1) " "$manual" | sed -E "s/^\.(It )?($1) //; s/ [.,;:]$//; s/ Ns .*//" | tr -d '"'
}

# Each line of standard input is one of the manual's.
each_in() { # MACROS
	local names missing
	names=$(sort -u)
	missing=$(comm -23 <(echo "$names") <(marked "$1" | sort -u))
	echo "not in the manual: $missing"
	[ -n "$names" ] && [ -z "$missing" ]
}

# A column of the table of options: names, or the words of values.
option_column() { # NUMBER
	"$BUILDDIR/tests/tools/print_options" | sed 1,2d | cut -d '|' -f "$1" | grep -o '`[^`]*`' | tr -d '\140'
}

# mdoc as text, without markup, quotes and parentheses.
plain() {
	awk '
		/^\.(\\"|Bl|El|Pp|Ss)/ { next }
		/^\./ {
			n = split($0, word, " ")
			line = ""
			joined = 0
			for (i = 2; i <= n; i++) {
				w = word[i]
				if (w == "Ns") { joined = 1; continue }
				if (w ~ /^(Ar|Cm|Ev|Fn|Ic|Li|Pa|Sx|Ql|Va|Vt)$/) continue
				line = line (joined || w ~ /^[.,;:]$/ || line == "" ? "" : " ") w
				joined = 0
			}
			print line
			next
		}
		{ print }' | tr -d '`()"' | tr -s ' \n' ' '
}

# What the manual says of an option, as text. SIDE: as in the first column of print_options.
option_text() { # NAME SIDE
	local part
	case $2 in
	server) part=Servers ;;
	client) part=Clients ;;
	*) part=Both ;;
	esac
	sed -n "/^\.Ss $part\$/,/^\.El/p" "$manual" |
		awk -v item=".It Cm $1" '/^\.It|^\.El/ { here = $0 == item; next } here' | plain
}

# The fields of a row, as the manual words them, one a line.
option_sentences() { # VALUES DEFAULT IN-KRB5-CONF PURPOSE
	[ "$1" = "a name" ] || echo "Values: $1."
	echo "Default: $2."
	[ "$3" = no ] || echo "Also in krb5.conf."
	echo "$4"
}

# Each row of the code's table is in the manual, on its side, with all that it says.
options() {
	local name side values standard in_krb5 purpose text sentence wrong="" rows=0
	while IFS='|' read -r _ name side values standard in_krb5 purpose _; do
		rows=$((rows + 1))
		text=$(option_text "${name// /}" "${side# }")
		while IFS= read -r sentence; do
			[[ $text == *"$sentence"* ]] || wrong+="$name ($side): $sentence"$'\n'
		done < <(option_sentences "$values" "$standard" "$in_krb5" "$purpose")
		[[ $in_krb5 = yes || $text != *"Also in krb5.conf"* ]] || wrong+="$name ($side): not in krb5.conf"$'\n'
	done < <("$BUILDDIR/tests/tools/print_options" | sed '1,2d; s/[`()"]//g; s/ *| */|/g')
	echo "not in the manual so: $wrong"
	[ -z "$wrong" ] && [ "$rows" -gt 10 ] && option_column 2 | each_in Cm && option_column 4 | each_in Cm &&
		diff <(option_column 2 | sort -u) <(sed -n '/^\.Ss Servers/,/^Of libsasl2/s/^\.It Cm //p' "$manual" | sort -u)
}

properties() {
	local code
	code=$(sed -n '/ property_table\[\] = {/,/^};/s/.*{"\([^"]*\)",.*/\1/p' "$SRCDIR/plugin/mech/login_properties.c"
		sed -n 's/^#define PROPERTY "\(.*\)"/\1/p' "$SRCDIR/plugin/mech/delegated.c")
	[ -n "$code" ] && diff <(sed -n '/^\.Sh PROPERTIES/,/^\.El/s/^\.It Li //p' "$manual") <(echo "$code")
}

code_names() { # PATTERN FILE...
	local pattern=$1
	shift
	sed -n "s/.*$pattern.*/\1/p" "$@"
}

# All strings of the code, one a line, those in parts joined.
strings() {
	local file
	while IFS= read -r file; do
		sed -e 's/\\"/'\''/g' "$file" | tr '\n' ' ' | sed 's/"[[:space:]]*"//g' | grep -o '"[^"]*"'
	done < <(find "$SRCDIR/plugin" -name '*.c')
}

# The words of each message that stay the same (Li), in their order, as a pattern.
messages() {
	grep -A 1 '^\.\\" message$' "$manual" | sed -nE 's/^\.It //p' | awk '{
		pattern = ""
		constant = 0
		for (i = 1; i <= NF; i++) {
			if ($i == "Li") constant = 1
			else if ($i == "Ar" || $i == "," || $i == ":" || $i == "Ns") { if (constant) pattern = pattern ".*"; constant = 0 }
			else if (constant) pattern = pattern (pattern == "" || pattern ~ /\.\*$/ ? "" : " ") $i
		}
		print pattern
	}'
}

diagnostics() {
	local pattern unknown=
	while IFS= read -r pattern; do
		grep -qE "$pattern" "$SCRATCH/strings" || unknown+="$pattern"$'\n'
	done < <(messages)
	echo "said by nobody: $unknown"
	[ -z "$unknown" ] && [ "$(messages | wc -l)" -gt 20 ]
}

# ---- the guide ----

# Names of its blocks, "-" for one that has none.
blocks() { # GUIDE
	awk '/^```/ { if (!open) print name == "" ? "- " NR : name; open = !open; name = "" }
		/^<!-- .* -->$/ { name = $2 }
		!/^<!--/ && !/^```/ && !/^$/ { name = "" }' "$1"
}

each_block_is_run() { # GUIDE LEAST
	local name idle=
	[ "$(blocks "$1" | wc -l)" -gt "$2" ] || return
	while IFS= read -r name; do
		grep -qwF -e "$name" "$SRCDIR"/tests/e2e/servers/*.sh || idle+=" $name"
	done < <(blocks "$1")
	echo "blocks that no test reads:$idle"
	[ -z "$idle" ]
}

# ---- all pages ----

# Each path of the source that a page names is there.
paths_are_there() {
	local path missing="" paths
	paths=$(cd "$SRCDIR" && grep -ohP '(?<!share/)\b(asn1|doc|m4|plugin|tests)/[A-Za-z0-9_./-]*[A-Za-z0-9_]' ./*.md doc/*.md |
		grep -vE '^tests/fuzz/work/|/\.libs\b|\.log$' | sort -u)
	while IFS= read -r path; do
		[ -e "$SRCDIR/$path" ] || [ -e "$SRCDIR/$path.c" ] || [ -e "$SRCDIR/${path%tests}main.c" ] || missing+=" $path"
	done <<<"$paths"
	echo "named and not there:$missing"
	[ -n "$paths" ] && [ -z "$missing" ]
}

# Each function and macro, and each constant in capitals, that a page names is in the code.
names_are_there() {
	local name names missing=""
	names=$(cd "$SRCDIR" && grep -ohE '`([A-Za-z_0-9]+\(\)|[A-Z]+_[A-Z_0-9]+`)' doc/ARCHITECTURE.md doc/debugging.md |
		tr -d '`()' | grep -vE 'NAME$|^SASL_|^KEEP_|^KRB5|^KERBEROS|^CMOCKA' | sort -u)
	while IFS= read -r name; do
		grep -rqw -e "$name" "$SRCDIR/plugin" "$SRCDIR/asn1" --include='*.[ch]' || missing+=" $name"
	done <<<"$names"
	echo "named and not there:$missing"
	[ -n "$names" ] && [ -z "$missing" ]
}

# The pages and the messages have the usual words: "again", "percent", "the default".
has_usual_words() {
	local unusual='\<anew\>|hundredths|\<(is|are) got\>|told of\>|lets? go of|the standard\)'
	! (cd "$SRCDIR" && grep -nE "$unusual" README NEWS ./*.md doc/* "$SCRATCH/strings")
}

strings >"$SCRATCH/strings"
code=$(find "$SRCDIR/plugin" -name '*.c')
if command -v mandoc >/dev/null; then
	ok "the manual is well formed" is_clean
else
	skip "the manual is well formed" "mandoc is missing (Debian: mandoc)"
fi
ok "manual: every option, with side, values, default, place and purpose" options
ok "manual: every property" properties
# shellcheck disable=SC2086  # a list of files
ok "manual: every environment variable" \
	each_in Ev < <(code_names '[^a-z-]\(KRB5[A-Z0-9_]*\)"' $code)
ok "manual: every relation of [libdefaults]" each_in Cm < <(
	code_names '{"\([a-z_]*\)", "[^"]*", take_[a-z_]*}' "$SRCDIR/plugin/conf/krb5_conf.c"
	code_names '{"\([a-z_]*\)", [N"][a-zA-Z_"]*, "[^"]*", .*' "$SRCDIR/plugin/conf/kdc_conf.c"
)
ok "manual: every encryption type" \
	each_in Li < <(code_names '\.name = "\([a-z0-9-]*\)"' "$SRCDIR/plugin/crypto/enctype.c")
ok "manual: its messages are the code's" diagnostics
ok "guide: each block is run or compared by a test" each_block_is_run "$guide" 30
ok "guide to clients: likewise" each_block_is_run "$clients" 15
ok "pages: each path that they name is there" paths_are_there
ok "pages: each name of the code's is there" names_are_there
ok "pages and messages: the usual words" has_usual_words
done_testing
