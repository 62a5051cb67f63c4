#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mint_test.sh - what tests/tools/mint makes is read by MIT's klist and kvno, and
# what it cannot make it refuses clearly. Prints TAP.
#
# MINT names the program, if it is not tests/tools/mint.

MINT=${MINT:-tests/tools/mint}
LC_ALL=C TZ=UTC
export LC_ALL TZ

folder=$(mktemp -d "${TMPDIR:-/tmp}/mint_test.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cases=0

# No KDC is asked, and no configuration of this machine counts.
KRB5_CONFIG=$folder/krb5.conf
export KRB5_CONFIG
cat >"$KRB5_CONFIG" <<END
[libdefaults]
	default_realm = EXAMPLE.TEST
	dns_lookup_kdc = false
	dns_canonicalize_hostname = false
	permitted_enctypes = aes camellia
END

# result STATUS NAME: one line of TAP, and on failure what was printed.
result()
{
	cases=$((cases + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $cases - $2"
	else
		echo "not ok $cases - $2"
		sed 's/^/# /' "$folder/out"
	fi
}

# mint OPTION...: quietly, into $folder/out
mint()
{
	"$MINT" "$@" >"$folder/out" 2>&1
}

# prints NAME TEXT COMMAND...: the command succeeds, and its output has the text.
prints()
{
	name=$1 text=$2
	shift 2
	"$@" >"$folder/out" 2>&1 && grep -qF -e "$text" "$folder/out"
	result $? "$name"
}

# refuses NAME STATUS TEXT OPTION...
refuses()
{
	name=$1 status=$2 text=$3
	shift 3
	mint "$@"
	[ $? -eq "$status" ] && grep -qF -e "$text" "$folder/out"
	result $? "$name"
}

# with_mit NAME TEXT COMMAND...: as prints, where MIT's programs are installed.
with_mit()
{
	if command -v klist >/dev/null && command -v kvno >/dev/null; then
		prints "$@"
	else
		cases=$((cases + 1))
		echo "ok $cases - $1 # SKIP klist and kvno (package krb5-user) are not installed"
	fi
}

keytab=$folder/keytab
ccache=$folder/ccache
service=imap/mail.example.test

prints "help tells the options" "--ticket-size OCTETS" "$MINT" --help

for type in aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 \
	aes256-cts-hmac-sha384-192 camellia128-cts-cmac camellia256-cts-cmac; do
	rm -f "$keytab"
	prints "$type: keytab and cache are made" "ticket of alice@EXAMPLE.TEST" \
		"$MINT" --keytab "$keytab" --ccache "$ccache" --enctype $type --kvno 300
	with_mit "$type: klist -k reads the keytab" " 300 11/14/23" \
		sh -c "klist -k -e -t '$keytab' | sed 's|[0-9/]* [0-9:]* imap|11/14/23 imap|' |
			grep '$service@EXAMPLE.TEST ($type)'"
	with_mit "$type: klist -e reads the cache" "Etype (skey, tkt): $type, $type" \
		klist -e "$ccache"
	with_mit "$type: kvno decrypts the ticket" "kvno = 300, keytab entry valid" \
		kvno -c "FILE:$ccache" -k "$keytab" $service
done

rm -f "$keytab"
for kvno in 1 2 70000; do
	mint --keytab "$keytab" --kvno $kvno
done
with_mit "entries are added to a keytab" "3" sh -c "klist -k '$keytab' | grep -c imap/"
with_mit "a kvno of more than 16 bits" "70000 $service@" klist -k "$keytab"
cp "$keytab" "$folder/before"
mint --keytab "$keytab" --kvno 2 --ccache "$ccache"
prints "a key that is there is not added again" "same" \
	sh -c "cmp '$keytab' '$folder/before' && echo same"
with_mit "and the ticket is made with it" "kvno = 2, keytab entry valid" \
	kvno -c "FILE:$ccache" -k "$keytab" $service
prints "the keytab is its owner's alone" "600" stat -c %a "$keytab"
prints "and the cache too" "600" stat -c %a "$ccache"

rm -f "$keytab"
mint --keytab "$keytab" --ccache "$ccache" --keytab-version 0x501 --ccache-version 3
with_mit "a keytab of version 0x501" "1 $service@EXAMPLE.TEST (aes256-cts-hmac-sha1-96)" \
	klist -k -e "$keytab"
with_mit "a cache of version 3" "keytab entry valid" \
	kvno -c "FILE:$ccache" -k "$keytab" $service
refuses "another version than the keytab has" 1 "has version 0x0501, not 0x0502 as asked" \
	--keytab "$keytab" --keytab-version 0x502
refuses "another version than the cache has" 1 "has version 0x0503, not 0x0504 as asked" \
	--ccache "$ccache" --ccache-version 4 --add

rm -f "$keytab"
mint --keytab "$keytab" --ccache "$ccache" --realm OTHER.TEST --client bob@EXAMPLE.TEST \
	--service host/a.example.test --session-enctype aes128-cts --no-kvno \
	--authtime 20380119031408Z --starttime 20400101000000Z --endtime 20500101000000Z \
	--renew-till 21000101000000Z --flags renewable,forwardable,invalid \
	--address 192.0.2.1 --address 2001:db8::1 --kdc-offset -432 \
	--transited EXAMPLE.TEST --authdata 128:00ff --ad-if-relevant -1:0a
with_mit "the client" "Default principal: bob@EXAMPLE.TEST" klist "$ccache"
with_mit "the service" "host/a.example.test@OTHER.TEST" klist "$ccache"
with_mit "start and end" "01/01/40 00:00:00  01/01/50 00:00:00" klist "$ccache"
with_mit "end of renewal" "renew until 01/01/00 00:00:00" klist "$ccache"
with_mit "flags" "Flags: FiR" klist -f "$ccache"
with_mit "addresses" "Addresses: 192.0.2.1, 2001:db8::1" klist -a -n "$ccache"
with_mit "types of session key and ticket" \
	"(skey, tkt): aes128-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96" klist -e "$ccache"
with_mit "a ticket with all of it is decrypted" "keytab entry valid" \
	kvno -c "FILE:$ccache" -k "$keytab" host/a.example.test@OTHER.TEST

mint --ccache "$ccache" --service krbtgt/EXAMPLE.TEST
mint --ccache "$ccache" --add
with_mit "tickets are added to a cache" "2" sh -c "klist '$ccache' | grep -c /.*@EXAMPLE.TEST\$"
mint --ccache "$ccache"
with_mit "without --add it is made anew" "1" sh -c "klist '$ccache' | grep -c /.*@EXAMPLE.TEST\$"

rm -f "$keytab"
prints "a ticket of 48 KiB" " 49152 octets" "$MINT" --keytab "$keytab" --ccache "$ccache" \
	--ticket-size 49152
with_mit "is decrypted" "keytab entry valid" kvno -c "FILE:$ccache" -k "$keytab" $service

rm -f "$keytab"
mint --keytab "$keytab" --key 000102030405060708090a0b0c0d0e0f --enctype aes128-sha2
with_mit "a key of one's own" "(0x000102030405060708090a0b0c0d0e0f)" klist -k -K "$keytab"

# The same entry, made by MIT's ktutil.
rm -f "$keytab"
mint --keytab "$keytab" --password 'pass word' --realm ATHENA.MIT.EDU --service imap/a.example.test
# ktutil reads ahead where there is no readline, past the password.
{
	echo "add_entry -password -p imap/a.example.test@ATHENA.MIT.EDU -k 1 -e aes256-cts"
	sleep 1
	echo "pass word"
	sleep 1
	echo "write_kt $folder/theirs"
} | ktutil >"$folder/out" 2>&1
keys()
{
	klist -k -K "$1" 2>&1 | sed -n 's/.*(0x/(0x/p'
}
theirs=$(keys "$folder/theirs")
with_mit "a password's key is the one that MIT makes of it" "${theirs:-no key of theirs}" \
	keys "$keytab"

echo "neither" >"$folder/neither"
refuses "nothing to make" 2 "nothing to make: name a --keytab, a --ccache, or both"
refuses "an unknown option" 2 "unrecognized option '--key-tab'" --key-tab x
refuses "a word too many" 2 '"x" is not an option' --keytab "$keytab" x
refuses "a time" 2 '--endtime: "soon" is not a time' --ccache "$ccache" --endtime soon
refuses "a time without a sign" 2 '"10h" is not a time' --ccache "$ccache" --endtime 10h
refuses "a flag" 2 '--flags: "fast" is not a ticket flag' --ccache "$ccache" --flags fast
refuses "an address" 2 "is not an IPv4 or IPv6 address" --ccache "$ccache" --address host
refuses "an element" 2 'expected TYPE:HEX' --ccache "$ccache" --authdata 128
refuses "digits of an element" 2 "is not hexadecimal" --ccache "$ccache" --authdata 128:0g
refuses "a weak type" 2 "arcfour-hmac (23) is weak" --keytab "$keytab" --enctype rc4-hmac
refuses "a type without a meaning" 2 "is not an encryption type" --keytab "$keytab" --enctype x
refuses "a kvno" 2 "is not a number from 0 to 4294967295" --keytab "$keytab" --kvno 4294967296
refuses "a name" 2 "has a second '@'" --keytab "$keytab" --service imap/a@b@c
refuses "a key of the wrong length" 1 "a key of 2 octets" --ccache "$ccache" --key abcd
refuses "a time that a cache cannot hold" 1 "1950-01-01 00:00:00 UTC is not a time that" \
	--ccache "$ccache" --starttime 19500101000000Z
refuses "a ticket that is longer already" 1 "longer than 100 octets without padding" \
	--ccache "$ccache" --ticket-size 100
refuses "a keytab that is none" 1 "is not a keytab" --keytab "$folder/neither"
refuses "a cache that is none" 1 "is not one that can be read" --ccache "$folder/neither" --add
refuses "a folder that is not there" 1 "No such file or directory" \
	--keytab "$folder/none/keytab"
refuses "a folder in place of a file" 1 "not a regular file" --keytab "$folder"

echo "1..$cases"
