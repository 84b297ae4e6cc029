"""What the command-line tests share: a throw-away folder, the program run in
it, a server in the background, and signed-in calls to it."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIVISIONS = os.path.join(ROOT, "data", "zhenping", "divisions-2019.csv")
CUT = os.path.join(ROOT, "test", "data", "divisions-cut.csv")
GOLDEN = os.path.join(ROOT, "test", "golden")
COUNTY = "610927000000"
TOWN = "610927100000"
VILLAGE = "610927100201"
PASSWORD = "a good long password"


class Skipped(Exception):
    pass


def uuid7():
    n = (int(time.time() * 1000) << 80) | (7 << 76) | (2 << 62)
    n |= int.from_bytes(os.urandom(10), "big") & 0x0FFF_3FFF_FFFF_FFFF_FFFF
    return str(uuid.UUID(int=n))


class Done:
    """A command that has ended."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out[-1500:]}\nstderr: {self.err[-1500:]}"


class Server:
    def __init__(self, process, log):
        self.process = process
        self.log = log
        self.tokens = {}
        line = process.stdout.readline().strip()
        if not line:
            process.wait(30)
            raise AssertionError("the server did not start: " + self.said())
        self.url = line
        self.port = int(line.rsplit(":", 1)[1])

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()[-3000:]

    def call(self, method, path, body=None, account=None, timeout=60):
        headers = {"Accept-Language": "en"}
        if account:
            headers["Authorization"] = "Bearer " + self.token(account)
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            c.request(method, path, json.dumps(body).encode() if body is not None else None, headers)
            r = c.getresponse()
            text = r.read()
            return r.status, json.loads(text) if text[:1] in (b"{", b"[") else text
        finally:
            c.close()

    def sign_in(self, account, password=PASSWORD):
        return self.call("POST", "/api/v1/session", {"account": account, "password": password})

    def token(self, account):
        if account not in self.tokens:
            status, body = self.sign_in(account)
            assert status == 200, (status, body)
            self.tokens[account] = body["token"]
        return self.tokens[account]

    def record(self, events, account="officer"):
        """Posts; the results."""
        status, body = self.call("POST", "/api/v1/events", {"events": events}, account)
        assert status == 200, (status, body)
        return body["results"]

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        code = self.process.wait(60)
        self.process.stdout.close()
        return code


class Box:
    """One test's folder and program."""

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.dir = tempfile.mkdtemp(prefix="lianfang-cli-")
        os.chmod(self.dir, 0o755)
        self.servers = []

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def files(self, folder=None):
        return sorted(os.listdir(folder or self.dir))

    def env(self, **more):
        keep = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k not in ("LANG", "LANGUAGE")}
        return {**keep, "LANG": "C", **more}

    def run(self, *words, stdin=None, timeout=120, prefix=(), **env):
        done = subprocess.run([*prefix, self.binary, *words], cwd=self.dir, env=self.env(**env), timeout=timeout,
                              input=stdin, capture_output=True, text=True, check=False)  # fmt: skip
        return Done(done)

    def ok(self, *words, **how):
        r = self.run(*words, **how)
        assert r.code == 0, f"{' '.join(words)}: {r}"
        return r

    def fails(self, *words, code=1, says=None, **how):
        """Must fail with that code and one line on standard error."""
        r = self.run(*words, **how)
        assert r.code == code, f"{' '.join(words)}: expected exit {code}: {r}"
        assert r.err.count("\n") == 1 and r.err.startswith("lianfang: "), f"not one line: {r}"
        assert says is None or says in r.err, f"expected “{says}”: {r}"
        return r

    def init(self, db="t.db", *more):
        return self.ok("init", "--db", db, "--county", "610927", "--divisions", DIVISIONS, "--from", "2020-01-20", *more)

    def account(self, name, role, place=COUNTY, db="t.db"):
        return self.ok("account", "add", name, "--role", role, "--place", place, "--password-file", "-", "--db", db, stdin=PASSWORD + "\n")

    @contextlib.contextmanager
    def serve(self, db="t.db", *more):
        """A server; still running at the end it must stop cleanly."""
        s = self.start(db, *more)
        try:
            yield s
            if s.process.poll() is None:
                code = s.stop()
                assert code == 0, f"the server ended with {code}: {s.said()}"
        finally:
            if s.process.poll() is None:
                s.process.kill()
                s.process.wait()

    def start(self, db, *more):
        log = self.path(f"log{len(self.servers)}")
        with open(log, "wb") as f:
            process = subprocess.Popen([self.binary, "serve", "--db", db, "--listen", "127.0.0.1:0", *more], cwd=self.dir,
                                       env=self.env(), stdout=subprocess.PIPE, stderr=f, text=True)  # fmt: skip
        self.servers.append(process)
        return Server(process, log)

    def verified(self, db="t.db", n=None):
        r = self.ok("verify", "--db", db)
        assert r.out.startswith("verified ") and r.out.endswith(" events\n"), r
        count = int(r.out.split()[1])
        assert n is None or count == n, f"verified {count}, not {n}"
        return count

    def tamper(self, db, *statements):
        """Changes a store behind the program's back, past the triggers that guard the ledger, and puts those back."""
        c = sqlite3.connect(self.path(db))
        triggers = c.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            c.execute(f"DROP TRIGGER {name}")
        for s in statements:
            if isinstance(s, tuple):
                c.execute(*s)
            else:
                c.execute(s)
        for _, sql in triggers:
            c.execute(sql)
        c.commit()
        c.close()

    def query(self, db, text, *args):
        c = sqlite3.connect(self.path(db))
        try:
            return c.execute(text, args).fetchall()
        finally:
            c.close()

    @contextlib.contextmanager
    def small_disk(self, size):
        """A file system of that size; needs the right to mount."""
        folder = self.path("disk")
        os.mkdir(folder)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True, check=False)
        if done.returncode:
            raise Skipped("cannot mount a small disk here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=False)

    def as_nobody(self):
        """Words before a command that take root's rights away, and a copy of the program that anybody may run."""
        copy = self.path("program")
        if not os.path.exists(copy):
            shutil.copy(self.binary, copy)
            os.chmod(copy, 0o755)
        self.binary = copy
        if os.geteuid() != 0:
            return ()
        if not shutil.which("setpriv"):
            raise Skipped("no setpriv here")
        return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

    def finish(self):
        for p in self.servers:
            if p.poll() is None:
                p.kill()
                p.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def household(village=VILLAGE, at=None, **more):
    id_ = uuid7()
    data = {"id": id_, "address": "测试路1号", "head": {"name": "测试甲", "phone": "13900000000"}, "members": 3, **more}
    return {"id": uuid7(), "type": "household.registered", "at": at or "2020-02-01T09:00:00+08:00", "place": village, "data": data}
