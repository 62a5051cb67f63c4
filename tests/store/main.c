/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_ccache)                                                                             \
	X(test_ccache_choose)                                                                      \
	X(test_ccache_kcm_hostile)                                                                 \
	X(test_ccache_memory)                                                                      \
	X(test_ccache_offset)                                                                      \
	X(test_ccache_parse)                                                                       \
	X(test_ccache_store)                                                                       \
	X(test_ccache_trust)                                                                       \
	X(test_credential)                                                                         \
	X(test_keytab)                                                                             \
	X(test_keytab_find)                                                                        \
	X(test_keytab_parse)                                                                       \
	X(test_replay_cache)                                                                       \
	X(test_replay_cache_kept)                                                                  \
	X(test_replay_cache_libkrb5)

SUITES_MAIN(SUITES)
