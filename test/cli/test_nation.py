"""tools/nation.py on a small package, and a store of two provinces made of its cut."""

import csv
import os
import subprocess
import sys

from harness import CUT, ROOT
from sheets import below, figures, report

TOOL = os.path.join(ROOT, "tools", "nation.py")

PACKAGE = {
    "provinces": "code,name\n35,福建省\n44,广东省\n",
    "cities": "code,name,provinceCode\n3505,泉州市,35\n4419,东莞市,44\n",
    "areas": "code,name,cityCode,provinceCode\n350527,金门县,3505,35\n441900,东莞市,4419,44\n",
    "streets": "code,name,areaCode,provinceCode,cityCode\n350527000,金门县,350527,35,3505\n441900003,东城街道,441900,44,4419\n",
    "villages": "code,name,streetCode,provinceCode,cityCode,areaCode\n350527000000,金门县,350527000,35,3505,350527\n"
    "441900003001,岗贝社区居民委员会,441900003,44,4419,441900\n",
}


def convert(box, *flags, **changed):
    os.makedirs(box.path("dist"), exist_ok=True)
    for name, text in PACKAGE.items():
        box.write(f"dist/{name}.csv", changed.get(name, text))
    return subprocess.run([sys.executable, TOOL, *flags, box.dir, box.path("out.csv")], capture_output=True, text=True, check=False)


def test_columns_and_cities_without_counties(box):
    done = convert(box, "--part")
    assert done.returncode == 0, done.stderr
    assert box.read("out.csv").decode().splitlines() == [
        "code,name,level,parent",
        "350000000000,福建省,1,",
        "350500000000,泉州市,2,350000000000",
        "350527000000,金门县,3,350500000000",
        "440000000000,广东省,1,",
        "441900000000,东莞市,2,440000000000",
        "441900003000,东城街道,4,441900000000",
        "441900003001,岗贝社区居民委员会,5,441900003000",
    ]


def test_what_does_not_fit_is_named(box):
    for says, changed in (
        ("villages.csv line 2", {"villages": PACKAGE["villages"].replace("350527000,35", "350528000,35")}),
        ("not listed", {"areas": PACKAGE["areas"] + "445100,x,4451,44\n"}),
        ("stands twice", {"cities": PACKAGE["cities"] + "4419,别市,44\n"}),
        ("should have 6 digits", {"areas": PACKAGE["areas"].replace("350527,", "3505270,")}),
        ("has no name", {"provinces": PACKAGE["provinces"] + "61,\n"}),
    ):
        done = convert(box, "--part", **changed)
        assert done.returncode == 1 and says in done.stderr, (says, done.stderr)
        assert "out.csv" not in box.files()


def test_a_truncated_package_is_refused(box):
    done = convert(box)
    assert done.returncode == 1 and "658001" in done.stderr, done.stderr


def test_two_provinces_in_one_store(box):
    with open(CUT, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    box.ok("init", "--db", "t.db", "--county", "000000", "--divisions", CUT, "--from", "2020-01-01")

    def counts(place):
        f = figures(box, "--place", place)
        return f["towns"], f["villages"]

    def expected(prefix):
        of = [r["level"] for r in rows if r["code"].startswith(prefix)]
        return of.count("4"), of.count("5")

    for prefix in ("44", "4419", "441900003", "61", "610927", "610921"):
        assert counts(prefix.ljust(12, "0")) == expected(prefix), prefix
    assert counts("000000000000") == expected("")
    assert counts("610927000000") == (7, 62)
    dongguan = report(box, "--place", "441900000000")
    assert dongguan["place_name"] == "东莞市"
    assert len(below(dongguan)) == expected("4419")[0]  # its towns stand directly under the city
    box.verified()
