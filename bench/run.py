#!/usr/bin/env python3
"""`make bench`: measures the program on a fresh demo county and prints one table.

bench/run.py --binary build/lianfang --tools build/bench [--big N] [--rounds N]

Rounds are interleaved and medians taken, since machines are shared: the limit
and what is compared with it are measured within seconds of each other. With
--big N the same once more on a store filled to N records, kept under var/.
Results go to var/bench.json too. Misses are printed, never an exit code."""

import argparse
import json
import os
import platform
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import front
from server import COUNTY, Failure, Server, Store

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VAR = os.path.join(ROOT, "var")
DIVISIONS = os.path.join(ROOT, "data", "zhenping", "divisions-2019.csv")
TOWN, VILLAGE = "610927100000", "610927100201"

SINGLES = (64, 128, 129, 1000)  # connections; 128 ready at once once stopped libmicrohttpd dead
TARGET_SINGLES = 20000  # durable events a second, one a request, 64 connections
TARGET_BATCHES = 0.5  # of the limit
TARGET_P99 = 50.0  # ms
TARGET_SCREENINGS = 0.6  # of the rate of single households
TARGET_BIG = 0.8  # of the rate of an empty store
TARGET_READ = 20.0  # ms
TARGET_TASKS = 10.0  # ms, anybody's
TARGET_PROPOSAL = 1000.0  # ms, 200 requests and 2,000 in the reserve
TARGET_MORNING = 2000.0  # ms, p99 of 1,500 first synchronisations at once
TARGET_READY = 200.0  # ms
TARGET_MEMORY = 64.0  # MiB
IDLE = 10000  # connections

READINGS = (
    f"/api/v1/figures?place={COUNTY}",
    f"/api/v1/figures?place={VILLAGE}",
    f"/api/v1/coverage?place={COUNTY}",
    f"/api/v1/coverage?place={TOWN}",
    f"/api/v1/coverage?place={VILLAGE}",
    f"/api/v1/figures/households/events?place={COUNTY}",
    f"/api/v1/figures/households/series?place={COUNTY}&from=2020-01-20&to=2020-03-20",
    f"/api/v1/places/divisions?place={COUNTY}",
    f"/api/v1/places/sites?place={COUNTY}",
    f"/api/v1/grid/groups?place={COUNTY}",
    f"/api/v1/grid/households?place={COUNTY}",
    f"/api/v1/grid/households?place={COUNTY}&limit=500",
    f"/api/v1/grid/households?place={VILLAGE}",
    f"/api/v1/grid/households?place={COUNTY}&q=%E6%A8%A1%E6%8B%9F",
    f"/api/v1/teams/people?place={COUNTY}",
    f"/api/v1/teams/teams?place={COUNTY}",
    "/api/v1/incident/incidents",
    "/api/v1/events",
    f"/api/v1/events?place={TOWN}",
    f"/api/v1/events?place={VILLAGE}",
    "/api/v1/events?type=household.registered",
    "/api/v1/ledger/head",
)


def say(text):
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


class Table:
    """Rows of the final table; also what goes to var/bench.json."""

    def __init__(self):
        self.rows = []

    def add(self, what, value, unit, limit=None, target=None, at_least=True, runs=None, judge=None):
        """`judge`: what is held against the target when it is not the value itself, such as a ratio."""
        ratio = value / limit if limit else None
        held = value if judge is None else judge
        ok = None if target is None else (held >= target if at_least else held <= target)
        self.rows.append(
            dict(what=what, value=value, unit=unit, limit=limit, ratio=ratio, target=target, at_least=at_least, ok=ok, runs=runs)
        )
        return value

    @staticmethod
    def number(v):
        return "" if v is None else f"{v:,.0f}" if abs(v) >= 100 else f"{v:,.1f}" if abs(v) >= 1 else f"{v:.2f}"

    def print(self):
        print(f"{'':58} {'limit':>10} {'measured':>10} {'':8} {'ratio':>6}  {'target':>10}")
        for r in self.rows:
            target = "" if r["target"] is None else ("≥ " if r["at_least"] else "≤ ") + self.number(r["target"])
            verdict = "" if r["ok"] is None else "ok" if r["ok"] else "MISS"
            ratio = "" if r["ratio"] is None else f"{r['ratio']:.2f}"
            line = f"{r['what']:58} {self.number(r['limit']):>10} {self.number(r['value']):>10} {r['unit']:8} {ratio:>6}  {target:>10} {verdict}"
            print(line.rstrip())


# ---- single measurements ------------------------------------------------------------


class Bench:
    def __init__(self, binary, tools, folder):
        self.binary, self.tools, self.folder = os.path.abspath(binary), os.path.abspath(tools), folder
        self.places = os.path.join(folder, "places")
        with open(DIVISIONS, encoding="utf-8") as f, open(self.places, "w", encoding="utf-8") as out:
            out.writelines(line.split(",")[0] + "\n" for line in f if ",5," in line)
        self.paths = self.list_file("paths", READINGS)
        self.running = []

    def list_file(self, name, lines):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(line + "\n" for line in lines)
        return path

    def start_load(self, server, *words):
        p = subprocess.Popen(
            [os.path.join(self.tools, "load"), "--port", str(server.port), "--token-file", server.token_file, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(p)
        return p

    def end_load(self, p):
        out, err = p.communicate()
        self.running.remove(p)
        if p.returncode or not out:
            said = json.loads(out)["error"] if out else err
            raise Failure(f"load: {said.strip()[:500] or 'failed'}")
        return json.loads(out)

    def stop(self):
        for p in self.running:
            p.kill()
            p.wait()

    def post(self, server, connections, batch=1, seconds=2.0, warm_up=0.5, screenings=False, **more):
        """One run of the generator, with what the server did meanwhile: households, or three people screened an event."""
        words = [w for k, v in more.items() for w in (f"--{k.replace('_', '-')}", v)]
        before, threads, began = server.metrics(), server.threads(), time.monotonic()
        what = ["--places", self.places]
        if screenings:
            what = ["--places", self.list_file("sites", checkpoints(server)), "--screenings"]
        p = self.start_load(
            server, *what, "--connections", connections, "--batch", batch, "--seconds", seconds, "--warm-up", warm_up, *words,
        )  # fmt: skip
        r = self.end_load(p)
        span, after = time.monotonic() - began, server.metrics()
        commits = after["commit_seconds_count"] - before["commit_seconds_count"]
        r["group"] = (after["events_recorded_total"] - before["events_recorded_total"]) / max(commits, 1)
        r["where"] = where(server, threads, span, after["commit_seconds_sum"] - before["commit_seconds_sum"], r)
        return r

    def get(self, server, seconds, rate):
        return self.end_load(self.start_load(server, "--get", self.paths, "--seconds", seconds, "--rate", rate))["paths"]

    def raw(self, store, commit, rows, entry, derived):
        store = store.copy(os.path.join(self.folder, "raw.db"))
        words = ["--db", store.path, "--commit", str(round(commit)), "--rows", str(rows), "--entry", str(entry)]
        done = subprocess.run(
            [os.path.join(self.tools, "raw_limit"), *words, *(["--derived"] if derived else [])], capture_output=True, text=True
        )
        store.remove()
        if done.returncode:
            raise Failure(done.stderr.strip())
        return json.loads(done.stdout)


def where(server, before, span, in_groups, load):
    """Shares of the time: what the writer and the network thread computed, waited for a processor, or waited."""
    spent = {t: (run - before.get(t, (0, 0))[0], wait - before.get(t, (0, 0))[1]) for t, (run, wait) in server.threads().items()}
    network = spent.pop(server.process.pid)
    writer = max(spent.values(), default=(0, 0))
    blocked = max(in_groups - writer[0] - writer[1], 0)
    return {
        "writer_busy": in_groups / span,
        "writer_cpu": writer[0] / span,
        "writer_waiting_for_cpu": writer[1] / span,
        "writer_waiting_for_disk": blocked / span,
        "network_cpu": network[0] / span,
        "network_waiting_for_cpu": network[1] / span,
        "generator_cpu": load["cpu_seconds"] / span,
        "writer_us": writer[0] * 1e6 / max(load["recorded"], 1),
        "network_us": network[0] * 1e6 / max(load["recorded"], 1),
    }


def checkpoints(server):
    items = json.loads(server.get(f"/api/v1/places/sites?place={COUNTY}&kind=checkpoint&limit=500"))["items"]
    sites = [i["id"] for i in items if "closed" not in i]
    if not sites:
        raise Failure("the demo county has no open checkpoint")
    return sites


def entry_size(path):
    """Bytes of a ledger entry as the pipeline writes it."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        sql = "SELECT avg(n) FROM (SELECT length(entry) AS n FROM ledger ORDER BY seq DESC LIMIT 1000)"
        return round(db.execute(sql).fetchone()[0])
    finally:
        db.close()


def median(runs, key):
    return statistics.median(r[key] for r in runs)


# ---- rounds ---------------------------------------------------------------------------


def write_round(bench, store, runs, connections=SINGLES):
    """Singles and batches on one server; how many a commit they came to."""
    with Server(store, bench.folder) as server:
        server.sign_in()
        for c in connections:
            say(f"{c} connections, one event a request")
            runs.setdefault(f"single {c}", []).append(bench.post(server, c, seconds=3.0 if c == 64 else 2.0))
            if c == 64:
                say("64 connections, three people screened a request")
                runs.setdefault("screening 64", []).append(bench.post(server, c, seconds=3.0, screenings=True))
        runs.setdefault("memory single", []).append({"mib": server.memory()[1]})
        for c in (1, 4):
            say(f"{c} × batches of 1,000")
            runs.setdefault(f"batch {c}", []).append(bench.post(server, c, batch=1000, seconds=2.5))
        runs.setdefault("memory batch", []).append({"mib": server.memory()[1]})
        return entry_size(store.path)


def raw_round(bench, store, runs, entry):
    for name, rows in (("single 64", 60000), ("batch 4", 160000)):
        group = max(runs[name][-1]["group"], 1)
        for derived in (False, True):
            say(f"the store's own limit at {group:.0f} a commit")
            key = f"raw {name}{' derived' if derived else ''}"
            runs.setdefault(key, []).append(bench.raw(store, group, rows, entry, derived))


def readings(bench, server, runs):
    say("readings while idle")
    runs["read idle"] = bench.get(server, 5, 0)
    say("readings under load")
    p = bench.start_load(server, "--places", bench.places, "--connections", 64, "--seconds", 5)
    time.sleep(0.3)
    runs["read loaded"] = bench.get(server, 4, 100)
    bench.end_load(p)


def calm_round(bench, store, runs):
    """Starting, memory at rest, readings, and a crowd of idle connections."""
    copy = store.copy(os.path.join(bench.folder, "calm.db"))
    for _ in range(5):
        say("starting")
        with Server(copy, bench.folder) as server:
            runs.setdefault("ready", []).append({"ms": server.ready})
    with Server(copy, bench.folder) as server:
        server.sign_in()
        runs["memory rest"] = [{"mib": server.memory()[0]}]
        readings(bench, server, runs)
        runs["memory read"] = [{"mib": server.memory()[1]}]
    with Server(copy, bench.folder) as server:
        server.sign_in()
        say(f"{IDLE:,} idle connections")
        runs["idle"] = [bench.post(server, 64, seconds=2.0, idle=IDLE)]
        runs["memory idle"] = [{"mib": server.memory()[1]}]
    copy.remove()


# ---- a large store ------------------------------------------------------------------------


def big_store(bench, demo, records):
    """var/bench-big/store.db, filled through the pipeline up to `records`; kept for the next time."""
    folder = os.path.join(VAR, "bench-big")
    path, secret = os.path.join(folder, "store.db"), os.path.join(folder, "password")
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(secret):
        if shutil.disk_usage(folder).free < records * 2500:
            raise Failure(f"{folder}: too little room for {records:,} records")
        demo.copy(path)
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(demo.password)
    with open(secret, encoding="utf-8") as f:
        store = Store(bench.binary, path, f.read())
    with Server(store, bench.folder) as server:
        server.sign_in()
        while (size := int(server.metrics()["ledger_size"])) < records:
            say(f"filling: {size:,} of {records:,}")
            part = min(records - size, 100000)
            screenings = size // 100000 % 2 == 1  # households and passages by turns
            bench.post(server, 4, batch=1000, seconds=3600, warm_up=0, events=part, screenings=screenings)
    return store


def big_round(bench, demo, records, runs, rounds):
    store = big_store(bench, demo, records)
    big = {}
    for _ in range(rounds):
        write_round(bench, store, big, connections=(64,))
    with Server(store, bench.folder) as server:
        server.sign_in()
        big["ready"] = [{"ms": server.ready}]
        readings(bench, server, big)
        big["memory"] = [{"mib": server.memory()[1]}]
        big["size"] = server.metrics()["ledger_size"]
    say("everybody's tasks")
    big["tasks"] = front.tasks(store, bench.folder)
    runs["big"] = big


# ---- the table ------------------------------------------------------------------------------


def add_reads(table, runs, title):
    """Every page's 99th of a hundred is held against the target while nothing else is asked of the server."""
    for state in ("idle", "loaded"):
        rows = sorted(runs[f"read {state}"], key=lambda r: -r["p99_ms"])
        p50 = statistics.median(r["p50_ms"] for r in rows)
        table.add(f"{title}, {state}: p50, median of {len(rows)} pages", p50, "ms", runs=rows)
        target = TARGET_READ if state == "idle" else None
        over = [r for r in rows if r["p99_ms"] > TARGET_READ]
        for r in over or rows[:1]:
            path = r["path"].removeprefix("/api/v1")
            table.add(f"  p99 of {path[:46]}", r["p99_ms"], "ms", target=target, at_least=False)


def writer_us(runs):
    """Processor time of the writer for an event: what a busy machine disturbs least."""
    return statistics.median(r["where"]["writer_us"] for r in runs)


def add_writes(table, runs):
    for name, title in (("single 64", "singles, 64 connections"), ("batch 4", "4 × batches of 1,000")):
        raw, derived = (median(runs[f"raw {name}{d}"], "rate") for d in ("", " derived"))
        rate, group = median(runs[name], "rate"), median(runs[name], "group")
        table.add(f"limit at {group:.0f} a commit: ledger rows alone", raw, "/s", runs=runs[f"raw {name}"])
        table.add("  with the derived rows", derived, "/s", runs=runs[f"raw {name} derived"])
        table.add(title, rate, "/s", limit=derived, runs=runs[name])
        if name == "single 64":
            table.rows[-1].update(target=TARGET_SINGLES, ok=rate >= TARGET_SINGLES)
        else:
            table.rows[-1].update(target=TARGET_BATCHES, ok=rate / derived >= TARGET_BATCHES)
        table.add("  against ledger rows alone", rate, "/s", limit=raw)
        ours, bare = writer_us(runs[name]), median(runs[f"raw {name} derived"], "cpu_us")
        table.add("  processor time of the writer (limit: the bare loop's)", ours, "µs")
        table.rows[-1].update(limit=bare, ratio=bare / ours)
    rate, households = median(runs["screening 64"], "rate"), median(runs["single 64"], "rate")
    table.add("screenings of three, 64 connections (limit: households)", rate, "/s", limit=households, runs=runs["screening 64"])
    table.rows[-1].update(target=TARGET_SCREENINGS, ok=rate / households >= TARGET_SCREENINGS)
    table.add("  p99", median(runs["screening 64"], "p99_ms"), "ms")
    ours, then = writer_us(runs["screening 64"]), writer_us(runs["single 64"])
    table.add("  processor time of the writer (limit: households)", ours, "µs")
    table.rows[-1].update(limit=then, ratio=then / ours)
    table.add("1 × batches of 1,000", median(runs["batch 1"], "rate"), "/s", runs=runs["batch 1"])
    for c in SINGLES:
        r = runs[f"single {c}"]
        if c != 64:
            table.add(f"singles, {c:,} connections", median(r, "rate"), "/s", runs=r)
        table.add(f"  {c:,} connections: p50", median(r, "p50_ms"), "ms")
        table.add("  p99", median(r, "p99_ms"), "ms", target=TARGET_P99, at_least=False)


def add_rest(table, runs):
    table.add("start to ready, demo county", median(runs["ready"], "ms"), "ms", target=TARGET_READY, at_least=False, runs=runs["ready"])
    for key, title in (
        ("rest", "memory: demo county, at rest"), ("read", "memory, peak: readings and writes"), ("single", "memory, peak: singles"),
        ("batch", "memory, peak: batches"),
    ):  # fmt: skip
        mib = max(r["mib"] for r in runs[f"memory {key}"])
        table.add(title, mib, "MiB", target=TARGET_MEMORY, at_least=False)
    table.add(f"memory, peak: {IDLE:,} idle connections and 64 busy", runs["memory idle"][0]["mib"], "MiB")
    table.add("  singles meanwhile", median(runs["idle"], "rate"), "/s")
    add_reads(table, runs, "readings")


def add_tasks(table, tasks, title):
    accounts = tasks["accounts"]
    table.add(f"tasks of {len(accounts):,} accounts, {title}: p50", statistics.median(r["ms"] for r in accounts), "ms")
    slowest = max(accounts, key=lambda r: r["ms"])
    table.add("  the slowest account's, median of its readings", slowest["ms"], "ms", target=TARGET_TASKS, at_least=False, runs=[slowest])
    table.add("  the slowest account's, best of its readings", max(r["best_ms"] for r in accounts), "ms")
    table.add("  the dearest account's, processor time of the server", max(r["cpu_ms"] for r in accounts), "ms")


def add_front(table, runs):
    """What is asked of orders, duty and the front; screenings stand among the writes, tasks at their size with --big."""
    title = f"dispatch proposal, {front.REQUESTS} requests, {front.RESERVE:,} reserves"
    ms = median(runs["proposal"], "ms")
    table.add(title, ms, "ms", target=TARGET_PROPOSAL, at_least=False, runs=runs["proposal"])
    first = runs["morning"]
    p99 = median(first, "p99_ms")
    table.add(f"first synchronisation of {front.PHONES:,} phones: p99", p99, "ms", target=TARGET_MORNING, at_least=False, runs=first)
    table.add("  errors, all rounds", sum(r["errors"] for r in first), "", target=0, at_least=False)
    table.add("  processor time of the server", median(first, "server_cpu_s"), "s")
    add_tasks(table, runs["tasks"], "demo county")


def add_big(table, runs):
    big = runs["big"]
    size = f"at {big['size']:,.0f} records"
    for name, title in (("single 64", "singles, 64 connections"), ("batch 4", "4 × batches of 1,000")):
        rate, empty = median(big[name], "rate"), median(runs[name], "rate")
        table.add(f"{title}, {size} (limit: empty)", rate, "/s", limit=empty, runs=big[name])
        table.rows[-1].update(target=TARGET_BIG, ok=rate / empty >= TARGET_BIG)
        table.add("  p99", median(big[name], "p99_ms"), "ms")
        ours, then = writer_us(big[name]), writer_us(runs[name])
        table.add("  processor time of the writer (limit: empty)", ours, "µs")
        table.rows[-1].update(limit=then, ratio=then / ours)
    table.add(f"start to ready, {size}", median(big["ready"], "ms"), "ms", target=TARGET_READY, at_least=False)
    peak = max(r["mib"] for k in ("memory single", "memory batch", "memory") for r in big[k])
    table.add(f"memory, peak, {size}", peak, "MiB", target=TARGET_MEMORY, at_least=False)
    rate, households = median(big["screening 64"], "rate"), median(big["single 64"], "rate")
    table.add(f"screenings of three, {size} (limit: households)", rate, "/s", limit=households, runs=big["screening 64"])
    table.rows[-1].update(target=TARGET_SCREENINGS, ok=rate / households >= TARGET_SCREENINGS)
    add_tasks(table, big["tasks"], size)
    add_reads(table, big, f"readings {size}")


def print_reads(runs, title):
    print(f"\n{title}, milliseconds p50 / p99:")
    loaded = {r["path"]: r for r in runs["read loaded"]}
    for r in sorted(runs["read idle"], key=lambda r: -r["p50_ms"]):
        m = loaded[r["path"]]
        path = urllib.parse.unquote(r["path"].removeprefix("/api/v1"))
        print(f"  idle {r['p50_ms']:7.2f} / {r['p99_ms']:7.2f}   under load {m['p50_ms']:7.2f} / {m['p99_ms']:7.2f}   {path}")


def print_where(runs):
    print("\nWhat bounds it (shares of the time, medians):")
    for name, title in (("single 64", "singles, 64"), ("screening 64", "screenings, 64"), ("batch 4", "4 × batches")):
        w = {k: statistics.median(r["where"][k] for r in runs[name]) for k in runs[name][0]["where"]}
        print(
            f"  {title}: writer busy {w['writer_busy']:.0%} (computing {w['writer_cpu']:.0%}, waiting for a processor "
            f"{w['writer_waiting_for_cpu']:.0%}, for the disk {w['writer_waiting_for_disk']:.0%}), network thread computing "
            f"{w['network_cpu']:.0%} (+{w['network_waiting_for_cpu']:.0%} waiting), load generator {w['generator_cpu']:.0%}\n"
            f"    processor time an event: writer {w['writer_us']:.1f} µs, network {w['network_us']:.1f} µs"
        )


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {model}, {platform.system()} {platform.release()}"


def write_json(table, runs, load):
    path = os.path.join(VAR, "bench.json")
    with open(path + ".part", "w", encoding="utf-8") as f:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        json.dump({"when": when, "machine": machine(), "load_average": load, "rows": table.rows, "runs": runs}, f, indent=1)
    os.replace(path + ".part", path)


def measure(args, folder):
    bench = Bench(args.binary, args.tools, folder)
    runs, load, table = {}, os.getloadavg(), Table()
    try:
        say("making the demo county")
        began = time.monotonic()
        demo = Store.demo(bench.binary, os.path.join(folder, "demo.db"))
        runs["demo"] = [{"seconds": time.monotonic() - began}]
        for _ in range(args.rounds):
            store = demo.copy(os.path.join(folder, "store.db"))
            entry = write_round(bench, store, runs)
            store.remove()
            raw_round(bench, demo, runs, entry)
            front.round_of(demo, folder, runs, say)
        calm_round(bench, demo, runs)
        say("everybody's tasks")
        store = demo.copy(os.path.join(folder, "store.db"))
        runs["tasks"] = front.tasks(store, folder)
        store.remove()
        if args.big:
            big_round(bench, demo, args.big, runs, args.rounds)
    finally:
        bench.stop()
    say("")
    add_writes(table, runs)
    add_rest(table, runs)
    add_front(table, runs)
    if args.big:
        add_big(table, runs)
    write_json(table, runs, load)
    print(f"{machine()}; medians of {args.rounds} rounds; ledger entries of {entry} bytes; load average before: {load[0]:.1f}")
    if load[0] > os.cpu_count() / 2:
        print("Others were at work on this machine: compare ratios and processor times, not rates.")
    print()
    table.print()
    print_reads(runs, "Readings of the demo county")
    if args.big:
        print_reads(runs["big"], f"Readings at {runs['big']['size']:,.0f} records")
    print_where(runs)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--binary", default=os.path.join(ROOT, "build", "lianfang"))
    p.add_argument("--tools", default=os.path.join(ROOT, "build", "bench"), help="where load and raw_limit are")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--big", type=int, default=0, metavar="N", help="again on a store of N records")
    args = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(VAR, exist_ok=True)
    # Beside the checkout, not in /tmp: that may be memory, and the disk is what is measured.
    folder = tempfile.mkdtemp(prefix="bench-", dir=VAR)
    try:
        measure(args, folder)
    except Failure as e:
        say("")
        sys.exit(f"bench: {e}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
