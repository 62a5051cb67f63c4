/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * local_names.h - rules for local names, principals, and what they are to
 * give: MIT's meaning, written down. The default realm is A.
 */
#ifndef TESTS_SUPPORT_LOCAL_NAMES_H
#define TESTS_SUPPORT_LOCAL_NAMES_H

#include <stddef.h>

static const struct local_name_case {
	const char *realm_section; /* lines in [realms] A = { } */
	const char *principal;
	const char *name; /* NULL: it has none */
} local_name_cases[] = {
	/* nothing is said: as DEFAULT */
	{"", "alice@A", "alice"},
	{"", "alice@B", NULL},
	{"", "alice/A@A", "alice"},
	{"", "alice/B@A", NULL},
	{"", "alice/A@B", NULL},
	{"", "alice/A/A@A", NULL},
	{"auth_to_local = DEFAULT", "alice@A", "alice"},
	{"auth_to_local = DEFAULT", "alice@a", NULL},
	/* nothing but rules */
	{"auth_to_local = RULE:[1:$1](nobody)", "alice@A", NULL},
	{"auth_to_local = RULE:[1:$1](alice)", "alice@A", "alice"},
	{"auth_to_local = RULE:[1:$1]", "alice@B", "alice"},
	/* the number of components */
	{"auth_to_local = RULE:[2:$1]", "alice@A", NULL},
	{"auth_to_local = RULE:[2:$2-$1]", "alice/admin@A", "admin-alice"},
	{"auth_to_local = RULE:[2:$2-$1]", "alice/admin/x@A", NULL},
	{"auth_to_local = RULE:[3:$1$2$3$0]", "a/b/c@R", "abcR"},
	{"auth_to_local = RULE:[16:$16$1]", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p@A", "pa"},
	{"auth_to_local = RULE:[1:x]", "alice@B", "x"},
	{"auth_to_local = RULE:[1:]s/^/x/", "alice@B", "x"},
	{"auth_to_local = RULE:[1:$1$1$0$0]", "a@B", "aaBB"},
	{"auth_to_local = RULE:[1:[$1]s/\\[//", "a@B", "a"},
	/* the expression matches all of it */
	{"auth_to_local = RULE:[1:$1](lic)", "alice@A", NULL},
	{"auth_to_local = RULE:[1:$1](.lic.)", "alice@A", "alice"},
	{"auth_to_local = RULE:[1:$1](^alice$)", "alice@A", "alice"},
	{"auth_to_local = RULE:[1:$1](a|alice)", "alice@A", "alice"},
	{"auth_to_local = RULE:[1:$1](alice|a)", "a@A", "a"},
	{"auth_to_local = RULE:[1:$1]()", "a@A", NULL},
	{"auth_to_local = RULE:[1:]()s/^/x/", "a@A", "x"},
	{"auth_to_local = RULE:[1:$1@$0](.*@B)s/@.*//", "alice@B", "alice"},
	{"auth_to_local = RULE:[1:$1@$0](.*@B)s/@.*//", "alice@BB", NULL},
	{"auth_to_local = RULE:[1:$1@$0](.*@B)s/@.*//", "alice@XB", NULL},
	/* several: the first that fits */
	{"auth_to_local = RULE:[1:$1@$0](.*@B)s/@.*//\nauth_to_local = DEFAULT", "bob@B", "bob"},
	{"auth_to_local = RULE:[1:$1@$0](.*@B)s/@.*//\nauth_to_local = DEFAULT", "bob@A", "bob"},
	{"auth_to_local = RULE:[1:$1@$0](.*@B)s/@.*//\nauth_to_local = DEFAULT", "bob@C", NULL},
	{"auth_to_local = RULE:[1:1]\nauth_to_local = RULE:[1:2]", "bob@C", "1"},
	{"auth_to_local = RULE:[2:1]\nauth_to_local = RULE:[1:2]", "bob@C", "2"},
	/* substitutions */
	{"auth_to_local = RULE:[1:$1]s/o/0/", "foo@A", "f0o"},
	{"auth_to_local = RULE:[1:$1]s/o/0/g", "foo@A", "f00"},
	{"auth_to_local = RULE:[1:$1]s/o/0/gs/f/F/", "foo@A", "F00"},
	{"auth_to_local = RULE:[1:$1]s/o/0/s/o/1/", "foo@A", "f01"},
	{"auth_to_local = RULE:[1:$1] s/o/0/  s/f/F/", "foo@A", "F0o"},
	{"auth_to_local = RULE:[1:$1]s/x/y/", "foo@A", "foo"},
	{"auth_to_local = RULE:[1:$1]s/(f)(o)/&\\2$1/", "foo@A", "&\\2$1o"},
	{"auth_to_local = RULE:[1:$1]s/^a//g", "aaab@A", "b"},
	{"auth_to_local = RULE:[1:$1]s/a$//g", "baa@A", "ba"},
	{"auth_to_local = RULE:[1:$1]s/$/x/", "foo@A", "foox"},
	{"auth_to_local = RULE:[1:$1]s/^/x/", "foo@A", "xfoo"},
	{"auth_to_local = RULE:[1:$1]s/o+|f/g/g", "foo@A", "gg"},
	{"auth_to_local = RULE:[1:$1]s/[[:upper:]]+/u/g", "fOoO@A", "fuou"},
	/* without [n:string]: the name without realm */
	{"auth_to_local = RULE:", "alice@B", "alice"},
	{"auth_to_local = RULE:(a.*)", "alice@B", "alice"},
	{"auth_to_local = RULE:(a.*)", "bob@B", NULL},
	{"auth_to_local = RULE:s/\\\\|l//g", "a\\\\lice@B", "aice"},
	{"auth_to_local = RULE:([^/]*.root)s/(.*)//s/^/x/", "a/root@B", "x"},
	/* names, which go first and know no realm */
	{"auth_to_local_names = {\nalice = al\n}", "alice@A", "al"},
	{"auth_to_local_names = {\nalice = al\n}", "alice@B", "al"},
	{"auth_to_local_names = {\nalice = al\n}", "alice/A@A", "alice"},
	{"auth_to_local_names = {\nalice = al\n}\nauth_to_local = RULE:[1:x]", "alice@A", "al"},
	{"auth_to_local_names = {\nalice = al\n}\nauth_to_local = RULE:[1:x]", "bob@A", "x"},
	{"auth_to_local_names = {\nbob = b1\nbob = b2\n}", "bob@A", "b2"},
	{"auth_to_local_names = {\na/admin = root\n}", "a/admin@A", "root"},
	{"auth_to_local_names = {\na@B = c\n}", "a\\@B@A", "c"},
	{"auth_to_local_names = {\na@B = c\n}", "a@B", NULL},
	{"auth_to_local = RULE:", "a\\@c@B", "a@c"},
	{"auth_to_local = RULE:", "a\\/c@B", "a\\/c"},
	{"auth_to_local = RULE:", "a/c@B", "a/c"},
	{"auth_to_local_names = {\na\\/b = c\n}", "a\\/b@A", "c"},
	{"auth_to_local_names = {\na\\/b = c\n}", "a/b@A", NULL},
	{"auth_to_local_names = {\nAlice = al\n}", "alice@A", "alice"},
};
enum { LOCAL_NAME_CASES = sizeof local_name_cases / sizeof *local_name_cases };

/* A whole krb5.conf with a case's lines. */
#define LOCAL_NAME_CONF                                                                            \
	"[libdefaults]\ndefault_realm = A\n[realms]\nA = {\nkdc = 127.0.0.1\n%s\n}\n"

#endif
