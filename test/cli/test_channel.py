"""channel … and outbox …: the same at rest and through a server; what is
posted at rest leaves when the store is served."""

import json
import os
import re
import time

from harness import TOWN, uuid7

SECRET = "a secret of forty bytes, known to both\n"
NOWHERE = "http://127.0.0.1:9/in"  # the discard port: nobody listens


def add(box, name, *more, url=NOWHERE, secret=SECRET):
    return box.run("channel", "add", name, "--url", url, "--secret-file", "-", *more, "--db", "t.db", stdin=secret)


def listed(box):
    return {c["name"]: c for c in json.loads(box.ok("channel", "list", "--json", "--db", "t.db").out)}


def waiting(box, *more):
    return json.loads(box.ok("outbox", "list", *more, "--json", "--db", "t.db").out)


def all_ways(box):
    """Every happy and unhappy way; what was printed, for comparing."""
    said = []

    def note(r, code, says=""):
        assert r.code == code and says in r.err + r.out, (code, says, r)
        said.append((r.code, r.out, r.err))

    note(add(box, "plain"), 0)
    note(add(box, "town", "--place", TOWN, "--kinds", "notice.late,followup.alert"), 0)
    note(add(box, "plain"), 1, "choose another name")
    note(add(box, "Plain"), 1, "a–z")
    note(add(box, "new", secret="fifteen letters"), 1, "16–256")
    note(add(box, "new", secret=""), 1, "16–256")
    note(add(box, "new", url="ftp://127.0.0.1/"), 1, "http")
    note(add(box, "new", "--place", "610928000000"), 1, "610928000000")
    note(add(box, "new", "--place", "here"), 2, "--place")
    note(add(box, "new", "--kinds", "a b"), 1, "commas")
    note(box.run("channel", "add", "new", "--url", NOWHERE, "--db", "t.db"), 2, "--secret-file")
    note(box.run("channel", "add", "new", "--url", NOWHERE, "--secret-file", "none", "--db", "t.db"), 1, "none")
    for verb in ("disable", "enable", "test"):
        note(box.run("channel", verb, "nobody", "--db", "t.db"), 1, "no channel nobody")
    note(box.run("channel", "disable", "plain", "--db", "t.db"), 0)
    note(box.run("channel", "list", "--db", "t.db"), 0, "(disabled)")
    now = listed(box)
    assert sorted(now) == ["plain", "town"], now
    assert now["plain"]["disabled"] and not now["town"]["disabled"] and "kinds" not in now["plain"], now
    assert now["town"]["kinds"] == ["notice.late", "followup.alert"] and now["town"]["place"] == TOWN, now
    assert set(now["plain"]) == {"name", "url", "place", "disabled", "created"}, now
    note(box.run("outbox", "retry", "--db", "t.db"), 2, "--all")
    note(box.run("outbox", "retry", "x", "--db", "t.db"), 2, "UUID")
    note(box.run("outbox", "retry", uuid7(), "--db", "t.db"), 1, "Nothing waits")
    note(box.run("outbox", "retry", "--all", "--db", "t.db"), 0)
    note(box.run("outbox", "list", "--db", "t.db"), 0)
    assert waiting(box) == waiting(box, "--dead") == []
    note(box.run("channel", "test", "plain", "--db", "t.db"), 0)
    [item] = waiting(box)
    assert item["kind"] == "channel.test" and item["tries"] == 0 and not item["dead"] and "answer" not in item, item
    assert item["id"] in box.ok("outbox", "list", "--db", "t.db").out
    note(box.run("outbox", "retry", item["id"], "--db", "t.db"), 0)
    assert SECRET.strip() not in repr(said)
    # An id and the random one above differ from run to run.
    return [re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text) for text in map(str, said)]


def test_same_at_rest_and_served(box):
    box.init()
    at_rest = all_ways(box)
    n = box.verified()
    for name in box.files():
        assert SECRET.strip().encode() not in box.read(name), name
    for name in ("t.db", "t.db-keys", "t.db-lock"):
        os.unlink(box.path(name))
    box.init()
    with box.serve():
        served = all_ways(box)
    assert served == at_rest, [(a, b) for a, b in zip(at_rest, served) if a != b]
    assert box.verified() == n


def first_try(box):
    for _ in range(100):
        [item] = waiting(box)
        if item["tries"]:
            return item
        time.sleep(0.1)
    raise AssertionError(f"not tried: {item}")


def test_posted_at_rest_leaves_when_served(box):
    box.init()
    add(box, "plain")
    box.ok("channel", "test", "plain", "--db", "t.db")
    with box.serve():
        item = first_try(box)
        assert item["tries"] == 1 and "connect" in item["answer"], item
    assert [i["id"] for i in waiting(box)] == [item["id"]]


def test_an_address_changed_behind_our_back(box):
    """The secret is bound to the address it was given for: it does not open, and nothing is sent."""
    box.init()
    add(box, "plain")
    box.tamper("t.db", "UPDATE channel SET url = 'http://127.0.0.1:9/other'")
    box.ok("channel", "test", "plain", "--db", "t.db")
    with box.serve():
        assert first_try(box)["answer"] == "seal_broken"
