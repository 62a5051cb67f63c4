/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "crypto/random.h"
#include "gss/gss_mechanism.h"
#include "gss/gss_token.h"
#include "gss/spnego.h"
#include "mech/gssapi.h"
#include "tests/attack/scene.h"

static const struct ap_trace quiet;

void rogue_close(struct rogue *rogue)
{
	channel_close(&rogue->channel);
	ap_context_clear(&rogue->context);
	*rogue = (struct rogue){0};
}

static const struct protections *protections_of(const struct rogue *rogue)
{
	return rogue->mechanism == KERBEROS_V5 ? &krb_protections : &gss_protections;
}

static unsigned layer_of(unsigned octet)
{
	unsigned layer = octet & (LAYER_NONE | LAYER_INTEGRITY | LAYER_PRIVACY);
	return layer == (LAYER_INTEGRITY | LAYER_PRIVACY) ? LAYER_PRIVACY : layer;
}

/* ---- the client ---- */

static bool begin_client(struct scene *scene, const struct forgery *how,
	enum mechanism_tried mechanism, unsigned answers)
{
	struct rogue *rogue = &scene->rogue;
	if (scene->exchanges == MAX_EXCHANGES)
		return false;
	rogue_close(rogue);
	rogue->is_initiator = rogue->has_key = true;
	rogue->mechanism = mechanism;
	rogue->exchange = ++scene->exchanges;
	rogue->claim = (struct claim){
		.identity = how->identity,
		.exchange = rogue->exchange,
		.answers = answers,
		.authzid = how->authzid,
		.is_rogue = true,
	};
	return true;
}

static void send_claim(struct scene *scene, enum letter_kind kind, const struct buffer *token)
{
	letter_write(&scene->letter, kind, token->data, token->len);
	scene->letter.claim[0] = scene->rogue.claim;
	scene->letter.claims = 1;
}

static void make_binding(const struct forgery *how, const struct letter *given, struct buffer *out)
{
	struct challenge challenge = {0};
	const struct binding binding = {
		.layers = how->layers,
		.max_buffer = how->max_buffer,
		.authzid = slice_string(how->authzid),
	};
	if (given->octets.len == CHALLENGE_LENGTH)
		memcpy(challenge.octets, given->octets.data, CHALLENGE_LENGTH);
	if (how->faults & FORGE_OTHER_CHALLENGE)
		challenge.octets[how->octet % CHALLENGE_LENGTH] ^= 0x10;
	world_must(binding_make(&binding, &challenge, out, &(struct error){0}), NULL);
}

void rogue_request_v5(struct scene *scene, const struct forgery *how)
{
	struct rogue *rogue = &scene->rogue;
	const struct letter *given = &scene->letter;
	bool is_right = given->kind == CHALLENGE && !letter_is_changed(given) && how->faults == 0;
	AUTO_BUFFER binding = {0};
	AUTO_BUFFER token = {0};
	struct error err;
	if (!begin_client(scene, how, KERBEROS_V5, is_right ? given->login : 0))
		return;
	make_binding(how, given, &binding);
	const struct ad_element element = {AD_KERBEROS_V5_BINDING, buffer_slice(&binding)};
	const struct authorization_data data = {
		.count = how->faults & FORGE_NO_BINDING     ? 0
			 : how->faults & FORGE_TWO_BINDINGS ? 2
							    : 1,
		.element = {element, element},
	};
	bool mutual = (how->layers & LAYER_MUTUAL) != 0;
	const struct ap_initiator initiator = {
		.credential = &how->identity->credential,
		.now = timestamp_now(),
		.mutual = how->faults & FORGE_OTHER_OPTION ? !mutual : mutual,
		.subkey = true,
		.checksummed = how->faults & FORGE_OTHER_CHECKSUM ? SLICE_LITERAL("other")
								  : buffer_slice(&binding),
		.authorization_data = &data,
	};
	world_must(ap_req_make(&initiator, &quiet, &rogue->context, &token, &err), &err);
	rogue->claim.mutual = mutual;
	rogue->claim.layer = layer_of(how->layers);
	rogue->claim.max_buffer = how->max_buffer;
	send_claim(scene, REQUEST, &token);
}

static unsigned layer_of_flags(uint32_t flags)
{
	if ((flags & GSS_INTEG) == 0)
		return LAYER_NONE;
	return flags & GSS_CONF ? LAYER_PRIVACY : LAYER_INTEGRITY;
}

/* Puts SPNEGO around the token of Kerberos. */
static void negotiate(struct buffer *token)
{
	AUTO_BUFFER inner = *token;
	struct spnego spnego = {0};
	struct error err;
	*token = (struct buffer){0};
	world_must(spnego_initiate(&spnego, buffer_slice(&inner), token, &err), &err);
	spnego_close(&spnego);
}

void rogue_request_gss(struct scene *scene, const struct forgery *how)
{
	struct rogue *rogue = &scene->rogue;
	unsigned char value[GSS_CHECKSUM_LENGTH];
	struct gss_bindings bindings = {0};
	AUTO_BUFFER ap_req = {0};
	AUTO_BUFFER token = {0};
	struct error err;
	if (!begin_client(scene, how, how->negotiates ? GSS_SPNEGO : GSSAPI, 0))
		return;
	if (how->binding)
		world_must(gss_bindings_of(slice_of(how->binding->data, how->binding->len),
				   &bindings, &err),
			&err);
	const struct ap_initiator initiator = {
		.credential = &how->identity->credential,
		.now = timestamp_now(),
		.mutual = (how->flags & GSS_MUTUAL) != 0,
		.subkey = true,
		.checksum = gss_checksum_make(how->flags & ~(uint32_t)GSS_DELEG, &bindings, value),
	};
	world_must(ap_req_make(&initiator, &quiet, &rogue->context, &ap_req, &err), &err);
	world_must(gss_token_write(GSS_TOKEN_AP_REQ, buffer_slice(&ap_req), &token, &err), &err);
	rogue->claim.mutual = initiator.mutual;
	rogue->claim.binding = how->binding;
	rogue->flags = how->flags;
	/* What counts if no choice comes after it. */
	rogue->claim.authzid = "";
	rogue->claim.layer = layer_of_flags(how->flags);
	if (how->negotiates)
		negotiate(&token);
	if (!initiator.mutual) {
		gss_channel_open(&rogue->context, true, &rogue->channel);
		rogue->is_open = true;
	}
	send_claim(scene, REQUEST, &token);
}

static enum status read_reply(struct rogue *rogue, struct slice token, struct error *err)
{
	if (rogue->mechanism == KERBEROS_V5) {
		enum status status = ap_rep_read(token, &quiet, &rogue->context, err);
		return status ? status : channel_open(&rogue->context, true, &rogue->channel, err);
	}
	struct spnego_resp resp = {.token = token};
	if (rogue->mechanism == GSS_SPNEGO && spnego_resp_read(token, &resp, err))
		return err->status;
	token = resp.token;
	const struct gss_initiator initiator = {
		.now = timestamp_now(),
		.permitted = krb5_conf_permitted_enctypes(world.conf),
		.asked = &world.service,
	};
	enum status status = gss_initiate_finish(&initiator, token, &quiet, &rogue->context, err);
	if (!status)
		gss_channel_open(&rogue->context, true, &rogue->channel);
	return status;
}

void rogue_read_reply(struct scene *scene)
{
	struct rogue *rogue = &scene->rogue;
	struct error err;
	if (!rogue->is_initiator || rogue->is_open || !rogue->context.session_key ||
		read_reply(rogue, buffer_slice(&scene->letter.octets), &err))
		return;
	rogue->is_open = true;
	rogue->claim.answers = scene->letter.login;
	letter_write(&scene->letter, OTHER, "", 0);
}

void rogue_choose(struct scene *scene, const struct forgery *how, bool sealed, unsigned ahead)
{
	struct rogue *rogue = &scene->rogue;
	unsigned char header[LAYER_MESSAGE_HEADER];
	AUTO_BUFFER offer = {0};
	AUTO_BUFFER token = {0};
	struct error err;
	if (!rogue->is_initiator || !rogue->is_open || rogue->mechanism != GSSAPI)
		return;
	(void)!gss_unwrap(&rogue->channel, buffer_slice(&scene->letter.octets), &offer, &err);
	store_u32(header, how->max_buffer & 0xffffff);
	header[0] = (unsigned char)how->layers;
	const struct slice pieces[] = {slice_of(header, sizeof header), slice_string(how->authzid)};
	rogue->channel.send_seq += ahead;
	const struct protection *protection =
		sealed ? gss_protections.privacy : gss_protections.integrity;
	world_must(protection->make(&rogue->channel, pieces, 2, &token, &err), &err);
	rogue->claim.authzid = how->authzid;
	rogue->claim.layer = layer_of(how->layers);
	rogue->claim.max_buffer = how->max_buffer & 0xffffff;
	send_claim(scene, CHOICE, &token);
	if (ahead && (rogue->flags & (GSS_REPLAY | GSS_SEQUENCE)))
		scene->letter.claims = 0; /* numbers count: nobody would make that */
}

/* ---- the server ---- */

void rogue_challenge(struct scene *scene, unsigned layers, uint32_t max_buffer)
{
	struct challenge challenge;
	struct error err;
	world_must(challenge_make(layers, max_buffer, &challenge, &err), &err);
	letter_write(&scene->letter, CHALLENGE, challenge.octets, CHALLENGE_LENGTH);
}

static enum status accept_request(struct rogue *rogue, struct slice token, struct error *err)
{
	const struct ap_acceptor acceptor = {
		.keytab = world.keytab,
		.service = slice_string(REALM_SERVICE),
		.conf = world.conf,
		.now = timestamp_now(),
		.understood_ad_type = AD_KERBEROS_V5_BINDING,
	};
	const struct gss_acceptor gss = {.permitted = krb5_conf_permitted_enctypes(world.conf)};
	struct spnego_init init = {.token = token};
	struct slice ap_req = token;
	if (rogue->mechanism == GSS_SPNEGO && spnego_init_read(token, &init, err))
		return err->status;
	if (rogue->mechanism != KERBEROS_V5 && gss_request_read(init.token, &ap_req, err))
		return err->status;
	enum status status = ap_req_read(&acceptor, ap_req, &quiet, &rogue->context, err);
	if (status || rogue->mechanism == KERBEROS_V5)
		return status;
	return gss_accept(&gss, &quiet, &rogue->context, &rogue->accepted, err);
}

/* Who has not the key can do no better than guess. */
static void guess(struct rogue *rogue)
{
	struct error err;
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA1);
	ap_context_clear(&rogue->context);
	world_must(key_random(type, &rogue->context.session_key, &err), &err);
	rogue->context.time = timestamp_now();
	rogue->context.mutual = true;
}

void rogue_accept(struct scene *scene, bool has_key)
{
	struct rogue *rogue = &scene->rogue;
	const struct letter *given = &scene->letter;
	struct error err;
	if (given->kind != REQUEST || given->claims != 1 || given->octets.len == 0)
		return;
	rogue_close(rogue);
	rogue->mechanism = gss_framing_is(buffer_slice(&given->octets), GSS_OID_SPNEGO) ? GSS_SPNEGO
			   : given->octets.data[0] == 0x60                              ? GSSAPI
							   : KERBEROS_V5;
	rogue->has_key =
		has_key && accept_request(rogue, buffer_slice(&given->octets), &err) == STATUS_OK;
	if (!rogue->has_key)
		guess(rogue);
	rogue->exchange = rogue->has_key ? given->claim[0].exchange : 0;
	rogue->is_open = true;
}

static void accept_completed(struct buffer *token)
{
	AUTO_BUFFER inner = *token;
	const struct spnego_resp resp = {
		.has_state = true, .mech = GSS_OID_KERBEROS, .token = buffer_slice(&inner)};
	struct error err;
	*token = (struct buffer){0};
	world_must(der_write_spnego_resp(&resp, token, &err), &err);
}

void rogue_reply(struct scene *scene, bool subkey, bool other_time)
{
	struct rogue *rogue = &scene->rogue;
	const struct enctype *type;
	AUTO_BUFFER ap_rep = {0};
	AUTO_BUFFER token = {0};
	struct error err;
	if (rogue->is_initiator || !rogue->is_open || rogue->context.acceptor_subkey)
		return;
	type = subkey ? key_type(rogue->context.session_key) : NULL;
	if (other_time)
		rogue->context.time.microseconds ^= 1;
	world_must(ap_rep_make(type, &quiet, &rogue->context, &ap_rep, &err), &err);
	if (rogue->mechanism == KERBEROS_V5)
		mint_octets(&token, buffer_slice(&ap_rep));
	else
		world_must(gss_token_write(GSS_TOKEN_AP_REP, buffer_slice(&ap_rep), &token, &err),
			&err);
	if (rogue->mechanism == GSS_SPNEGO)
		accept_completed(&token);
	letter_write(&scene->letter, REPLY, token.data, token.len);
	if (rogue->mechanism == GSS_SPNEGO)
		letter_has_inner(&scene->letter);
	scene->letter.exchange[0] = other_time ? 0 : rogue->exchange;
	channel_close(&rogue->channel);
	gss_channel_open(&rogue->context, false, &rogue->channel);
}

void rogue_offer(struct scene *scene, unsigned layers, uint32_t max_buffer, bool sealed)
{
	struct rogue *rogue = &scene->rogue;
	unsigned char header[LAYER_MESSAGE_HEADER];
	AUTO_BUFFER token = {0};
	struct error err;
	if (rogue->is_initiator || !rogue->is_open || rogue->mechanism != GSSAPI)
		return;
	if (!rogue->channel.key)
		gss_channel_open(&rogue->context, false, &rogue->channel);
	store_u32(header, max_buffer & 0xffffff);
	header[0] = (unsigned char)layers;
	const struct slice piece = slice_of(header, sizeof header);
	const struct protection *protection =
		sealed ? gss_protections.privacy : gss_protections.integrity;
	world_must(protection->make(&rogue->channel, &piece, 1, &token, &err), &err);
	letter_write(&scene->letter, OFFER, token.data, token.len);
	scene->letter.exchange[0] = rogue->exchange;
}

/* ---- data ---- */

/* What the honest side at the other end reads. */
static bool is_private(const struct scene *scene)
{
	const struct rogue *rogue = &scene->rogue;
	const struct side *other = rogue->is_initiator ? &scene->server : &scene->client;
	return other->conn && other->exchange == rogue->exchange && side_ssf(other) > 1;
}

void rogue_packet(struct scene *scene, unsigned faults, unsigned len, unsigned char fill)
{
	struct rogue *rogue = &scene->rogue;
	unsigned char data[1024], length[4];
	AUTO_BUFFER message = {0};
	AUTO_BUFFER packet = {0};
	struct error err;
	if (!rogue->channel.key)
		return;
	bool privacy = is_private(scene) != ((faults & PACKET_OTHER_KIND) != 0);
	const struct protections *protections = protections_of(rogue);
	struct channel channel = rogue->channel;
	channel.is_initiator ^= (faults & PACKET_REFLECTED) != 0;
	channel.send_seq += (faults & PACKET_AHEAD) != 0;
	len %= sizeof data;
	memset(data, fill, len);
	const struct slice piece = slice_of(data, len);
	world_must((privacy ? protections->privacy : protections->integrity)
			   ->make(&channel, &piece, 1, &message, &err),
		&err);
	store_u32(length, (uint32_t)message.len);
	mint_octets(&packet, slice_of(length, sizeof length));
	mint_octets(&packet, buffer_slice(&message));
	letter_write(&scene->letter, PACKET, packet.data, packet.len);
	if (faults & (PACKET_OTHER_KIND | PACKET_AHEAD | PACKET_REFLECTED))
		return;
	rogue->channel.send_seq = channel.send_seq;
	mint_octets(&scene->stream[rogue->exchange][rogue->is_initiator ? 0 : 1].sent, piece);
}
