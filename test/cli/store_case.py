"""What the command-line tests of imports, reports and the demo share: the
program, a fresh folder, files in any character set. Usage of each test:
test_X.py BINARY [unittest arguments]"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIVISIONS = os.path.join(ROOT, "data", "zhenping", "divisions-2019.csv")
BINARY = os.environ.get("LIANFANG", "lianfang")


class StoreCase(unittest.TestCase):
    """Each test in a folder of its own; `self.db` is where its store goes."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="lianfang-cli-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.db = os.path.join(self.dir, "t.db")

    def run_cli(self, *words, expect=0, lang="en"):
        done = subprocess.run([BINARY, *words, "--lang", lang], capture_output=True, timeout=120, check=False)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, expect, f"{words}\n{done.stdout}\n{done.stderr}")
        return done

    def init(self, county="610927", divisions=DIVISIONS, since="2020-01-01"):
        self.run_cli("init", "--county", county, "--divisions", divisions, "--from", since, "--db", self.db)

    def file(self, name, text, charset="utf-8"):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode(charset))
        return path

    def load(self, kind, text, *more, expect=0, charset="utf-8"):
        """Imports a text; the summary as a dict."""
        path = self.file(kind + ".csv", text, charset)
        done = self.run_cli("import", kind, path, "--db", self.db, "--json", *more, expect=expect)
        return json.loads(done.stdout)

    def report(self, *more, db=None):
        return json.loads(self.run_cli("report", "--json", "--db", db or self.db, *more).stdout)

    def figures(self, *more):
        return self.report(*more)["figures"]


def main():
    global BINARY
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(module="__main__")
