"""What the tests of import, report and demo share: files imported and reports read as data."""

import json
import os
import re


def load(box, kind, text, *more, code=0, charset="utf-8", db="t.db"):
    """Imports a text; the summary as a dict."""
    name = kind + ".csv"
    box.write(name, text if isinstance(text, bytes) else text.encode(charset))
    r = box.run("import", kind, name, "--db", db, "--json", *more)
    assert r.code == code, f"import {kind}: expected exit {code}: {r}"
    return json.loads(r.out)


def refused(box, kind, text, *more):
    """Imports a text that must fail: [(line, code)] of its faults."""
    out = load(box, kind, text, *more, code=1)
    assert out["recorded"] == 0, out
    return [(f["line"], f["code"]) for f in out["faults"]]


def report(box, *more, db="t.db"):
    return json.loads(box.ok("report", "--json", "--db", db, *more).out)


def figures(box, *more, db="t.db"):
    return report(box, *more, db=db)["figures"]


def below(r):
    """The table of places below in a report."""
    return next(s for s in r["sections"] if s["module"] == "below")["places"]


def golden(path, value):
    """Compares with a golden file, or writes it."""
    if os.environ.get("LIANFANG_UPDATE_GOLDEN"):
        with open(path, "w", encoding="utf-8") as f:
            f.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
    with open(path, encoding="utf-8") as f:
        assert value == json.load(f), f"differs from {os.path.basename(path)}: see it, or run with --update"


def numbers(pattern, text):
    found = re.search(pattern, text)
    assert found, text
    return tuple(int(n) for n in found.groups())
