#!/usr/bin/env python3
"""Messages that leave the house: channels, their deliveries to a real HTTP
receiver, and what becomes of them when that fails, is slow, or all is killed.

    outbox.py BINARY [--long] [--postgres] [NAME …]

Each check is a function named check_*; --long adds those that wait (long_*).
"""

import hashlib
import hmac
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import faults
from faults import event, want
from run import uuid7
from server import COUNTY, TOWN, VILLAGE, Server, free_port
from stream import metric

SECRET = "a-secret-that-both-know-0123456789"
ANOTHER_TOWN, ANOTHER_VILLAGE = "610927101000", "610927101200"


class Receiver:
    """An HTTP server on loopback. `answers`: what it says in turn: a status, (status, headers), or a function of the
    handler; then 200."""

    def __init__(self, answers=(), tls=None):
        self.answers, self.got, self.now, self.most = list(answers), [], 0, 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.got.append((self.path, self.headers, body, time.time()))
                    receiver.now += 1
                    receiver.most = max(receiver.most, receiver.now)
                    said = receiver.answers.pop(0) if receiver.answers else 200
                try:
                    if callable(said):
                        said = said(self)
                    status, headers = said if isinstance(said, tuple) else (said, {})
                    if status:
                        self.send_response(status)
                        for name, value in {"Content-Length": "0", **headers}.items():
                            self.send_header(name, value)
                        self.end_headers()
                except OSError:
                    self.close_connection = True
                finally:
                    with receiver.lock:
                        receiver.now -= 1

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path="/in", scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def wait(self, n=1, seconds=8):
        """What came, once there are n of it."""
        stop = time.monotonic() + seconds
        while len(self.got) < n and time.monotonic() < stop:
            time.sleep(0.02)
        want(len(self.got) >= n, f"{len(self.got)} of {n} came within {seconds} s")
        return self.got

    def ids(self):
        return [headers["X-Lianfang-Delivery"] for _, headers, _, _ in self.got]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def signed(headers, body, secret=SECRET):
    """As a receiver checks it."""
    text = headers["X-Lianfang-Timestamp"].encode() + b"." + body
    right = "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, headers["X-Lianfang-Signature"])


def add(server, name, receiver, *more, url=None, secret=SECRET):
    path = os.path.join(server.folder, "secret")
    with open(path, "w", encoding="utf-8") as f:
        f.write(secret + "\nnot this line\n")
    server.command("channel", "add", name, "--url", url or receiver.url(), "--secret-file", path, *more)


def fails(server, *words, code=1):
    """A command that is refused; what it says."""
    done = subprocess.run(
        [server.binary, *words, "--db", server.db, "--lang", "en"], input=SECRET, capture_output=True, text=True, cwd=server.folder
    )
    want(done.returncode == code, f"{' '.join(words)}: exit {done.returncode}, {done.stderr.strip()}")
    return done.stderr


def waiting(server, *words, channel=None):
    """What waits: of a channel, or of all but "tls", which never gets rid of its own."""
    items = json.loads(server.command("outbox", "list", "--json", *words))
    return [i for i in items if (i["channel"] == channel if channel else i["channel"] != "tls")]


def until(truth, what, seconds=8):
    stop = time.monotonic() + seconds
    while not truth():
        want(time.monotonic() < stop, f"not within {seconds} s: {what}")
        time.sleep(0.05)


def messages(server, kind="all", account="admin", more=""):
    """All pages of the view."""
    items, after = [], ""
    while True:
        status, _, body = server.call("GET", f"/api/v1/outbox/messages?kind={kind}{more}{after}", headers=server.auth(account))
        want(status == 200, f"{status} {body[:300]!r}")
        page = json.loads(body)
        items += page["items"]
        if "next" not in page:
            return items
        after = "&after=" + page["next"]


def off(server, *names):
    for name in names:
        server.command("channel", "disable", name)


def settle(server):
    """Nothing on its way; so that checks do not disturb each other."""
    stop = time.monotonic() + 8
    while waiting(server):
        want(time.monotonic() < stop, f"still waiting: {waiting(server)}")
        time.sleep(0.05)


def record(server, events, account="officer"):
    status, _, body = server.call("POST", "/api/v1/events", {"events": events}, server.auth(account))
    results = json.loads(body).get("results", []) if status == 200 else []
    want(results and all(r["status"] == "recorded" for r in results), f"{status} {body[:400]!r}")


def local(seconds=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def notice(place, to, due=3600, **people):
    data = {"id": uuid7(), "kind": "notice", "title": "排查返乡人员（演示）", "body": "请逐户排查。", "issuer": "演示镇", "to": {"places": to, **people}}
    return {"id": uuid7(), "type": "notice.issued", "at": local(), "place": place, "data": {**data, "acknowledge_by": local(due)}}


# ---- delivering ------------------------------------------------------------------


def check_delivered(server):
    r = Receiver()
    add(server, "plain", r, url=r.url("/in?of=county"))
    server.command("channel", "test", "plain")
    path, headers, body, at = r.wait()[0]
    message = json.loads(body)
    want(path == "/in?of=county" and headers["Content-Type"] == "application/json", f"{path} {headers}")
    want(headers["X-Lianfang-Delivery"] == message["id"], f"{headers['X-Lianfang-Delivery']} {message}")
    want(signed(headers, body), headers["X-Lianfang-Signature"])
    want(not signed(headers, body + b" ") and not signed(headers, body, SECRET + "x"), "the test itself")
    want(abs(int(headers["X-Lianfang-Timestamp"]) - at) < 5, headers["X-Lianfang-Timestamp"])
    want(headers["User-Agent"].startswith("lianfang/"), headers["User-Agent"])
    want(set(message) == {"about", "at", "id", "kind", "place", "store", "text"}, f"{message}")
    want(message["kind"] == "channel.test" and message["place"] == COUNTY, f"{message}")
    want(set(message["text"]) == {"zh", "en"} and all(message["text"].values()), f"{message}")
    settle(server)
    [item] = [i for i in messages(server) if i["id"] == message["id"]]
    want(item["delivered"] and item["answer"] == "HTTP 200" and item["tries"] == 1 and not item["dead"], f"{item}")
    want("next_try" not in item and item["channel"] == "plain" and item["place_name"] == "镇坪县", f"{item}")
    want(metric(server, "outbox_delivered_total") >= 1, "not counted")
    time.sleep(1.5)
    want(len(r.got) == 1, f"sent {len(r.got)} times")
    off(server, "plain")
    r.close()
    return "signed, once, with its id"


def check_tried_again(server):
    r = Receiver([500])
    add(server, "again", r)
    server.command("channel", "test", "again")
    r.wait(1)
    until(lambda: waiting(server) and waiting(server)[0]["tries"] == 1, "the first try is noted")
    [item] = waiting(server)
    want(item["answer"] == "HTTP 500" and not item["dead"], f"{item}")
    r.wait(2, 13)  # by itself, within ten seconds
    settle(server)
    want(len(set(r.ids())) == 1, f"{r.ids()}")
    want(all(signed(h, b) for _, h, b, _ in r.got), "a signature is wrong")
    [item] = [i for i in messages(server) if i["id"] == r.ids()[0]]
    want(item["tries"] == 2 and item["delivered"], f"{item}")
    took = r.got[1][3] - r.got[0][3]
    off(server, "again")
    r.close()
    return f"500, and taken {took:.1f} s later under the same id"


def check_retry_after(server):
    r = Receiver([(429, {"Retry-After": "600"}), (503, {"Retry-After": "86400"})])
    add(server, "later", r)
    server.command("channel", "test", "later")

    def ahead(tries):
        until(lambda: waiting(server) and waiting(server)[0]["tries"] == tries, f"try {tries} is noted")
        at = time.strptime(waiting(server)[0]["next_try"][:19], "%Y-%m-%dT%H:%M:%S")
        return time.mktime((*at[:8], -1)) - time.timezone - 8 * 3600 - time.time()

    first = ahead(1)
    want(595 < first < 605, f"{first:.0f} s after a Retry-After of 600")
    server.command("outbox", "retry", r.ids()[0])
    r.wait(2)
    second = ahead(2)
    want(3590 < second < 3605, f"{second:.0f} s after a Retry-After of a day")
    server.command("outbox", "retry", "--all")
    settle(server)
    off(server, "later")
    r.close()
    return "a receiver's wish is kept, up to an hour"


def check_given_up(server):
    r = Receiver([404] * 12)
    add(server, "dead", r)
    server.command("channel", "test", "dead")
    for n in range(1, 13):
        r.wait(n)
        until(lambda: not waiting(server) or waiting(server)[0]["tries"] == n, f"try {n} is noted")
        if n < 12:
            server.command("outbox", "retry", "--all")
    want(not waiting(server), "still on its way")
    [item] = waiting(server, "--dead")
    want(item["dead"] and item["tries"] == 12 and item["answer"] == "HTTP 404", f"{item}")
    [item] = messages(server, "dead")
    want(item["dead"] and item["id"] == r.ids()[0] and "next_try" not in item, f"{item}")
    until(lambda: metric(server, "outbox_dead") == 1, "the gauge shows it")
    want("given up" in server.command("outbox", "list", "--dead", "--lang", "en"), "the list")
    time.sleep(1.5)
    want(len(r.got) == 12, f"{len(r.got)} tries")
    server.command("outbox", "retry", item["id"])
    r.wait(13)
    settle(server)
    want(not waiting(server, "--dead") and len(set(r.ids())) == 1, f"{r.ids()}")
    said = fails(server, "outbox", "retry", item["id"])
    want("Nothing waits" in said, said)
    off(server, "dead")
    r.close()
    return "given up after 12 tries, listed, sent when told"


def check_odd_answers(server):
    """A redirect is not followed; a long answer is not kept; garbage, silence and a refused port are failures."""
    trap, taken = Receiver(), [0]

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(4000):
            handler.wfile.write(b"x" * 65536)
            taken[0] += 65536
        return 0, {}

    def garbage(handler):
        handler.wfile.write(b"this is no HTTP\r\n\r\n")
        handler.close_connection = True
        return 0, {}

    def hang_up(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return 0, {}

    for said, answer in (((302, {"Location": trap.url()}), "HTTP 302"), (garbage, ""), (hang_up, ""), (410, "HTTP 410")):
        r = Receiver([said])
        name = f"odd{r.port}"
        add(server, name, r)
        server.command("channel", "test", name)
        until(lambda: waiting(server) and waiting(server)[0]["tries"] == 1, f"{answer} is noted")
        [item] = waiting(server)
        want(item["answer"] == answer if answer else "HTTP" not in item["answer"], f"{item}")
        server.command("outbox", "retry", "--all")
        settle(server)
        off(server, name)
        r.close()
    want(not trap.got, "a redirect was followed")
    trap.close()
    r = Receiver([endless])
    add(server, "endless", r)
    server.command("channel", "test", "endless")
    settle(server)
    [item] = [i for i in messages(server) if i["id"] == r.ids()[0]]
    want(item["delivered"] and item["tries"] == 1, f"{item}")
    want(taken[0] < 32 << 20, f"{taken[0] >> 20} MiB of it were read")
    off(server, "endless")
    r.close()
    return "redirects, garbage, hang-ups, endless answers"


def check_certificate(server):
    """A receiver that nobody vouches for is told nothing."""
    made = os.path.join(server.folder, "own.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", made + ".key", "-out", made], check=True, capture_output=True,
    )  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made, made + ".key")
    r = Receiver(tls=tls)
    add(server, "tls", r, url=r.url(scheme="https"))
    server.command("channel", "test", "tls")
    until(lambda: waiting(server, channel="tls")[0]["tries"] == 1, "the failure is noted")
    [item] = waiting(server, channel="tls")
    want("ertificate" in item["answer"], f"{item}")
    want(not r.got, "it was told")
    off(server, "tls")
    r.close()
    return item["answer"]


def check_slow_receiver(server):
    """Two at once and no more; neither other channels nor recording wait."""
    free = threading.Event()
    slow = Receiver([lambda h: (free.wait(20), 200)[1]] * 6)
    quick = Receiver()
    add(server, "slow", slow)
    add(server, "quick", quick)
    for _ in range(6):
        server.command("channel", "test", "slow")
    slow.wait(2)
    server.command("channel", "test", "quick")
    began = time.monotonic()
    quick.wait(1, 5)
    record(server, [event()])
    took = time.monotonic() - began
    want(took < 2.5, f"{took:.1f} s")
    time.sleep(1.2)
    want(slow.now == 2, f"{slow.now} at once")
    free.set()
    slow.wait(6)
    settle(server)
    want(slow.most == 2 and len(set(slow.ids())) == 6, f"{slow.most} at once, {len(set(slow.ids()))} messages")
    off(server, "slow", "quick")
    slow.close()
    quick.close()
    return "two at once by a channel; others went by"


def long_timeout(server):
    r = Receiver([lambda h: (time.sleep(15), 200)[1]])
    add(server, "asleep", r)
    server.command("channel", "test", "asleep")
    began = time.monotonic()
    until(lambda: waiting(server) and waiting(server)[0]["tries"] == 1, "it is given up", 14)
    took = time.monotonic() - began
    want(9 < took < 13 and "imeout" in waiting(server)[0]["answer"], f"{took:.1f} s {waiting(server)}")
    server.command("outbox", "retry", "--all")
    settle(server)
    off(server, "asleep")
    r.close()
    return f"a receiver asleep is given up after {took:.1f} s"


# ---- what goes where ----------------------------------------------------------------


def check_place_and_kinds(server):
    everything, town, kinds = Receiver(), Receiver(), Receiver()
    add(server, "all-of-it", everything)
    add(server, "one-town", town, "--place", TOWN)
    add(server, "only-late", kinds, "--kinds", "notice.late,notice.none")
    record(server, [notice(TOWN, [VILLAGE])])
    record(server, [notice(ANOTHER_TOWN, [ANOTHER_VILLAGE])], "elsewhere")
    everything.wait(2)
    settle(server)
    places = {json.loads(b)["place"] for _, _, b, _ in everything.got}
    want(places == {VILLAGE, ANOTHER_VILLAGE}, f"{places}")
    want([json.loads(b)["place"] for _, _, b, _ in town.got] == [VILLAGE], f"{len(town.got)} of one town")
    want(not kinds.got, "another kind was sent")
    # By way of the view: both channels of the one message, and those of one's own territory only.
    ids = set(everything.ids())
    listed = [i for i in messages(server, more="&limit=1") if i["id"] in ids]
    want(sorted(i["channel"] for i in listed) == ["all-of-it", "all-of-it", "one-town"], f"{listed}")
    inside = [i for i in messages(server, more=f"&place={TOWN}") if i["id"] in ids]
    want({i["place"] for i in inside} == {VILLAGE}, f"{inside}")
    off(server, "all-of-it", "one-town", "only-late")
    for r in (everything, town, kinds):
        r.close()
    return "by place and by kind"


def check_no_personal_data(server):
    """Whatever is recorded of people, no message tells of it."""
    r = Receiver()
    add(server, "all", r)
    name, phone = "欧阳演示", "13800138000"
    person = uuid7()
    record(server, [{
        "id": uuid7(), "type": "person.enrolled", "at": local(), "place": VILLAGE,
        "data": {"id": person, "name": name, "phone": phone, "category": "village_official", "id_number": "11010519491231002X"},
    }])  # fmt: skip
    record(server, [notice(TOWN, [VILLAGE], categories=["village_official"])])
    r.wait(1)
    settle(server)
    for _, headers, body, _ in r.got:
        message = json.loads(body)
        want(set(message) <= {"about", "at", "id", "kind", "place", "store", "text"}, f"{message}")
        for secret in (name, phone, "11010519491231002X", SECRET):
            want(secret not in body.decode() and secret not in str(headers), f"{secret} in {body!r}")
    off(server, "all")
    r.close()
    return f"{len(r.got)} messages, none tells of a person"


def check_late(server):
    """What falls due while the server is down is told when it is up again, once."""
    r = Receiver()
    add(server, "late", r, "--kinds", "notice.late")
    time.sleep(0.1)
    record(server, [notice(TOWN, [VILLAGE], due=4)])
    want(server.stop() == 0, "did not end well")
    time.sleep(5)
    want(not r.got, "told before its time")
    server.start()
    r.wait(1)
    settle(server)
    message = json.loads(r.got[0][2])
    want(message["kind"] == "notice.late", f"{message}")
    want(server.stop() == 0, "did not end well")
    server.start()
    time.sleep(2.5)
    want(len(r.got) == 1, f"told {len(r.got)} times")
    off(server, "late")
    r.close()
    return "fell due while the server was down; told once"


# ---- ends, sudden and other ------------------------------------------------------------


def check_stop(server):
    """A receiver that does not answer does not hold the end; the message is sent again."""
    r = Receiver([lambda h: (time.sleep(6), 200)[1]])
    add(server, "held", r)
    server.command("channel", "test", "held")
    r.wait()
    most = 6 if server.sanitized() else 2
    began = time.monotonic()
    want(server.stop() == 0, f"ended with {server.process.returncode}")
    took = time.monotonic() - began
    want(took < most, f"{took:.1f} s")
    server.start()
    r.wait(2)
    want(len(set(r.ids())) == 1, f"{r.ids()}")
    settle(server)
    off(server, "held")
    r.close()
    return f"ended in {took:.2f} s"


def check_killed(server):
    """Taken by the receiver, not yet noted: after the kill it comes again, with the same id."""

    def kill(_):
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        return 200

    r = Receiver([kill])
    add(server, "killed", r)
    server.command("channel", "test", "killed")
    r.wait()
    server.process.wait(10)
    server.start()
    r.wait(2)
    settle(server)
    want(len(set(r.ids())) == 1, f"{r.ids()}")
    want(all(signed(h, b) for _, h, b, _ in r.got), "a signature is wrong")
    time.sleep(1.5)
    want(len(r.got) == 2, f"sent {len(r.got)} times")
    off(server, "killed")
    r.close()
    return "sent again after kill -9, with the same id"


def check_closed_channel(server):
    r = Receiver([500])
    add(server, "closing", r)
    server.command("channel", "test", "closing")
    until(lambda: waiting(server) and waiting(server)[0]["tries"] == 1, "the first try is noted")
    off(server, "closing")
    server.command("outbox", "retry", "--all")
    time.sleep(1.5)
    want(len(r.got) == 1 and len(waiting(server)) == 1, "a closed channel is used")
    record(server, [notice(TOWN, [VILLAGE])])
    server.command("channel", "enable", "closing")
    settle(server)
    want(len(r.got) == 2, f"{len(r.got)}: what came meanwhile does not go by it")
    off(server, "closing")
    r.close()
    return "what waits stays; what comes meanwhile passes by"


def check_backup(server):
    """A copy brings what waits along."""
    r = Receiver()
    add(server, "kept", r)
    off(server, "kept")
    for _ in range(3):
        server.command("channel", "test", "kept")
    ids = {d["id"] for d in waiting(server)}
    want(len(ids) == 3, f"{ids}")
    file, back = os.path.join(server.folder, "copy"), os.path.join(server.folder, "back.db")
    server.command("backup", file, "--with-keys")
    run = lambda *words: subprocess.run([server.binary, *words, "--db", back], capture_output=True, text=True, check=True).stdout  # noqa: E731
    run("restore", file)
    want({d["id"] for d in json.loads(run("outbox", "list", "--json"))} >= ids, "they are not in the copy")
    run("channel", "enable", "kept")
    run("verify")
    second = Server.__new__(Server)
    second.__dict__.update(vars(server), db=back, process=None, tokens={})
    second.port = free_port()
    second.start()
    try:
        r.wait(3)
        settle(second)
    finally:
        second.stop()
    want(set(r.ids()) == ids and all(signed(h, b) for _, h, b, _ in r.got), f"{r.ids()}")
    server.command("channel", "enable", "kept")
    settle(server)
    want(len(r.got) == 6 and set(r.ids()) == ids, "the first store sends them too, under the same ids")
    off(server, "kept")
    r.close()
    return "3 messages waited in the copy and left from there"


# ---- commands ---------------------------------------------------------------------------


def check_refusals(server):
    good = ["--url", "http://127.0.0.1:9/", "--secret-file", "-"]
    server.command("channel", "add", "taken", "--url", "http://127.0.0.1:9/", "--secret-file", "-")
    off(server, "taken")
    want("choose another name" in fails(server, "channel", "add", "taken", *good), "taken")
    for name in ("A", "x" * 33, "a b", "名"):
        want("1–32" in fails(server, "channel", "add", name, *good), name)
    for url in ("ftp://a/b", "a.example", "http://user:word@a/", "http://a/#b", "http:///a", "http://", "http://a b/", "http://a:99999/",
                "javascript:alert(1)", "file:///etc/passwd", "http://" + "a" * 1000):  # fmt: skip
        want("whole http" in fails(server, "channel", "add", "new", "--url", url, "--secret-file", "-"), url)
    for kinds in ("", ",", "a,", "A", "a b", "a%"):
        want("commas" in fails(server, "channel", "add", "new", *good, "--kinds", kinds), kinds)
    want("no place" in fails(server, "channel", "add", "new", *good, "--place", "610927999000"), "place")
    fails(server, "channel", "add", "new", *good, "--place", "here", code=2)
    short = os.path.join(server.folder, "short")
    with open(short, "w", encoding="utf-8") as f:
        f.write("x" * 15)
    want("16–256" in fails(server, "channel", "add", "new", "--url", "http://a/", "--secret-file", short), "a short secret")
    want("no channel" in fails(server, "channel", "disable", "nobody"), "disable")
    want("no channel" in fails(server, "channel", "test", "nobody"), "test")
    fails(server, "outbox", "retry", code=2)
    fails(server, "outbox", "retry", "--all", uuid7(), code=2)
    fails(server, "outbox", "retry", "that one", code=2)
    want("Nothing waits" in fails(server, "outbox", "retry", uuid7()), "retry")
    names = {c["name"] for c in json.loads(server.command("channel", "list", "--json"))}
    want("new" not in names and "taken" in names, f"{names}")
    for path, field in (("?kind=some", "kind"), ("?after=x", "after"), ("?place=1", "place"), ("?q=x", "q")):
        status, _, body = server.call("GET", "/api/v1/outbox/messages" + path, headers=server.auth("admin"))
        want(status in (400, 422) and json.loads(body)["field"] == field, f"{path}: {status} {body[:200]!r}")
    status, _, _ = server.call("GET", "/api/v1/outbox/messages", headers=server.auth("commander"))
    want(status == 403, f"a commander: {status}")
    return "names, addresses, secrets, kinds, places"


def check_secret_is_nowhere(server):
    """After all of the above: not in the store, its copies, the log, or what commands print."""
    text = server.command("channel", "list") + server.command("channel", "list", "--json") + server.said()
    want(SECRET not in text, "a list or the log shows it")
    searched = 0
    for folder, _, names in os.walk(server.folder):
        for name in names:
            if name == "secret" or name.endswith("-socket"):
                continue
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
            want(SECRET.encode() not in data, f"it stands in {name}")
            searched += len(data)
    return f"not in {searched >> 10} KiB of files"


if __name__ == "__main__":
    faults.main(globals(), __doc__)
