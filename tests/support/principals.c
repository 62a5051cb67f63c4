/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/principals.h"

const struct principal alice = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {SLICE_LITERAL("alice")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

const struct principal bob = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {SLICE_LITERAL("bob")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

const struct principal imap = {
	.type = NT_SRV_HST,
	.count = 2,
	.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

const struct principal krbtgt = {
	.type = NT_SRV_INST,
	.count = 2,
	.component = {SLICE_LITERAL("krbtgt"), SLICE_LITERAL("EXAMPLE.TEST")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};
