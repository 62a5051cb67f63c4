#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# GSSAPI: what a client has sent is not taken a second time, by no process on
# the host that has this module or libkrb5 in it.
#
# shellcheck disable=SC2317  # ok() calls these functions
. "$(dirname "$0")/../support/tap.sh"
. "$(dirname "$0")/peers.sh"

recording=$SCRATCH/recording
# A recorded session begins with the ticket and its authenticator; what comes
# then is under keys that the next server chooses anew, but not without
# mutual authentication.
one_way="maxssf=0 opt.kerberos5_mutual=no"

# records SERVER CLIENT [CLIENT_WORDS [SERVER_WORDS]]
records() {
	meet "$1" "${4-}" "$2" "record=$recording ${3-}" && said "server: ok "
}

# replays SERVER [WORDS]: what was recorded, to a server of its own. True if it took all of it.
replays() {
	peer_of server "$1" "${2-}"
	join "${side[@]}" -- "$PEER" replay "$recording"
}

is_known_replay() {
	refused "$@" && said "is a replay"
}

# taken_once SERVER CLIENT [CLIENT_WORDS]: by one process, in two logins.
taken_once() {
	local server
	peer_of server "$1" logins=2
	server=("${side[@]}")
	peer_of client "$2" "record=$recording ${3-}"
	refused join "${server[@]}" -- "${side[@]}" -- "$PEER" replay "$recording" && said "server: ok " && said "is a replay"
}

# taken_by_one FIRST_SERVER SECOND_SERVER CLIENT [CLIENT_WORDS]
taken_by_one() {
	records "$1" "$3" "${4-}" && is_known_replay replays "$2"
}

# With a file of another name.
named() {
	KRB5RCACHENAME=file2:$SCRATCH/named "$@" && [ -s "$SCRATCH/named" ] && rm "$SCRATCH/named"
}

# named_by_option: that file is the only place where the login is written down.
named_by_option() {
	local file=$SCRATCH/by_option
	KRB5RCACHENAME=none: records ours ours "" "opt.kerberos5_replay_cache=file2:$file" &&
		KRB5RCACHENAME=file2:$file is_known_replay replays mit
}

# Without a cache nothing keeps a recorded session out: what is tried above is a replay.
taken_twice() {
	local none=opt.kerberos5_replay_cache=none:
	records ours ours "$one_way" "$none" && replays ours "$none"
}

realm aes256-cts-hmac-sha1-96
case_of mit "mit knows what mit has taken" taken_by_one mit mit mit
case_of ours "a session is taken twice without a cache" taken_twice
for client in ours mit heimdal; do
	case_of ours $client "one process, $client as client" taken_once ours $client
	case_of ours $client "two processes, $client as client" taken_by_one ours ours $client
done
case_of ours "one process, without mutual authentication" taken_once ours ours "$one_way"
case_of ours "two processes, without mutual authentication" taken_by_one ours ours ours "$one_way"
case_of ours mit "ours, then mit" taken_by_one ours mit ours
case_of ours mit "mit, then ours" taken_by_one mit ours mit
case_of ours mit "ours, then mit, without mutual authentication" \
	taken_by_one ours mit ours "$one_way"
case_of ours mit "ours, then mit, by KRB5RCACHENAME" named taken_by_one ours mit ours
case_of ours mit "mit, then ours, by KRB5RCACHENAME" named taken_by_one mit ours mit
case_of ours mit "ours, then mit, by kerberos5_replay_cache" named_by_option

done_testing
