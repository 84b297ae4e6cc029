#!/bin/sh
# fuzz.sh NAME…: each libFuzzer target for FUZZ_SECONDS on its seeds; what it finds and learns goes to var/fuzz.
set -eu

bad=0 good=0
for name; do
	mkdir -p "var/fuzz/$name"
	echo "--- $name, ${FUZZ_SECONDS:-60} s"
	if UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "build-fuzz/fuzz/libfuzz_$name" -max_total_time="${FUZZ_SECONDS:-60}" \
		-print_final_stats=1 -verbosity=0 -timeout=10 -rss_limit_mb=1024 -artifact_prefix="var/fuzz/$name-" \
		"var/fuzz/$name" "fuzz/corpus/$name" </dev/null; then
		good=$((good + 1))
	else
		bad=$((bad + 1))
	fi
done
echo "$good passed, $bad failed"
[ "$bad" = 0 ]
