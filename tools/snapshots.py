#!/usr/bin/env python3
"""What the program says of itself and the repository keeps: snapshots.py [--check] [NAME…]

    man        docs/lianfang.1      `lianfang help --man --lang en`
    openapi    web/openapi.json     GET /openapi.json, from a server on a throw-away store

Writes them anew, or with --check fails when one is out of date.
"""

import os
import shutil
import subprocess
import sys
import tempfile

LIANFANG = "build/lianfang"
DIVISIONS = "data/zhenping/divisions-2019.csv"


def fail(text):
    print(text)
    return 1


def man(check):
    made = subprocess.run([LIANFANG, "help", "--man", "--lang", "en"], capture_output=True, check=True).stdout
    if not check:
        with open("docs/lianfang.1", "wb") as f:
            f.write(made)
        return 0
    try:
        with open("docs/lianfang.1", "rb") as f:
            kept = f.read()
    except OSError:
        kept = b""
    return 0 if kept == made else fail("docs/lianfang.1 is not what the program says; run `make snapshots`")


def openapi(check):
    folder = tempfile.mkdtemp(prefix="lianfang-openapi-")
    db = os.path.join(folder, "store.db")
    server = None
    try:
        subprocess.run([LIANFANG, "init", "--county", "610927", "--divisions", DIVISIONS, "--db", db],
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        with open(os.path.join(folder, "log"), "wb") as log:
            server = subprocess.Popen([LIANFANG, "serve", "--db", db, "--listen", "127.0.0.1:0"],
                                      stdout=subprocess.PIPE, stderr=log, text=True)  # fmt: skip
        base = server.stdout.readline().strip()
        if not base:
            return fail("the server did not start")
        command = ["node", "web/openapi.mjs", *(["--check"] if check else []), base + "/openapi.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return fail("web/openapi.json is not what the server says; run `make snapshots`\n" + done.stderr)
        return 0
    finally:
        if server:
            server.terminate()
            server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    words = sys.argv[1:]
    check = "--check" in words
    names = [w for w in words if w != "--check"] or ["man", "openapi"]
    return max({"man": man, "openapi": openapi}[n](check) for n in names)


if __name__ == "__main__":
    sys.exit(main())
