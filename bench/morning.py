#!/usr/bin/env python3
"""A morning's first synchronisation: 1,500 phones of a county at once, each reading /api/v1/sync from the start to its
end. bench/morning.py --binary build/lianfang [--phones 1500] [--again]; prints one JSON object.

The phones belong to the people of the demo county's responsibility groups, to officers of its villages and to its
checkpoints; accounts and sessions are put into the store beforehand, grants recorded as any are. Each phone has a
connection of its own and takes gzip; all ask at the same moment. Latency is of a whole synchronisation: its answers
waited for, without the unpacking, which phones do by themselves."""

import argparse
import asyncio
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import sys
import tempfile
import time
import uuid
import zlib
from base64 import urlsafe_b64encode

from server import COUNTY, Server, Store


def blake(token):
    return hashlib.blake2b(token, digest_size=32).digest()


class Phones:
    """Accounts, their grants and sessions, in a store at rest."""

    def __init__(self, path, n):
        self.tokens, self.grants = [], []
        self.mark = secrets.token_hex(4)  # accounts of another run may stand in a kept store
        c = sqlite3.connect(path)
        # One row a person: the places of a person's groups lie within the town of the first.
        people = c.execute(
            "SELECT f.person, MIN(g.place) FROM staffing_fact f JOIN responsibility_group g ON g.id = f.grp"
            " WHERE f.joins = 1 GROUP BY f.person ORDER BY f.person"
        ).fetchall()
        villages = [r[0] for r in c.execute("SELECT code FROM division WHERE level = 5 ORDER BY code")]
        sites = [r[0] for r in c.execute("SELECT place FROM site WHERE kind = 0 ORDER BY id")]
        now = int(time.time() * 1000)
        for i in range(n):
            if i < len(sites):
                role, place, person = "checkpoint", sites[i], None
            elif i < len(sites) + len(villages):
                role, place, person = "officer", villages[i - len(sites)], None
            else:
                person, place = people[i % len(people)]
                role = "grid"
            self.add(c, now, f"phone{i}", role, place, person)
        c.commit()
        c.close()

    def add(self, c, now, name, role, place, person):
        token = secrets.token_bytes(32)
        name = f"{name}-{self.mark}"
        c.execute(
            "INSERT INTO account (name, password, person, disabled, created, failed, locked_until) VALUES (?,?,?,0,?,0,0)",
            (name, "-", person, now),
        )
        c.execute("INSERT INTO session VALUES (?,?,?,?,?)", (blake(token), name, now, now + 86400000, now))
        self.tokens.append(urlsafe_b64encode(token).rstrip(b"=").decode())
        code = f"{place:015d}"
        self.grants.append((name, role, code[:12] if code.endswith("000") else code))

    def grant(self, server):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for i in range(0, len(self.grants), 500):
            events = [
                {
                    "id": str(uuid.UUID(int=secrets.randbits(128) & ~(0xF << 76) | (4 << 76), version=4)),
                    "type": "role.granted",
                    "at": at,
                    "data": {"account": a, "role": r, "place": p},
                }
                for a, r, p in self.grants[i : i + 500]
            ]
            status, body = server.call("POST", "/api/v1/events", json.dumps({"events": events}))
            bad = [r for r in json.loads(body)["results"] if r["status"] != "recorded"]
            if status != 200 or bad:
                raise SystemExit(f"grants: {status} {bad[:2]}")


class Phone:
    def __init__(self, port, token):
        self.port, self.token, self.cursor = port, token, None
        self.pages = self.bytes = self.items = 0

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)

    async def page(self):
        q = f"?after={self.cursor}" if self.cursor else ""
        self.writer.write(
            f"GET /api/v1/sync{q} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n"
            f"Authorization: Bearer {self.token}\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        fields = dict(l.split(b": ", 1) for l in head.split(b"\r\n")[1:-2])
        fields = {k.lower(): v for k, v in fields.items()}
        body = await self.reader.readexactly(int(fields[b"content-length"]))
        self.bytes += len(body)
        self.pages += 1
        if status != 200:
            raise RuntimeError(f"{status} {body[:300]}")
        return fields, body

    async def ask(self):
        began = time.monotonic()
        fields, body = await self.page()
        self.took += time.monotonic() - began
        self.answer = (fields, body)

    def read(self):
        """What was answered, unpacked when nobody waits for it: phones do that each with a processor of its own."""
        fields, body = self.answer
        text = zlib.decompress(body, 31) if fields.get(b"content-encoding") == b"gzip" else body
        at = text.rindex(b'"next":"') + 8
        self.cursor = text[at : text.index(b'"', at)].decode()
        self.items += text.count(b'"kind":')
        self.more = b'"more":true' in text[-400:]


async def morning(port, tokens, phones=None):
    phones = phones or [Phone(port, t) for t in tokens]
    for p in phones:
        p.took = 0.0
        if not p.cursor:
            await p.connect()
    bad, asking = [], phones
    while asking:
        results = await asyncio.gather(*(p.ask() for p in asking), return_exceptions=True)
        bad += [r for r in results if r is not None]
        asking = [p for p, r in zip(asking, results) if r is None]
        for p in asking:
            p.read()
        asking = [p for p in asking if p.more]
    good = sorted(p.took for p in phones)
    return phones, {
        "phones": len(phones),
        "errors": len(bad),
        "first_error": repr(bad[0]) if bad else None,
        "p50_ms": round(good[len(good) // 2] * 1000, 1) if good else None,
        "p99_ms": round(good[int(len(good) * 0.99)] * 1000, 1) if good else None,
        "pages": sum(p.pages for p in phones),
        "items": sum(p.items for p in phones),
        "megabytes": round(sum(p.bytes for p in phones) / 1e6, 2),
    }


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--binary", required=True)
    args.add_argument("--phones", type=int, default=1500)
    args.add_argument("--store", help="a demo store to copy instead of making one")
    args.add_argument("--again", action="store_true", help="once more when nothing has changed")
    a = args.parse_args()
    folder = tempfile.mkdtemp(prefix="lianfang-morning-")
    try:
        store = Store.demo(a.binary, os.path.join(folder, "m.db"))
        store.command("account", "add", "chief", "--role", "admin", "--place", COUNTY, "--password-file", "-")
        phones = Phones(store.path, a.phones)
        with Server(store, folder) as server:
            status, body = server.call(
                "POST", "/api/v1/session", json.dumps({"account": "chief", "password": store.password})
            )
            server.token = json.loads(body)["token"]
            phones.grant(server)
            cpu = server_cpu(server)
            carried, first = asyncio.run(once(server.port, phones.tokens, a.again))
            first["server_cpu_s"] = round(server_cpu(server) - cpu, 2)
            print(json.dumps(first, indent=1))
            if first["errors"]:
                sys.exit(1)
    finally:
        shutil.rmtree(folder)


async def once(port, tokens, again):
    phones, first = await morning(port, tokens)
    if again:
        _, first["again"] = await morning(port, tokens, phones)
    return phones, first


def server_cpu(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="utf-8") as f:
        fields = f.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
