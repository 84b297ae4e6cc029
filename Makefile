# Thin front. What it does stands in tools/, meson.build, package.json and packages.txt.
PORT ?= 8080
FUZZ_SECONDS ?= 60
export PORT FUZZ_SECONDS
export PATH := $(CURDIR)/var/bin:$(PATH)
MAKEFLAGS += --no-print-directory
# $(call ninja,FOLDER,TARGETS): says something only when it fails
ninja = ninja -C $(1) $(2) >var/build.log 2>&1 || { cat var/build.log; exit 1; }

WEB := $(shell find web/src web/public web/index.html vite.config.ts package.json -type f ! -name schema.d.ts)
FUZZERS = $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
SANITIZE = -Db_sanitize=address,undefined -Db_lundef=false
FUZZ_SETUP = env CC=clang meson setup build-fuzz $(SANITIZE) -Dbuildtype=debugoptimized \
	-Dc_args='-fsanitize=fuzzer-no-link -Wno-unused-command-line-argument'

.PHONY: run build test check format snapshots bench bench-big crash fuzz nation package clean help \
	have-run have-test have-check have-fuzz program sanitized

run: program ## build, make the Zhenping story the first time, serve http://127.0.0.1:8080 (or PORT)
	@exec tools/run.sh

build: program ## the program alone: build/lianfang

test: have-test sanitized program ## every test; the last line sums them up
	@$(call ninja,build,)
	@tools/test.py $(STAGES)

check: have-check program ## layout, include ladder, analysers, web lint and types
	@$(call ninja,build,)
	@tools/check.py $(STAGES)

format: have-check node_modules/.package-lock.json ## lay out C and the web's sources
	find src test bench fuzz -name '*.[ch]' -exec clang-format -i {} +
	npm run --silent format

snapshots: program ## write the kept manual page and openapi.json anew
	@tools/snapshots.py

bench: program ## measure against the raw limit, print a table
	@$(call ninja,build,bench/load bench/raw_limit)
	@python3 bench/run.py --binary build/lianfang --tools build/bench

bench-big: program ## the same with 5 million records stored first
	@$(call ninja,build,bench/load bench/raw_limit)
	@python3 bench/run.py --binary build/lianfang --tools build/bench --big 5000000

crash: program ## kill the server ROUNDS=100 times under load, lose nothing
	@python3 test/faults/crash.py --rounds $(or $(ROUNDS),100)

fuzz: have-fuzz web/dist/index.html ## each fuzzer for FUZZ_SECONDS=60
	@[ -e build-fuzz/build.ninja ] || $(FUZZ_SETUP) >/dev/null
	@$(call ninja,build-fuzz,$(FUZZERS:%=fuzz/libfuzz_%))
	@tools/fuzz.sh $(FUZZERS)

nation: program ## the whole country's divisions in var/nation.db
	@exec tools/nation.sh

package: program ## a .deb in build/
	@exec tools/package.sh

clean: ## remove what was built; the data under var/ stays
	rm -rf build build-san build-fuzz web/dist

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

# ---- parts --------------------------------------------------------------------

have-run:
	@tools/install.sh run
have-test:
	@tools/install.sh run test
have-check:
	@tools/install.sh run check
have-fuzz:
	@tools/install.sh run fuzz

node_modules/.package-lock.json: package-lock.json package.json .npmrc | have-run
	@echo "fetching the web app's packages"
	@NODE_NO_WARNINGS=1 npm ci --loglevel=error
	@touch $@

web/dist/index.html: $(WEB) node_modules/.package-lock.json
	@echo "building the web app"
	@npm run --silent build -- --logLevel warn

build/build.ninja: | have-run
	@echo "compiling"
	@meson setup build >/dev/null || { tail -20 build/meson-logs/meson-log.txt; exit 1; }

program: have-run web/dist/index.html build/build.ninja
	@$(call ninja,build,lianfang)

build-san/build.ninja: | have-run
	@meson setup build-san $(SANITIZE) -Dbuildtype=debugoptimized >/dev/null || \
		{ tail -20 build-san/meson-logs/meson-log.txt; exit 1; }

sanitized: have-run web/dist/index.html build-san/build.ninja
	@$(call ninja,build-san,)
