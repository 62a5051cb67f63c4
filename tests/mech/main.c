/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_binding)                                                                            \
	X(test_bindings)                                                                           \
	X(test_bindings_policy)                                                                    \
	X(test_bit_flips)                                                                          \
	X(test_channel_hash)                                                                       \
	X(test_delegation)                                                                         \
	X(test_forged)                                                                             \
	X(test_gs2)                                                                                \
	X(test_gss_spnego)                                                                         \
	X(test_gss_spnego_peers)                                                                   \
	X(test_gssapi)                                                                             \
	X(test_gssapi_bindings)                                                                    \
	X(test_gssapi_client)                                                                      \
	X(test_gssapi_replay)                                                                      \
	X(test_gssapi_server)                                                                      \
	X(test_gssapi_states)                                                                      \
	X(test_identities)                                                                         \
	X(test_kerberos_v5)                                                                        \
	X(test_layer_threads)                                                                      \
	X(test_layers)                                                                             \
	X(test_layers_data)                                                                        \
	X(test_local_names)                                                                        \
	X(test_mechanisms)                                                                         \
	X(test_names)                                                                              \
	X(test_pac_login)                                                                          \
	X(test_password_login)                                                                     \
	X(test_process)                                                                            \
	X(test_recorded_session)                                                                   \
	X(test_refusals)                                                                           \
	X(test_refusals_order)                                                                     \
	X(test_secrets)                                                                            \
	X(test_transfer)                                                                           \
	X(test_verdict)

SUITES_MAIN(SUITES)
