#!/usr/bin/env python3
"""Checks who may include whom: ladder.py [ROOT]   (ROOT holds src/)

base <- event, store, format <- ledger <- domain <- app <- http <- cli <- main
Right may include left, never the reverse; neighbours on one rung ignore each other.
Modules of the domain have ranks and see only the public X.h of lower-ranked ones.
One line a fault: FILE:LINE: what is wrong. Exit 1 when there is one.
"""

import os
import re
import sys

# What each folder may include besides itself. `main` is src/main.c.
MAY = {
    "base": set(),
    "event": {"base"},
    "store": {"base"},
    "format": {"base"},
    "ledger": {"base", "store"},
    "domain": {"base", "event", "store", "format", "ledger"},
    "app": {"base", "event", "store", "format", "ledger", "domain"},
    "http": {"base", "event", "store", "format", "ledger", "domain", "app"},
    "cli": {"base", "event", "store", "format", "ledger", "domain", "app", "http"},
    "main": {"base", "event", "store", "format", "ledger", "domain", "app", "http", "cli"},
}

# Modules of src/domain; the same numbers as in their descriptors (struct module, rank).
RANKS = {
    "records": 0, "incident": 0,
    "places": 1,
    "teams": 2,
    "grid": 3,
    "notices": 4, "duty": 4, "checkpoints": 4, "visits": 5, "supplies": 4, "progress": 4, "publicity": 4,
    "merit": 6, "inspection": 6,
    "figures": 7, "tasks": 7, "sync": 7, "outbox": 7,
}

# A library's header and the one folder that may include it.
OWNED = {
    "sqlite3.h": "store",
    "libpq-fe.h": "store",
    "microhttpd.h": "http",
    "curl/curl.h": "app",
}

# Headers that never leave their folder. In a module everything but X.h is private.
PRIVATE = {"internal.h", "impl.h"}

# Functions and the folders that may call them, besides the one that defines them.
CALLS = {
    "ledger_append": {"app"},
    "ledger_seal_head": {"app"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CALL = re.compile(r"\b(" + "|".join(CALLS) + r")\s*\(")
SQL_USE = re.compile(r"\bSQL_[A-Z0-9_]+\b")
SQL_NAME = re.compile(r"^--\s*name\s*:\s*(\w+)")
SQL_WRITE = re.compile(r"^\s*(insert|update|delete|with\b.*\b(insert|update|delete))\b", re.I | re.S)
RANK = re.compile(r'\.name\s*=\s*"\w+",\s*\.rank\s*=\s*(\d+)')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)


def blank(text):
    """Comments and strings as spaces, line for line; include lines keep their name."""

    def hide(found):
        at = text.rfind("\n", 0, found.start()) + 1
        if text[at : found.start()].lstrip().startswith("#"):
            return found.group(0)
        return re.sub(r"[^\n]", " ", found.group(0))

    return COMMENT.sub(hide, text)


def where(path):
    """(folder of the ladder, module or None) of a path below src/."""
    parts = path.split("/")
    if len(parts) == 1:
        return "main", None
    if parts[0] == "domain" and len(parts) == 3:
        return "domain", parts[1]
    return parts[0], None


def written_by(folder):
    """The SQL_… names of the writing statements in a folder's .sql files."""
    names = set()
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".sql"):
            continue
        with open(os.path.join(folder, file), encoding="utf-8") as f:
            name, body = None, []
            for line in [*f.read().split("\n"), "-- name: end"]:
                found = SQL_NAME.match(line)
                if found:
                    if name and SQL_WRITE.match("\n".join(body).strip()):
                        names.add("SQL_" + name.upper())
                    name, body = found.group(1), []
                elif not line.lstrip().startswith("--"):
                    body.append(line)
    return names


class Ladder:
    def __init__(self, root):
        self.src = os.path.join(root, "src")
        self.faults = []
        self.files = 0
        self.writes = {}

    def fault(self, path, line, text):
        self.faults.append(f"src/{path}:{line}: {text}")

    def files_of_src(self):
        for folder, folders, names in os.walk(self.src):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), self.src).replace(os.sep, "/")

    def check(self):
        for path in self.files_of_src():
            self.files += 1
            with open(os.path.join(self.src, path), encoding="utf-8") as f:
                raw = f.read()
            folder, module = where(path)
            if folder not in MAY:
                self.fault(path, 1, f"the folder {folder} has no rung on the ladder")
                continue
            if module and module not in RANKS:
                self.fault(path, 1, f"the module {module} has no rank")
                continue
            for number, line in enumerate(blank(raw).split("\n"), 1):
                found = INCLUDE.match(line)
                if found:
                    self.include(path, number, folder, module, found.group(2))
                for call in CALL.findall(line):
                    if folder not in CALLS[call] | {call.split("_")[0]}:
                        self.fault(path, number, f"calls {call}, which is for {', '.join(sorted(CALLS[call]))} alone")
                if folder == "domain":
                    self.sql(path, number, line)
            if module:
                self.rank(path, raw, module)
        return self.faults

    def include(self, path, line, folder, module, name):
        base = name.rsplit("/", 1)[-1]
        owner = OWNED.get(base)
        if owner and folder != owner:
            self.fault(path, line, f"includes {base}, which is for src/{owner} alone")
        to, to_module = where(name)
        if to not in MAY or not os.path.exists(os.path.join(self.src, name)):
            return  # the system's, or generated
        if to != folder and to not in MAY[folder]:
            self.fault(path, line, f"{folder} may not include {to} ({name})")
        elif base in PRIVATE and (to, to_module) != (folder, module):
            self.fault(path, line, f"includes another folder's private header {name}")
        elif to_module and (to, to_module) != (folder, module):
            self.module(path, line, module, to_module, name)

    def module(self, path, line, module, to, name):
        if to not in RANKS:
            self.fault(path, line, f"the module {to} has no rank")
        elif name != f"domain/{to}/{to}.h":
            self.fault(path, line, f"includes {name}, which is private to {to}")
        elif module and RANKS[to] >= RANKS[module]:
            self.fault(path, line, f"{module} (rank {RANKS[module]}) may not include {to} (rank {RANKS[to]})")
        elif not module and path.startswith("domain/") and path.endswith(".h"):
            self.fault(path, line, f"the domain's core may not rest on the module {to}")

    def sql(self, path, line, text):
        """Commands and views never write: they use no statement that does."""
        if not re.search(r"_(command|view)\.c$", path):
            return
        folder = os.path.dirname(os.path.join(self.src, path))
        if folder not in self.writes:
            self.writes[folder] = written_by(folder)
        for name in SQL_USE.findall(text):
            if name in self.writes[folder]:
                self.fault(path, line, f"{name} writes; only projectors write derived tables")

    def rank(self, path, raw, module):
        for found in RANK.finditer(raw):
            if int(found.group(1)) != RANKS[module]:
                line = raw.count("\n", 0, found.start(1)) + 1
                self.fault(path, line, f"says rank {found.group(1)}, the ladder {RANKS[module]}")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    ladder = Ladder(root)
    faults = ladder.check()
    for fault in faults:
        print(fault)
    if not ladder.files:
        sys.exit(f"ladder: no sources below {root}/src")
    print(f"ladder: {ladder.files} files, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
