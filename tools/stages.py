"""Runs named stages one after another, counts what they ran and sums it up.

A stage is a command. Its output goes straight to the terminal (or is shown only
when it fails) and is read for the runner's own summary; a runner that fails
without counting a failure counts as one failed.
"""

import json
import os
import re
import subprocess
import sys
import time

PLAIN = re.compile(r"^\s*(?:\w+: *)?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.M)
CMOCKA = re.compile(r"^\[\s*(PASSED|FAILED|SKIPPED)\s*\] (\d+) test\(s\)", re.M)
VITEST = re.compile(r"^\s*Tests\s+(.*)$", re.M)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BAD = ("FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS")


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def plain(text):
    """The last `N passed, N failed` line."""
    found = PLAIN.findall(text)
    return Count(*(int(n or 0) for n in found[-1])) if found else None


def vitest(text):
    found = VITEST.findall(text)
    if not found:
        return None
    of = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped)", found[-1])}
    return Count(of.get("passed", 0), of.get("failed", 0), of.get("skipped", 0))


def program(result, text):
    """Counts one test program of meson's: its own cases where it tells them, else itself."""
    count = plain(text)
    if not count:
        of = {}
        for word, n in CMOCKA.findall(text):
            of[word] = of.get(word, 0) + int(n)
        count = Count(of.get("PASSED", 0), of.get("FAILED", 0), of.get("SKIPPED", 0)) if of else None
    if result == "SKIP":
        return Count(skipped=1)
    if not count:
        return Count(failed=1) if result in BAD else Count(passed=1)
    if result in BAD and not count.failed:
        count.failed = 1
    return count


def meson(build):
    """A counter that reads the log meson left in a build folder."""

    def read(_text):
        path = os.path.join(build, "meson-logs", "testlog.json")
        count = Count()
        try:
            with open(path, encoding="utf-8") as f:
                for line in f:
                    test = json.loads(line)
                    count.add(program(test["result"], test.get("stdout", "") + "\n" + test.get("stderr", "")))
        except OSError:
            return None
        return count

    return read


class Stages:
    def __init__(self):
        self.rows = []

    def run(self, name, command, count=None, env=None, quiet=False, before=None):
        """One stage; `count` reads its output. Without one the stage itself counts as one."""
        print(f"--- {name}", flush=True)
        start = time.monotonic()
        if before:
            before()
        text = []
        try:
            with subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                encoding="utf-8",
                errors="replace",
            ) as process:
                for line in process.stdout:
                    text.append(line)
                    if not quiet:
                        sys.stdout.write(line)
                        sys.stdout.flush()
            code = process.returncode
        except OSError as why:
            text.append(f"{command[0]}: {why.strerror}\n")
            code = 127
        whole = COLOUR.sub("", "".join(text))
        if quiet and code:
            sys.stdout.write("".join(text))
        result = count(whole) if count else None
        if result is None:
            result = Count(failed=1) if code or count else Count(passed=1)
        if code and not result.failed:
            result.failed = 1
        self.rows.append((name, result, time.monotonic() - start))
        print(f"    {name}: {result} ({self.rows[-1][2]:.1f} s)", flush=True)
        return code == 0

    def finish(self):
        """The table, the closing line and the exit status."""
        total = Count()
        print()
        for name, result, seconds in self.rows:
            total.add(result)
            print(f"{'ok  ' if not result.failed else 'FAIL'} {name:<28} {str(result):<36} {seconds:7.1f} s")
        print(total, flush=True)
        return 1 if total.failed or not total.passed else 0
