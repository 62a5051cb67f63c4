#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# debian.sh - another release of Debian, in a folder, and the module in it.
#
#	debian.sh make SUITE FOLDER     installs the release SUITE in FOLDER
#	debian.sh check FOLDER TARBALL  builds there as README says, shows the demonstration,
#	                                runs the unit tests; results are in FOLDER/build
#	debian.sh fips FOLDER           after that: the demonstration and the unit tests where
#	                                OpenSSL has its FIPS provider alone
#
# Needs root, debootstrap, and the mirror that apt uses here. Exit status 77 from
# "make", after one line that says why, if one of them is missing or the mirror does
# not answer. What fails after it answered is a failure.

set -u

missing() {
	echo "$*"
	exit 77
}

# The mirror of Debian itself, without its security archive.
mirror() {
	# shellcheck disable=SC2016  # apt's variables
	apt-get indextargets --format '$(ORIGIN) $(LABEL) $(CREATED_BY) $(REPO_URI)' |
		sed -n 's/^Debian Debian Packages //p' | head -n 1
}

# A proxy of apt's is debootstrap's and the new system's too.
proxy() {
	local http_proxy=${http_proxy-}
	eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
	echo "$http_proxy"
}

# mirror_answers URL FILE: with the file, or by saying that it has none (404). Other errors
# may be a proxy's.
mirror_answers() {
	local said status=0
	said=$(/usr/lib/apt/apt-helper -o Acquire::Retries=2 download-file "$1" "$2" 2>&1) || status=$?
	rm -f "$2"
	[ $status -eq 0 ] || grep -q '  404  Not Found' <<<"$said"
}

make_system() {
	local suite=$1 folder=$2 from
	[ "$(id -u)" -eq 0 ] || missing "only root can install a release of Debian in a folder"
	command -v debootstrap >/dev/null || missing "debootstrap is missing (Debian: debootstrap)"
	command -v apt-get >/dev/null || missing "there is no apt-get that knows a mirror"
	from=$(mirror)
	[ -n "$from" ] || missing "apt knows no mirror of Debian"
	mirror_answers "${from%/}/dists/$suite/Release" "$folder.release" ||
		missing "the mirror cannot be reached: $from"
	mkdir -p "$folder" || exit 1
	# What it mounts in there goes with it.
	http_proxy=$(proxy) unshare --mount debootstrap --variant=minbase \
		--include="ca-certificates,libcmocka-dev,libsasl2-modules,libsasl2-modules-gssapi-mit" \
		"$suite" "$folder" "$from" >"$folder.log" 2>&1 ||
		{ echo "debootstrap could not install $suite: $(tail -n 1 "$folder.log")" && exit 1; }
}

# inside FOLDER COMMAND: by a shell of the new system, in its folder /build, with processes of
# its own. What the machine has in its environment stays out.
inside() {
	unshare --mount --pid --fork --mount-proc="$1/proc" chroot "$1" /usr/bin/env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C.UTF-8 VERBOSE=1 http_proxy="$(proxy)" sh -c "cd /build && $2"
}

check() {
	local folder=$1 tarball=$2
	mkdir -p "$folder/build" &&
		tar -xf "$tarball" -C "$folder/build" --strip-components=1 &&
		inside "$folder" 'CONFIGURE_FLAGS=--enable-werror ./bootstrap demo' &&
		inside "$folder" "timeout 1800 make -j$(nproc) check-units"
}

# As an administrator sets it up: the default provider is not loaded.
fips() {
	local folder=$1
	cat >"$folder/etc/ssl/fips.cnf" <<-'END'
		openssl_conf = init
		.include /etc/ssl/fipsmodule.cnf
		[init]
		providers = providers
		alg_section = algorithms
		[providers]
		fips = fips_sect
		base = base
		[base]
		activate = 1
		[algorithms]
		default_properties = fips=yes
	END
	# shellcheck disable=SC2016  # for the shell in there
	inside "$folder" '
		apt-get install -yq --no-install-recommends openssl openssl-provider-fips &&
		module=$(dpkg -L openssl-provider-fips | grep "/fips\.so$") &&
		openssl fipsinstall -module "$module" -out /etc/ssl/fipsmodule.cnf \
			-provider_name fips &&
		export OPENSSL_CONF=/etc/ssl/fips.cnf &&
		! openssl md5 /etc/passwd &&
		tests/e2e/demo.sh &&
		timeout 1800 make -j$(nproc) check-units'
}

case ${1-}:$# in
make:3) make_system "$2" "$3" ;;
check:3) check "$2" "$3" ;;
fips:2) fips "$2" ;;
*)
	sed -n 's/^#\t/usage: /p' "$0" >&2
	exit 64
	;;
esac
