# SPDX-License-Identifier: BSD-3-Clause
# ccaches.sh - credential caches of all types, beside MIT's programs; sourced
# after tap.sh and kdc.sh.
#
#	ccaches_start           a KDC with alice and bob, and the file $SCRATCH/alice: her cache
#	                        with tickets for imap/ and ldap/mail.example.test
#	$CCACHE COMMAND...      the tool tests/tools/ccache
#	kcm_start               runs Heimdal's kcm in a /run of its own, and has krb5.conf say where it
#	                        listens; false where it cannot be run, and $kcm_missing says why
#	keyring_works           may keyrings be used here? False else, and $keyring_missing says why
#	kept TYPE:NAME SERVICE... what klist shows of the cache has all these services
#
# shellcheck shell=bash disable=SC2034  # tests read what is set

CCACHE=$BUILDDIR/tests/tools/ccache
keyring=k5test$$
kcm_pid=
kcm_missing=
keyring_missing=
export KRB5_CONFIG=$SCRATCH/krb5.conf

ccaches_stop() {
	local name
	for name in "KEYRING:session:$keyring" "KEYRING:user:$keyring" "KEYRING:$keyring"; do
		KRB5CCNAME=$name kdestroy -A -q 2>/dev/null
	done
	kdestroy -q -c "KEYRING:persistent:$(id -u):$keyring" 2>/dev/null
	"$CCACHE" forget "$keyring"
	kdc_stop
	if [ -n "$kcm_pid" ]; then
		kill "$kcm_pid"
		wait "$kcm_pid"
	fi
} >/dev/null 2>&1

ccaches_start() {
	kdc_start EXAMPLE.TEST
	trap 'ccaches_stop; leave_scratch' EXIT
	kdc_admin EXAMPLE.TEST <<-END
		addprinc -pw alice alice
		addprinc -pw bob bob
		addprinc -randkey imap/mail.example.test
		addprinc -randkey ldap/mail.example.test
		addprinc -randkey smtp/mail.example.test
	END
	kdc_client_conf >"$KRB5_CONFIG"
	KRB5CCNAME=FILE:$SCRATCH/alice ticket alice imap/mail.example.test ldap/mail.example.test \
		>/dev/null || kdc_fail "no tickets for alice"
}

# kcm takes its socket's path from nowhere: it is given another /run.
kcm_start() {
	local program tries as_root=()
	program=$(PATH=$PATH:/usr/lib/heimdal-servers command -v kcm) ||
		{ kcm_missing="kcm (Debian: heimdal-kcm)" && return 1; }
	[ "$(id -u)" -eq 0 ] || as_root=(-r)
	mkdir "$SCRATCH/run"
	if ! unshare "${as_root[@]}" -m mount --bind "$SCRATCH/run" /run 2>/dev/null; then
		kcm_missing="the right to mount (unshare -m)"
		return 1
	fi
	sed -i "s,^\[libdefaults\],&\n\tkcm_socket = $SCRATCH/run/.heim_org.h5l.kcm-socket," \
		"$KRB5_CONFIG"
	# shellcheck disable=SC2016  # the inner shell's
	unshare "${as_root[@]}" -m sh -c 'mount --bind "$1" /run && shift && exec "$@"' sh \
		"$SCRATCH/run" setpriv --pdeathsig TERM timeout 300 "$program" \
		>"$SCRATCH/kcm.log" 2>&1 &
	kcm_pid=$!
	for ((tries = 0; tries < 100; tries++)); do
		[ -S "$SCRATCH/run/.heim_org.h5l.kcm-socket" ] && return
		sleep 0.05
	done
	kcm_missing="a kcm that starts: $(head -n 1 "$SCRATCH/kcm.log")"
	return 1
}

# What the module was built without, or MIT's programs cannot do here, is not for us to try.
keyring_works() {
	local said
	if "$CCACHE" list KEYRING:session:none 2>&1 | grep -q 'is of type KEYRING'; then
		keyring_missing="keyrings: configured --without-keyring"
		return 1
	fi
	if said=$(echo alice | kinit -c "KEYRING:session:$keyring:probe" alice 2>&1); then
		kdestroy -q -c "KEYRING:session:$keyring:probe"
		return
	fi
	keyring_missing="keyrings: ${said##*: }"
	return 1
}

kept() {
	local name=$1 service
	shift
	klist -c "$name" >"$SCRATCH/klist" || return
	for service; do
		grep -qF " $service" "$SCRATCH/klist" || { cat "$SCRATCH/klist" && return 1; }
	done
}
