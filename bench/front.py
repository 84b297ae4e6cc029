"""What the parts that give orders and send hands to the front are measured by: everybody's tasks, the dispatch
proposal for a county's worth of requests, and a morning's first synchronisation. Used by run.py."""

import asyncio
import http.client
import json
import os
import random
import secrets
import sqlite3
import statistics
import time
import uuid

import morning
from server import COUNTY, Failure, Server

PHONES = 1500
REQUESTS, RESERVE = 200, 2000
SKILLS = ("medical", "driving", "disinfection", "registration")
DAY = 86400


def at(seconds=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def event(kind, place, data):
    return {"id": str(uuid.uuid4()), "type": kind, "at": at(), "place": place, "data": data}


def record(server, events):
    for i in range(0, len(events), 500):
        status, body = server.call("POST", "/api/v1/events", json.dumps({"events": events[i : i + 500]}))
        answer = json.loads(body)
        bad = [r for r in answer.get("results", [answer]) if r.get("status") != "recorded"]
        if status != 200 or bad:
            raise Failure(f"{events[i]['type']}: {status} {json.dumps(bad[:2], ensure_ascii=False)}")


def admin(store):
    """An account that may grant; made while the store is at rest."""
    name = "chief-" + secrets.token_hex(4)
    store.command("account", "add", name, "--role", "admin", "--place", COUNTY, "--password-file", "-")
    return name


def speak_for(server, name):
    body = json.dumps({"account": name, "password": server.store.password})
    status, answer = server.call("POST", "/api/v1/session", body)
    if status != 200:
        raise Failure(f"sign-in: {status} {answer[:300]}")
    server.token = json.loads(answer)["token"]


# ---- tasks ------------------------------------------------------------------------------


class Desks(morning.Phones):
    """The phones, and one account of every role at the county and in each town."""

    def __init__(self, path, n):
        super().__init__(path, n)
        c = sqlite3.connect(path)
        now = int(time.time() * 1000)
        towns = [r[0] for r in c.execute("SELECT code FROM division WHERE level = 4 ORDER BY code")]
        county = int(COUNTY) * 1000
        for place in (county, *towns):
            for role in ("commander", "officer", "organisation", "supply", "publicity", "inspection", "auditor"):
                self.add(c, now, f"desk{place}{role[0]}{role[-1]}", role, place, None)
        c.commit()
        c.close()


def computing(server):
    """Seconds computed by all threads so far: what others at work on the machine disturb least."""
    return sum(run for run, _ in server.threads().values())


def tasks(store, folder, each=5):
    """Every account's tasks, one after the other while nothing else is asked: in ms."""
    chief, desks = admin(store), Desks(store.path, PHONES)
    with Server(store, folder) as server:
        speak_for(server, chief)
        desks.grant(server)
        size = server.metrics()["ledger_size"]
        c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        out = []
        for token, (name, role, place) in zip(desks.tokens, desks.grants):
            took, spent = [], computing(server)
            for _ in range(each):
                began = time.monotonic()
                c.request("GET", "/api/v1/tasks", headers={"Authorization": f"Bearer {token}"})
                r = c.getresponse()
                body = r.read()
                took.append((time.monotonic() - began) * 1000)
                if r.status != 200:
                    raise Failure(f"tasks of {name}: {r.status} {body[:300]}")
            out.append(
                {
                    "role": role,
                    "place": place,
                    "ms": statistics.median(took),
                    "best_ms": min(took),
                    "worst_ms": max(took),
                    "cpu_ms": (computing(server) - spent) * 1000 / each,
                    "tasks": len(json.loads(body)["items"]),
                }
            )
        c.close()
    return {"size": size, "accounts": out}


# ---- dispatch -----------------------------------------------------------------------------


def proposal(store, folder, each=5):
    """200 open requests of 1 to 9 people each and 2,000 in the reserve: the proposal over HTTP, in ms."""
    dice = random.Random(1)
    with Server(store, folder) as server:
        server.sign_in()
        villages = villages_of(store.path)
        before = ask_proposal(server)[1]
        sites = [str(uuid.uuid4()) for _ in range(60)]
        people = [str(uuid.uuid4()) for _ in range(RESERVE - before["reserves"])]
        homes = [dice.choice(villages) for _ in people]
        record(server, [open_site(dice, s, dice.choice(villages), i) for i, s in enumerate(sites)])
        record(server, [enrol(p, h, i) for i, (p, h) in enumerate(zip(people, homes))])
        record(server, [join(dice, p, h) for p, h in zip(people, homes)])
        record(server, [want(dice, dice.choice(sites)) for _ in range(REQUESTS - before["requests"])])
        runs = []
        for _ in range(each):
            took, answer = ask_proposal(server)
            runs.append({"ms": took, "proposed": len(answer["items"]), "unmet": len(answer["unmet"])})
        if (answer["requests"], answer["reserves"]) != (REQUESTS, RESERVE):
            raise Failure(f"the proposal is for {answer['requests']} requests and {answer['reserves']} people")
    return runs


def villages_of(path):
    c = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [f"{r[0]:015d}"[:12] for r in c.execute("SELECT code FROM division WHERE level = 5 ORDER BY code")]
    finally:
        c.close()


def ask_proposal(server):
    began = time.monotonic()
    body = server.get(f"/api/v1/duty/proposal?place={COUNTY}")
    return (time.monotonic() - began) * 1000, json.loads(body)


def open_site(dice, site, village, i):
    where = {"lon": round(109.3 + dice.random() * 0.3, 6), "lat": round(31.8 + dice.random() * 0.3, 6)} if i % 3 else {}
    return event("site.opened", village, {"id": site, "kind": "checkpoint", "name": f"模拟卡点{i}", **where})


def enrol(person, village, i):
    return event(
        "person.enrolled", village, {"id": person, "name": f"模拟人员{i}", "category": ("official", "volunteer")[i % 2]}
    )


def join(dice, person, village):
    when = at(-DAY) if dice.random() < 0.8 else at(dice.randrange(DAY))
    skills = dice.sample(SKILLS, dice.randrange(3))
    return event("reserve.joined", village, {"person": person, "available_from": when, "skills": skills})


def want(dice, site):
    data = {"id": str(uuid.uuid4()), "site": site, "headcount": dice.randrange(1, 10), "reason": "模拟"}
    if dice.random() < 0.7:
        data["needed_by"] = at(3600 + dice.randrange(2 * DAY))
    if dice.random() < 0.5:
        data["skills"] = dice.sample(SKILLS, 1)
    e = event("support.requested", None, data)
    del e["place"]
    return e


# ---- a morning ------------------------------------------------------------------------------


def first_sync(store, folder):
    chief, phones = admin(store), morning.Phones(store.path, PHONES)
    with Server(store, folder) as server:
        speak_for(server, chief)
        phones.grant(server)
        before = morning.server_cpu(server)
        first = asyncio.run(morning.once(server.port, phones.tokens, False))[1]
        first["server_cpu_s"] = morning.server_cpu(server) - before
    return first


# ---- all together ---------------------------------------------------------------------------


def round_of(demo, folder, runs, say):
    """One round on fresh copies of the demo county."""
    path = os.path.join(folder, "front.db")
    say(f"the proposal for {REQUESTS} requests and a reserve of {RESERVE:,}")
    store = demo.copy(path)
    runs.setdefault("proposal", []).extend(proposal(store, folder))
    store.remove()
    say(f"{PHONES:,} phones synchronise for the first time")
    store = demo.copy(path)
    runs.setdefault("morning", []).append(first_sync(store, folder))
    store.remove()
