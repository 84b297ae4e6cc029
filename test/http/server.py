"""A real server on a fresh store, for the HTTP tests: made, served on a free
loopback port, ended by SIGTERM, and its ledger verified."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import http.client

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIVISIONS = os.path.join(ROOT, "data", "zhenping", "divisions-2019.csv")
COUNTY = "610927000000"
TOWN = "610927100000"
VILLAGE = "610927100201"

# account: (role, place). Each script that locks an account out has its own.
ACCOUNTS = {
    "commander": ("commander", COUNTY),
    "officer": ("officer", TOWN),
    "elsewhere": ("officer", "610927101000"),
    "grid": ("grid", VILLAGE),
    "auditor": ("auditor", COUNTY),
    "admin": ("admin", COUNTY),
    "locked": ("officer", TOWN),
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fresh_database():
    """An empty database on the server of LIANFANG_TEST_PG (test/pg.sh); its URL."""
    server = os.environ.get("LIANFANG_TEST_PG")
    if not server:
        print("LIANFANG_TEST_PG is not set: skipped")
        sys.exit(77)
    name = "http_" + secrets.token_hex(4)
    subprocess.run(["psql", "-q", server, "-c", f"CREATE DATABASE {name}"], check=True)
    return server.rsplit("/", 1)[0] + "/" + name


class Server:
    def __init__(self, binary, postgres=False, options=()):
        self.binary = os.path.abspath(binary)
        self.folder = tempfile.mkdtemp(prefix="lianfang-http-")
        self.db = fresh_database() if postgres else os.path.join(self.folder, "test.db")
        self.password = secrets.token_urlsafe(12)
        self.port = free_port()
        self.tokens = {}
        self.process = None
        self.command("init", "--county", "610927", "--divisions", DIVISIONS, "--from", "2020-01-01")
        for name, (role, place) in ACCOUNTS.items():
            self.command("account", "add", name, "--role", role, "--place", place, "--password-file", "-")
        self.start(options)

    def command(self, *words):
        """Runs a command on the store; the password is always offered on standard input."""
        done = subprocess.run(
            [self.binary, *words, "--db", self.db],
            input=self.password + "\n",
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words[:3])}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def start(self, options=()):
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--db", self.db, "--listen", f"127.0.0.1:{self.port}", *options],
            stdout=self.log,
            stderr=self.log,
            cwd=self.folder,
        )
        for _ in range(200):
            if self.process.poll() is not None:
                break
            try:
                if self.call("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"the server did not start:\n{self.said()}")

    def said(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()[-4000:]

    def call(self, method, path, body=None, headers=None, timeout=30):
        """(status, headers, bytes); a dict or list as body is sent as JSON."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def token(self, account):
        if account not in self.tokens:
            status, _, body = self.call("POST", "/api/v1/session", {"account": account, "password": self.password})
            if status != 200:
                raise SystemExit(f"{account} cannot sign in: {status} {body.decode(errors='replace')}")
            self.tokens[account] = json.loads(body)["token"]
        return self.tokens[account]

    def auth(self, account):
        return {"Authorization": f"Bearer {self.token(account)}"}

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def sanitized(self):
        """A sanitizer's own memory drowns the program's."""
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as f:
            return "san.so" in f.read()

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return -1
        self.log.close()
        return self.process.returncode

    def verify(self):
        return self.command("verify")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
