"""backup and restore, at rest and while served; rebuild."""

import os
import threading

from harness import COUNTY, DIVISIONS, TOWN, household, uuid7


def ready(box):
    box.init()
    box.account("officer", "officer", TOWN)
    box.account("commander", "commander", COUNTY)


def test_backup_while_serving(box):
    ready(box)
    with box.serve() as s:
        s.record([household() for _ in range(50)])
        end = threading.Event()

        def post():
            while not end.is_set():
                s.record([household() for _ in range(20)])

        s.token("officer")
        t = threading.Thread(target=post)
        t.start()
        try:
            r = box.ok("backup", "b.db", "--db", "t.db")
        finally:
            end.set()
            t.join(30)
        assert "left out" in r.out and "b.db-keys" not in box.files()
    n = box.verified()
    r = box.ok("restore", "b.db", "--db", "r.db", "--keys", "t.db-keys")
    kept = int(r.out.split()[1])
    assert 125 <= kept <= n, (kept, n)
    box.ok("verify", "--db", "r.db", "--keys", "t.db-keys")
    assert box.query("r.db", "SELECT seq, entry FROM ledger ORDER BY seq") == box.query(
        "t.db", "SELECT seq, entry FROM ledger WHERE seq <= ? ORDER BY seq", kept)  # fmt: skip


def test_restored_store_works(box):
    ready(box)
    box.ok("backup", "b.db", "--with-keys", "--db", "t.db")
    assert os.stat(box.path("b.db-keys")).st_mode & 0o777 == 0o600
    assert box.read("b.db-keys") == box.read("t.db-keys")
    box.ok("restore", "b.db", "--db", "r.db")
    assert box.read("r.db-keys") == box.read("t.db-keys")
    made = [f for f in box.files() if not f.endswith(("-wal", "-shm"))]
    assert made == ["b.db", "b.db-keys", "r.db", "r.db-keys", "t.db", "t.db-keys", "t.db-lock"], made
    with box.serve("r.db") as s:
        assert s.record([household()])[0]["status"] == "recorded"
    box.verified("r.db", 76)


def test_without_keys(box):
    ready(box)
    box.ok("backup", "b.db", "--db", "t.db")
    r = box.ok("restore", "b.db", "--db", "r.db")
    assert "No key file was found: put it at r.db-keys" in r.err, r
    assert "There is no key file" in box.ok("verify", "--db", "r.db").err
    box.fails("serve", "--db", "r.db", "--listen", "127.0.0.1:0", says="key file")
    os.rename(box.path("t.db-keys"), box.path("r.db-keys"))
    assert box.verified("r.db") == 75


def test_never_overwrites(box):
    ready(box)
    box.write("b.db", "mine")
    box.fails("backup", "b.db", "--db", "t.db", says="b.db exists already")
    assert box.read("b.db") == b"mine"
    box.write("c.db-keys", "mine")
    box.fails("backup", "c.db", "--with-keys", "--db", "t.db", says="c.db-keys exists already")
    assert box.read("c.db-keys") == b"mine" and "c.db" not in box.files()
    box.ok("backup", "d.db", "--db", "t.db")
    box.fails("restore", "d.db", "--db", "t.db", says="t.db exists already")
    box.verified()


def test_what_cannot_be_restored(box):
    ready(box)
    box.fails("restore", "none.db", "--db", "r.db", says="none.db: No such file")
    box.write("text", "not a store at all" * 100)
    box.fails("restore", "text", "--db", "r.db")
    box.fails("restore", "t.db", "--db", "none/r.db", says="none/r.db")
    box.fails("restore", "t.db", "--db", "postgresql://127.0.0.1:1/x", says="SQLite file")
    box.fails("backup", "none/b.db", "--db", "t.db", says="none/b.db")
    box.fails("backup", "b.db", "--db", "none.db", says="There is no store none.db")
    assert not [f for f in box.files() if f.startswith(("r.db", "none", "b.db"))], box.files()


def test_backup_to_a_full_disk(box):
    ready(box)
    with box.small_disk("100k") as disk:
        box.fails("backup", "disk/b.db", "--db", "t.db", says="disk is full")
        assert os.listdir(disk) == []
        box.fails("restore", "t.db", "--db", "disk/r.db", says="disk is full")
        assert os.listdir(disk) == []


def test_erasures_since_the_backup(box):
    ready(box)
    kept, gone = household(), household()
    with box.serve() as s:
        s.record([kept, gone])
        box.ok("backup", "b.db", "--db", "t.db")
        subject = gone["data"]["id"]
        erased = {"id": uuid7(), "type": "subject.erased", "at": "2020-03-01T00:00:00+08:00",
                  "data": {"subject": subject, "ground": "asked for"}}  # fmt: skip
        results = s.record([erased], "commander")
        assert results[0]["status"] == "recorded", results
    key = ("SELECT count(*) FROM subject_key WHERE subject = ?", bytes.fromhex(subject.replace("-", "")))
    assert box.query("b.db", *key) == [(1,)] and box.query("t.db", *key) == [(0,)]
    # So is what the subject is found by. No record of this test has a number, so the backup is given one.
    blind = ("SELECT count(*) FROM blind_new WHERE instr(entries, ?) > 0", bytes.fromhex(subject.replace("-", "")))
    box.tamper("b.db", f"INSERT INTO blind_new (n, entries) VALUES (1, x'{'00' * 16}{subject.replace('-', '')}')")
    # Without the keys it cannot be done, so nothing is restored.
    os.mkdir(box.path("away"))
    for end in ("", "-keys"):
        os.rename(box.path("t.db" + end), box.path("away/t.db" + end))
    box.fails("restore", "b.db", "--db", "t.db", "--replaces", "away/t.db", says="1 erasures since the backup")
    assert not [f for f in box.files() if f in ("t.db", "t.db-keys") or "restoring" in f], box.files()
    r = box.ok("restore", "b.db", "--db", "t.db", "--replaces", "away/t.db", "--keys", "away/t.db-keys")
    assert "applied 1 erasures" in r.out, r
    os.rename(box.path("away/t.db-keys"), box.path("t.db-keys"))
    assert box.query("t.db", *key) == [(0,)] and box.query("t.db", *blind) == [(0,)]
    assert box.query("t.db", "SELECT count(*) FROM erasure") == [(1,)]
    box.verified(n=78)
    # Another store is no help.
    box.init("other.db")
    box.fails("restore", "b.db", "--db", "u.db", "--replaces", "other.db", "--keys", "t.db-keys", says="another store")
    assert "u.db" not in box.files()


def test_rebuild(box):
    ready(box)
    with box.serve() as s:
        s.record([household() for _ in range(10)])
    before = box.query("t.db", "SELECT * FROM figure ORDER BY 1, 2, 3, 4")
    box.tamper("t.db", "DELETE FROM figure", "UPDATE division SET name = 'x'", "DELETE FROM household")
    box.fails("verify", "--db", "t.db", says="there is a difference")
    box.ok("rebuild", "--db", "t.db")
    box.verified(n=85)
    assert box.query("t.db", "SELECT * FROM figure ORDER BY 1, 2, 3, 4") == before
    box.fails("rebuild", "--db", "none.db", says="There is no store")


def test_backup_is_a_store(box):
    """It can be verified as it is, with the keys named."""
    box.init()
    box.ok("backup", "b.db", "--db", "t.db")
    box.ok("verify", "--db", "b.db", "--keys", "t.db-keys")
    assert DIVISIONS and box.files().count("b.db") == 1
