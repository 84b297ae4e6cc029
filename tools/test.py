#!/usr/bin/env python3
"""`make test`: every runner in turn; the last line sums them up. test.py [STAGE…] runs only these."""

import os
import sys

from stages import Stages, meson, plain, vitest

SAN = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
TESTS = ["meson", "test", "--no-rebuild", "--print-errorlogs", "--num-processes", str(os.cpu_count() or 2),
         "--timeout-multiplier", "4"]


def forget(build):
    """An old log must not be counted again."""

    def remove():
        log = os.path.join(build, "meson-logs", "testlog.json")
        if os.path.exists(log):
            os.remove(log)

    return remove


def with_pg(build, *more):
    return ["test/pg.sh", *TESTS, "-C", build, *more]


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    only = sys.argv[1:]
    stages = Stages()

    def run(key, name, command, **how):
        if not only or key in only:
            stages.run(name, command, **how)

    # Everything of ours runs under the sanitizers and on both stores; then the program as it is delivered
    # runs from outside once more.
    run("unit", "unit, rules, fuzz; sanitized", with_pg("build-san", "--no-suite", "http", "--no-suite", "cli"),
        count=meson("build-san"), env=SAN, before=forget("build-san"))
    run("sanitized", "http and commands; sanitized",
        with_pg("build-san", "--suite", "http", "--suite", "cli"),
        count=meson("build-san"), env=SAN, before=forget("build-san"))
    run("http", "http and commands", with_pg("build", "--no-suite", "unit", "--no-suite", "domain", "--no-suite", "fuzz"),
        count=meson("build"), before=forget("build"))
    run("crash", "killed under load", [sys.executable, "test/faults/crash.py", "--rounds", "5"], count=plain)
    run("tools", "tools", [sys.executable, "test/tools/test_ladder.py"], count=plain, quiet=True)
    run("web", "web", ["npm", "run", "--silent", "test"], count=vitest)
    run("browser", "browser", ["npm", "run", "--silent", "test:browser"], count=plain)
    return stages.finish()


sys.exit(main())
