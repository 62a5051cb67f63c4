/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/der_spnego.h"

#include "asn1/der_tables.h"

static const struct der_row init_rows[] = {
	{"mechTypes", LIST(spnego_init, count, mech), WHOLE(spnego_init, mech_list)},
	{"mechToken", AT_IF_DATA(spnego_init, token, token)},
	{"mechListMIC", AT_IF_DATA(spnego_init, mic, mic)},
	{0},
};
static struct der_record init = {RECORD("NegTokenInit", spnego_init), .rows = init_rows};
static struct der_record init2 = {RECORD("NegTokenInit2", spnego_init), .rows = init_rows};

static const struct der_row hints_rows[] = {{0}};
static struct der_record hints = {RECORD("NegHints", spnego_init), .rows = hints_rows};

static const struct der_row resp_rows[] = {
	{"negState", AT_IF_FLAG(spnego_resp, state, has_state)},
	{"supportedMech", AT_IF_DATA(spnego_resp, mech, mech)},
	{"responseToken", AT_IF_DATA(spnego_resp, token, token)},
	{"mechListMIC", AT_IF_DATA(spnego_resp, mic, mic)},
	{0},
};
static struct der_record resp = {RECORD("NegTokenResp", spnego_resp), .rows = resp_rows};

struct der_record der_spnego_init = {RECORD("NegotiationTokenInit", spnego_init)};
struct der_record der_spnego_init2 = {RECORD("NegotiationTokenInit2", spnego_init)};
struct der_record der_spnego_resp = {RECORD("NegotiationTokenResp", spnego_resp)};

struct der_record *const der_spnego_records[] = {
	&init,
	&init2,
	&hints,
	&resp,
	&der_spnego_init,
	&der_spnego_init2,
	&der_spnego_resp,
	NULL,
};
