#!/bin/sh
# Runs a command with a throw-away PostgreSQL 15 server: pg.sh COMMAND [ARG…]
# The command finds it in LIANFANG_TEST_PG (its database "postgres"; tests make their own databases beside it).
# The server listens on loopback only, keeps its data in a temporary folder and is gone when the command ends,
# however it ends.
set -eu

bin=${PG_BIN:-/usr/lib/postgresql/15/bin}
[ $# -gt 0 ] || { echo "usage: pg.sh COMMAND [ARG…]" >&2; exit 2; }
[ -x "$bin/initdb" ] || { echo "pg.sh: no PostgreSQL in $bin (Debian: postgresql-15)" >&2; exit 1; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/lianfang-pg.XXXXXX")
child=

as_owner() {
	# The server refuses to run as root.
	if [ "$(id -u)" = 0 ]; then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

finish() {
	trap - EXIT INT TERM HUP
	[ -z "$child" ] || kill "$child" 2>/dev/null || true
	[ ! -f "$dir/data/postmaster.pid" ] || as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap finish EXIT
trap 'finish; exit 130' INT
trap 'finish; exit 143' TERM HUP

[ "$(id -u)" != 0 ] || chown postgres "$dir"
as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C >"$dir.log" 2>&1 || {
	cat "$dir.log" >&2
	rm -f "$dir.log"
	exit 1
}
rm -f "$dir.log"

start() {
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/log" -w -t 30 \
		-o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c fsync=on" start >/dev/null
}
# Another program may take the free port first.
start || start || start || { cat "$dir/data/log" >&2; exit 1; }

LIANFANG_TEST_PG=postgresql://postgres@127.0.0.1:$port/postgres "$@" &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
