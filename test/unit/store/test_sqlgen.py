"""What tools/sqlgen.py makes and what it refuses: test_sqlgen.py PATH_OF_SQLGEN"""
import os
import subprocess
import sys
import tempfile
import unittest

SQLGEN = sys.argv.pop(1)


class Sqlgen(unittest.TestCase):
    def run_on(self, text, *args):
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "grid.sql"), os.path.join(folder, "grid.sql.h")
            with open(source, "w", encoding="utf-8") as f:
                f.write(text)
            done = subprocess.run([sys.executable, SQLGEN, *args, source, target], capture_output=True, text=True)
            made = None
            if os.path.exists(target):
                with open(target, encoding="utf-8") as f:
                    made = f.read()
            return done.returncode, done.stderr, made

    def test_named(self):
        code, _, made = self.run_on("-- head\n-- name: one_two\n-- about\nSELECT 'a\"b\\'\n\tFROM t;\n\n-- script: tables\nX;\nY;\n")
        self.assertEqual(code, 0)
        self.assertIn('#include "store/store.h"', made)
        self.assertIn('SQL_ONE_TWO __attribute__((unused)) = {\n\t"grid.one_two",', made)
        self.assertIn('\t"SELECT \'a\\"b\\\\\'\\n"\n\t"\\tFROM t\\n",', made)
        self.assertIn('static const char tables[] __attribute__((unused)) =\n\t"X;\\n"\n\t"Y;\\n";', made)
        self.assertNotIn("about", made)

    def test_script(self):
        code, _, made = self.run_on("CREATE TABLE t (i BIGINT);\n", "--script", "all_of_it")
        self.assertEqual(code, 0)
        self.assertIn('static const char all_of_it[] =\n\t"CREATE TABLE t (i BIGINT);\\n";', made)

    def test_refused(self):
        for text, word in [
            ("-- name: a\nX\n-- name: a\nY\n", "already"),
            ("-- name: a\n-- only words\n-- name: b\nY\n", "empty"),
            ("-- name: a\n", "empty"),
            ("-- script: a\n\n", "empty"),
            ("X;\n-- name: a\nX\n", "before"),
            ("", "no `-- name:`"),
            ("-- name: Big\nX\n", "no good name"),
            ("-- name:\nX\n", "no good name"),
        ]:
            code, said, made = self.run_on(text)
            self.assertNotEqual(code, 0, text)
            self.assertIn(word, said, text)
            self.assertIsNone(made)
        self.assertNotEqual(self.run_on("-- nothing\n", "--script", "x")[0], 0)
        self.assertNotEqual(self.run_on("X;\n", "--script", "1x")[0], 0)


if __name__ == "__main__":
    unittest.main()
