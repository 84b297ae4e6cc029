#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments under load and checks that
every acknowledged record is there, none is half there, and `verify` passes.

    crash.py [--rounds N] [--seed S]      LIANFANG_BIN: the binary (default build/lianfang)

What was acknowledged is sent again after the restart: it must answer
`duplicate` with the seq it had. What was not may answer either way, once.
"""
import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("LIANFANG_BIN", os.path.join(ROOT, "build", "lianfang"))
DIVISIONS = os.path.join(ROOT, "data", "zhenping", "divisions-2019.csv")
PASSWORD = "crash-test-password"


def run(*args, stdin=None):
    return subprocess.run([BIN, *args], input=stdin, capture_output=True, text=True, timeout=120)


def must(*args, stdin=None):
    r = run(*args, stdin=stdin)
    if r.returncode:
        raise SystemExit(f"lianfang {' '.join(args)}: {r.stderr.strip()}")
    return r


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, db):
        self.port = free_port()
        self.p = subprocess.Popen([BIN, "serve", "--db", db, "--listen", f"127.0.0.1:{self.port}"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
        for _ in range(400):
            if self.p.poll() is not None:
                raise SystemExit("the server did not start: " + self.p.stderr.read())
            try:
                c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                c.request("GET", "/readyz")
                if c.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.01)
        raise SystemExit("the server is not ready after four seconds")

    def kill(self):
        self.p.send_signal(signal.SIGKILL)
        self.p.wait()


def sign_in(port):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    c.request("POST", "/api/v1/session", json.dumps({"account": "county", "password": PASSWORD}))
    return json.load(c.getresponse())["token"]


def household(rng, villages):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    return {"id": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "type": "household.registered", "at": now,
            "place": rng.choice(villages),
            "data": {"id": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "address": "演示路1号", "head": {"name": "演示"}, "members": 2}}


def post(conn, token, body):
    conn.request("POST", "/api/v1/events", json.dumps(body), {"Authorization": "Bearer " + token})
    r = conn.getresponse()
    return r.status, json.load(r)


def sender(port, token, rng, villages, stop, acked, doubtful, lock):
    """Singles and batches by turns, until the server is gone."""
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while not stop.is_set():
        events = [household(rng, villages) for _ in range(rng.choice((1, 1, 1, 20)))]
        atomic = len(events) > 1 and rng.random() < 0.5
        body = events[0] if len(events) == 1 else {"events": events, "atomic": atomic}
        try:
            status, answer = post(conn, token, body)
        except (OSError, http.client.HTTPException, ValueError):
            with lock:
                doubtful.append((events, atomic))
            return
        with lock:
            if status == 200:
                acked.extend((e, r["seq"]) for e, r in zip(events, answer["results"]))
            else:
                doubtful.append((events, atomic))


def one_round(db, rng, villages):
    server = Server(db)
    token = sign_in(server.port)
    acked, doubtful, lock, stop = [], [], threading.Lock(), threading.Event()
    threads = [threading.Thread(target=sender, args=(server.port, token, random.Random(rng.random()), villages, stop, acked, doubtful, lock))
               for _ in range(6)]
    for t in threads:
        t.start()
    time.sleep(rng.uniform(0.02, 0.6))
    server.kill()
    stop.set()
    for t in threads:
        t.join()
    v = run("verify", "--db", db)
    problems = [] if v.returncode == 0 else [f"verify: {v.stdout.strip()} {v.stderr.strip()}"]
    server = Server(db)
    token = sign_in(server.port)
    conn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for i in range(0, len(acked), 500):
        part = acked[i:i + 500]
        status, answer = post(conn, token, {"events": [e for e, _ in part]})
        for (e, seq), r in zip(part, answer["results"]):
            if r["status"] != "duplicate" or r["seq"] != seq:
                problems.append(f"acknowledged {e['id']} as {seq}, now {r}")
    for events, atomic in doubtful:
        status, answer = post(conn, token, {"events": events})
        kinds = {r["status"] for r in answer["results"]}
        if not kinds <= {"recorded", "duplicate"}:
            problems.append(f"sent again: {answer['results'][:2]}")
        if atomic and len(kinds) != 1:
            problems.append("half of an atomic request was recorded")
    server.kill()
    return len(acked), len(doubtful), problems


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seed", type=int, default=int(time.time()))
    o = p.parse_args()
    rng = random.Random(o.seed)
    villages = [line.split(",")[0] for line in open(DIVISIONS, encoding="utf-8") if ",5," in line]
    passed = failed = total = 0
    with tempfile.TemporaryDirectory() as d:
        db = os.path.join(d, "crash.db")
        must("init", "--db", db, "--county", "610927", "--divisions", DIVISIONS, "--from", "2020-01-01")
        must("account", "add", "county", "--role", "officer", "--place", "610927000000", "--password-file", "-", "--db", db, stdin=PASSWORD + "\n")
        for i in range(o.rounds):
            n, open_requests, problems = one_round(db, rng, villages)
            total += n
            if problems:
                failed += 1
                print(f"round {i + 1} (seed {o.seed}): " + "; ".join(problems[:3]))
            else:
                passed += 1
        v = run("verify", "--db", db)
        if v.returncode:
            failed += 1
            print("verify at the end:", v.stdout, v.stderr)
    print(f"killed {o.rounds} times under load; {total} acknowledged records, all there" if not failed else "records were lost or broken")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
