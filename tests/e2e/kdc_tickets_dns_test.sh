#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# KDCs that DNS names: SRV records, from a name server of our own, in a network
# of our own where it may have port 53.
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/kdc.sh"
. "$(dirname "$0")/get_ticket.sh"
kdc_require ip:iproute2 unshare:util-linux

# All of it once more, inside.
if [ "${1-}" != inside ]; then
	rm -rf "$SCRATCH"
	unshare -r -n -m true 2>/dev/null || skip_all "no network namespace can be made here"
	exec unshare -r -n -m bash "$0" inside
fi
ip link set lo up
echo "nameserver 127.0.0.1
options timeout:1 attempts:1" >"$SCRATCH/resolv.conf"
mount --bind "$SCRATCH/resolv.conf" "$(readlink -f /etc/resolv.conf)" ||
	skip_all "/etc/resolv.conf cannot be replaced here"
# Names by DNS alone.
echo "hosts: dns" >"$SCRATCH/nsswitch.conf"
mount --bind "$SCRATCH/nsswitch.conf" /etc/nsswitch.conf

server_pid=
stop_server() {
	[ -n "$server_pid" ] || return
	kill "$server_pid" 2>/dev/null
	wait "$server_pid" 2>/dev/null
	server_pid=
}

# RECORD...
name_server() {
	local tries
	stop_server
	printf '%s\n' "$@" >"$SCRATCH/records"
	: >"$SCRATCH/questions"
	setpriv --pdeathsig KILL "$BUILDDIR/tests/tools/name_server" 127.0.0.1 53 "$SCRATCH/records" \
		>"$SCRATCH/questions" 2>&1 &
	server_pid=$!
	for ((tries = 0; tries < 200; tries++)); do
		grep -q ready "$SCRATCH/questions" && return
		sleep 0.02
	done
	cat "$SCRATCH/questions"
	return 1
}

was_asked() {
	grep -qi "^$1\$" "$SCRATCH/questions" || { cat "$SCRATCH/questions" && false; }
}

was_not_asked() {
	! was_asked "$1"
}

configure() {
	printf '%s\n' "[libdefaults]" "default_realm = EXAMPLE.TEST" "$@" >"$KRB5_CONFIG"
}

tgt='krbtgt/EXAMPLE.TEST@EXAMPLE.TEST for alice@EXAMPLE.TEST'
kdc_udp=yes
[ ! -e /proc/sys/net/ipv6 ] || kdc_also='[::1]'
kdc_start EXAMPLE.TEST
trap 'stop_server; kdc_stop; leave_scratch' EXIT
echo "addprinc -pw alice alice" | kdc_admin EXAMPLE.TEST
port=$kdc_port
udp=_kerberos._udp.EXAMPLE.TEST
tcp=_kerberos._tcp.EXAMPLE.TEST
host="kdc.example.test A $kdc_address"
configure

name_server "$udp SRV 0 10 $port kdc.example.test" "$tcp SRV 0 10 $port kdc.example.test" "$host"
ok "a KDC by its SRV record" gets "$tgt" -- -p alice alice
ok "by UDP" asked "$kdc_address:$port answered, by UDP"
ok "TCP's records were not looked up" was_not_asked "$tcp SRV"
configure "udp_preference_limit = 1"
ok "by TCP, with the records for that" gets "$tgt" -- -p alice alice
ok "they were looked up" was_asked "$tcp SRV"
configure

name_server "$tcp SRV 0 10 $port kdc.example.test" "$host"
ok "TCP alone" gets "$tgt" -- -p alice alice
ok "is used" asked "$kdc_address:$port answered, by TCP"

name_server "$udp SRV 10 0 $port kdc.example.test" "$udp SRV 0 0 1 dead.example.test" "$host" \
	"dead.example.test A $kdc_address"
ok "several, by priority" gets "$tgt" -- -p alice alice
ok "the first was looked up before the second" \
	test "$(grep -m 1 -o '^[a-z]*.example.test' "$SCRATCH/questions")" = dead.example.test
name_server "$udp SRV 10 0 $port kdc.example.test" "$udp SRV 0 0 1 gone.example.test" "$host"
ok "a name without an address is passed over" gets "$tgt" -- -p alice alice

name_server "$udp SRV 0 0 0 ." "$tcp SRV 0 0 0 ."
ok "a realm that says it has no KDC" \
	refused "no KDC of EXAMPLE.TEST is known: krb5.conf names none in [realms], and DNS has no SRV records for it" \
	-p alice alice
no_answer="no KDC of EXAMPLE.TEST is known: krb5.conf names none in [realms], and DNS could not be asked for its SRV records: no name server answers"
name_server "$host"
ok "a realm without records" \
	refused "no KDC of EXAMPLE.TEST is known: krb5.conf names none in [realms], and DNS has no SRV records for it" -p alice alice
name_server "$udp SRV 0 0 $port gone.example.test"
ok "a KDC without address" \
	refused "the KDC of EXAMPLE.TEST cannot be found: no address of gone.example.test (" -p alice alice
name_server "$udp -" "$tcp -"
ok "a name server that is silent" refused "$no_answer" -p alice alice
stop_server
ok "no name server at all" refused "$no_answer" -p alice alice

name_server "$udp SRV 0 10 $port kdc.example.test" "$host"
configure "dns_lookup_kdc = false"
ok "krb5.conf may forbid it" \
	refused "no KDC of EXAMPLE.TEST is known: krb5.conf names none in [realms], and dns_lookup_kdc does not let DNS be asked" \
	-p alice alice
ok "DNS was not asked" was_not_asked "$udp SRV"
configure "[realms]" "EXAMPLE.TEST = {" "kdc = kdc.example.test:$port" "}"
ok "a KDC that krb5.conf names goes first" gets "$tgt" -- -p alice alice
ok "DNS was asked for its address alone" was_not_asked "$udp SRV"
name_server "kdc.example.test AAAA ::1" "$host"
ok "a KDC with two addresses, of which one does not answer" gets "$tgt" -- -p alice alice
name_server "_kerberos-master._udp.EXAMPLE.TEST SRV 0 0 $port kdc.example.test" "$udp SRV 0 0 $port kdc.example.test" "$host"
configure
ok "a wrong password" refused "the password of alice@EXAMPLE.TEST is wrong" -p guess alice
ok "the primary KDC is looked up" was_asked "_kerberos-master._udp.EXAMPLE.TEST SRV"

by_v6="by IPv6"
if [ -n "$kdc_also" ]; then
	name_server "$udp SRV 0 10 $port kdc.example.test" "kdc.example.test AAAA ::1"
	configure
	ok "$by_v6" gets "$tgt" -- -p alice alice
	ok "its address is told" asked "[::1]:$port answered, by UDP"
	configure "[realms]" "EXAMPLE.TEST = {" "kdc = [::1]:$port" "}"
	ok "as krb5.conf writes it" gets "$tgt" -- -p alice alice
else
	skip "$by_v6" "there is no IPv6 here"
fi

addressless="of which the loopback interface has none"
echo "addprinc -randkey imap/mail.example.test" | kdc_admin EXAMPLE.TEST
configure "noaddresses = false"
if ip link add here type veth 2>/dev/null; then
	ip addr add 192.0.2.7/24 dev here
	ip link set here up
	ok "a ticket that is good from this host's addresses alone" gets "$tgt" -- -p alice alice
	ok "$addressless" \
		refused "the KDC of EXAMPLE.TEST says that the ticket-granting ticket of alice@EXAMPLE.TEST is for other network addresses (noaddresses in krb5.conf)" \
		-p alice alice imap/mail.example.test
else
	skip "$addressless" "no other interface can be made here"
fi
done_testing
