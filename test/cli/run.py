#!/usr/bin/env python3
"""Runs the command-line tests: run.py BINARY [--update] [NAME…]

A test is a function test_… of a file test_….py; it gets a Box (harness.py) of
its own. NAME is a file's or a test's, in part. --update writes the golden files.
"""

import glob
import importlib
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402


def tests(names):
    for path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_*.py"))):
        module = importlib.import_module(os.path.basename(path)[:-3])
        for name, fn in list(vars(module).items()):
            full = f"{module.__name__}.{name}"
            if name.startswith("test_") and callable(fn) and (not names or any(n in full for n in names)):
                yield full, fn


def main():
    words = sys.argv[1:]
    if "--update" in words:
        words.remove("--update")
        os.environ["LIANFANG_UPDATE_GOLDEN"] = "1"
    if not words:
        sys.exit(__doc__)
    binary, names = words[0], words[1:]
    passed = failed = 0
    for name, fn in tests(names):
        box = harness.Box(binary)
        began = time.monotonic()
        try:
            fn(box)
            passed += 1
            note = ""
        except harness.Skipped as why:
            note = f" (skipped: {why})"
        except Exception:  # any fault is this test's
            failed += 1
            note = " FAILED\n" + traceback.format_exc()
        finally:
            box.finish()
        print(f"{name} {time.monotonic() - began:.2f} s{note}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
