#!/usr/bin/env python3
"""The ladder's checker on small trees made for it, good and bad."""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
LADDER = os.path.join(ROOT, "tools", "ladder.py")

GOOD = {
    "main.c": '#include "cli/cli.h"\n',
    "base/str.h": "#include <stddef.h>\n",
    "base/str.c": '#include "base/str.h"\n',
    "event/event.h": '#include "base/str.h"\n',
    "store/store.h": '#include "base/str.h"\n',
    "store/impl.h": '#include "store/store.h"\n',
    "store/sqlite.c": '#include "store/impl.h"\n#include <sqlite3.h>\n',
    "store/postgres.c": "#include <libpq-fe.h>\n",
    "format/csv.h": '#include "base/str.h"\n',
    "ledger/ledger.h": '#include "store/store.h"\n',
    "ledger/append.c": "int ledger_append(void)\n{\n}\n",
    "domain/domain.h": '#include "event/event.h"\n#include "ledger/ledger.h"\n',
    "domain/registry.c": '#include "domain/grid/grid.h"\n',
    "domain/places/places.h": '#include "domain/domain.h"\n',
    "domain/grid/grid.h": '#include "domain/places/places.h"\n',
    "domain/grid/internal.h": '#include "domain/grid/grid.h"\n',
    "domain/grid/grid.c": '#include "domain/grid/internal.h"\nstruct module GRID = { .name = "grid", .rank = 3, };\n',
    "domain/grid/grid_command.c": "/* SQL_GROUP_ADD is for the projector */\nuse(&SQL_GROUP_OF);\n",
    "domain/grid/grid_project.c": "use(&SQL_GROUP_ADD);\n",
    "domain/grid/grid.sql": "-- name: group_of\nSELECT 1;\n-- name: group_add\nINSERT INTO grp VALUES ($1);\n",
    "app/app.h": '#include "domain/domain.h"\n',
    "app/pipeline.c": '#include "app/app.h"\nledger_append(l);\n',
    "http/http.h": '#include "app/app.h"\n',
    "http/listener.c": "#include <microhttpd.h>\n",
    "cli/cli.h": '#include "app/app.h"\n#include "http/http.h"\n',
}


class Ladder(unittest.TestCase):
    def run_on(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**GOOD, **changes}.items():
                full = os.path.join(root, "src", path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as f:
                    f.write(text)
            done = subprocess.run([sys.executable, LADDER, root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def refuses(self, path, text, says):
        code, out = self.run_on({path: text})
        faults = [line for line in out.split("\n") if line.startswith("src/")]
        self.assertEqual(code, 1, out)
        self.assertEqual(len(faults), 1, out)
        self.assertIn(f"src/{path}:", faults[0])
        self.assertIn(says, faults[0])

    def test_good(self):
        code, out = self.run_on({})
        self.assertEqual(code, 0, out)
        self.assertIn(f"{len(GOOD) - 1} files, 0 faults", out)

    def test_upwards(self):
        self.refuses("base/str.c", '#include "base/str.h"\n\n#include "store/store.h"\n', "base may not include store")
        self.refuses("ledger/ledger.h", '#include "domain/domain.h"\n', "ledger may not include domain")
        self.refuses("app/pipeline.c", '# include "http/http.h"\n', "app may not include http")
        self.refuses("http/http.h", '#include "cli/cli.h"\n', "http may not include cli")

    def test_neighbours(self):
        self.refuses("event/event.h", '#include "store/store.h"\n', "event may not include store")
        self.refuses("store/store.h", '#include "event/event.h"\n', "store may not include event")
        self.refuses("format/csv.h", '#include "event/event.h"\n', "format may not include event")
        self.refuses("ledger/ledger.h", '#include "event/event.h"\n', "ledger may not include event")

    def test_libraries(self):
        self.refuses("ledger/append.c", "#include <sqlite3.h>\n", "sqlite3.h, which is for src/store")
        self.refuses("app/app.h", "#include <postgresql/libpq-fe.h>\n", "libpq-fe.h, which is for src/store")
        self.refuses("cli/cli.h", "#include <microhttpd.h>\n", "microhttpd.h, which is for src/http")

    def test_modules(self):
        self.refuses("domain/places/places.h", '#include "domain/grid/grid.h"\n', "places (rank 1) may not include grid")
        self.refuses("domain/places/places.c", '#include "domain/grid/internal.h"\n', "private header")
        self.refuses("app/app.h", '#include "domain/grid/internal.h"\n', "private header")
        self.refuses("domain/domain.h", '#include "domain/places/places.h"\n', "core may not rest on the module places")
        self.refuses("domain/parking/parking.h", "", "module parking has no rank")
        self.refuses("domain/grid/grid.c", '#define M { .name = "grid", .rank = 2, }\n', "says rank 2, the ladder 3")

    def test_private_to_a_module(self):
        code, out = self.run_on(
            {
                "domain/places/project.h": "",
                "domain/grid/grid_view.c": '#include "domain/places/project.h"\n',
            }
        )
        self.assertEqual(code, 1)
        self.assertIn("domain/places/project.h, which is private to places", out)

    def test_private_to_a_folder(self):
        self.refuses("ledger/append.c", '#include "store/impl.h"\n', "private header store/impl.h")

    def test_appends(self):
        self.refuses("cli/cli.h", "int x = ledger_append(l);\n", "calls ledger_append")
        self.refuses("domain/grid/grid_project.c", "ledger_seal_head (l);\n", "calls ledger_seal_head")

    def test_writes(self):
        self.refuses("domain/grid/grid_command.c", "use(&SQL_GROUP_ADD);\n", "SQL_GROUP_ADD writes")
        self.refuses("domain/grid/grid_view.c", "\nuse(&SQL_GROUP_ADD);\n", "SQL_GROUP_ADD writes")

    def test_comments_and_strings(self):
        code, out = self.run_on({"base/str.c": '/*\n#include "app/app.h"\n*/\nchar *s = "ledger_append(";\n'})
        self.assertEqual(code, 0, out)

    def test_stray_folder(self):
        self.refuses("extra/x.c", "", "folder extra has no rung")

    def test_nothing_there(self):
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run([sys.executable, LADDER, root], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no sources", done.stderr)


if __name__ == "__main__":
    done = unittest.main(exit=False, verbosity=0).result
    bad = len(done.failures) + len(done.errors)
    print(f"{done.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
