#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# seeds.sh - fills DIR/TARGET/ with a few good inputs for each fuzz target: files
# by the minting tool (MINT), messages by SEED_MESSAGES, scripts by SEED_SCRIPTS.
#
#	seeds.sh DIR

set -eu

dir=$1
MINT=${MINT:-tests/tools/mint}
SEED_MESSAGES=${SEED_MESSAGES:-tests/fuzz/seed_messages}
SEED_SCRIPTS=${SEED_SCRIPTS:-tests/fuzz/seed_scripts}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/kerberos5-seeds.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

mkdir -p "$dir/fuzz_keytab" "$dir/fuzz_ccache" "$dir/fuzz_krb5_conf" "$dir/fuzz_krb5_conf_includes" \
	"$dir/fuzz_gs2" "$dir/fuzz_identity" "$dir/fuzz_local_rules" "$dir/fuzz_login" "$dir/fuzz_replay_cache" \
	"$dir/fuzz_spnego"
"$SEED_MESSAGES" "$dir"
"$SEED_SCRIPTS" "$dir/fuzz_login"

# minted NAME OPTION...: a keytab and a cache
minted() {
	local name=$1
	shift
	"$MINT" --keytab "$scratch/keytab" --ccache "$scratch/ccache" "$@" >/dev/null
	mv "$scratch/keytab" "$dir/fuzz_keytab/$name"
	mv "$scratch/ccache" "$dir/fuzz_ccache/$name"
}

for type in aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 \
	aes256-cts-hmac-sha384-192 camellia128-cts-cmac camellia256-cts-cmac; do
	minted $type --enctype $type
done
minted old --keytab-version 0x501 --ccache-version 3
minted full --realm OTHER.TEST --client bob@EXAMPLE.TEST --kvno 70000 --address 192.0.2.1 \
	--address 2001:db8::1 --authdata 128:00ff --ad-if-relevant 1:0a --kdc-offset -3 \
	--renew-till +7d --transited EXAMPLE.TEST
for service in imap/a.example.test imap/mail.example.test ldap/mail.example.test; do
	"$MINT" --keytab "$dir/fuzz_keytab/several" --kvno 2 --service $service >/dev/null
	"$MINT" --ccache "$dir/fuzz_ccache/several" --add --service $service >/dev/null
done

cat >"$dir/fuzz_krb5_conf/full" <<'END'
# comment
[libdefaults]
	default_realm = EXAMPLE.TEST
	clockskew = 5m
	permitted_enctypes = aes256-sha2 aes DEFAULT -camellia
	default_keytab_name = FILE:/etc/%{euid}.keytab
	default_ccache_name = FILE:/tmp/krb5cc_%{uid}
	default_rcache_name = file2:/var/tmp/%{euid}.rcache2
	ignore_acceptor_hostname = false
[domain_realm]
	.example.test = EXAMPLE.TEST
	host.example.test = OTHER.TEST
[appdefaults]
	kerberos5_mutual = yes
	imap = {
		EXAMPLE.TEST = {
			kerberos5_mutual = no
		}
		kerberos5_mutual = "yes"
	}*
[capaths]
	EXAMPLE.TEST = {
		OTHER.TEST = .
		THIRD.TEST = OTHER.TEST
	}
END
printf 'include /dev/null\nincludedir /nonexistent\n; comment\n[libdefaults]\nclockskew = 1d2h3m4s\nx = "a\\n\\t\\\\"\n' \
	>"$dir/fuzz_krb5_conf/small"

# shellcheck disable=SC2016  # $1 is the rule's
printf 'RULE:[1:$1@$0](.*@B)s/@.*///L RULE:[2:$2](a{1,3}|[[:alpha:]]*) DEFAULT\nalice@B' \
	>"$dir/fuzz_local_rules/three"
printf 'RULE:(.*)s/x*/-/g s/^a|b$/cc/\na/bxx@A' >"$dir/fuzz_local_rules/one"

# An acceptor and Kerberos first; Kerberos second, and a MIC each way; a raw token; an initiator.
kerberos='\x60\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02'
printf '\0\1\0\0\1' >"$dir/fuzz_spnego/first"
printf '\0\1\1\2\0\0\2\010\2\20' >"$dir/fuzz_spnego/second"
printf '%b' '\0\0\0\015'"$kerberos" >"$dir/fuzz_spnego/raw"
printf '\1\2\154' >"$dir/fuzz_spnego/completed"
printf '\1\2\174' >"$dir/fuzz_spnego/completed_with_mic"
printf '\1\2\175' >"$dir/fuzz_spnego/incomplete_with_mic"
printf '\1\0\0\026\xa1\x14\x30\x12\xa0\x03\x0a\x01\x00\xa2\x04\x04\x02ab\xa3\x05\x04\x03MIC' \
	>"$dir/fuzz_spnego/octets"

printf 'n,,token' >"$dir/fuzz_gs2/none"
printf 'F,y,a=cn=3Dbob=2Cdc=3Dexample,token' >"$dir/fuzz_gs2/framed"
printf 'p=tls-unique,a=bob,token' >"$dir/fuzz_gs2/bound"

# Files that include each other, parted by FF; '@' is the folder that the target makes.
printf '%b' 'include @/a\nincludedir @/d\n[libdefaults]\n\tdefault_realm = A\n\0377' \
	'[libdefaults]*\ninclude @/e/f\n\0377[a]\n\ts = {\n\t\tx = 1\n\t}\n\0377' \
	'[libdefaults]\n\tclockskew = 7\n\0377passed over\0377hidden\0377[a]\n\ts = {\n\t\tx = 2\n\t}*\n' \
	>"$dir/fuzz_krb5_conf_includes/several"
printf 'include @/krb5.conf\n' >"$dir/fuzz_krb5_conf_includes/itself"
printf 'includedir @\n\377[libdefaults]\n' >"$dir/fuzz_krb5_conf_includes/folder"

# A key alone, and one with records of the tag that the target looks for, of each age.
printf 'sixteen octets..' >"$dir/fuzz_replay_cache/key"
for time in '\0000\0000\0000\0000' '\0000\0000\0000\0001' '\0153\0111\0322\0000' '\0377\0377\0377\0377'; do
	{
		printf 'sixteen octets..'
		for _ in {1..500}; do printf 'fixed octets%b' "$time"; done
	} >"$dir/fuzz_replay_cache/records${time//\\/-}"
done

# Names: the number of components, each after its length, and the realm.
printf '\001\005aliceEXAMPLE.TEST' >"$dir/fuzz_identity/local"
printf '\002\004imap\012mail.b\303\274roOTHER.TEST' >"$dir/fuzz_identity/service"
printf '\001\012\342\202\254\360\237\230\200\302\240\tREALM' >"$dir/fuzz_identity/long"
