/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/spnego.h"

#include "gss/gss_mechanism.h"
#include "gss/gss_message.h"
#include "gss/gss_token.h"

/* MechTypeList with Kerberos alone: what the initiator here offers. */
#define OFFERED SLICE_LITERAL("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")

void spnego_close(struct spnego *spnego)
{
	buffer_free(&spnego->mech_list);
	*spnego = (struct spnego){.step = SPNEGO_FAILED};
}

bool spnego_is_done(const struct spnego *spnego)
{
	return spnego->step == SPNEGO_DONE;
}

static enum status out_of_order(struct error *err, const char *what)
{
	return error_set_shown(err, KRB_AP_ERR_BADORDER, "SPNEGO: %s", what);
}

/* ---- MICs ---- */

static enum status verify(struct spnego *spnego, struct channel *channel, struct error *err)
{
	struct slice list = buffer_slice(&spnego->mech_list);
	if (gss_mic_verify(channel, list, spnego->mic, err)) {
		error_prefix(err,
			"SPNEGO: the MIC of the list of mechanisms (which may have been changed on "
			"the way)");
		err->status = KRB_AP_ERR_MODIFIED;
		return error_show(err,
			"SPNEGO: the MIC of the list of mechanisms is wrong: the list may have "
			"been changed on the way");
	}
	return STATUS_OK;
}

/* The one that came, if one did; one has to, where it is needed. */
static enum status judge_mic(struct spnego *spnego, struct channel *channel, struct error *err)
{
	if (spnego->mic.data)
		return verify(spnego, channel, err);
	if (!spnego->needs_mic)
		return STATUS_OK;
	return error_set_shown(err, KRB_AP_ERR_MODIFIED,
		"SPNEGO: a token came without the MIC of the list of mechanisms, which is due: the "
		"list may have been changed on the way");
}

/* Appends a NegTokenResp, with a MIC where `channel` is not NULL. */
static enum status respond(struct spnego *spnego, struct spnego_resp *resp, struct channel *channel,
	struct buffer *out, struct error *err)
{
	AUTO_BUFFER mic = {0};
	if (channel) {
		if (gss_mic_make(channel, buffer_slice(&spnego->mech_list), &mic, err))
			return err->status;
		resp->mic = buffer_slice(&mic);
	}
	return der_write_spnego_resp(resp, out, err);
}

/* ---- the initiator ---- */

enum status spnego_initiate(
	struct spnego *spnego, struct slice mech_token, struct buffer *out, struct error *err)
{
	const struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .token = mech_token};
	if (buffer_append(&spnego->mech_list, OFFERED))
		return error_no_memory(err);
	spnego->step = SPNEGO_TOKEN_DUE;
	return spnego_init_write(&init, out, err);
}

/* An old Windows answers with its own OID what was offered with the right one. */
static enum status check_choice(const struct spnego_resp *resp, struct error *err)
{
	if (!resp->mech.data || spnego_is_kerberos(resp->mech))
		return STATUS_OK;
	return error_set_shown(err, KRB_AP_ERR_METHOD,
		"SPNEGO: the server chose %s, and only Kerberos was offered",
		gss_mechanism_text(resp->mech, (char[GSS_MECHANISM_TEXT_SIZE]){0}));
}

static enum status rejected(struct error *err)
{
	return error_set_shown(err, KRB_AP_ERR_METHOD,
		"SPNEGO: the server rejects Kerberos, and gives no reason: its log may have one");
}

static enum status read_answer(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err)
{
	struct spnego_resp resp;
	if (spnego->step != SPNEGO_TOKEN_DUE)
		return out_of_order(err, "a token came, and none is due");
	if (spnego_resp_read(token, &resp, err))
		return err->status;
	if (!resp.has_state)
		return out_of_order(err, "the server's answer does not say its state (negState)");
	/* With a token, that may say why. */
	if (resp.state == SPNEGO_REJECT && !resp.token.data)
		return rejected(err);
	if (check_choice(&resp, err))
		return err->status;
	spnego->said = (enum spnego_state)resp.state;
	spnego->needs_mic = resp.state == SPNEGO_REQUEST_MIC;
	spnego->mic = resp.mic;
	*mech_token = resp.token;
	spnego->step = SPNEGO_TOKEN_READ;
	return STATUS_OK;
}

enum status spnego_continue(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err)
{
	*mech_token = SLICE_EMPTY;
	enum status status = read_answer(spnego, token, mech_token, err);
	if (status)
		spnego->step = SPNEGO_FAILED;
	return status;
}

static enum status conclude(
	struct spnego *spnego, struct channel *channel, struct buffer *out, struct error *err)
{
	struct spnego_resp resp = {.has_state = true, .state = SPNEGO_ACCEPT_COMPLETED};
	if (spnego->step != SPNEGO_TOKEN_READ)
		return out_of_order(err, "the negotiation is not at its end");
	if (spnego->said == SPNEGO_REJECT)
		return rejected(err);
	if (judge_mic(spnego, channel, err))
		return err->status;
	if (spnego->said == SPNEGO_ACCEPT_COMPLETED)
		return STATUS_OK;
	if (!spnego->mic.data)
		return out_of_order(err,
			"the server expects another token (accept-incomplete), and there is none");
	return respond(spnego, &resp, channel, out, err);
}

enum status spnego_conclude(
	struct spnego *spnego, struct channel *channel, struct buffer *out, struct error *err)
{
	enum status status = conclude(spnego, channel, out, err);
	spnego->step = status ? SPNEGO_FAILED : SPNEGO_DONE;
	return status;
}

/* ---- the acceptor ---- */

static const struct slice *find_kerberos(const struct spnego_init *init)
{
	for (unsigned i = 0; i < init->count; i++)
		if (spnego_is_kerberos(init->mech[i]))
			return &init->mech[i];
	return NULL;
}

static enum status not_offered(const struct spnego_init *init, struct error *err)
{
	char offer[SPNEGO_OFFER_SIZE];
	return error_set_shown(err, KRB_AP_ERR_METHOD,
		"SPNEGO: the client offers %s, and not Kerberos, which is all that is taken here: "
		"it may have no ticket, or not know this host by name",
		spnego_offer_text(init, offer));
}

static enum status accept_first(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err)
{
	struct spnego_init init;
	spnego->is_raw = gss_framing_is(token, GSS_OID_KERBEROS);
	if (spnego->is_raw) {
		*mech_token = token;
		return STATUS_OK;
	}
	if (spnego_init_read(token, &init, err))
		return err->status;
	const struct slice *mech = find_kerberos(&init);
	if (!mech)
		return not_offered(&init, err);
	if (buffer_append(&spnego->mech_list, init.mech_list))
		return error_no_memory(err);
	spnego->mech =
		slice_equal(*mech, GSS_OID_KERBEROS) ? GSS_OID_KERBEROS : GSS_OID_KERBEROS_WINDOWS;
	spnego->is_first = true;
	spnego->needs_mic = mech != init.mech;
	/* A token is that of the first mechanism alone. */
	if (spnego->needs_mic)
		return STATUS_OK;
	*mech_token = init.token;
	if (init.mic.data && !init.token.data)
		return out_of_order(err, "a MIC came without a token of Kerberos");
	spnego->mic = init.mic;
	return STATUS_OK;
}

/* What every later token of an initiator has to be. */
static enum status accept_resp(struct slice token, struct spnego_resp *resp, struct error *err)
{
	if (spnego_resp_read(token, resp, err))
		return err->status;
	if (resp->has_state && resp->state == SPNEGO_REJECT)
		return error_set(err, KRB_AP_ERR_METHOD, "SPNEGO: the client gives up");
	if (resp->has_state && resp->state == SPNEGO_REQUEST_MIC)
		return out_of_order(err, "the client requests a MIC, which only a server does");
	if (resp->mech.data)
		return out_of_order(err, "the client chooses a mechanism, which the server does");
	return STATUS_OK;
}

static enum status accept_token(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err)
{
	struct spnego_resp resp;
	if (accept_resp(token, &resp, err))
		return err->status;
	if (!resp.token.data)
		return out_of_order(err, "a token came without Kerberos' own in it");
	*mech_token = resp.token;
	spnego->mic = resp.mic;
	return STATUS_OK;
}

static enum status accept_mic(struct spnego *spnego, struct slice token, struct error *err)
{
	struct spnego_resp resp;
	if (accept_resp(token, &resp, err))
		return err->status;
	/* Some send an empty one. */
	if (resp.token.len > 0)
		return out_of_order(err, "a token of Kerberos came where only the MIC is due");
	if (resp.has_state && resp.state != SPNEGO_ACCEPT_COMPLETED)
		return out_of_order(err, "the client expects another token, and there is none");
	spnego->mic = resp.mic;
	return STATUS_OK;
}

static enum status accept_next(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err)
{
	enum status status;
	switch (spnego->step) {
	case SPNEGO_START:
		status = accept_first(spnego, token, mech_token, err);
		spnego->step = SPNEGO_TOKEN_READ;
		return status;
	case SPNEGO_TOKEN_DUE:
		spnego->step = SPNEGO_TOKEN_READ;
		return accept_token(spnego, token, mech_token, err);
	case SPNEGO_MIC_DUE:
		spnego->step = SPNEGO_MIC_READ;
		return accept_mic(spnego, token, err);
	default:
		return out_of_order(err, "a token came, and none is due");
	}
}

enum status spnego_accept(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err)
{
	*mech_token = SLICE_EMPTY;
	enum status status = accept_next(spnego, token, mech_token, err);
	if (status)
		spnego->step = SPNEGO_FAILED;
	return status;
}

/* The answer to a list whose first mechanism's token is not there: to send Kerberos' now. */
static enum status ask_for_token(struct spnego *spnego, struct buffer *out, struct error *err)
{
	struct spnego_resp resp = {
		.has_state = true,
		.state = spnego->needs_mic ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE,
		.mech = spnego->mech,
	};
	spnego->step = SPNEGO_TOKEN_DUE;
	return respond(spnego, &resp, NULL, out, err);
}

/*
 * The context is established. With a reply of Kerberos' the acceptor's MIC goes first,
 * else the initiator's came with its token.
 */
static enum status reply_to_token(struct spnego *spnego, struct slice mech_reply,
	struct channel *channel, struct buffer *out, struct error *err)
{
	bool goes_first = mech_reply.data && spnego->needs_mic && !spnego->mic.data;
	if (!goes_first && judge_mic(spnego, channel, err))
		return err->status;
	struct spnego_resp resp = {
		.has_state = true,
		.state = goes_first ? SPNEGO_ACCEPT_INCOMPLETE : SPNEGO_ACCEPT_COMPLETED,
		.mech = spnego->is_first ? spnego->mech : SLICE_EMPTY,
		.token = mech_reply,
	};
	spnego->step = goes_first ? SPNEGO_MIC_DUE : SPNEGO_DONE;
	bool with_mic = goes_first || spnego->mic.data;
	return respond(spnego, &resp, with_mic ? channel : NULL, out, err);
}

static enum status reply(struct spnego *spnego, struct slice mech_reply, struct channel *channel,
	struct buffer *out, struct error *err)
{
	if (spnego->step == SPNEGO_MIC_READ) {
		spnego->step = SPNEGO_DONE;
		return judge_mic(spnego, channel, err);
	}
	if (spnego->step != SPNEGO_TOKEN_READ)
		return out_of_order(err, "no reply is due");
	if (spnego->is_raw) {
		spnego->step = SPNEGO_DONE;
		return buffer_append(out, mech_reply) ? error_no_memory(err) : STATUS_OK;
	}
	enum status status = channel ? reply_to_token(spnego, mech_reply, channel, out, err)
				     : ask_for_token(spnego, out, err);
	spnego->is_first = false;
	spnego->mic = SLICE_EMPTY;
	return status;
}

enum status spnego_reply(struct spnego *spnego, struct slice mech_reply, struct channel *channel,
	struct buffer *out, struct error *err)
{
	enum status status = reply(spnego, mech_reply, channel, out, err);
	if (status)
		spnego->step = SPNEGO_FAILED;
	return status;
}

enum status spnego_refuse(struct slice mech_token, struct buffer *out, struct error *err)
{
	const struct spnego_resp resp = {
		.has_state = true,
		.state = SPNEGO_REJECT,
		.token = mech_token,
	};
	return der_write_spnego_resp(&resp, out, err);
}
