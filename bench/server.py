"""Stores and servers for the benchmarks: a demo county made once, copies of it
to write into, and the program serving one on a free loopback port, with what
the kernel and /metrics tell about it. Ends only what it started."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time

COUNTY = "610927000000"
ACCOUNT = "bench"
TICK = 0.002


class Failure(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def remove_store(path):
    for end in ("", "-keys", "-lock", "-wal", "-shm"):
        try:
            os.unlink(path + end)
        except FileNotFoundError:
            pass


class Store:
    """A store at rest, with an account to measure with."""

    def __init__(self, binary, path, password):
        self.binary, self.path, self.password = binary, path, password

    @classmethod
    def demo(cls, binary, path):
        store = cls(binary, path, secrets.token_urlsafe(16))
        store.command("demo", "zhenping")
        store.command("account", "add", ACCOUNT, "--role", "commander", "--place", COUNTY, "--password-file", "-")
        return store

    def command(self, *words):
        done = subprocess.run(
            [self.binary, *words, "--db", self.path],
            input=self.password + "\n",
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failure(f"{' '.join(words[:2])}: exit {done.returncode}: {done.stderr.strip()[-1000:]}")
        return done.stdout

    def copy(self, path):
        remove_store(path)
        for end in ("", "-keys", "-wal"):
            if os.path.exists(self.path + end):
                shutil.copy(self.path + end, path + end)
        return Store(self.binary, path, self.password)

    def remove(self):
        remove_store(self.path)


class Server:
    """`ready` is the time from starting the process to the first answer of /readyz, in milliseconds."""

    def __init__(self, store, folder):
        self.store, self.folder, self.port = store, folder, free_port()
        self.token_file = os.path.join(folder, f"token-{self.port}")
        self.log_path = os.path.join(folder, f"log-{self.port}")
        self.process = None

    def __enter__(self):
        with open(self.log_path, "wb") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                [self.store.binary, "serve", "--db", self.store.path, "--listen", f"127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_ready(began)
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_ready(self, began):
        while time.monotonic() - began < 60 and self.process.poll() is None:
            try:
                if self.call("GET", "/readyz")[0] == 200:
                    self.ready = (time.monotonic() - began) * 1000
                    return
            except OSError:
                pass
            time.sleep(TICK)
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            raise Failure(f"the server did not start: {f.read()[-1000:]}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(120)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def sign_in(self):
        body = json.dumps({"account": ACCOUNT, "password": self.store.password})
        status, answer = self.call("POST", "/api/v1/session", body)
        if status != 200:
            raise Failure(f"sign-in: {status} {answer[:500]}")
        self.token = json.loads(answer)["token"]
        with open(os.open(self.token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(self.token + "\n")
        return self

    def call(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
            c.request(method, path, body, headers)
            r = c.getresponse()
            return r.status, r.read().decode(errors="replace")
        finally:
            c.close()

    def get(self, path):
        status, body = self.call("GET", path)
        if status != 200:
            raise Failure(f"GET {path}: {status} {body[:500]}")
        return body

    def metrics(self):
        out = {}
        for line in self.get("/metrics").splitlines():
            if not line.startswith("#") and " " in line:
                name, value = line.rsplit(" ", 1)
                out[name.removeprefix("lianfang_")] = float(value)
        return out

    def memory(self):
        """(resident, peak resident) in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as f:
            lines = dict(line.split(":", 1) for line in f if ":" in line)
        return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def threads(self):
        """{thread: (seconds computing, seconds waiting for a processor)}"""
        out = {}
        base = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(base):
            try:
                with open(f"{base}/{thread}/schedstat", encoding="ascii") as f:
                    run, wait, _ = f.read().split()
            except FileNotFoundError:
                continue
            out[int(thread)] = (int(run) / 1e9, int(wait) / 1e9)
        return out
