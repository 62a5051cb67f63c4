#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# with_kdc.sh COMMAND... - runs it as alice after kinit, with a KDC of MIT's on
# the loopback network that has the benchmarks' service. Says so where there is no KDC.
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/../e2e/kdc.sh"

if ! command -v krb5kdc kadmin.local kinit >/dev/null; then
	echo "$(basename "$1"): needs a KDC (Debian: krb5-kdc, krb5-admin-server, krb5-user)"
	exit 0
fi

export KRB5_CONFIG=$SCRATCH/krb5.conf KRB5CCNAME=$SCRATCH/ccache KRB5_KTNAME=$SCRATCH/keytab
export KRB5RCACHENAME=file2:$SCRATCH/rcache
kdc_start EXAMPLE.TEST
kdc_admin EXAMPLE.TEST <<END
addprinc -pw alice alice
addprinc -randkey test/mail.example.test
ktadd -k $KRB5_KTNAME test/mail.example.test
END
{
	# shellcheck disable=SC2119
	kdc_client_conf
	printf '[domain_realm]\n\tmail.example.test = EXAMPLE.TEST\n'
} | sed 's/^\[realms\]/\trdns = false\n&/' >"$KRB5_CONFIG"
echo alice | kinit alice >/dev/null || kdc_fail "kinit"
"$@"
