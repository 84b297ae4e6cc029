#!/usr/bin/env python3
"""Turns an .sql file into a C header at build time.

sqlgen.py --script NAME in.sql out.h   the whole file as `static const char NAME[]`
sqlgen.py in.sql out.h                 blocks: `-- name: foo_bar` makes `struct sql SQL_FOO_BAR`,
                                       `-- script: NAME` makes `static const char NAME[]` (DDL)
"""
import os
import re
import sys

HEAD = re.compile(r"^--\s*(name|script)\s*:\s*(\S*)\s*$")
IDENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class Fault(Exception):
    pass


def c_string(text, indent):
    """The text as adjacent C literals, one a line."""
    out = []
    for line in text.split("\n"):
        line = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("?", "\\?")
        out.append(f'{indent}"{line}\\n"')
    return "\n".join(out)


def bare(lines):
    """Without `--` comment lines and blank lines at either end."""
    kept = [l.rstrip() for l in lines if not l.lstrip().startswith("--")]
    return "\n".join(kept).strip("\n").strip()


def blocks(text, source):
    kind = name = None
    line_no = 0
    body = []
    for number, line in enumerate(text.split("\n"), 1):
        head = HEAD.match(line)
        if not head:
            if kind is None and bare([line]):
                raise Fault(f"{source}:{number}: text before the first `-- name:` or `-- script:`")
            body.append(line)
            continue
        if kind:
            yield kind, name, line_no, bare(body)
        kind, name = head.groups()
        line_no, body = number, []
    if kind:
        yield kind, name, line_no, bare(body)


def named(text, source, stem):
    out = ['#include "store/store.h"', ""]
    seen = {}
    for kind, name, line, body in blocks(text, source):
        good = NAME if kind == "name" else IDENT
        if not good.match(name):
            raise Fault(f"{source}:{line}: `{name}` is no good name")
        symbol = "SQL_" + name.upper() if kind == "name" else name
        if symbol in seen:
            raise Fault(f"{source}:{line}: `{name}` stands at line {seen[symbol]} already")
        seen[symbol] = line
        if not body:
            raise Fault(f"{source}:{line}: `{name}` is empty")
        if kind == "script":
            out.append(f"static const char {symbol}[] __attribute__((unused)) =\n{c_string(body, chr(9))};\n")
            continue
        body = body.rstrip(";").rstrip()
        out.append(f"static const struct sql {symbol} __attribute__((unused)) = {{")
        out.append(f'\t"{stem}.{name}",\n{c_string(body, chr(9))},\n}};\n')
    if not seen:
        raise Fault(f"{source}: no `-- name:` or `-- script:` block")
    return "\n".join(out)


def main(args):
    script = None
    if len(args) == 4 and args[0] == "--script":
        script, args = args[1], args[2:]
        if not IDENT.match(script):
            raise Fault(f"`{script}` is no C name")
    if len(args) != 2:
        raise Fault(__doc__)
    source, target = args
    stem = os.path.splitext(os.path.basename(source))[0]
    with open(source, encoding="utf-8") as f:
        text = f.read()
    guard = re.sub(r"\W", "_", os.path.basename(target)).upper()
    if script:
        if not bare(text.split("\n")):
            raise Fault(f"{source}: empty")
        body = f"static const char {script}[] =\n{c_string(text.rstrip(), chr(9))};\n"
    else:
        body = named(text, source, stem)
    with open(target, "w", encoding="utf-8") as f:
        f.write(f"/* Generated from {os.path.basename(source)}: do not edit. */\n#ifndef {guard}\n#define {guard}\n\n")
        f.write(body)
        f.write("\n#endif\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Fault, OSError, UnicodeDecodeError) as fault:
        sys.exit(f"sqlgen: {fault}")
