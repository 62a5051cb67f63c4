/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/realm_kdc.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/keytab.h"
#include "tests/support/must.h"
#include "tests/support/pair.h"
#include "tests/support/realm.h"

static struct key *service_key(void)
{
	struct keytab *keytab;
	NEW_ERROR(err);
	must_succeed(keytab_get(realm_path("keytab"), KEYTAB_SERVER, &keytab, NULL, &err), &err);
	struct key *key = key_ref(keytab_entry_at(keytab, 0)->key);
	keytab_release(keytab);
	return key;
}

struct fake_asked *realm_kdc_open(struct fake_world *world, uint32_t ticket_flags)
{
	static const char *const services[] = {REALM_SERVICE "/" REALM_HOST, NULL};
	char conf[500];
	unsigned port;
	realm_issue(&(struct realm_ticket){0});
	remove(realm_path("ccache"));
	unsetenv("KRB5_CLIENT_KTNAME");
	fake_open(world, "");
	world->kdc[0].services = services;
	world->kdc[0].preauth = true;
	world->kdc[0].extra_flags = ticket_flags;
	world->kdc[0].service_key = service_key();
	struct fake_asked *asked = fake_serve(world, &port);
	snprintf(conf, sizeof conf,
		"[libdefaults]\n\tdefault_realm = " REALM_NAME "\n"
		"\tdefault_client_keytab_name = %s\n"
		"[realms]\n\t" REALM_NAME " = {\n\t\tkdc = udp/127.0.0.1:%u\n\t}\n",
		realm_path("client"), port);
	pair_library_stop();
	realm_configure(conf);
	pair_library_start();
	return asked;
}

void realm_kdc_close(struct fake_world *world)
{
	fake_serve_end();
	fake_close(world);
	keytab_forget();
	remove(realm_path("client"));
}
