#!/usr/bin/env python3
"""Live pages: GET /api/v1/stream with real clients, many, slow, gone and signed out.

    stream.py BINARY [--long] [--postgres] [NAME …]

Each check is a function named check_*; --long adds those that take long (long_*).
"""

import http.client
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import time

import faults
from faults import connect, event, raw, want
from server import TOWN, VILLAGE

ELSEWHERE = "610927101000"


class Stream:
    """A client of the stream: what came, as (kind, id, data)."""

    def __init__(self, server, account="officer", headers=(), path="/api/v1/stream", token=None, receive=None, tls=None):
        self.sock = socket.socket()
        if receive:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.sock.settimeout(20)
        self.sock.connect(("127.0.0.1", server.port))
        if tls:
            self.sock = tls.wrap_socket(self.sock)
        self.sock.sendall(raw(server, "GET", path, headers=[f"Authorization: Bearer {token or server.token(account)}", *headers]))
        self.text, self.body, self.ended = b"", b"", False
        self.events, self.comments, self.last, self.retry = [], 0, None, None
        while b"\r\n\r\n" not in self.text:
            self.fill()
        head, self.text = self.text.split(b"\r\n\r\n", 1)
        status = int(head.split()[1])
        self.headers = head.decode().lower()
        want(status == 200, f"{path}: {head.decode()}")
        self.parse()
        self.read(10, lambda s: s.last is not None)  # it says at once where it stands

    def fill(self):
        more = self.sock.recv(65536)
        if not more:
            self.ended = True
            raise OSError("closed")
        self.text += more

    def parse(self):
        """Takes whole chunks, then whole events of their bytes."""
        while b"\r\n" in self.text:
            size, rest = self.text.split(b"\r\n", 1)
            n = int(size, 16)
            if len(rest) < n + 2:
                break
            self.body += rest[:n]
            self.text = rest[n + 2 :]
            if n == 0:
                self.ended = True
        while b"\n\n" in self.body:
            block, self.body = self.body.split(b"\n\n", 1)
            self.take(block.decode())

    def take(self, block):
        kind, data, at = "message", None, None
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not name:
                self.comments += 1
            elif name == "event":
                kind = value
            elif name == "id":
                self.last = at = int(value)
            elif name == "data":
                data = json.loads(value)
            elif name == "retry":
                self.retry = int(value)
            else:
                raise AssertionError(f"a field named {name!r}")
        if data is not None:
            self.events.append((kind, at, data))

    def read(self, seconds, until=lambda s: False):
        """Reads for so long, or until something holds, or the end."""
        stop = time.monotonic() + seconds
        while not self.ended and not until(self):
            left = stop - time.monotonic()
            held = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
            if not held and (left <= 0 or not select.select([self.sock], [], [], left)[0]):
                break
            try:
                self.fill()
            except OSError:
                self.ended = True
            self.parse()
        return self.events

    def seqs(self):
        return [e[2]["seq"] for e in self.events if e[0] == "record"]

    def close(self):
        self.sock.close()


def at(place):
    return {**event(), "place": place}


def post(server, events, account="officer"):
    """Records them; their seqs."""
    status, _, body = server.call("POST", "/api/v1/events", {"events": events}, server.auth(account))
    results = json.loads(body)["results"] if status == 200 else []
    want(results and all(r["status"] == "recorded" for r in results), f"{status} {body[:300]!r}")
    return [r["seq"] for r in results]


def metric(server, name):
    text = server.call("GET", "/metrics", headers=server.auth("admin"))[2].decode()
    return int(next(line.split()[1] for line in text.split("\n") if line.startswith(f"lianfang_{name} ")))


def none_open(server, seconds=5):
    stop = time.monotonic() + seconds
    while metric(server, "http_streams") and time.monotonic() < stop:
        time.sleep(0.05)
    return metric(server, "http_streams")


def sign_in(server, account="officer"):
    status, _, body = server.call("POST", "/api/v1/session", {"account": account, "password": server.password}, timeout=60)
    want(status == 200, f"sign-in: {status} {body[:200]!r}")
    return json.loads(body)["token"]


def check_order(server):
    s = Stream(server)
    want("content-type: text/event-stream" in s.headers and "cache-control: no-store" in s.headers, s.headers)
    sent = [[event() for _ in range(n)] for n in (1, 7, 40, 2)]
    seqs = []
    for group in sent:
        seqs += post(server, group)
        time.sleep(0.1)
    s.read(5, lambda s: len(s.events) == 50)
    want(s.seqs() == seqs, f"{s.seqs()} is not {seqs}")
    flat = [e for group in sent for e in group]
    for (kind, ident, data), e in zip(s.events, flat):
        want(kind == "record" and ident == data["seq"], f"{kind} {ident} {data}")
        want(data["id"] == e["id"] and data["type"] == e["type"] and data["place"] == e["place"], f"{data} is not {e}")
        want(set(data) == {"seq", "id", "type", "at", "place"}, f"members {sorted(data)}")
    want(2000 <= s.retry < 5000, f"retry {s.retry}")
    s.close()
    return f"{len(seqs)} records in order"


def check_prompt(server):
    s = Stream(server)
    time.sleep(0.6)
    began = time.monotonic()
    post(server, [event()])
    s.read(5, lambda s: s.events)
    took = (time.monotonic() - began) * 1000
    want(s.events and took < 400, f"{took:.0f} ms")
    s.close()
    return f"told {took:.0f} ms after the request was sent"


def check_refused_is_not_told(server):
    s = Stream(server)
    bad = {**event(), "type": "site.closed", "data": {"site": event()["id"]}}
    good = event()
    status, _, body = server.call("POST", "/api/v1/events", {"events": [good, bad], "atomic": True}, server.auth("officer"))
    want(status == 409, f"{status} {body[:200]!r}")
    after = event()
    seqs = post(server, [after])
    s.read(1)
    want(s.seqs() == seqs and s.events[0][2]["id"] == after["id"], f"{s.events}")
    s.close()
    return "what was rolled back is never told"


def check_scope(server):
    streams = {a: Stream(server, a) for a in ("commander", "officer", "elsewhere", "grid", "auditor")}
    here = post(server, [at(VILLAGE), at(TOWN)])
    there = post(server, [at(ELSEWHERE)], "elsewhere")
    village = post(server, [at(VILLAGE)])
    for s in streams.values():
        s.read(1.5)
    got = {a: s.seqs() for a, s in streams.items()}
    all_of = here + there + village
    want(got["commander"] == got["auditor"] == all_of, f"county: {got}")
    want(got["officer"] == here + village, f"town: {got}")
    want(got["elsewhere"] == there, f"other town: {got}")
    want(got["grid"] == [here[0], *village], f"village: {got}")
    for s in streams.values():
        s.close()
    return "each sees its own territory, in order"


def check_refusals(server):
    def ask(path="/api/v1/stream", headers=None, account="officer"):
        status, head, body = server.call("GET", path, headers={**(server.auth(account) if account else {}), **(headers or {})})
        return status, json.loads(body), head

    status, problem, _ = ask(account=None)
    want(status == 401 and problem["code"] == "unauthenticated", f"{status} {problem}")
    status, problem, _ = ask(account="admin")
    want(status == 403 and problem["code"] == "forbidden", f"{status} {problem}")
    for path in ("?after=x", "?after=-1", "?after=", "?after=1.5"):
        status, problem, _ = ask("/api/v1/stream" + path)
        want(status == 400 and problem["field"] == "after", f"{path}: {status} {problem}")
    status, problem, _ = ask("/api/v1/stream?place=" + VILLAGE)
    want(status == 400 and problem["field"] == "place", f"{status} {problem}")
    status, problem, _ = ask(headers={"Last-Event-ID": "yesterday"})
    want(status == 400, f"{status} {problem}")
    status, _, _ = server.call("POST", "/api/v1/stream", {}, server.auth("officer"))
    want(status == 405, f"POST: {status}")
    status, head, body = server.call("HEAD", "/api/v1/stream", headers=server.auth("officer"))
    want(status == 200 and not body, f"HEAD: {status}")
    want(none_open(server) == 0, "a refusal left a stream")
    return "no session, no scope, wrong parameters"


def check_cookie_alone(server):
    """As a browser's EventSource asks: with the cookie and no header of ours."""
    s = Stream(server, headers=[])
    s.close()
    sock = connect(server)
    sock.sendall(raw(server, "GET", "/api/v1/stream", headers=[f"Cookie: lianfang={server.token('officer')}"]))
    head = sock.recv(4096)
    want(head.startswith(b"HTTP/1.1 200"), head[:200])
    sock.close()
    status, _, _ = server.call("GET", "/api/v1/session", headers={"Cookie": f"lianfang={server.token('officer')}"})
    want(status == 403, f"other calls still need the mark: {status}")
    return "the cookie opens it"


def check_reconnect(server):
    s = Stream(server)
    first = post(server, [event() for _ in range(3)])
    s.read(2, lambda s: len(s.events) == 3)
    s.close()
    missed = post(server, [event() for _ in range(20)])
    s = Stream(server, headers=[f"Last-Event-ID: {first[-1]}"])
    s.read(2, lambda s: len(s.events) >= 20)
    want(s.seqs() == missed, f"{s.events[:3]}")
    s.close()
    s = Stream(server, path=f"/api/v1/stream?after={first[0]}", headers=[f"Last-Event-ID: {missed[17]}"])
    s.read(1, lambda s: len(s.events) >= 2)
    want(s.seqs() == missed[18:], f"the header goes before the address: {s.events[:3]}")
    s.close()
    s = Stream(server, path=f"/api/v1/stream?after={first[0]}")
    s.read(1, lambda s: len(s.events) >= 22)
    want(s.seqs() == first[1:] + missed, f"{s.events[:3]}")
    s.close()
    # One who saw nothing yet was told where it stands, and loses nothing either.
    s = Stream(server, "elsewhere")
    want(s.last == missed[-1], f"stands at {s.last}")
    s.close()
    return "nothing missed, nothing twice"


def check_reset(server):
    s = Stream(server)
    before = s.last
    s.close()
    for _ in range(3):
        last = post(server, [event() for _ in range(100)])[-1]
    s = Stream(server, headers=[f"Last-Event-ID: {before}"])
    s.read(2, lambda s: s.events)
    want(s.events == [("reset", last, {})], f"{s.events[:3]}")
    after = post(server, [event()])
    s.read(2, lambda s: len(s.events) == 2)
    want(s.events[1:] and s.events[1][1] == after[0], f"{s.events}")
    s.close()
    s = Stream(server, headers=["Last-Event-ID: 999999999"])
    s.read(2, lambda s: s.events)
    want(s.events == [("reset", after[0], {})], f"a place beyond the ledger: {s.events}")
    s.close()
    # Elsewhere nothing happened: what others did is no loss.
    s = Stream(server, "elsewhere", headers=[f"Last-Event-ID: {before}"])
    s.read(1, lambda s: s.events)
    want(s.events == [], f"{s.events}")
    s.close()
    return "too much to tell is told as a reset, once"


def check_restart(server):
    s = Stream(server)
    seqs = post(server, [event() for _ in range(5)])
    s.close()
    want(server.stop() == 0, "did not end well")
    server.start()
    s = Stream(server, headers=[f"Last-Event-ID: {seqs[-1]}"])
    behind = Stream(server, headers=[f"Last-Event-ID: {seqs[1]}"])
    more = post(server, [event()])
    s.read(2, lambda s: s.events)
    behind.read(2, lambda s: len(s.events) > 1)
    want(s.seqs() == more and len(s.events) == 1, f"{s.events}")
    want(behind.events[0][0] == "reset", f"{behind.events}")
    s.close()
    behind.close()
    return "who was up to date goes on, who was behind is told"


def check_own_most(server):
    tokens = [sign_in(server), sign_in(server)]
    held = [Stream(server, token=tokens[0]) for _ in range(4)]
    status, head, body = server.call("GET", "/api/v1/stream", headers={"Authorization": f"Bearer {tokens[0]}", "Accept-Language": "en"})
    problem = json.loads(body)
    want(status == 429 and problem["code"] == "too_many_streams" and head["Retry-After"], f"{status} {problem}")
    held.append(Stream(server, token=tokens[1]))
    for _ in range(20):  # a page that is loaded again and again
        held.pop(0).close()
        held.insert(0, Stream(server, token=tokens[0]))
    for s in held:
        s.close()
    return "4 a session; a page may be loaded again at once"


def check_sign_out(server):
    token = sign_in(server)
    s, other = Stream(server, token=token), Stream(server)
    began = time.monotonic()
    status, _, _ = server.call("DELETE", "/api/v1/session", headers={"Authorization": f"Bearer {token}"})
    want(status == 204, f"{status}")
    s.read(5)
    took = time.monotonic() - began
    want(s.ended and took < 2, f"ended {s.ended} after {took:.1f} s")
    post(server, [event()])
    other.read(2, lambda s: s.events)
    want(other.events and not other.ended, "another session's stream ended too")
    other.close()
    return f"ended {took * 1000:.0f} ms after signing out"


def check_disabled(server):
    server.command("account", "add", "leaving", "--role", "officer", "--place", TOWN, "--password-file", "-")
    s = Stream(server, token=sign_in(server, "leaving"))
    server.command("account", "disable", "leaving")
    s.read(3)
    want(s.ended, "a disabled account still reads")
    return "a disabled account's stream ends"


def check_revoked(server):
    """With its last grant an account loses the stream; with one of two, what that one reached."""
    server.command("account", "add", "moved", "--role", "officer", "--place", TOWN, "--password-file", "-")
    server.command("account", "grant", "moved", "--role", "officer", "--place", ELSEWHERE)
    s = Stream(server, token=sign_in(server, "moved"))

    def revoke(place):
        data = {"account": "moved", "role": "officer", "place": place}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        post(server, [{"id": event()["id"], "type": "role.revoked", "at": now, "data": data}], "admin")

    revoke(TOWN)
    time.sleep(0.6)
    before = len(s.events)
    post(server, [event()])
    there = post(server, [at(ELSEWHERE)], "elsewhere")
    s.read(1, lambda s: len(s.events) > before + 1)
    want(s.seqs()[before:] == there, f"{s.events}")
    revoke(ELSEWHERE)
    s.read(3)
    want(s.ended, "it goes on without a grant")
    return "what a grant no longer reaches is not told"


def check_tls(server):
    pem = os.path.join(server.folder, "stream")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pem + ".key", "-out", pem + ".crt"]
        + ["-days", "2", "-subj", "/CN=localhost"],
        check=True,
        capture_output=True,
    )
    token = server.token("officer")
    want(server.stop() == 0, server.said())
    process = subprocess.Popen(
        [server.binary, "serve", "--db", server.db, "--listen", f"127.0.0.1:{server.port}"]
        + ["--tls-cert", pem + ".crt", "--tls-key", pem + ".key"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=server.folder,
    )
    tls = ssl._create_unverified_context()
    try:
        process.stdout.readline()
        streams = [Stream(server, token=token, tls=tls) for _ in range(4)]
        c = http.client.HTTPSConnection("127.0.0.1", server.port, context=tls)
        seqs = []
        for _ in range(3):
            body = json.dumps({"events": [event() for _ in range(30)]})
            c.request("POST", "/api/v1/events", body, {"Authorization": f"Bearer {token}"})
            seqs += [r["seq"] for r in json.loads(c.getresponse().read())["results"]]
            time.sleep(0.3)
        for s in streams:
            s.read(5, lambda s: len(s.events) == 90)
        want(all(s.seqs() == seqs for s in streams), f"{len(streams[0].events)} of {len(seqs)}")
        began = time.monotonic()
        process.terminate()
        for s in streams:
            s.read(5)
        want(all(s.ended for s in streams) and process.wait(5) == 0, "the end")
        return f"{len(seqs)} records to each of 4, ended in {(time.monotonic() - began) * 1000:.0f} ms"
    finally:
        process.kill()
        process.wait(20)
        server.start()


def check_vanishing(server):
    tokens = [sign_in(server) for _ in range(10)]
    for _ in range(3):
        streams = [Stream(server, token=t) for t in tokens for _ in range(4)]
        for s in streams[::2]:
            s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for s in streams:
            s.close()
        post(server, [event() for _ in range(20)])
    left = none_open(server)
    want(left == 0, f"{left} streams are still held")
    return "120 clients gone without a word, none kept"


def check_many(server):
    """300 streams while others record."""
    tokens = [sign_in(server) for _ in range(75)]
    streams = [Stream(server, token=t) for t in tokens for _ in range(4)]
    want(metric(server, "http_streams") == 300, f"{metric(server, 'http_streams')} open")
    seqs, began = [], time.monotonic()
    for _ in range(10):
        seqs += post(server, [event() for _ in range(15)])
        time.sleep(0.3)
    stop = time.monotonic() + 10
    for s in streams:
        s.read(max(0.1, stop - time.monotonic()), lambda s: len(s.events) == 150)
    wrong = sum(s.seqs() != seqs for s in streams)
    want(wrong == 0, f"{wrong} streams differ; the first has {streams[0].seqs()[:5]}… of {seqs[:5]}…")
    for s in streams:
        s.close()
    want(none_open(server) == 0, "some are still held")
    return f"300 streams, each with all {len(seqs)} records, in {time.monotonic() - began:.1f} s"


def feed(server, reading):
    """Records more than a sleeping reader's socket takes, slowly enough to be told one by one; their seqs."""
    seqs = []
    for _ in range(18):
        seqs += post(server, [event() for _ in range(80)])
        reading.read(0.27)
    reading.read(3, lambda s: s.last == seqs[-1])
    return seqs


def check_slow_reader(server):
    """One that does not read costs nothing and delays nobody."""
    slow = Stream(server, receive=2048)
    time.sleep(0.3)
    before = server.resident_kib()
    fast = Stream(server, "commander")
    seqs = feed(server, fast)
    grown = server.resident_kib() - before
    want(fast.seqs() == seqs, f"the fast one was told {len(fast.events)} of {len(seqs)}")
    slow.read(8, lambda s: s.last == seqs[-1])
    want(slow.last == seqs[-1], f"the slow one stands at {slow.last}, not {seqs[-1]}")
    want(any(e[0] == "reset" for e in slow.events), "all was kept for it")
    want(150 < len(slow.events) < len(seqs), f"{len(slow.events)} events: it was no slow reader")
    ids = [e[1] for e in slow.events]
    want(ids == sorted(set(ids)), "not in order")
    want(server.sanitized() or grown < 16 * 1024, f"memory grew by {grown} KiB")
    slow.close()
    fast.close()
    return f"{len(seqs)} records past a reader that sleeps: memory +{grown} KiB"


def check_idle(server):
    s = Stream(server)
    began = time.monotonic()
    s.read(25, lambda s: s.comments)
    took = time.monotonic() - began
    want(s.comments == 1 and 15 < took < 22 and not s.events, f"{s.comments} comments after {took:.1f} s")
    seqs = post(server, [event()])
    s.read(2, lambda s: s.events)
    want(s.seqs() == seqs, f"{s.events}")
    s.close()
    return f"a comment after {took:.1f} s of silence"


def check_server_end(server):
    tokens = [sign_in(server) for _ in range(5)]
    streams = [Stream(server, token=t) for t in tokens for _ in range(4)]
    slow = Stream(server, receive=2048)
    feed(server, streams[0])
    began = time.monotonic()
    want(server.stop() == 0, f"ended with {server.process.returncode}: {server.said()}")
    took = time.monotonic() - began
    for s in streams:
        s.read(1)
    want(all(s.ended for s in streams), "a stream goes on")
    want(took < 2, f"{took:.1f} s")
    slow.close()
    server.start()
    return f"21 streams ended with the server in {took * 1000:.0f} ms"


def long_full(server):
    """512 in all, the next one is told."""
    tokens = [sign_in(server) for _ in range(129)]
    streams = [Stream(server, token=t) for t in tokens[:128] for _ in range(4)]
    want(metric(server, "http_streams") == 512, f"{metric(server, 'http_streams')}")
    status, head, body = server.call("GET", "/api/v1/stream", headers={"Authorization": f"Bearer {tokens[128]}"})
    want(status == 503 and json.loads(body)["code"] == "too_many_streams" and head["Retry-After"], f"{status} {body[:200]!r}")
    post(server, [event()])
    for s in streams:
        s.read(3, lambda s: s.events)
    want(all(len(s.events) == 1 for s in streams), "not all were told")
    for s in streams:
        s.close()
    want(none_open(server) == 0, "some are still held")
    return "512 streams told; the 513th refused"


if __name__ == "__main__":
    faults.main(globals(), __doc__)
