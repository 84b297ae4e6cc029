#!/bin/sh
# install.sh GROUP…: installs what packages.txt lists for these groups and the machine lacks, and a Node
# new enough for the web app's build. Needs root (or sudo) only when something is missing.
set -eu
cd "$(dirname "$0")/.."

NODE=24.21.0 # taken from the npm registry where the machine's own is older than package.json asks

has() {
	command -v "$1" >/dev/null 2>&1
}

wanted() {
	sed -e 's/#.*//' packages.txt | while read -r group package command _; do
		case " $* " in
		*" $group "*) ;;
		*) continue ;;
		esac
		case ${command:-} in
		\[*\])
			command=${command#[}
			has "${command%]}" && continue
			;;
		esac
		echo "$package"
	done | sort -u
}

missing() {
	list=$(wanted "$@")
	[ -n "$list" ] || return 0
	# shellcheck disable=SC2086
	dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' $list 2>/dev/null | sed -n 's/ [ih]i.*//p' | sort -u >var/have
	echo "$list" | comm -23 - var/have
	rm -f var/have
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	elif has sudo; then
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	else
		echo "install.sh: run as root, or install sudo" >&2
		exit 1
	fi
}

apt_install() {
	as_root apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" \
		</dev/null >>var/install.log 2>&1
}

apt_update() {
	as_root apt-get update -q </dev/null >>var/install.log 2>&1
}

fail() {
	tail -20 var/install.log >&2
	echo "install.sh: $1; all of it in var/install.log" >&2
	exit 1
}

packages() {
	list=$(missing "$@")
	[ -n "$list" ] || return 0
	# shellcheck disable=SC2086
	echo "installing Debian packages:" $list
	: >var/install.log
	# Lists that are absent or stale make the first try fail.
	# shellcheck disable=SC2086
	apt_install $list || { apt_update && apt_install $list; } || fail "some packages could not be installed"
}

node_fits() {
	node -e 'const [a, b] = process.versions.node.split(".").map(Number);
		process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

node_newer() {
	PATH=$PWD/var/bin:$PATH
	! node_fits || return 0
	case $(uname -m) in
	x86_64) arch=x64 ;;
	aarch64) arch=arm64 ;;
	*)
		echo "install.sh: install Node 22 for this machine by hand; Debian's is too old" >&2
		exit 1
		;;
	esac
	echo "installing Node $NODE under var/ (the machine's own is too old to build the web app)"
	rm -rf var/node
	npm install --prefix var/node --no-save --no-package-lock --ignore-scripts --loglevel=error \
		"node-linux-$arch@$NODE" >>var/install.log 2>&1 || fail "Node could not be installed"
	mkdir -p var/bin
	ln -sf "../node/node_modules/node-linux-$arch/bin/node" var/bin/node
	hash -r
	node_fits || fail "the Node installed does not run"
}

mkdir -p var
packages "$@"
node_newer
