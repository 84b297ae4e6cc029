"""demo and report: the county's story gives the story's numbers; the golden
report; figures that grow day by day, and as known on a day."""

import atexit
import os
import re
import shutil
import tempfile

from harness import GOLDEN
from sheets import below, figures, golden, numbers, report

STORY = {
    "towns": 7, "villages": 62, "checkpoints": 6, "groups": 356, "groups_complete": 356,
    "teams.temporary_organisation": 11, "teams.temporary_branch": 30, "teams.vanguard_team": 56,
    "teams.volunteer_team": 56, "teams.responsibility_area": 103, "teams.vanguard_post": 97,
    "people.stationed_official": 406, "followups_open": 41, "on_post": 35, "reserve_signups": 143, "support_sent": 5,
    "notices": 20, "acknowledgements": 553, "acknowledgements_late": 0,
}  # fmt: skip
ACCOUNTS = ("commander", "county", "town100", "town108", "village", "grid", "community", "checkpoint", "organisation", "auditor", "admin")
made = {}


def zhenping(box):
    """The demo county's store, made once for all tests, which only read it."""
    if not made:
        folder = tempfile.mkdtemp(prefix="lianfang-demo-")
        atexit.register(shutil.rmtree, folder, True)
        db = os.path.join(folder, "z.db")
        made["told"] = box.ok("demo", "zhenping", "--db", db).out
        made["db"] = db
    return made["db"]


def as_of(box, day, *more):
    return report(box, "--as-of", day, *more, db=zhenping(box))


def test_the_story_s_numbers(box):
    f = as_of(box, "2020-02-08")["figures"]
    assert {k: f[k] for k in STORY} == STORY
    assert f["households"] == f["households_covered"]
    assert 19000 < f["households"] < 21000
    after = figures(box, db=zhenping(box))  # nothing happens after, but that nobody observes any more
    assert after.pop("observations_missed") > f.pop("observations_missed")
    assert after == f


def test_the_front(box):
    f = as_of(box, "2020-02-08", "--place", "610927100005")["figures"]
    assert f["followups_open"] == f["followups_opened"] == 35
    assert f["observations"] > 400 > f["observations_missed"] > 10
    f = as_of(box, "2020-02-08")["figures"]
    assert f["visits"] == 12 * 406
    assert f["fevers"] == f["referred"] == 1
    assert f["vehicles"] > 1500 and f["people_screened"] > f["vehicles"]


def test_the_golden_report(box):
    golden(os.path.join(GOLDEN, "report-zhenping-2020-02-08.json"), as_of(box, "2020-02-08"))


def test_it_grows_day_by_day(box):
    days = [as_of(box, f"2020-{d}")["figures"] for d in ("01-19", "01-24", "01-28", "02-01", "02-05", "02-08")]
    for name in ("records", "households", "groups_complete", "households_covered", "people.stationed_official", "checkpoints"):
        values = [d[name] for d in days]
        assert values == sorted(values), name
        assert len(set(values)) > 2, name
    assert days[0]["towns"] == 0


def test_as_known_at(box):
    then = as_of(box, "2020-02-08", "--known-at", "2020-01-28T23:59:59.999+08:00")
    day = as_of(box, "2020-01-28")
    assert then["known_at"] is not None and day["known_at"] is None
    assert then["figures"] == day["figures"]  # nobody was late
    assert then["figures"]["groups"] < 356


def test_sections_say_what_figures_say(box):
    r = as_of(box, "2020-02-08")
    assert {f["name"]: f["value"] for s in r["sections"] for f in s.get("figures", [])} == r["figures"]
    for name in ("villages", "households", "households_covered", "groups", "groups_complete"):
        assert sum(p[name] for p in below(r)) == r["figures"][name], name
    for p in below(r):
        assert as_of(box, "2020-02-08", "--place", p["place"])["figures"]["households"] == p["households"]


def test_it_verifies_and_tells_its_accounts(box):
    box.verified(zhenping(box))
    accounts = box.ok("account", "list", "--db", zhenping(box)).out
    for name in ACCOUNTS:
        assert name in made["told"] and name in accounts, name
    assert "lianfang-demo-2020" in made["told"]


def test_its_accounts_sign_in(box):
    shutil.copy(zhenping(box), box.path("z.db"))
    shutil.copy(zhenping(box) + "-keys", box.path("z.db-keys"))
    with box.serve("z.db") as s:
        for name in ACCOUNTS:
            status, body = s.sign_in(name, "lianfang-demo-2020")
            assert status == 200, (name, body)
            assert (body.get("person") is not None) == (name == "grid"), body


def test_it_overwrites_nothing(box):
    before = box.query(zhenping(box), "SELECT count(*) FROM division")
    box.fails("demo", "zhenping", "--db", zhenping(box))
    assert box.query(zhenping(box), "SELECT count(*) FROM division") == before
    box.fails("demo", "atlantis", code=2)
    assert box.files() == []


def test_own_password(box):
    box.write("p", "another long password\n")
    told = box.ok("demo", "zhenping", "--db", "t.db", "--password-file", "p").out
    assert "another" not in told and "lianfang-demo-2020" not in told
    with box.serve() as s:
        assert s.sign_in("county", "another long password")[0] == 200
        assert s.sign_in("county", "lianfang-demo-2020")[0] == 401
    # Two runs tell one story.
    assert report(box, "--as-of", "2020-02-08") == as_of(box, "2020-02-08")


def test_with_gaps(box):
    told = box.ok("demo", "zhenping", "--with-gaps", "--db", "t.db").out
    short, free = numbers(r"(\d+) groups short of one role, (\d+) households", told)
    f, whole = figures(box, "--as-of", "2020-02-08"), as_of(box, "2020-02-08")["figures"]
    assert (short, f["groups"], f["groups_complete"]) == (30, 356, 356 - short)
    assert f["households"] == whole["households"] and abs(free - f["households"] / 40) <= 1
    assert f["households_covered"] < f["households"] - free
    for name in STORY:
        assert name in ("groups_complete", "acknowledgements", "acknowledgements_late") or f[name] == whole[name], name


def test_report_for_people(box):
    zh = box.ok("report", "--as-of", "2020-02-08", "--db", zhenping(box), "--lang", "zh").out
    en = box.ok("report", "--as-of", "2020-02-08", "--db", zhenping(box), "--lang", "en").out
    assert re.search(r"驻村干部 +406\n", zh) and "牛头店镇" in zh
    assert re.search(r"stationed official +406\n", en)


def test_report_refusals(box):
    for words, code in (
        (("--format", "pdf"), 2), (("--format", "tapestry"), 2), (("--json", "--format", "text"), 2), (("--as-of", "2099-01-01"), 1),
        (("--as-of", "8 Feb"), 1), (("--place", "440000000000"), 1), (("--known-at", "yesterday"), 1),
    ):  # fmt: skip
        assert box.fails("report", "--db", zhenping(box), *words, code=code).out == ""
    box.fails("report", "--db", "none.db")
