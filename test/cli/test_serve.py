"""serve: one server a store, a clean stop, what was acknowledged stays, the local socket."""

import json
import os
import signal
import socket
import stat
import threading
import time

from harness import COUNTY, PASSWORD, TOWN, VILLAGE, household


def ready(box, *accounts):
    box.init()
    for name, role, place in accounts or (("officer", "officer", TOWN),):
        box.account(name, role, place)


def test_starts_and_stops(box):
    ready(box)
    began = time.monotonic()
    with box.serve() as s:
        took = time.monotonic() - began
        assert s.url.startswith("http://127.0.0.1:"), s.url
        assert s.call("GET", "/readyz")[0] == 200
        assert stat.S_IMODE(os.stat(box.path("t.db-socket")).st_mode) == 0o600
        assert s.stop() == 0
        print(f"  ready after {took * 1000:.0f} ms")
    assert "t.db-socket" not in box.files() and "t.db-wal" not in box.files()
    with box.serve() as s:
        assert s.stop(signal.SIGINT) == 0


def test_second_server(box):
    ready(box)
    os.symlink("t.db", box.path("other-name.db"))
    with box.serve() as s:
        for db in ("t.db", "other-name.db", box.path("t.db")):
            box.fails("serve", "--db", db, "--listen", "127.0.0.1:0", says="is being served: stop the server first")
            box.fails("rebuild", "--db", db, says="is being served: stop the server first")
        # Reading and writing commands reach it by either name.
        box.account("extra", "grid", VILLAGE, db="other-name.db")
        assert s.sign_in("extra")[0] == 200
        assert s.call("GET", "/readyz")[0] == 200


def test_address_taken(box):
    ready(box)
    box.init("u.db")
    with box.serve() as s:
        box.fails("serve", "--db", "u.db", "--listen", f"127.0.0.1:{s.port}")
        for bad in ("nonsense", "127.0.0.1:99999", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:80x"):
            box.fails("serve", "--db", "u.db", "--listen", bad, code=2, says="--listen takes HOST:PORT")
            box.fails("serve", "--db", "u.db", "--listen", "127.0.0.1:0", "--metrics", bad, code=2, says="--metrics takes HOST:PORT")
        box.fails("serve", "--db", "u.db", "--listen", "nowhere.invalid:80")
    assert "u.db-socket" not in box.files()
    box.verified("u.db")


def test_tls_files(box):
    box.init()
    box.write("bad.pem", "nonsense")
    box.fails("serve", "--db", "t.db", "--listen", "127.0.0.1:0", "--tls-cert", "none.pem", "--tls-key", "none.pem")
    box.fails("serve", "--db", "t.db", "--listen", "127.0.0.1:0", "--tls-cert", "bad.pem", "--tls-key", "bad.pem")


def test_stores_that_cannot_be_served(box):
    box.init()
    args = ("--listen", "127.0.0.1:0")
    box.fails("serve", "--db", "none.db", *args, says="There is no store none.db")
    box.write("text.db", "this is not a database, though it is long enough to be looked at" * 40)
    box.fails("serve", "--db", "text.db", *args, says="text.db")
    box.write("empty.db", "")
    box.fails("serve", "--db", "empty.db", *args, says="empty.db")
    os.rename(box.path("t.db-keys"), box.path("away"))
    box.fails("serve", "--db", "t.db", *args, says="key file")
    box.init("u.db")
    box.fails("serve", "--db", "t.db", "--keys", "u.db-keys", *args, says="belongs to the store")
    os.rename(box.path("away"), box.path("t.db-keys"))
    os.chmod(box.path("t.db-keys"), 0o644)
    box.fails("serve", "--db", "t.db", *args, says="chmod 600")
    os.chmod(box.path("t.db-keys"), 0o600)
    box.tamper("t.db", "UPDATE meta SET value = '99' WHERE name = 'schema'")
    for words in (["serve", *args], ["verify"], ["head"], ["account", "list"], ["rebuild"], ["backup", "b.db"]):
        box.fails(*words, "--db", "t.db", says="newer version")


def test_read_only_store(box):
    ready(box)
    nobody = box.as_nobody()
    os.mkdir(box.path("shut"))
    for name in ("t.db", "t.db-keys"):
        os.rename(box.path(name), box.path("shut/" + name))
    if os.geteuid() == 0:
        os.chown(box.path("shut/t.db-keys"), 65534, 65534)
    os.chmod(box.path("shut/t.db-keys"), 0o400)
    os.chmod(box.path("shut/t.db"), 0o444)
    os.chmod(box.path("shut"), 0o555)
    db = ("--db", "shut/t.db")
    for words in (["serve", "--listen", "127.0.0.1:0"], ["account", "disable", "officer"], ["rebuild"]):
        box.fails(*words, *db, prefix=nobody, says="read-only")
    # A reader, too, has to note beside the store where it reads.
    box.fails("verify", *db, prefix=nobody, says="read-only")
    assert sorted(os.listdir(box.path("shut"))) == ["t.db", "t.db-keys"]
    os.chmod(box.path("shut"), 0o755)


class Load:
    """Posts one event after the other on several threads; keeps what was acknowledged."""

    def __init__(self, server, threads=4):
        self.server = server
        self.acknowledged = []
        self.lock = threading.Lock()
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self.post, daemon=True) for _ in range(threads)]
        server.token("officer")
        for t in self.threads:
            t.start()

    def post(self):
        while not self.end.is_set():
            events = [household() for _ in range(3)]
            try:
                results = self.server.record(events)
            except (OSError, AssertionError, ValueError):
                return
            except Exception:  # cut off in the middle
                return
            with self.lock:
                self.acknowledged += [(r["id"], r["seq"]) for r in results if r["status"] == "recorded"]

    def wait_for(self, n):
        until = time.monotonic() + 30
        while len(self.acknowledged) < n and time.monotonic() < until:
            time.sleep(0.01)

    def finish(self):
        self.end.set()
        for t in self.threads:
            t.join(30)


def all_there(box, load):
    assert load.acknowledged
    kept = {(bytes(i).hex(), s) for i, s in box.query("t.db", "SELECT id, seq FROM ledger")}
    lost = [a for a in load.acknowledged if (a[0].replace("-", ""), a[1]) not in kept]
    assert not lost, f"{len(lost)} of {len(load.acknowledged)} acknowledged records are gone"
    return box.verified()


def test_stop_loses_nothing(box):
    ready(box)
    with box.serve() as s:
        load = Load(s)
        load.wait_for(60)
        assert s.stop() == 0, s.said()
        load.finish()
    all_there(box, load)


def test_kill_loses_nothing(box):
    ready(box)
    for _ in range(3):
        with box.serve() as s:
            load = Load(s)
            load.wait_for(30)
            s.stop(signal.SIGKILL)
            load.finish()
        assert "t.db-socket" in box.files()  # left behind; the next server takes its place
        with box.serve() as s:
            box.ok("account", "disable", "officer", "--db", "t.db")
            box.ok("account", "enable", "officer", "--db", "t.db")
            assert s.sign_in("officer")[0] == 200
        all_there(box, load)


def test_killed_server_leaves_no_lock(box):
    ready(box)
    with box.serve() as s:
        s.stop(signal.SIGKILL)
    box.account("next", "grid", VILLAGE)
    box.ok("rebuild", "--db", "t.db")
    box.verified()


def test_full_disk(box):
    with box.small_disk("3m") as disk:
        db = os.path.join(disk, "t.db")
        box.init(db)
        box.account("officer", "officer", TOWN, db=db)
        filler = os.path.join(disk, "filler")
        with box.serve(db) as s:
            recorded = []
            s.token("officer")
            with open(filler, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"x" * 4096)
                except OSError:
                    pass
            status = 200
            for _ in range(400):
                events = [household() for _ in range(20)]
                status, body = s.call("POST", "/api/v1/events", {"events": events}, "officer")
                if status != 200:
                    break
                recorded += [r["id"] for r in body["results"] if r["status"] == "recorded"]
            assert status == 507, (status, body)
            assert "disk is full" in body["detail"], body
            # It goes on reading, and writes again once there is room.
            assert s.call("GET", "/api/v1/figures?place=" + TOWN, account="officer")[0] == 200
            os.unlink(filler)
            recorded += [r["id"] for r in s.record([household()]) if r["status"] == "recorded"]
        kept = {bytes(i).hex() for (i,) in box.query(db, "SELECT id FROM ledger")}
        assert all(i.replace("-", "") in kept for i in recorded)
        box.verified(db)


# ---- the local socket --------------------------------------------------------------


def dial(box):
    s = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(box.dir)
    try:
        s.connect("t.db-socket")
    finally:
        os.chdir(here)
    s.settimeout(30)
    return s


def ask(box, *lines):
    """Sends lines, closes the sending half; the replies."""
    with dial(box) as s:
        s.sendall("".join(l + "\n" for l in lines).encode())
        s.shutdown(socket.SHUT_WR)
        text = b""
        while chunk := s.recv(65536):
            text += chunk
    return [json.loads(l) for l in text.decode().splitlines()]


def test_socket_requests(box):
    ready(box)
    with box.serve():
        assert ask(box, '{"op":"ping"}', '{"op":"ping"}') == [{"ok": True}, {"ok": True}]
        for line in ("", "{}", "nonsense", "[]", '{"op":"destroy"}', '{"op":1}', '{"op":"ping","more":1}', '{"op":"ping"', '"ping"',
                     '{"op":"account_add"}', '{"op":"account_disable","name":"officer","disabled":"yes"}', "{" * 100):  # fmt: skip
            replies = ask(box, line, '{"op":"ping"}')
            assert "error" in replies[0], (line, replies)
            assert replies[1] == {"ok": True}, (line, replies)
    box.verified(n=74)


def event_line(e):
    return json.dumps(e, ensure_ascii=False)


def test_socket_bulk(box):
    ready(box)
    bulk = '{"op":"bulk","atomic":%s,"dry_run":%s}'
    with box.serve():
        good = [event_line(household()) for _ in range(5)]
        assert ask(box, bulk % ("true", "false"), *good, "{}") == [{"recorded": 5, "duplicates": 0, "failed": 0}]
        assert ask(box, bulk % ("true", "false"), *good, "{}") == [{"recorded": 0, "duplicates": 5, "failed": 0}]
        n = 79
        # One is refused by its table, one by its rule: told with their places in the stream; nothing is recorded.
        more = [event_line(household()) for _ in range(3)]
        bad = [event_line(household(members="many")), event_line(household(village="610927100999"))]
        lines = [more[0], bad[0], more[1], bad[1], more[2]]
        replies = ask(box, bulk % ("true", "false"), *lines, "{}")
        assert sorted(r["refused"] for r in replies[:-1]) == [1, 3], replies
        assert replies[-1]["failed"] == 2, replies
        # Not atomic: the others are.
        replies = ask(box, bulk % ("false", "false"), *lines, "{}")
        assert replies[-1] == {"recorded": 3, "duplicates": 0, "failed": 2}, replies
        n += 3
        # A dry run, a stream cut off, an end in the middle of a line, and rubbish record nothing.
        fresh = event_line(household())
        assert ask(box, bulk % ("true", "true"), fresh, "{}")[-1]["recorded"] == 1
        assert "error" in ask(box, bulk % ("true", "false"), fresh)[-1]
        assert "error" in ask(box, bulk % ("true", "false"), fresh, fresh[:40])[-1]
        assert "error" in ask(box, bulk % ("true", "false"), fresh, "rubbish", "{}")[-1]
        assert ask(box, bulk % ("true", "false"), "{}") == [{"recorded": 0, "duplicates": 0, "failed": 0}]
    box.verified(n=n)


def test_socket_bounds(box):
    ready(box)
    with box.serve() as s:
        # A line without an end is not kept for ever.
        with dial(box) as c:
            try:
                for _ in range(40):
                    c.sendall(b"x" * (1 << 20))
                c.shutdown(socket.SHUT_WR)
                while c.recv(65536):
                    pass
            except OSError:
                pass
        # More than eight at once are sent away; afterwards there is room again.
        held = [dial(box) for _ in range(8)]
        for c in held:
            c.sendall(b'{"op":"ping"}\n')
            assert b"ok" in c.recv(100)
        with dial(box) as one_more:
            assert one_more.recv(100) == b""
        for c in held:
            c.close()
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                if ask(box, '{"op":"ping"}'):
                    break
            except OSError:
                pass
            time.sleep(0.05)
        assert ask(box, '{"op":"ping"}') == [{"ok": True}]
        assert s.call("GET", "/readyz")[0] == 200


def test_stop_in_the_middle_of_a_bulk(box):
    ready(box)
    with box.serve() as s:
        with dial(box) as c:
            c.sendall(b'{"op":"bulk","atomic":true,"dry_run":false}\n' + event_line(household()).encode() + b"\n")
            time.sleep(0.2)
            began = time.monotonic()
            assert s.stop() == 0
            assert time.monotonic() - began < 8
            assert b"server_stopping" in c.recv(65536)
    box.verified(n=74)


def test_socket_is_the_owners_alone(box):
    nobody = box.as_nobody()
    if not nobody:
        return
    ready(box)
    os.chmod(box.path("t.db"), 0o644)
    os.chmod(box.path("t.db-lock"), 0o644)
    with box.serve():
        r = box.run("account", "disable", "officer", "--db", "t.db", prefix=nobody)
        assert r.code == 1, r
        assert not json.loads(box.ok("account", "list", "--json", "--db", "t.db").out)[0]["disabled"]


def test_long_name(box):
    deep = "d" * 60 + "/" + "e" * 60
    os.makedirs(box.path(deep))
    db = deep + "/" + "f" * 40 + ".db"
    box.init(db)
    with box.serve(db) as s:
        box.account("officer", "officer", COUNTY, db=db)
        assert s.sign_in("officer", PASSWORD)[0] == 200


def test_import_is_the_same_at_rest_and_served(box):
    good = "place,address,head,members\n" + "".join(f"{VILLAGE},测试路{i}号,测试甲,3\n" for i in range(1500))
    box.write("good.csv", good)
    box.write("bad.csv", good + "610927100999,测试路1号,测试甲,3\n" + f"{VILLAGE},测试路2号,测试甲,many\n")

    def all_ways():
        said = []
        for words in (["good.csv", "--dry-run"], ["bad.csv"], ["good.csv"]):
            r = box.run("import", "households", *words, "--from", "2020-02-01", "--db", "t.db")
            said.append((r.code, r.out, r.err))
        return said

    ready(box)
    at_rest = all_ways()
    n = box.verified()
    assert [code for code, _, _ in at_rest] == [0, 1, 0] and n == 74 + 1500, (at_rest, n)
    for name in ("t.db", "t.db-keys", "t.db-lock"):
        os.unlink(box.path(name))
    ready(box)
    with box.serve():
        served = all_ways()
        assert box.verified() == n
    assert served == at_rest, (served, at_rest)
