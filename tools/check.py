#!/usr/bin/env python3
"""`make check`: layout, include ladder, analysers, and that what is generated and kept is up to date.

check.py [STAGE…] runs only these. Builds in `build` first (make does); one line a stage, output when it fails.
"""

import concurrent.futures
import glob
import json
import os
import subprocess
import sys

from stages import Stages

BUILD = "build"


def sources(*folders):
    found = []
    for folder in folders:
        for end in ("c", "h"):
            found += glob.glob(f"{folder}/**/*.{end}", recursive=True)
    return sorted(found)


def layout():
    """Names the files that `make format` would change."""
    files = sources("src", "test", "bench", "fuzz")
    done = subprocess.run(["clang-format", "--dry-run", *files], capture_output=True, text=True, check=False)
    bad = sorted({line.split(":")[0] for line in done.stderr.split("\n") if "[-Wclang-format-violations]" in line})
    for name in bad:
        print(f"{name}: `make format` would change it")
    return 1 if bad or done.returncode or not files else 0


def tidy():
    """clang-tidy on every source of the program, as many at once as there are cores."""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as f:
        rows = json.load(f)
    names = {os.path.relpath(os.path.join(r["directory"], r["file"])) for r in rows}
    names = sorted(n for n in names if n.startswith("src/"))

    def one(name):
        done = subprocess.run(
            ["clang-tidy", "-p", BUILD, "--quiet", name], capture_output=True, text=True, check=False
        )
        return name, done.returncode, done.stdout

    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for _name, code, out in pool.map(one, names):
            if code:
                bad += 1
                print(out, end="", flush=True)
    print(f"clang-tidy: {len(names)} files, {bad} with findings")
    return 1 if bad or not names else 0


def cppcheck():
    return subprocess.call(
        [
            "cppcheck", "--project=" + os.path.join(BUILD, "compile_commands.json"), "--file-filter=src/*",
            "--enable=warning,performance,portability", "--std=c11", "--inline-suppr",
            "--suppressions-list=.cppcheck-suppressions", "--error-exitcode=1", "--quiet",
            "-j", str(os.cpu_count() or 2),
        ]
    )  # fmt: skip


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    if sys.argv[1:2] == ["--layout"]:
        return layout()
    if sys.argv[1:2] == ["--tidy"]:
        return tidy()
    if sys.argv[1:2] == ["--cppcheck"]:
        return cppcheck()
    only = sys.argv[1:]
    stages = Stages()
    me = [sys.executable, "tools/check.py"]

    def run(key, name, command):
        if not only or key in only:
            stages.run(name, command, quiet=True)

    run("format", "clang-format", [*me, "--layout"])
    run("ladder", "include ladder", [sys.executable, "tools/ladder.py"])
    run("tidy", "clang-tidy", [*me, "--tidy"])
    run("cppcheck", "cppcheck", [*me, "--cppcheck"])
    run("web", "web: biome and tsc", ["npm", "run", "--silent", "check"])
    run("man", "manual page up to date", [sys.executable, "tools/snapshots.py", "--check", "man"])
    run("openapi", "openapi.json up to date", [sys.executable, "tools/snapshots.py", "--check", "openapi"])
    return stages.finish()


sys.exit(main())
