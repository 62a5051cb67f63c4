#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# libvirtd, with the machines of its test driver.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317  # other files read and set them; ok() calls these functions
. "$(dirname "$0")/common.sh"
servers_require libvirtd:libvirt-daemon virsh:libvirt-clients

libvirtd_start() {
	! is_started libvirtd || stop libvirtd
	start libvirtd libvirtd --listen -f /etc/libvirt/libvirtd.conf
	until_true bash -c ': </dev/tcp/mail.example.test/16509'
}

lists() {
	run as_user alice bash -e "$SCRATCH/login" <<<alice
	printed running
}

guide_works() {
	useradd -r -M libvirt-qemu
	empty /var/lib /var/cache /var/log
	guide libvirt-keytab && guide_file libvirt-conf /etc/sasl2/libvirt.conf &&
		guide_file libvirtd-conf /etc/libvirt/libvirtd.conf && libvirtd_start && snippet libvirt-login >"$SCRATCH/login" &&
		lists && logged 'GSSAPI: login accepted from 192.0.2.1: alice@EXAMPLE.TEST authenticated to libvirt/mail.example.test@EXAMPLE.TEST as "alice"' &&
		loads "$(cat "$SCRATCH/pids/libvirtd")"
}

kerberos_v5() {
	sed -i 's/^mech_list: .*/mech_list: KERBEROS_V5/' /etc/sasl2/libvirt.conf && libvirtd_start && lists
}

without_keytab() {
	rm /etc/libvirt/libvirt.keytab && ! lists
}

servers_kdc
ok "doc/servers.md: libvirt" guide_works
ok "libvirt: KERBEROS_V5" kerberos_v5
ok "libvirt: without a keytab" without_keytab
done_testing
