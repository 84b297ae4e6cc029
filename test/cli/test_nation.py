#!/usr/bin/env python3
"""tools/nation.py on a small package, and a store of two provinces made of its cut."""

import csv
import os
import subprocess
import sys
import unittest

from store_case import ROOT, StoreCase, main

TOOL = os.path.join(ROOT, "tools", "nation.py")
CUT = os.path.join(ROOT, "test", "data", "divisions-cut.csv")

PACKAGE = {
    "provinces.csv": "code,name\n35,福建省\n44,广东省\n",
    "cities.csv": "code,name,provinceCode\n3505,泉州市,35\n4419,东莞市,44\n",
    "areas.csv": "code,name,cityCode,provinceCode\n350527,金门县,3505,35\n441900,东莞市,4419,44\n",
    "streets.csv": "code,name,areaCode,provinceCode,cityCode\n350527000,金门县,350527,35,3505\n441900003,东城街道,441900,44,4419\n",
    "villages.csv": "code,name,streetCode,provinceCode,cityCode,areaCode\n350527000000,金门县,350527000,35,3505,350527\n"
                    "441900003001,岗贝社区居民委员会,441900003,44,4419,441900\n",
}


class Nation(StoreCase):
    def convert(self, expect=0, **changed):
        folder = os.path.join(self.dir, "dist")
        os.makedirs(folder, exist_ok=True)
        for name, text in PACKAGE.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(changed.get(name[:-4], text))
        out = os.path.join(self.dir, "out.csv")
        done = subprocess.run([sys.executable, TOOL, "--part", self.dir, out], capture_output=True, check=False)
        self.assertEqual(bool(done.returncode), bool(expect), done.stderr.decode())
        if expect:
            self.assertFalse(os.path.exists(out))
            return done.stderr.decode()
        with open(out, encoding="utf-8", newline="") as f:
            return list(csv.reader(f))

    def test_columns_and_cities_without_counties(self):
        self.assertEqual(self.convert(), [
            ["code", "name", "level", "parent"],
            ["350000000000", "福建省", "1", ""],
            ["350500000000", "泉州市", "2", "350000000000"],
            ["350527000000", "金门县", "3", "350500000000"],
            ["440000000000", "广东省", "1", ""],
            ["441900000000", "东莞市", "2", "440000000000"],
            ["441900003000", "东城街道", "4", "441900000000"],
            ["441900003001", "岗贝社区居民委员会", "5", "441900003000"],
        ])

    def test_what_does_not_fit_is_named(self):
        self.assertIn("villages.csv line 2", self.convert(expect=1, villages=PACKAGE["villages.csv"].replace("350527000,35", "350528000,35")))
        self.assertIn("not listed", self.convert(expect=1, areas="code,name,cityCode,provinceCode\n350527,金门县,3505,35\n"
                                                                "441900,东莞市,4419,44\n445100,x,4451,44\n"))
        self.assertIn("stands twice", self.convert(expect=1, cities=PACKAGE["cities.csv"] + "4419,别市,44\n"))
        self.assertIn("should have 6 digits", self.convert(expect=1, areas="code,name,cityCode,provinceCode\n3505270,x,3505,35\n"))

    def test_a_truncated_package_is_refused(self):
        self.convert()
        done = subprocess.run([sys.executable, TOOL, self.dir, os.path.join(self.dir, "o.csv")], capture_output=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("658001", done.stderr.decode())

    def test_two_provinces_in_one_store(self):
        with open(CUT, encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        self.init(county="000000", divisions=CUT)

        def counts(place):
            f = self.figures("--place", place)
            return f["towns"], f["villages"]

        def expected(prefix):
            below = [r for r in rows if r["code"].startswith(prefix)]
            return sum(r["level"] == "4" for r in below), sum(r["level"] == "5" for r in below)

        for place, prefix in (("000000000000", ""), ("440000000000", "44"), ("441900000000", "4419"), ("441900003000", "441900003"),
                              ("610000000000", "61"), ("610927000000", "610927"), ("610921000000", "610921")):
            self.assertEqual(counts(place), expected(prefix), place)
        self.assertEqual(counts("610927000000"), (7, 62))
        report = self.report("--place", "441900000000")
        self.assertEqual(report["place_name"], "东莞市")
        below = next(s for s in report["sections"] if s["module"] == "below")["places"]
        self.assertEqual(len(below), expected("4419")[0])  # its towns stand directly under the city
        self.assertIn("verified", self.run_cli("verify", "--db", self.db).stdout)


if __name__ == "__main__":
    main()
