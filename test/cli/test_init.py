"""init: a whole store or nothing."""

import json
import os
import signal
import stat
import subprocess
import time

from harness import CUT, DIVISIONS


def test_makes_a_store(box):
    r = box.init()
    assert "t.db" in r.out and "t.db-keys" in r.out
    for name in ("t.db", "t.db-keys"):
        assert stat.S_IMODE(os.stat(box.path(name)).st_mode) == 0o600
    # 72 divisions (the county's 70, its city and its province) and the incident.
    box.verified(n=73)
    assert json.loads(box.ok("head", "--db", "t.db").out)["size"] == 73
    assert box.query("t.db", "SELECT count(*) FROM division") == [(72,)]
    assert box.query("t.db", "SELECT kind, name FROM incident") == [(0, "Epidemic emergency")]


def test_kind_and_name(box):
    box.init("a.db", "--kind", "flood", "--lang", "zh")
    assert box.query("a.db", "SELECT kind, name FROM incident") == [(1, "防汛应急")]
    box.init("b.db", "--kind", "drill", "--name", "春季演练")
    assert box.query("b.db", "SELECT kind, name FROM incident") == [(4, "春季演练")]


def test_own_key_file(box):
    box.init("t.db", "--keys", "elsewhere.keys")
    assert box.files() == ["elsewhere.keys", "t.db", "t.db-lock"]
    box.ok("verify", "--db", "t.db", "--keys", "elsewhere.keys")


def test_wider_stores(box):
    box.ok("init", "--db", "nation.db", "--county", "000000", "--divisions", CUT)
    assert box.verified("nation.db") > 300
    assert box.query("nation.db", "SELECT value FROM meta WHERE name = 'top'") == [("000000000000",)]
    with open(CUT, encoding="utf-8") as f:
        box.write("44.csv", "".join(line for i, line in enumerate(f) if i == 0 or line.startswith("44")))
    # A province's own code, in two digits or in six, is one place.
    for code in ("440000", "44"):
        box.ok("init", "--db", code + ".db", "--county", code, "--divisions", "44.csv")
        assert box.query(code + ".db", "SELECT value FROM meta WHERE name = 'top'") == [("440000000000",)]
    box.ok("init", "--db", "c.db", "--county", "4419", "--divisions", rows(box, city()))
    assert box.query("c.db", "SELECT code, level FROM division WHERE code = 441900000000000") == [(441900000000000, 2)]


def city():
    return ["440000000000,广东省,1,", "441900000000,东莞市,2,440000000000", "441900000000,东莞市,3,441900000000",
            "441900003000,东城街道,4,441900000000", "441900003001,岗贝社区居民委员会,5,441900003000"]  # fmt: skip


def county():
    return ["610000000000,陕西省,1,", "610900000000,安康市,2,610000000000", "610927000000,镇坪县,3,610900000000",
            "610927100000,城关镇,4,610927000000", "610927100201,一村,5,610927100000"]  # fmt: skip


def rows(box, lines, head="code,name,level,parent", encoding="utf-8", name="d.csv"):
    return box.write(name, "\r\n".join([head, *lines, ""]).encode(encoding))


def try_init(box, path, county_code="610927", **how):
    return box.run("init", "--db", "x.db", "--county", county_code, "--divisions", path, **how)


def test_character_sets_and_columns(box):
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        r = try_init(box, rows(box, county(), encoding=encoding))
        assert r.code == 0, r
        assert box.query("x.db", "SELECT name FROM division WHERE code = 610927100201000") == [("一村",)]
        for name in ("x.db", "x.db-keys"):
            os.unlink(box.path(name))
    # Columns in any order, short codes, no parent column, rows in any order, Chinese headings.
    lines = [",".join([c.split(",")[1], c.split(",")[0], c.split(",")[2]]) for c in reversed(county())]
    assert try_init(box, rows(box, lines, head="名称,区划代码,级别")).code == 0


def bad(box, lines, *says, county_code="610927", head="code,name,level,parent"):
    before = set(box.files())
    r = try_init(box, rows(box, lines, head=head), county_code)
    assert r.code == 1, r
    for s in says:
        assert s in r.err, (s, r)
    assert set(box.files()) <= before | {"d.csv"}, box.files()
    return r


def test_bad_rows_are_listed_with_their_lines(box):
    c = county()
    bad(box, c[:4] + ["61092710020x,一村,5,610927100000"], "d.csv:6:1: The code", "1 faults")
    bad(box, c[:4] + ["610927100201,,5,610927100000"], "d.csv:6:2: A name")
    bad(box, c[:4] + ["610927100201," + "长" * 61 + ",5,610927100000"], "d.csv:6:2: A name")
    bad(box, c[:4] + ["610927100201,一村,4,610927100000"], "d.csv:6:3: The level")
    bad(box, c[:4] + ["610927100201,一村,five,610927100000"], "d.csv:6:3: The level")
    bad(box, c[:4] + ["610927100201,一村,5,610927101000"], "d.csv:6:4: ")
    bad(box, c[:4] + ["610927100201,一村,5,610927100201"], "d.csv:6:4: ")
    bad(box, c[:3] + c[4:], "d.csv:5:4: The parent 610927100000 is not in the file")
    bad(box, c + ["610927100201,又一村,5,610927100000"], "d.csv:7:1: 610927100201 stands in line 6 already")
    bad(box, c + ["610928000000,旬阳县,3,610900000000"], "d.csv:7:1: 610928000000 lies neither in 610927000000 nor above it")
    bad(box, c + ["610927100202,二村,5"], "d.csv:7: ")
    bad(box, c + ['610927100202,"二村,5,610927100000'], "d.csv:7: ")
    bad(box, c[:2], "no row for 610927000000 itself")
    bad(box, [], "lists no division")
    bad(box, ["610927000000,镇坪县"], 'column "level" is missing', head="code,name")
    bad(box, c, "not known", head="code,name,level,mother")
    # All faults, not the first only.
    r = bad(box, c[:3] + ["610927100000,,9,610927000000", "x,y,z,"], "d.csv:5:2", "d.csv:5:3", "d.csv:6:1", "3 faults")
    assert r.err.count("\n") == 4, r


def test_files_that_cannot_be_read(box):
    box.fails("init", "--db", "x.db", "--county", "610927", "--divisions", "none.csv", says="none.csv: No such file")
    box.fails("init", "--db", "x.db", "--county", "610927", "--divisions", ".", says="directory")
    box.write("bin.csv", b"\0\1\2\3" * 100)
    box.fails("init", "--db", "x.db", "--county", "610927", "--divisions", "bin.csv")
    box.write("empty.csv", b"")
    box.fails("init", "--db", "x.db", "--county", "610927", "--divisions", "empty.csv", says="empty")
    assert box.files() == ["bin.csv", "empty.csv"]


def test_never_overwrites(box):
    box.init()
    before = box.read("t.db"), box.read("t.db-keys")
    args = ("init", "--db", "t.db", "--county", "610927", "--divisions", DIVISIONS)
    box.fails(*args, says="t.db exists already")
    assert (box.read("t.db"), box.read("t.db-keys")) == before
    os.rename(box.path("t.db"), box.path("moved.db"))
    box.fails(*args, says="t.db-keys exists already")
    assert box.read("t.db-keys") == before[1] and "t.db" not in box.files()
    box.write("other.txt", "not a store")
    box.fails("init", "--db", "other.txt", "--county", "610927", "--divisions", DIVISIONS, says="exists already")
    assert box.read("other.txt") == b"not a store"


def test_day_to_come(box):
    box.fails("init", "--db", "x.db", "--county", "610927", "--divisions", DIVISIONS, "--from", "2199-01-01", says="has not come yet")
    assert box.files() == []


def test_folder_that_cannot_be_written(box):
    nobody = box.as_nobody()
    os.mkdir(box.path("shut"))
    os.chmod(box.path("shut"), 0o555)
    box.fails("init", "--db", "shut/x.db", "--county", "610927", "--divisions", DIVISIONS, prefix=nobody, says="read-only")
    assert os.listdir(box.path("shut")) == []
    box.fails("init", "--db", "none/x.db", "--county", "610927", "--divisions", DIVISIONS, says="none/x.db")
    # The store's folder may be written, the keys' not: the store goes again.
    os.mkdir(box.path("open"))
    os.chmod(box.path("open"), 0o777)
    box.fails("init", "--db", "open/x.db", "--keys", "shut/k", "--county", "610927", "--divisions", DIVISIONS, prefix=nobody)
    assert os.listdir(box.path("open")) == [], os.listdir(box.path("open"))


def test_full_disk(box):
    with box.small_disk("160k") as disk:
        box.fails("init", "--db", "disk/x.db", "--county", "610927", "--divisions", DIVISIONS, says="disk is full")
        assert os.listdir(disk) == [], os.listdir(disk)


def many(box, towns=60, villages=300):
    lines = county()[:3]
    lines += [f"610927{t:03d}000,镇,4," for t in range(100, 100 + towns)]
    lines += [f"610927{t:03d}{v:03d},村,5," for t in range(100, 100 + towns) for v in range(200, 200 + villages)]
    return rows(box, lines)


def test_interrupted(box):
    path = many(box)
    for sig in (signal.SIGINT, signal.SIGTERM):
        p = subprocess.Popen([box.binary, "init", "--db", "x.db", "--county", "610927", "--divisions", path], cwd=box.dir,
                             env=box.env(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)  # fmt: skip
        until = time.monotonic() + 20
        while not os.path.exists(box.path("x.db-keys")) and p.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        p.send_signal(sig)
        err = p.communicate(timeout=60)[1]
        assert p.returncode == 1 and "Interrupted" in err, (p.returncode, err)
        assert box.files() == ["d.csv"], box.files()


def test_no_bar_without_a_terminal(box):
    assert box.init().err == ""
