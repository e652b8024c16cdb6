#!/bin/sh
# Download Debian's BearSSL for arm64 into FOLDER, for the bare-metal loader. This needs no root and does not change the
# system's apt and dpkg: package lists, cache and database of this foreign architecture are in FOLDER and are deleted
# afterwards.
set -eu

[ $# = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
archive=$folder/usr/lib/aarch64-linux-gnu/libbearssl.a
[ -f "$archive" ] && exit 0
command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
	{ echo "$0: no apt-get and dpkg here; configure --with-arm64-bearssl=FOLDER takes another copy" >&2; exit 1; }

apt=$folder/apt
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
: >"$apt/state/status"
foreign() {
	apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
		-o Dir::State="$apt/state" -o Dir::State::status="$apt/state/status" -o Dir::Cache="$apt/cache" \
		-o APT::Sandbox::User= -o Acquire::Languages=none "$@" </dev/null
}
foreign update || echo "$0: not every package list could be read; trying all the same" >&2
(cd "$apt" && foreign download libbearssl-dev)
dpkg -x "$apt"/libbearssl-dev_*_arm64.deb "$folder"
[ -f "$archive" ] || { echo "$0: the package holds no $archive" >&2; exit 1; }
