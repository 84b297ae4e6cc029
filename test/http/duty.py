#!/usr/bin/env python3
"""From a call for hands to a calendar, against a real server that logs its
requests: a checkpoint asks, two desks send the same person at the same moment,
the proposal is accepted, a shift is planned, and the person's calendar is read
without signing in, by its address alone.

    duty.py BINARY
"""

import json
import os
import re
import sys
import threading
import time

from run import uuid7
from server import COUNTY, TOWN, VILLAGE, Server

NAME = "钱满堂示例"


def want(truth, what):
    if not truth:
        raise SystemExit(f"FAIL {what}")


def when(ahead=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + ahead))


def send(server, account, type_, data, place=None, ahead=0):
    event = {"id": uuid7(), "type": type_, "at": when(ahead), "data": data}
    if place:
        event["place"] = place
    status, _, body = server.call("POST", "/api/v1/events", event, server.auth(account))
    want(status == 200, f"{type_}: {status} {body!r}")
    return json.loads(body)["results"][0]


def record(server, account, type_, data, place=None, ahead=-5):
    result = send(server, account, type_, data, place, ahead)
    want(result["status"] == "recorded", f"{type_} is {result}")
    return result


def read(server, account, path, status=200):
    got, _, body = server.call("GET", path, None, server.auth(account))
    want(got == status, f"{path}: {got} {body!r}")
    return json.loads(body)


def world(server):
    """Two checkpoints that each ask for one, a person of the county in the reserve; their ids."""
    people, sites, requests = [uuid7(), uuid7()], [uuid7(), uuid7()], [uuid7(), uuid7()]
    for i, person in enumerate(people):
        data = {"id": person, "name": NAME + "甲乙"[i], "category": "official"}
        record(server, "commander", "person.enrolled", data, COUNTY, -60)
    for site, request in zip(sites, requests):
        record(server, "officer", "site.opened", {"id": site, "kind": "checkpoint", "name": "卡点"}, VILLAGE, -60)
        data = {"id": request, "site": site, "headcount": 1, "reason": "车流大，人手不足"}
        record(server, "officer", "support.requested", data, None, -50)
    data = {"person": people[0], "available_from": when(-50)}
    record(server, "commander", "reserve.joined", data, COUNTY, -40)
    return people, sites, requests


def both_at_once(server, person, requests):
    """One succeeds, the other is told."""
    for name in ("county1", "county2"):
        server.command("account", "add", name, "--role", "officer", "--place", COUNTY, "--password-file", "-")
        server.token(name)
    results = {}

    def assign(name, request):
        results[name] = send(server, name, "support.assigned", {"request": request, "persons": [person]})

    threads = [threading.Thread(target=assign, args=pair) for pair in zip(("county1", "county2"), requests)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    refused = [r for r in results.values() if r["status"] == "refused"]
    want(len(refused) == 1, f"{results}")
    want(refused[0]["error"]["code"] == "assigned_elsewhere", f"{refused}")
    want(refused[0]["error"]["field"] == "persons[0]" and "卡点" in refused[0]["error"]["message"], f"{refused}")


def accept_proposal(server, person):
    data = {"person": person, "available_from": when(-30)}
    record(server, "commander", "reserve.joined", data, COUNTY)
    answer = read(server, "commander", f"/api/v1/duty/proposal?place={COUNTY}")
    want([i["person"] for i in answer["items"]] == [person] and answer["items"][0]["reasons"], f"{answer}")
    data = {"request": answer["items"][0]["request"], "persons": [person]}
    want(send(server, "commander", "support.assigned", data)["status"] == "recorded", "proposed, but refused")
    answer = read(server, "commander", f"/api/v1/duty/requests?place={COUNTY}&kind=open")
    want(answer["items"] == [], f"{answer}")


def calendar(server, site, person):
    words = ("--role", "checkpoint", "--place", TOWN, "--person", person, "--password-file", "-")
    server.command("account", "add", "guard", *words)
    data = {"id": uuid7(), "site": site, "from": when(3600), "to": when(3 * 3600), "persons": [person]}
    record(server, "officer", "shift.planned", data)
    url = read(server, "guard", "/api/v1/duty/feed")["url"]
    want(re.fullmatch(r"/feed/[A-Za-z0-9_-]{43}\.ics", url), url)
    status, headers, body = server.call("GET", url)
    want(status == 200 and headers["Content-Type"] == "text/calendar; charset=utf-8", f"{status} {headers}")
    want(headers["Cache-Control"] == "no-store", f"{headers}")
    text = body.decode()
    want(text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n"), text)
    want(text.count("BEGIN:VEVENT") == 1 and "SUMMARY:值班：卡点\r\n" in text and NAME not in text, text)
    status, _, body = server.call("GET", url, None, {"Accept-Language": "en"})
    want("SUMMARY:Shift: 卡点\r\n" in body.decode(), body)
    want(server.call("HEAD", url)[0] == 200, "HEAD")
    want(server.call("POST", url, {})[0] == 405, "POST")
    for wrong in (url[:-5] + ("A" if url[-5] != "A" else "E") + ".ics", "/feed/x.ics", "/feed/" + "A" * 43 + ".ics"):
        want(server.call("GET", wrong)[0] == 404, f"{wrong} is some page")
    with open(os.path.join(server.folder, "log"), encoding="utf-8") as f:
        log = f.read()
    want("path=/feed/*" in log and url[6:40] not in log, "the log tells the address of a calendar")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    server = Server(sys.argv[1], options=("--log-requests",))
    try:
        people, sites, requests = world(server)
        both_at_once(server, people[0], requests)
        accept_proposal(server, people[1])
        calendar(server, sites[0], people[0])
        figures = read(server, "commander", f"/api/v1/figures?place={COUNTY}")["figures"]
        want((figures["support_sent"], figures["reserve_signups"]) == (2, 2), f"{figures}")
        want(server.stop() == 0, f"the server ended badly:\n{server.said()}")
        print(server.verify().strip())
    finally:
        server.stop()
        server.remove()


if __name__ == "__main__":
    main()
