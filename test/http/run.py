#!/usr/bin/env python3
"""Runs HTTP scripts against a real server on a fresh store.

    run.py BINARY [--postgres] [SCRIPT.txt …]        (default: all of this folder)

A script is a list of steps:

    ### what this step shows
    POST /api/v1/session
    Accept-Language: en
    As: commander                     sends that account's token

    {"account": "a", "password": "{{password}}"}

    HTTP 200
    Set-Cookie: /HttpOnly/            a header: text, /regex/, or - for none
    {"token": "{{token=}}", "roles": [{"role": "commander"}, "..."]}

Expected JSON is a part of the answer's: named members only, "..." ends an open
list, "*" is anything, "-" absent, "/re/" a search, "{{x=}}" keeps the value as
{{x}}. A line /re/ searches the body as text.

In requests: {{uuid}} a new id, {{uuid:x}} the same again within the script,
{{now}}, {{now-1h}}, {{now+2d}}, {{day-1}}, {{set x now-1h}} the same, kept as {{x}}, {{password}}, {{COUNTY}}, {{TOWN}}, {{VILLAGE}}, {{long}} 9,000 letters.
Body lines: @repeat N … @end joins N copies with commas, @fill N TEXT repeats
text, @bytes \\xff writes raw bytes.
"""

import ast
import datetime
import glob
import json
import os
import re
import secrets
import sys
import time
import uuid

from server import COUNTY, TOWN, VILLAGE, Server

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Failed(Exception):
    pass


def uuid7():
    n = (int(time.time() * 1000) << 80) | (7 << 76) | (2 << 62)
    n |= secrets.randbits(12) << 64 | secrets.randbits(62)
    return str(uuid.UUID(int=n))


class Script:
    def __init__(self, server, path):
        self.server = server
        self.name = os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            parts = re.split(r"^### *(.*)\n", f.read(), flags=re.M)
        self.steps = list(zip(parts[1::2], parts[2::2]))
        self.vars = {"password": server.password, "COUNTY": COUNTY, "TOWN": TOWN, "VILLAGE": VILLAGE, "long": "x" * 9000}

    # ---- values ----

    def value(self, m):
        word = m.group(1)
        if word == "uuid":
            return uuid7()
        if word.startswith("set "):
            _, name, word = word.split(" ")
            self.vars[name] = self.fill("{{" + word + "}}")
            return self.vars[name]
        if word.startswith("uuid:"):
            return self.vars.setdefault(word, uuid7())
        moved = re.fullmatch(r"(now|day)(?:([+-]\d+)([smhd]?))?", word)
        if moved:
            seconds = int(moved[2] or 0) * UNITS[moved[3] or "d"]
            t = datetime.datetime.fromtimestamp(time.time() + seconds, datetime.timezone(datetime.timedelta(hours=8)))
            return t.isoformat(timespec="seconds") if moved[1] == "now" else t.date().isoformat()
        if word not in self.vars:
            raise Failed(f"nothing is named {{{{{word}}}}}")
        return str(self.vars[word])

    def fill(self, text):
        return re.sub(r"\{\{([^{}=]+)\}\}", self.value, text)

    # ---- requests ----

    def body(self, lines):
        out, i = b"", 0
        while i < len(lines):
            line = lines[i]
            if line.startswith("@repeat "):
                end = lines.index("@end", i)
                text = "\n".join(lines[i + 1 : end])
                out += ",".join(self.fill(text) for _ in range(int(line.split()[1]))).encode()
                i = end
            elif line.startswith("@fill "):
                _, n, text = line.split(" ", 2)
                out += text.encode() * int(n)
            elif line.startswith("@bytes "):
                out += ast.literal_eval("b'" + line[7:].replace("'", "\\'") + "'")
            else:
                out += self.fill(line).encode()
            i += 1
        return out

    def request(self, lines):
        method, path = self.fill(lines[0]).split(" ", 1)
        headers, rest = {}, lines[1:]
        while rest and re.match(r"[A-Za-z-]+:", rest[0]):
            name, text = rest.pop(0).split(":", 1)
            if name == "As":
                headers.update(self.server.auth(text.strip()))
            else:
                headers[name] = self.fill(text.strip())
        body = self.body([line for line in rest if line.strip()])
        return self.server.call(method, path, body or None, headers)

    # ---- expectations ----

    def compare(self, want, got, where="body"):
        if isinstance(want, dict):
            if not isinstance(got, dict):
                raise Failed(f"{where} is no object: {got!r}")
            for name, w in want.items():
                if w == "-":
                    if name in got:
                        raise Failed(f"{where}.{name} is there: {got[name]!r}")
                elif name not in got:
                    raise Failed(f"{where}.{name} is missing in {json.dumps(got, ensure_ascii=False)[:300]}")
                else:
                    self.compare(w, got[name], f"{where}.{name}")
        elif isinstance(want, list):
            opened = bool(want) and want[-1] == "..."
            items = want[:-1] if opened else want
            if not isinstance(got, list) or len(got) < len(items) or (len(got) > len(items) and not opened):
                raise Failed(f"{where} has not {len(items)} items: {json.dumps(got, ensure_ascii=False)[:300]}")
            for i, w in enumerate(items):
                self.compare(w, got[i], f"{where}[{i}]")
        elif isinstance(want, str):
            self.compare_text(want, got, where)
        elif want != got or isinstance(want, bool) != isinstance(got, bool):
            raise Failed(f"{where} is {got!r}, not {want!r}")

    def compare_text(self, want, got, where):
        keep = re.fullmatch(r"\{\{(\w+)=\}\}", want)
        if keep:
            self.vars[keep[1]] = got
        elif want == "*":
            return
        elif len(want) > 1 and want[0] == want[-1] == "/":
            if not isinstance(got, str) or not re.search(self.fill(want[1:-1]), got):
                raise Failed(f"{where} is {got!r}, not {want}")
        elif self.fill(want) != got:
            raise Failed(f"{where} is {got!r}, not {self.fill(want)!r}")

    def check(self, status, lines, answer):
        got_status, headers, body = answer
        text = body.decode("utf-8", "replace")
        if got_status != status:
            raise Failed(f"status {got_status}, not {status}: {text[:400]}")
        while lines and re.match(r"[A-Za-z-]+:", lines[0]):
            name, want = (part.strip() for part in lines.pop(0).split(":", 1))
            if want == "-":
                if headers[name] is not None:
                    raise Failed(f"header {name} is there: {headers[name]}")
            else:
                self.compare_text(want, headers[name], f"header {name}")
        while lines and lines[0].startswith("/"):
            if not re.search(self.fill(lines.pop(0).strip()[1:-1]), text):
                raise Failed(f"the body is {text[:400]!r}")
        if lines:
            try:
                got = json.loads(text)
            except ValueError:
                raise Failed(f"no JSON: {text[:300]!r}") from None
            self.compare(json.loads("\n".join(lines)), got)

    def step(self, text):
        lines = [line.rstrip() for line in text.strip().split("\n") if not line.startswith("# ")]
        at = next(i for i, line in enumerate(lines) if line.startswith("HTTP "))
        answer = self.request(lines[:at])
        self.check(int(lines[at].split()[1]), [line for line in lines[at + 1 :] if line.strip()], answer)

    def run(self):
        """How many steps passed, and whether all did."""
        for i, (title, text) in enumerate(self.steps):
            try:
                self.step(text)
            except (Failed, OSError, ValueError) as e:
                print(f"FAIL {self.name}: {title}\n     {type(e).__name__}: {e}")
                return i, False
        print(f"ok   {self.name} ({len(self.steps)})")
        return len(self.steps), True


def main():
    words = [w for w in sys.argv[1:] if w != "--postgres"]
    if not words:
        sys.exit(__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    scripts = words[1:] or sorted(glob.glob(os.path.join(here, "*.txt")))
    server = Server(words[0], postgres="--postgres" in sys.argv)
    passed = failed = 0
    try:
        for path in scripts:
            n, ok = Script(server, path).run()
            passed += n
            failed += not ok
        code = server.stop()
        if code:
            failed += 1
            print(f"FAIL the server ended with {code}:\n{server.said()}")
        else:
            passed += 1
            print(f"ok   ended by SIGTERM; {server.verify().strip()}")
    finally:
        server.stop()
        server.remove()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
