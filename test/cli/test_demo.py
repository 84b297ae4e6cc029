#!/usr/bin/env python3
"""lianfang demo and report: the county's story gives the story's numbers; the
golden report; figures that grow day by day and as known on a day."""

import json
import os
import re
import subprocess
import tempfile
import unittest

import store_case
from store_case import ROOT, StoreCase, main

GOLDEN = os.path.join(ROOT, "test", "golden", "report-zhenping-2020-02-08.json")
STORY = {
    "towns": 7, "villages": 62, "checkpoints": 6, "groups": 356, "groups_complete": 356,
    "teams.temporary_organisation": 11, "teams.temporary_branch": 30, "teams.vanguard_team": 56,
    "teams.volunteer_team": 56, "teams.responsibility_area": 103, "teams.vanguard_post": 97,
    "people.stationed_official": 406,
}


class Demo(StoreCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lianfang-demo-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.county = os.path.join(cls.folder.name, "z.db")
        cls.told = subprocess.run([store_case.BINARY, "demo", "zhenping", "--db", cls.county, "--lang", "en"],
                                  capture_output=True, check=True, timeout=120).stdout.decode()

    def as_of(self, day, *more):
        return self.report("--as-of", day, *more, db=self.county)

    def test_the_story_s_numbers(self):
        f = self.as_of("2020-02-08")["figures"]
        self.assertEqual({k: f[k] for k in STORY}, STORY)
        self.assertEqual(f["households"], f["households_covered"])
        self.assertTrue(19000 < f["households"] < 21000)
        self.assertEqual(self.report(db=self.county)["figures"], f)  # nothing happens after

    def test_the_golden_report(self):
        text = self.run_cli("report", "--as-of", "2020-02-08", "--json", "--db", self.county).stdout
        if os.environ.get("LIANFANG_GOLDEN") == "write":
            with open(GOLDEN, "w", encoding="utf-8") as f:
                f.write(json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n")
        with open(GOLDEN, encoding="utf-8") as f:
            self.assertEqual(json.loads(text), json.load(f))

    def test_it_grows_day_by_day(self):
        days = [self.as_of(f"2020-{d}")["figures"] for d in ("01-19", "01-24", "01-28", "02-01", "02-05", "02-08")]
        for name in ("records", "households", "groups_complete", "households_covered", "people.stationed_official", "checkpoints"):
            values = [d[name] for d in days]
            self.assertEqual(values, sorted(values), name)
            self.assertGreater(len(set(values)), 2, name)
        self.assertEqual(days[0]["towns"], 0)

    def test_as_known_at(self):
        then = self.as_of("2020-02-08", "--known-at", "2020-01-28T23:59:59+08:00")
        day = self.as_of("2020-01-28")
        self.assertIsNotNone(then["known_at"])
        self.assertIsNone(day["known_at"])
        self.assertEqual(then["figures"], day["figures"])  # nobody was late

    def test_sections_say_what_figures_say(self):
        r = self.as_of("2020-02-08")
        listed = {f["name"]: f["value"] for s in r["sections"] for f in s.get("figures", [])}
        self.assertEqual(listed, r["figures"])
        below = next(s for s in r["sections"] if s["module"] == "below")["places"]
        for name in ("villages", "households", "households_covered", "groups", "groups_complete"):
            self.assertEqual(sum(p[name] for p in below), r["figures"][name], name)
        for p in below:
            self.assertEqual(self.as_of("2020-02-08", "--place", p["place"])["figures"]["households"], p["households"])

    def test_it_verifies_and_tells_its_accounts(self):
        self.assertIn("verified", self.run_cli("verify", "--db", self.county).stdout)
        accounts = self.run_cli("account", "list", "--db", self.county).stdout
        for name in ("commander", "county", "town100", "town108", "village", "grid", "organisation", "auditor", "admin"):
            self.assertIn(name, self.told)
            self.assertIn(name, accounts)
        self.assertIn("lianfang-demo-2020", self.told)

    def test_it_overwrites_nothing(self):
        self.run_cli("demo", "zhenping", "--db", self.county, expect=1)
        self.run_cli("demo", "atlantis", "--db", self.db, expect=2)
        self.assertFalse(os.path.exists(self.db))

    def test_two_runs_tell_one_story(self):
        self.run_cli("demo", "zhenping", "--db", self.db)
        self.assertEqual(self.report("--as-of", "2020-02-08"), self.as_of("2020-02-08"))

    def test_with_gaps(self):
        told = self.run_cli("demo", "zhenping", "--with-gaps", "--db", self.db).stdout
        short, free = map(int, re.search(r"(\d+) groups short of one role, (\d+) households", told).groups())
        f, whole = self.figures("--as-of", "2020-02-08"), self.as_of("2020-02-08")["figures"]
        self.assertEqual((short, f["groups"], f["groups_complete"]), (30, 356, 356 - short))
        self.assertEqual(f["households"], whole["households"])
        self.assertGreater(free, 400)
        self.assertLess(f["households_covered"], f["households"] - free)
        self.assertEqual({k: f[k] for k in STORY if k != "groups_complete"}, {k: v for k, v in STORY.items() if k != "groups_complete"})

    def test_report_for_people(self):
        zh = self.run_cli("report", "--as-of", "2020-02-08", "--db", self.county, lang="zh").stdout
        en = self.run_cli("report", "--as-of", "2020-02-08", "--db", self.county).stdout
        self.assertRegex(zh, r"驻村干部 +406\n")
        self.assertRegex(en, r"stationed official +406\n")
        self.assertIn("牛头店镇", zh)

    def test_report_refusals(self):
        for words, code in ((("--format", "pdf"), 2), (("--format", "tapestry"), 2), (("--as-of", "2099-01-01"), 1), (("--as-of", "8 Feb"), 1),
                            (("--place", "440000000000"), 1), (("--known-at", "yesterday"), 1)):
            done = self.run_cli("report", "--db", self.county, *words, expect=code)
            self.assertEqual(done.stdout, "")
            self.assertEqual(len(done.stderr.strip().splitlines()), 1)
        self.run_cli("report", "--db", self.db, expect=1)


if __name__ == "__main__":
    main()
