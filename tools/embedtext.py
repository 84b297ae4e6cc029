#!/usr/bin/env python3
"""Writes a text file as a C string constant: embedtext.py IN NAME OUT.h"""

import sys


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: embedtext.py IN NAME OUT.h")
    source, name, target = sys.argv[1:]
    with open(source, encoding="utf-8") as f:
        lines = f.read().splitlines()
    quoted = [line.replace("\\", "\\\\").replace('"', '\\"').replace("??", "?\\?") for line in lines]
    with open(target, "w", encoding="utf-8") as f:
        f.write(f"/* Made by tools/embedtext.py. */\nstatic const char {name}[] =\n")
        f.write("".join(f'\t"{line}\\n"\n' for line in quoted) + ";\n")


main()
