/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connection.h - both ends of a login in one process, through libsasl2's
 * public API, for the benchmarks. Our module is in the folder of the environment
 * variable KERBEROS5_MODULE_DIR, others in that of PEER_MODULE_DIR, which need
 * not be set. Whatever goes wrong ends the program with a sentence.
 */
#ifndef TESTS_BENCH_CONNECTION_H
#define TESTS_BENCH_CONNECTION_H

#include <sasl/sasl.h>
#include <stdbool.h>

#include "crypto/enctype.h"

#define KERBEROS_V5 "KERBEROS_V5"
#define GSSAPI "GSSAPI"

/* The longest packet that both ends take: more than the largest message that is measured. */
#define CONNECTION_MAX_PACKET (1U << 17)

enum layer_kind { WITHOUT_LAYER, INTEGRITY, PRIVACY };

struct connection {
	sasl_conn_t *client, *server;
};

/* In the realm (realm_start() has made it), from now on all keys are of this type. */
void bench_issue(const struct enctype *type);

/* Whose modules libsasl2 finds. With both there is one GSSAPI, and it is not said which. */
enum modules { OURS, THEIRS, BOTH };

/* Starts libsasl2, and ends it again. */
void bench_start(enum modules modules);
void bench_stop(void);

/* Has libsasl2 this mechanism, for both sides? */
bool bench_has(const char *mechanism);

void connection_open(struct connection *connection, const char *mechanism, enum layer_kind layer);
void connection_close(struct connection *connection);

/* sasl_encode() and sasl_decode(). */
void connection_send(sasl_conn_t *from, const void *data, unsigned len, const char **packet,
	unsigned *packet_len);
void connection_receive(
	sasl_conn_t *to, const char *packet, unsigned packet_len, unsigned expected_len);

#endif
