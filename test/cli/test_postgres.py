"""The same commands on PostgreSQL, when LIANFANG_TEST_PG names a server (test/pg.sh)."""

import json
import os
import shutil
import subprocess
import uuid

from harness import COUNTY, DIVISIONS, TOWN, Skipped, household


def fresh(box):
    """The url of an empty database."""
    server = os.environ.get("LIANFANG_TEST_PG")
    psql = shutil.which("psql") or "/usr/lib/postgresql/15/bin/psql"
    if not server or not os.path.exists(psql):
        raise Skipped("no PostgreSQL here")
    name = "cli_" + uuid.uuid4().hex[:12]
    subprocess.run([psql, "-qAt", "-d", server, "-c", f"CREATE DATABASE {name}"], check=True, stdin=subprocess.DEVNULL)
    assert box.files() == []
    return server.rsplit("/", 1)[0] + "/" + name, name, psql


def init(url, *more):
    return ["init", "--db", url, "--county", "610927", "--divisions", DIVISIONS, "--from", "2020-01-20", *more]


def test_commands(box):
    url, name, _ = fresh(box)
    os.environ["XDG_RUNTIME_DIR"] = box.path("run")
    try:
        box.ok(*init(url))
        assert box.files() == [name + ".pg-keys"]
        box.fails(*init(url))
        assert box.files() == [name + ".pg-keys"]
        box.ok("account", "add", "officer", "--role", "officer", "--place", TOWN, "--password-file", "-", "--db", url,
               stdin="a good long password\n")  # fmt: skip
        with box.serve(url) as s:
            s.record([household() for _ in range(20)])
            box.account("commander", "commander", COUNTY, db=url)
            assert s.sign_in("commander")[0] == 200
            box.fails("serve", "--db", url, "--listen", "127.0.0.1:0", says="is being served")
            box.ok("backup", "b.db", "--db", url)
            box.ok("account", "disable", "commander", "--db", url)
            assert s.sign_in("commander")[0] == 401
        box.verified(url, 95)
        assert json.loads(box.ok("head", "--db", url).out)["size"] == 95
        assert box.ok("account", "list", "--db", url).out.count("\n") == 2
        box.ok("rebuild", "--db", url)
        box.verified(url, 95)
        r = box.ok("restore", "b.db", "--db", "r.db", "--keys", name + ".pg-keys")
        assert r.out.startswith("restored 95 events"), r
        box.ok("verify", "--db", "r.db", "--keys", name + ".pg-keys")
    finally:
        del os.environ["XDG_RUNTIME_DIR"]


def test_failed_init_leaves_the_database_empty(box):
    url, name, psql = fresh(box)
    bad = box.write("bad.csv", "code,name,level\n610000000000,陕西省,1\n")
    count = [psql, "-qAt", "-d", url, "-c", "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"]
    assert box.run("init", "--db", url, "--county", "610927", "--divisions", bad).code == 1
    box.fails(*init(url, "--keys", "none/k"), says="none/k")
    box.fails(*init(url, "--name", "x" * 150, "--keys", "."), says="exists already")
    assert subprocess.run(count, capture_output=True, text=True, check=True).stdout == "0\n"
    assert box.files() == ["bad.csv"]
    box.ok(*init(url))
    assert name


def test_no_server(box):
    r = box.run("verify", "--db", "postgresql://127.0.0.1:1/none?connect_timeout=2")
    assert r.code == 1 and r.err.startswith("lianfang: "), r
    r = box.run("verify", "--db", "postgresql://someone:secret-word@127.0.0.1:1/none?connect_timeout=2")
    assert r.code == 1 and "secret-word" not in r.err, r
