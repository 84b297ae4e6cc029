"""verify and head: whoever touches the store behind the program's back is found out."""

import json
import os
import sqlite3

from harness import COUNTY, TOWN, household


def ready(box, db="t.db"):
    box.init(db)
    box.account("officer", "officer", TOWN, db=db)
    with box.serve(db) as s:
        s.record([household() for _ in range(300)])
    return box.verified(db)


def found(box, says, db="t.db"):
    r = box.fails("verify", "--db", db, says="there is a difference: ")
    assert any(s in r.err for s in says), (says, r)
    j = box.run("verify", "--db", db, "--json")
    assert j.code == 1 and not j.err, j
    told = json.loads(j.out)
    assert told["sound"] is False and told["difference"] in r.err, j
    return r


def test_sound(box):
    n = ready(box)
    assert n == 374
    assert json.loads(box.ok("verify", "--db", "t.db", "--json").out) == {"sound": True, "events": n}
    with box.serve():
        box.verified(n=n)


def copy_of(box, name):
    for end in ("", "-keys"):
        with open(box.path("t.db" + end), "rb") as f:
            fd = os.open(box.path(name + end), os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(fd, f.read())
            os.close(fd)
    return name


def test_tampering(box):
    ready(box)
    (entry,) = box.query("t.db", "SELECT entry FROM ledger WHERE seq = 200")[0]
    flipped = bytearray(entry)
    flipped[len(flipped) // 2] ^= 1
    last = box.query("t.db", "SELECT max(seq) FROM ledger")[0][0]
    cases = {
        "a flipped byte": (["200"], ("UPDATE ledger SET entry = ? WHERE seq = 200", (bytes(flipped),))),
        "a deleted row": (["200"], "DELETE FROM ledger WHERE seq = 200"),
        "the last row deleted": ([str(last), str(last - 1)], f"DELETE FROM ledger WHERE seq = {last}"),
        "a swapped pair": (["150"], "UPDATE ledger SET seq = -1 WHERE seq = 150", "UPDATE ledger SET seq = 150 WHERE seq = 151",
                           "UPDATE ledger SET seq = 151 WHERE seq = -1"),  # fmt: skip
        "an index column": (["160"], "UPDATE ledger SET type = 'site.opened' WHERE seq = 160"),
        "a stored hash": (["170"], "UPDATE ledger SET hash = zeroblob(32) WHERE seq = 170"),
        "a node of the tree": (["node", "level", "256"], "UPDATE ledger_node SET hash = zeroblob(32)"),
        "a head": (["head", str(last)], f"UPDATE ledger_head SET root = zeroblob(32) WHERE size = {last}"),
        "a signature": (["head", str(last)], f"UPDATE ledger_head SET signature = zeroblob(64) WHERE size = {last}"),
        "a figure": (["figure"], "UPDATE figure SET value = value + 1 WHERE rowid IN (SELECT rowid FROM figure LIMIT 1)"),
        "a derived row deleted": (["household"], "DELETE FROM household WHERE id IN (SELECT id FROM household LIMIT 1)"),
        "a derived row": (["division"], "UPDATE division SET name = '别处' WHERE code = 610927100000000"),
        "a grant slipped in": (["access_grant"], "INSERT INTO access_grant (account, role, place, seq, since) VALUES ('officer', 9, 0, 74, 0)"),
    }
    columns = [c[1] for c in box.query("t.db", "PRAGMA table_info(figure)")]
    value = "delta" if "delta" in columns else "value" if "value" in columns else columns[-1]
    key = ", ".join(c for c in columns if c != value)
    cases["a figure"] = (["figure"], f"UPDATE figure SET {value} = {value} + 1 WHERE ({key}) IN (SELECT {key} FROM figure LIMIT 1)")
    for i, (what, (says, *statements)) in enumerate(cases.items()):
        db = copy_of(box, f"case{i}.db")
        box.tamper(db, *statements)
        try:
            found(box, says, db)
        except AssertionError as why:
            raise AssertionError(f"{what}: {why}") from why


def test_bytes_changed_in_the_file(box):
    """Not through SQL at all: one byte of the file, inside an entry."""
    ready(box)
    (entry,) = box.query("t.db", "SELECT entry FROM ledger WHERE seq = 123")[0]
    with open(box.path("t.db"), "r+b") as f:
        content = f.read()
        at = content.find(bytes(entry))
        assert at > 0
        f.seek(at + 20)
        f.write(bytes([content[at + 20] ^ 4]))
    found(box, ["123"])


def test_without_the_guards_in_the_file(box):
    """Whoever holds the file can take its triggers away; what is changed then is found all the same."""
    ready(box)
    c = sqlite3.connect(box.path("t.db"))
    for (name,) in c.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        c.execute(f"DROP TRIGGER {name}")
    c.execute("DELETE FROM ledger WHERE seq = 222")
    c.commit()
    c.close()
    found(box, ["222"])


def test_published_head(box):
    ready(box)
    first = box.ok("head", "--db", "t.db").out
    box.write("first.json", first)
    with box.serve() as s:
        s.record([household() for _ in range(10)])
        box.ok("verify", "--db", "t.db", "--head", "first.json")
        status, served = s.call("GET", "/api/v1/ledger/head", account="officer")
        assert status in (200, 403, 404), served
    box.write("second.json", box.ok("head", "--db", "t.db").out)
    for f in ("first.json", "second.json"):
        assert box.ok("verify", "--db", "t.db", "--head", f).out == "verified 384 events\n"
    head = json.loads(first)

    def refused(says, **change):
        box.write("h.json", json.dumps({**head, **change}))
        box.fails("verify", "--db", "t.db", "--head", "h.json", says=says)

    refused("signature is not valid", root="00" * 32)
    refused("signature is not valid", size=head["size"] - 1)
    refused("signature is not valid", signature="00" * 64)
    refused("another store", store="01234567-89ab-8cde-8123-456789abcdef")
    refused("another key", public_key="11" * 32)
    box.init("other.db")
    box.write("other.json", box.ok("head", "--db", "other.db").out)
    box.fails("verify", "--db", "t.db", "--head", "other.json", says="another store")
    for name, text in (("a", ""), ("b", "[]"), ("c", "{}"), ("d", "{" * 50), ("e", '{"size":"x"}'), ("f", first[:-20])):
        box.write(name, text)
        box.fails("verify", "--db", "t.db", "--head", name, says="not a head")
    box.fails("verify", "--db", "t.db", "--head", "none", says="none: No such file")


def test_history_rewritten_with_the_keys(box):
    """Whoever holds the keys can make another history that is sound in itself; the head published before finds it out."""
    ready(box)
    box.ok("backup", "old.db", "--with-keys", "--db", "t.db")
    with box.serve() as s:
        s.record([household() for _ in range(10)])
    box.write("head.json", box.ok("head", "--db", "t.db").out)
    # From the backup on, history goes another way, of the same length.
    with box.serve("old.db") as s:
        s.record([household() for _ in range(10)])
    box.verified("old.db")
    box.ok("verify", "--db", "t.db", "--head", "head.json")
    box.fails("verify", "--db", "old.db", "--head", "head.json", says="history was changed")
    # And one that is too short.
    box.ok("restore", "old.db", "--db", "short.db")
    os.unlink(box.path("t.db"))
    assert COUNTY
