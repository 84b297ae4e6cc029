#!/bin/sh
# `make run`: makes the demo county the first time, then serves it in the foreground.
set -eu

db=var/zhenping.db
secret=var/zhenping.password
port=${PORT:-8080}
umask 077
mkdir -p var

if [ ! -e "$db" ]; then
	echo "making the Zhenping story (once)"
	rm -f var/making.db*
	od -An -N9 -tx1 /dev/urandom | tr -d ' \n' | sed 's/....../&-/g; s/-$//' >"$secret"
	build/lianfang demo zhenping --db var/making.db --password-file "$secret" >var/zhenping.txt
	# The store itself comes last: where it is, it is whole.
	for end in -keys -wal -shm ""; do
		[ ! -e "var/making.db$end" ] || mv "var/making.db$end" "$db$end"
	done
	rm -f var/making.db*
fi

echo
[ ! -s var/zhenping.txt ] || sed '1d;$d' var/zhenping.txt
[ ! -e "$secret" ] || echo "  密码 password  $(cat "$secret")"
echo
echo "  Ctrl-C stops it; the data stays in $db"
echo
exec build/lianfang serve --db "$db" --listen "127.0.0.1:$port"
