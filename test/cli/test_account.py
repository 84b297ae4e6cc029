"""account …: the same at rest and through a server."""

import json

from harness import COUNTY, PASSWORD, TOWN, uuid7


def add(box, name="who", role="officer", place=TOWN, password=PASSWORD, **how):
    return box.run("account", "add", name, "--role", role, "--place", place, "--password-file", "-", "--db", "t.db", stdin=password, **how)


def listed(box):
    return {a["name"]: a for a in json.loads(box.ok("account", "list", "--json", "--db", "t.db").out)}


def all_ways(box):
    """Every happy and unhappy way; what was printed, for comparing."""
    said = []

    def note(r, code, says=""):
        assert r.code == code and says in r.err + r.out, (code, says, r)
        said.append((r.code, r.out, r.err))

    note(add(box, "anna"), 0)
    note(add(box, "anna"), 1, '"anna" exists already')
    note(add(box, "Anna"), 1, "a–z")
    note(add(box, "system"), 1, "system")
    note(add(box, "x" * 33), 1, "at most 32")
    note(add(box, ""), 1)
    note(add(box, "short", password="123456789\n"), 1, "10 characters")
    note(add(box, "alice.anderson", password="alice.anderson"), 1, "may not be the account's name")
    note(add(box, "empty", password=""), 1, "10 characters")
    note(add(box, "far", place="610928000000"), 1, "610928000000")
    note(add(box, "person", prefix=()), 0)
    grant = ("account", "grant", "anna", "--db", "t.db")
    note(box.run(*grant, "--role", "grid", "--place", "610927100201", "--until", "2099-01-01T00:00:00+08:00"), 0)
    note(box.run(*grant, "--role", "admin", "--place", COUNTY), 1, "admin and auditor")
    note(box.run(*grant, "--role", "grid", "--place", "610928000000"), 1, "610928000000")
    note(box.run("account", "grant", "nobody", "--role", "grid", "--place", TOWN, "--db", "t.db"), 1, '"nobody"')
    note(box.run("account", "disable", "nobody", "--db", "t.db"), 1, '"nobody"')
    note(box.run("account", "enable", "nobody", "--db", "t.db"), 1, '"nobody"')
    note(box.run("account", "disable", "person", "--db", "t.db"), 0)
    r = box.run("account", "add", "p", "--role", "grid", "--place", TOWN, "--person", uuid7(), "--password-file", "-", "--db", "t.db", stdin=PASSWORD)
    assert r.code == 1 and "No person" in r.err, r
    r = box.ok("account", "list", "--db", "t.db")
    note(r, 0, "(disabled)")
    now = listed(box)
    assert sorted(now) == ["anna", "person"], now
    assert [g["role"] for g in now["anna"]["grants"]] == ["officer", "grid"]
    assert now["anna"]["grants"][1] == {"role": "grid", "place": "610927100201", "until": "2099-01-01T00:00:00+08:00"}
    assert now["person"]["disabled"] and not now["anna"]["disabled"]
    note(box.run("account", "enable", "person", "--db", "t.db"), 0)
    assert not listed(box)["person"]["disabled"]
    return said


def test_same_at_rest_and_served(box):
    box.init()
    at_rest = all_ways(box)
    n = box.verified()
    for name in ("t.db", "t.db-keys", "t.db-lock"):
        (lambda p: __import__("os").unlink(p))(box.path(name))
    box.init()
    with box.serve() as s:
        served = all_ways(box)
        # It has taken effect when the command returns.
        assert s.sign_in("anna")[0] == 200 and s.sign_in("person")[0] == 200
        token = s.token("person")
        box.ok("account", "disable", "person", "--db", "t.db")
        assert s.sign_in("person")[0] == 401
        assert s.call("GET", "/api/v1/session", account="person")[0] == 401 and token
        box.ok("account", "enable", "person", "--db", "t.db")
        assert s.sign_in("person")[0] == 200
    assert served == at_rest, (served, at_rest)
    assert box.verified() == n


def test_password_files(box):
    box.init()
    args = ("account", "add", "a", "--role", "grid", "--place", TOWN, "--db", "t.db", "--password-file")
    box.fails(*args, "none", says="none: No such file")
    box.fails(*args, ".", says="directory")
    box.write("gb", "密码密码密码密码密码密码".encode("gb18030"))
    box.fails(*args, "gb", says="UTF-8")
    box.write("long", "x" * 100000)
    box.fails(*args, "long", says="Too large")
    # Only the first line counts, however it ends.
    box.write("pw", PASSWORD + "\r\nmore\r\n")
    box.ok(*args, "pw")
    with box.serve() as s:
        assert s.sign_in("a")[0] == 200


def test_empty_list(box):
    box.init()
    assert box.ok("account", "list", "--db", "t.db").out == ""
    assert json.loads(box.ok("account", "list", "--db", "t.db", "--json").out) == []


def test_grant_takes_effect_at_once(box):
    box.init()
    box.account("b", "grid", "610927100201")
    with box.serve() as s:
        assert len(s.call("GET", "/api/v1/session", account="b")[1]["roles"]) == 1
        box.ok("account", "grant", "b", "--role", "officer", "--place", TOWN, "--db", "t.db")
        assert len(s.call("GET", "/api/v1/session", account="b")[1]["roles"]) == 2


def test_no_store(box):
    box.fails("account", "list", "--db", "none.db", says="There is no store none.db")
    box.fails("account", "disable", "a", "--db", "none.db", says="There is no store none.db")
    assert box.files() == []
