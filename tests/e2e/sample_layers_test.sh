#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Security layers between sasl-sample-server and sasl-sample-client, which
# know nothing of Kerberos: each sends the other one protected message.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"

PATH=$PATH:/usr/sbin
host=mail.example.test

for program in sasl-sample-server sasl-sample-client; do
	command -v $program >/dev/null || skip_all "$program is missing"
done

cat >"$SCRATCH/krb5.conf" <<END
[libdefaults]
	default_realm = EXAMPLE.TEST
END
cat >"$SCRATCH/sample.conf" <<END
mech_list: KERBEROS_V5
keytab: $SCRATCH/keytab
log_level: 4
END
export KRB5_CONFIG=$SCRATCH/krb5.conf KRB5CCNAME=FILE:$SCRATCH/ccache SASL_CONF_PATH=$SCRATCH
"$MINT" --service "imap/$host" --keytab "$SCRATCH/keytab" --ccache "$SCRATCH/ccache" >&2 || exit 99

# session SERVER_OPTIONS CLIENT_OPTIONS: a login and a message each way.
session() {
	local server client
	read -ra server <<<"$1"
	read -ra client <<<"$2"
	"$SRCDIR/tests/tools/sasl_shuttle.sh" "$SCRATCH" \
		sasl-sample-server -s imap -p "$KERBEROS5_MODULE_DIR" "${server[@]}" -- \
		sasl-sample-client -s imap -n "$host" -p "$KERBEROS5_MODULE_DIR" -m KERBEROS_V5 "${client[@]}"
	local status=$?
	cat "$SCRATCH"/{server,client}.{out,err}
	return "$status"
}

said() { # SIDE LINE
	grep -aqxF -e "$2" "$SCRATCH/$1.out" || { echo "the $1 did not say: $2"; false; }
}

# protects SSF SERVER_OPTIONS CLIENT_OPTIONS
protects() {
	session "$2" "$3" && said server "SSF: $1" && said client "SSF: $1" &&
		said server "recieved decoded message 'client message 1'" &&
		said client "recieved decoded message 'srv message 1'"
}

# The message as it is, in one packet whose data are in the clear with integrity alone.
shows_message() {
	sed -n 's/^S: //p' "$SCRATCH/server.out" | tail -1 | base64 -d | grep -aqF 'srv message 1'
}

hides_message() {
	! shows_message
}

# refuses TEXT SERVER_OPTIONS CLIENT_OPTIONS
refuses() {
	if session "$2" "$3"; then
		return 1
	fi
	grep -aqF -e "$1" "$SCRATCH/server.err" "$SCRATCH/client.err" || { echo "not said: $1"; false; }
}

ok "privacy" protects 256 "-b min=0,max=256" "-b min=0,max=256"
ok "hides the data" hides_message
ok "integrity, as the client wants it" protects 1 "-b min=0,max=256" "-b min=0,max=1"
ok "shows the data" shows_message
ok "integrity, as the server wants it" protects 1 "-b min=0,max=1" "-b min=0,max=256"
ok "privacy, as the server requires it" protects 256 "-b min=256,max=256" "-b min=0,max=256"
ok "no layer where one side wants none" protects 0 "-b min=0,max=0" "-b min=0,max=256"
ok "no layer under TLS" protects 0 "-e ssf=256 -b min=0,max=256" "-e ssf=256 -b min=0,max=256"
ok "no login where the client requires what the server does not offer" \
	refuses "Performing SASL negotiation: generic failure" "-b min=0,max=0" "-b min=1,max=256"

"$MINT" --service "imap/$host" --keytab "$SCRATCH/keytab" --ccache "$SCRATCH/ccache" \
	--session-enctype aes128-cts-hmac-sha256-128 >&2 || exit 99
ok "privacy by a key of 128 bits" protects 128 "-b min=0,max=256" "-b min=0,max=256"
ok "no login with a key that is too weak" \
	refuses "this server requires a security layer of strength 129" "-b min=129,max=256" "-b min=0,max=256"
done_testing
