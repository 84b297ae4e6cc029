#!/usr/bin/env python3
"""Clients that are slow, many, gone or hostile, against a real server.

    faults.py BINARY [--long] [--postgres] [NAME …]

Each check is a function named check_*; --long adds those that wait for deadlines
(long_*). Ends with `N passed, N failed`.
"""

import json
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback

from run import uuid7
from server import VILLAGE, Server


def want(truth, what):
    if not truth:
        raise AssertionError(what)


def event():
    return {
        "id": uuid7(),
        "type": "site.opened",
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "place": VILLAGE,
        "data": {"id": uuid7(), "kind": "other", "name": "示例点"},
    }


def raw(server, method, path, body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def post_of(server, account="officer"):
    body = json.dumps(event()).encode()
    return raw(server, "POST", "/api/v1/events", body, [f"Authorization: Bearer {server.token(account)}"])


def connect(server, timeout=20):
    return socket.create_connection(("127.0.0.1", server.port), timeout=timeout)


def answer_of(sock):
    """(status, headers text, body) of one answer with a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65536)
        if not more:
            raise OSError(f"closed after {got[:80]!r}")
        got += more
    head, body = got.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        more = sock.recv(65536)
        if not more:
            raise OSError("closed in the body")
        body += more
    return int(head.split()[1]), head.decode(), body


def closed(sock):
    """True when the other side has closed (or reset) it."""
    try:
        return sock.recv(65536) == b""
    except ConnectionResetError:
        return True


def ask_ms(server, path="/healthz", headers=None):
    began = time.monotonic()
    status, _, _ = server.call("GET", path, headers=headers, timeout=20)
    want(status == 200, f"{path}: {status}")
    return (time.monotonic() - began) * 1000


def rounds(server, n, times):
    """n keep-alive connections, all sending at once, each waiting for its answer; the answers."""
    socks = [connect(server) for _ in range(n)]
    recorded = 0
    worst = 0
    for _ in range(times):
        requests = [post_of(server) for _ in range(n)]
        began = time.monotonic()
        for s, r in zip(socks, requests):
            s.sendall(r)
        for s in socks:
            status, _, body = answer_of(s)
            want(status == 200, f"status {status}: {body[:200]!r}")
            recorded += json.loads(body)["results"][0]["status"] == "recorded"
        worst = max(worst, (time.monotonic() - began) * 1000)
    for s in socks:
        s.close()
    want(recorded == n * times, f"{recorded} of {n * times} recorded")
    return f"{n} × {times} recorded, slowest round {worst:.0f} ms"


def check_connections_127(server):
    return rounds(server, 127, 5)


def check_connections_128(server):
    """At exactly 128 ready connections libmicrohttpd's own epoll thread stands still."""
    return rounds(server, 128, 5)


def check_connections_129(server):
    return rounds(server, 129, 5)


def check_connections_1000(server):
    return rounds(server, 1000, 2)


def check_idle_10000(server):
    n = 10000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < n + 500:
        n = hard - 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = server.resident_kib()
    socks = [connect(server) for _ in range(n)]
    slowest = max(ask_ms(server) for _ in range(5))
    held = server.resident_kib()
    for s in socks[:: n // 50]:
        s.sendall(raw(server, "GET", "/healthz"))
        want(answer_of(s)[0] == 200, "an idle connection is not served")
    for s in socks:
        s.close()
    time.sleep(1.5)
    want(slowest < 5000, f"a request beside them took {slowest:.0f} ms")
    return (
        f"{n} idle; beside them ≤ {slowest:.1f} ms; {(held - before) / n:.1f} KiB each; "
        f"{server.resident_kib() // 1024} MiB when gone"
    )


def check_hang_up_in_reads(server):
    """64 clients ask for much and leave; the next is answered at once."""
    auth = [f"Authorization: Bearer {server.token('commander')}"]
    for wait in (0.02, 0, 0, 0.005, 0, 0):
        socks = [connect(server) for _ in range(64)]
        for s in socks:
            s.sendall(raw(server, "GET", "/api/v1/events?limit=500", headers=auth))
        time.sleep(wait)
        for s in socks:
            s.close()
        ms = ask_ms(server, "/api/v1/figures", server.auth("commander"))
        want(ms < 5000, f"the next request took {ms:.0f} ms")
    return f"the next request: {ms:.0f} ms"


def check_hang_up_in_posts(server):
    """Clients that send an event and leave before the answer: recorded all the same, once."""
    for _ in range(50):
        s = connect(server)
        s.sendall(post_of(server))
        s.close()
    for _ in range(20):
        s = connect(server)
        s.sendall(post_of(server)[:-20])
        s.close()
    ms = ask_ms(server, "/api/v1/figures", server.auth("commander"))
    return f"then {ms:.0f} ms"


def check_trickle(server):
    """Clients that send a byte now and then do not hold others up."""
    slow = [connect(server) for _ in range(200)]
    request = post_of(server)
    slowest = 0
    for i in range(30):
        for s in slow:
            s.sendall(request[i : i + 1])
        slowest = max(slowest, ask_ms(server))
    for s in slow:
        s.sendall(request[30:])
    statuses = {answer_of(s)[0] for s in slow}
    want(statuses == {200}, f"statuses {statuses}")
    want(slowest < 5000, f"a request beside them took {slowest:.0f} ms")
    return f"beside 200 of them ≤ {slowest:.1f} ms, and they were served"


def check_unread_answers(server):
    """Clients that ask for much and never read."""
    auth = [f"Authorization: Bearer {server.token('commander')}"]
    socks = []
    for _ in range(100):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.connect(("127.0.0.1", server.port))
        s.sendall(raw(server, "GET", "/api/v1/events?limit=500", headers=auth) * 5)
        socks.append(s)
    time.sleep(1)
    ms = ask_ms(server, "/api/v1/figures", server.auth("commander"))
    want(ms < 5000, f"a request beside them took {ms:.0f} ms")
    held = server.resident_kib() // 1024
    for s in socks:
        s.close()
    return f"beside 100 of them {ms:.0f} ms, {held} MiB resident"


def check_half_sent_bodies(server):
    """Large bodies that stop short: past the common bound 503, small requests go on, memory is bounded."""
    head = raw(server, "POST", "/api/v1/events", headers=[f"Authorization: Bearer {server.token('officer')}"])
    head = head[:-2] + b"Content-Length: 4000000\r\n\r\n"
    socks = [connect(server) for _ in range(24)]
    for s in socks:
        s.sendall(head + b" " * 3999000)
    time.sleep(0.5)
    status, _, body = server.call("POST", "/api/v1/events", event(), server.auth("officer"))
    want(status == 200, f"a small request beside them: {status} {body[:200]!r}")
    held = server.resident_kib() // 1024
    statuses = []
    for s in socks:
        s.sendall(b" " * 1000)
        status, headers, _ = answer_of(s)
        statuses.append(status)
        if status == 503:
            want("Retry-After:" in headers, "503 without Retry-After")
        s.close()
    want(set(statuses) == {400, 503}, f"statuses {statuses}")
    want(held < 160 or server.sanitized(), f"{held} MiB resident")
    return f"{statuses.count(503)} of 24 told to come again, {held} MiB resident"


HOSTILE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    b"\x00" * 4000,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /%00%ff%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET " + b"/a" * 6000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"A%d: b\r\n" % i for i in range(3000)) + b"\r\n",
    b"GET /?" + b"&".join(b"a%d=1" % i for i in range(300)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000000\r\n\r\n{}",
    b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"GET /api/v1/figures HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    b"GET /api/v1/figures HTTP/1.1\r\nHost: a\r\nCookie: lianfang\r\nCookie: ;;;=\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"; ".join(b"a%d=1" % i for i in range(400)) + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


def check_hostile(server):
    """Refused or closed; what stops in the middle of its headers may be waited for."""
    waiting = 0
    for bytes_ in HOSTILE:
        s = connect(server, 1)
        try:
            s.sendall(bytes_)
            s.shutdown(socket.SHUT_WR)
            got = s.recv(65536)
            want(got == b"" or got.startswith(b"HTTP/1."), f"{bytes_[:40]!r} → {got[:60]!r}")
            want(not got.startswith(b"HTTP/1.1 5") or b" 505 " in got[:40] or b" 501 " in got[:40], f"{got[:60]!r}")
        except socket.timeout:
            want(b"\n\r\n" not in bytes_ or b"chunked" in bytes_, f"no answer and no close: {bytes_[:60]!r}")
            waiting += 1
        except OSError:
            pass  # closed or reset
        finally:
            s.close()
        ask_ms(server)
    return f"{len(HOSTILE)} kinds, {waiting} waited for"


def check_pipelined(server):
    s = connect(server)
    s.sendall(post_of(server) + post_of(server) + raw(server, "GET", "/healthz", headers=["Connection: close"]))
    got = b""
    while more := s.recv(65536):
        got += more
    want(got.count(b"HTTP/1.1 200") == 3, got[:300])
    want(got.count(b'"recorded"') == 2, got[:300])
    return "3 requests in one write"


def check_terminated_under_load(server):
    """SIGTERM while 32 clients post: what was acknowledged is in the ledger, and it verifies."""
    acknowledged, errors = [], []

    def client():
        try:
            s = connect(server)
            while True:
                s.sendall(post_of(server))
                status, _, body = answer_of(s)
                if status == 200:
                    acknowledged.append(json.loads(body)["results"][0]["id"])
        except OSError:
            pass
        except Exception as e:
            errors.append(e)

    server.token("officer")
    threads = [threading.Thread(target=client) for _ in range(32)]
    for t in threads:
        t.start()
    time.sleep(1)
    began = time.monotonic()
    code = server.stop()
    took = time.monotonic() - began
    for t in threads:
        t.join()
    want(code == 0, f"exit {code}: {server.said()}")
    want(not errors, errors)
    said = server.verify().strip()
    server.tokens.clear()
    server.start()
    auth = server.auth("commander")
    seen, after = set(), 0
    while True:
        _, _, body = server.call("GET", f"/api/v1/events?limit=500&after={after}", headers=auth)
        page = json.loads(body)
        seen.update(e["id"] for e in page["events"])
        if "next" not in page:
            break
        after = page["next"]
    lost = [i for i in acknowledged if i not in seen]
    want(not lost, f"{len(lost)} of {len(acknowledged)} acknowledged events are lost")
    return f"{len(acknowledged)} acknowledged, all there; ended in {took:.2f} s; {said}"


def check_tls(server):
    pem = os.path.join(server.folder, "pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pem + ".key", "-out", pem + ".crt"]
        + ["-days", "2", "-subj", "/CN=localhost"],
        check=True,
        capture_output=True,
    )
    want(server.stop() == 0, server.said())
    context = ssl._create_unverified_context()
    process = subprocess.Popen(
        [server.binary, "serve", "--db", server.db, "--listen", f"127.0.0.1:{server.port}"]
        + ["--tls-cert", pem + ".crt", "--tls-key", pem + ".key"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=server.folder,
    )
    try:
        for _ in range(100):
            try:
                s = context.wrap_socket(connect(server))
                break
            except OSError:
                time.sleep(0.05)
        body = json.dumps({"account": "officer", "password": server.password}).encode()
        s.sendall(raw(server, "POST", "/api/v1/session", body))
        status, headers, _ = answer_of(s)
        want(status == 200 and "; Secure" in headers, headers)
        s.sendall(raw(server, "GET", "/healthz"))
        want(answer_of(s)[0] == 200, "the second request")
        slow = connect(server)  # a handshake that never comes holds nobody up
        s.sendall(raw(server, "GET", "/healthz"))
        want(answer_of(s)[0] == 200, "beside a silent client")
        slow.close()
        version = s.version()
    finally:
        process.terminate()
        process.wait(20)
        server.start()
    return version


def long_body_deadline(server):
    s = connect(server, 60)
    s.sendall(post_of(server)[:-10])
    began = time.monotonic()
    want(closed(s), "still open")
    took = time.monotonic() - began
    want(15 < took < 30, f"closed after {took:.1f} s")
    return f"a body that stops is given up after {took:.1f} s"


def long_header_deadline(server):
    s = connect(server, 60)
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
    began = time.monotonic()
    while time.monotonic() - began < 40:
        try:
            s.sendall(b"X: y\r\n")
        except OSError:
            break
        time.sleep(1)
    took = time.monotonic() - began
    want(10 < took < 25, f"closed after {took:.1f} s")
    return f"headers without end are given up after {took:.1f} s"


def long_first_deadline(server):
    s = connect(server, 90)
    began = time.monotonic()
    want(closed(s), "still open")
    return f"a silent connection is closed after {time.monotonic() - began:.1f} s"


def main(space, doc):
    """Runs the checks among the names of a file."""
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    if not words:
        sys.exit(doc)
    prefixes = ("check_", "long_") if "--long" in sys.argv else ("check_",)
    checks = [(n, f) for n, f in space.items() if n.startswith(prefixes)]
    if words[1:]:
        checks = [(n, f) for n, f in space.items() if callable(f) and n.partition("_")[2] in words[1:]]
    server = Server(words[0], postgres="--postgres" in sys.argv)
    failed = 0
    try:
        for name, check in checks:
            try:
                print(f"ok   {name.partition('_')[2]}: {check(server)}", flush=True)
            except Exception as e:
                failed += 1
                print(f"FAIL {name.partition('_')[2]}: {type(e).__name__}: {e}", flush=True)
                if not isinstance(e, AssertionError):
                    traceback.print_exc(file=sys.stdout)
                if server.process.poll() is not None:
                    print(f"     the server ended with {server.process.returncode}:\n{server.said()}")
                    server.tokens.clear()
                    server.start()
        began = time.monotonic()
        if server.stop() or time.monotonic() - began > 8:
            failed += 1
            print(f"FAIL the server took {time.monotonic() - began:.1f} s and ended with {server.process.returncode}:\n{server.said()}")
    finally:
        server.stop()
        server.remove()
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main(globals(), __doc__)
