#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# librdkafka, by kcat, at a broker of the tests.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
servers_require kcat:kcat

SERVICE=kafka/mail.example.test
KEYTAB=/etc/kafka.keytab

broker_start() {
	mkdir -p /etc/sasl2
	printf '%s\n' 'mech_list: GSSAPI' "keytab: $KEYTAB" 'log_level: 4' >/etc/sasl2/kafka.conf
	start broker "$BUILDDIR/tests/tools/broker" mail.example.test 9092
	until_true bash -c ': </dev/tcp/mail.example.test/9092'
}

lists() {
	run as_user www-data bash -e "$SCRATCH/login"
	printed "broker 0 at mail.example.test:9092"
}

guide_works() {
	kadmin -q "ktadd -k $KEYTAB $SERVICE" && guide kafka-keytab && guide_file kafka-conf /etc/kcat.conf &&
		broker_start && snippet kafka-login >"$SCRATCH/login" && lists &&
		logged "broker: events/mail.example.test logged in by GSSAPI"
}

by_users_ticket() {
	run as_user alice bash -c 'kinit alice && exec kcat -F /etc/kcat.conf -L' <<<alice
	printed "broker 0 at mail.example.test:9092" && logged "broker: alice logged in by GSSAPI"
}

without_keytab() {
	mv /etc/events.keytab /etc/events.away && ! lists >/dev/null && mv /etc/events.away /etc/events.keytab &&
		printed "client keytab: there is no client keytab /etc/events.keytab"
}

key_out_of_date() {
	kadmin -q "ktadd -k $SCRATCH/newer.keytab $SERVICE" && ! lists >/dev/null &&
		printed "the server has no key of the ticket's version for $SERVICE" &&
		logged "broker: GSSAPI: login refused: the ticket for $SERVICE@EXAMPLE.TEST is encrypted"
}

servers_kdc "$SERVICE"
ok "doc/clients.md: librdkafka" guide_works
ok "librdkafka: a user's ticket" by_users_ticket
ok "librdkafka: without a keytab" without_keytab
ok "librdkafka: the server's key is out of date" key_out_of_date
done_testing
