# SPDX-License-Identifier: BSD-3-Clause
# mistakes.sh - what administrators meet, tried at a real server; sourced after
# common.sh.
#
# What server and client have to say stands in doc/servers.md, as "<!-- NAME
# log -->" and "<!-- NAME client -->", or "<!-- NAME told -->" from a client that the
# server told, with OpenLDAP's names. The test says
# what is different with its server:
#
#	SERVICE KEYTAB OWNER    its principal, its keytab and who may read it
#	KEYTAB_NAME             how the server calls the keytab, if not so (in a chroot)
#	CLIENT_ADDRESS          where its clients are, if it tells libsasl2
#	REFUSED                 "client" if a refused login fails at once, and the protocol
#	                        carries the reason; else the client is told first
#	MECH                    the mechanism
#	log_in COMMAND...       alice's login with $MECH; COMMAND (env ...) goes before the client
#	server_says LEVEL TEXT  was it logged so? LEVEL is ERR or FAIL
#	client_says HOW TEXT    what the user reads. HOW is "local" where the client found
#	                        out itself, "refused" where the server told, and "listed"
#	                        where the mechanism is missing in the server's list
#	works_besides           a login with another mechanism succeeds at the same server
#	alone                   has the server start anew with $MECH only in its list
#	restore                 and as it was
#
# shellcheck shell=bash disable=SC2034

# The text of the guide with this server's names.
text_of() { # NAME SIDE
	snippet "$1 $2" | sed -e "s,/etc/ldap/ldap.keytab,KEYTAB,g; s,ldap/ldap.example.test,$SERVICE,g" \
		-e "s,ldap/,${SERVICE%%/*}/,g; s,KEYTAB,${KEYTAB_NAME:-$KEYTAB},g; s,GSSAPI,$MECH,g" \
		-e "s/ from 192\.0\.2\.7/${CLIENT_ADDRESS:+ from $CLIENT_ADDRESS}/" \
		-e "s,user 104\, group 108,user $(id -u "$OWNER")\, group $(id -g "$OWNER"),"
}

expect() { # NAME LEVEL HOW
	if [ "$2" != - ]; then
		server_says "$2" "$(text_of "$1" log)" || return
	fi
	local side=client
	[ "$3" != refused ] || side=${REFUSED:-told}
	client_says "$3" "$(text_of "$1" "$side")"
}

login_fails() {
	! log_in "$@" || { echo "the login succeeded" && show_both && false; }
}

# Tickets that no KDC would give. As its owner's, in $SCRATCH/cc.
kvno() {
	klist -k "$1" | awk '$1 + 0 > kvno { kvno = $1 + 0 } END { print kvno + 0 }'
}

minted() { # MINT-OPTION...
	rm -f "$SCRATCH/minted" "$SCRATCH/mint.keytab"
	cp "$KEYTAB" "$SCRATCH/mint.keytab" &&
		"$MINT" --keytab "$SCRATCH/mint.keytab" --ccache "$SCRATCH/minted" --realm EXAMPLE.TEST \
			--service "$SERVICE" --kvno "$(kvno "$KEYTAB")" --enctype aes256-cts-hmac-sha1-96 "$@" &&
		install -o alice -m 600 "$SCRATCH/minted" "$SCRATCH/cc/alice.minted"
}

use_minted=(env "KRB5CCNAME=$SCRATCH/cc/alice.minted")

# keytab NAME...: a keytab with the keys of these principals, new ones.
new_keytab() {
	local name
	rm -f "$KEYTAB"
	for name; do
		kadmin -q "ktadd -k $KEYTAB $name" >/dev/null || return
	done
	chown "$OWNER" "$KEYTAB" && chmod 400 "$KEYTAB"
}

fresh_ticket() { # USER
	echo "$1" | as_user "$1" kinit "$1" >/dev/null && as_user "$1" kvno -q "$SERVICE"
}

# ---- the cells ----

no_keytab() {
	mv "$KEYTAB" "$KEYTAB.away" && login_fails && expect no-keytab ERR listed && works_besides
}

unreadable_keytab() {
	mv "$KEYTAB.away" "$KEYTAB" && chown root:root "$KEYTAB" && chmod 600 "$KEYTAB" && login_fails &&
		expect unreadable-keytab ERR listed && works_besides
}

other_host() {
	cp -a "$KEYTAB" "$KEYTAB.away" && new_keytab "${SERVICE%/*}/old.example.test" && login_fails &&
		expect other-host FAIL refused
}

keytab_is_right() {
	mv "$KEYTAB.away" "$KEYTAB" && chown "$OWNER" "$KEYTAB" && chmod 400 "$KEYTAB" && log_in
}

no_ccache() {
	login_fails env KRB5CCNAME="$SCRATCH/cc/none" && expect no-ccache - local
}

# Nor one to get it by.
no_ticket() {
	echo alice | as_user alice kinit -S kadmin/changepw -c "$SCRATCH/cc/alice.tgt" alice >/dev/null &&
		login_fails env KRB5CCNAME="$SCRATCH/cc/alice.tgt" && expect no-ticket - local
}

expired() {
	minted --authtime -20h --endtime -10h && login_fails "${use_minted[@]}" && expect expired - local
}

# The client's clock is 10 minutes behind.
clock() {
	minted --authtime -1h --kdc-offset -600 && login_fails "${use_minted[@]}" && expect clock FAIL refused
}

other_realm() {
	minted --realm OTHER.TEST --client alice@OTHER.TEST && login_fails "${use_minted[@]}" &&
		expect other-realm FAIL refused
}

# The KDC has a key that the keytab lacks; then both are in the keytab; then only the new one.
key_changed() {
	cp "$SCRATCH/cc/alice" "$SCRATCH/cc/alice.old" && chown alice "$SCRATCH/cc/alice.old" &&
		kadmin -q "cpw -randkey $SERVICE" >/dev/null && fresh_ticket alice && login_fails &&
		expect old-key FAIL refused && log_in env "KRB5CCNAME=$SCRATCH/cc/alice.old"
}

both_keys() {
	kadmin -q "ktadd -k $KEYTAB $SERVICE" >/dev/null && fresh_ticket alice && log_in &&
		log_in env "KRB5CCNAME=$SCRATCH/cc/alice.old"
}

new_key_only() {
	new_keytab "$SERVICE" && fresh_ticket alice && log_in &&
		login_fails env "KRB5CCNAME=$SCRATCH/cc/alice.old" && expect old-ticket FAIL refused
}

alone_without_keytab() {
	local before
	before=$(stat -c %s "$SYSLOG")
	mv "$KEYTAB" "$KEYTAB.away" && alone && login_fails && LOG_START=$before && expect no-keytab ERR alone &&
		mv "$KEYTAB.away" "$KEYTAB" && log_in && restore
}

mistakes() {
	ok "$MECH: no keytab" no_keytab
	ok "$MECH: a keytab that the server cannot read" unreadable_keytab
	ok "$MECH: a key for another host" other_host
	ok "$MECH: the keytab mended" keytab_is_right
	ok "$MECH: no credential cache" no_ccache
	ok "$MECH: tickets for other services only" no_ticket
	ok "$MECH: an expired ticket" expired
	ok "$MECH: a clock 10 minutes off" clock
	ok "$MECH: another realm" other_realm
	ok "$MECH: the KDC has a new key, the old one is in the keytab" key_changed
	ok "$MECH: both keys in the keytab, tickets for both" both_keys
	ok "$MECH: the new key only, and a ticket for the old one" new_key_only
	ok "$MECH: no other mechanism and no keytab" alone_without_keytab
}
