/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * world.h - what stays while scripts run: a realm with a service, people with
 * tickets for it, and what applications choose among.
 */
#ifndef TESTS_ATTACK_WORLD_H
#define TESTS_ATTACK_WORLD_H

#include <sasl/sasl.h>

#include "conf/krb5_conf.h"
#include "store/ccache.h"
#include "store/keytab.h"
#include "tests/support/realm.h"

struct identity {
	const char *principal;
	const char *name; /* of the user that the server takes it for */
	const char *cache;
	int32_t enctype; /* of the session key */
	struct key *session_key;
	struct buffer ticket;
	struct credential credential;
};

struct world {
	struct key *service_key;
	struct keytab *keytab;
	struct krb5_conf *conf;
	struct principal service;
	bool restarts_clients;
	bool has_md5; /* with which GSSAPI hashes bindings; without it there are none */
};
extern struct world world;

void world_open(void);
void world_close(void);

/* Between scripts: nobody remembers authenticators. */
void world_forget(void);

/* Each takes any octet. */
const struct identity *world_identity(unsigned char octet);
const char *world_authzid(unsigned char octet);
const sasl_channel_binding_t *world_binding(unsigned char octet);
uint32_t world_buffer(unsigned char octet);
sasl_security_properties_t world_security(unsigned char ssf, unsigned char buffer);
sasl_ssf_t world_external(unsigned char octet);

/* The value of the option, of a side whose client's option kerberos5_mutual is
 * this. */
const char *world_option(const char *name, bool mutual);

/* Nothing here may fail. */
void world_must(enum status status, const struct error *err);

#endif
