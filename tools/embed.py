#!/usr/bin/env python3
"""Writes the built web app as C: embed.py DIST OUT.c DEPFILE

Each file becomes a row of ASSETS (src/http/static.h), with a gzip form when that
is smaller. Without a built app a small page says how to make it. OUT.c is left
alone when nothing changed.
"""

import gzip
import hashlib
import mimetypes
import os
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}

MISSING = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>联防 lianfang</title>
<h1>联防 lianfang</h1>
<p>服务器已在运行，但此程序编译时没有网页。请运行 <code>make</code> 后重新启动。</p>
<p lang="en">The server is running, but the web app was not built into it. Run <code>make</code> and start it again.</p>
</html>
"""


def collect(dist):
    """(path, bytes) of each file, and all names the answer depends on."""
    files, names = {}, [dist]
    for folder, folders, here in os.walk(dist):
        folders.sort()
        names += [os.path.join(folder, f) for f in folders + here]
        for name in here:
            full = os.path.join(folder, name)
            with open(full, "rb") as f:
                files["/" + os.path.relpath(full, dist).replace(os.sep, "/")] = f.read()
    if "/index.html" not in files:
        files = {"/index.html": MISSING.encode()}
        names.append(os.path.join(dist, "index.html"))
    return files, names


def literal(data):
    """C string literals: printable bytes as they are, the others in octal."""
    plain = {b: chr(b) for b in range(32, 127) if chr(b) not in '"\\?'}
    lines, line = [], ""
    for b in data:
        line += plain.get(b, f"\\{b:03o}")
        if len(line) > 100:
            lines.append(line)
            line = ""
    lines.append(line)
    return "\n".join(f'\t"{part}"' for part in lines)


def type_of(path):
    ext = os.path.splitext(path)[1].lower()
    return TYPES.get(ext) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def write(files):
    out = ["/* Made by tools/embed.py from the built web app. */", '#include "http/static.h"', ""]
    rows = []
    for i, (path, data) in enumerate(sorted(files.items())):
        packed = gzip.compress(data, 9, mtime=0)
        worth = len(data) > 256 and len(packed) < len(data) * 9 // 10
        out.append(f"static const char data_{i}[] =\n{literal(data)};")
        if worth:
            out.append(f"static const char gzip_{i}[] =\n{literal(packed)};")
        tag = hashlib.sha256(data).hexdigest()[:20]
        forever = "true" if path.startswith("/assets/") else "false"
        rows.append(
            f'\t{{ "{path}", "{type_of(path)}", "\\"{tag}\\"", {forever}, data_{i}, '
            f'{f"gzip_{i}" if worth else "NULL"}, {len(data)}, {len(packed) if worth else 0} }},'
        )
    out += ["", "const struct asset ASSETS[] = {", *rows, "};", f"const size_t ASSETS_N = {len(rows)};", ""]
    return "\n".join(out)


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: embed.py DIST OUT.c DEPFILE")
    dist, target, depfile = sys.argv[1:]
    dist = os.path.abspath(dist)
    files, names = collect(dist)
    text = write(files)
    try:
        with open(target, encoding="utf-8") as f:
            same = f.read() == text
    except OSError:
        same = False
    if not same:
        with open(target, "w", encoding="utf-8") as f:
            f.write(text)
    with open(depfile, "w", encoding="utf-8") as f:
        escaped = " ".join(n.replace(" ", "\\ ") for n in names)
        f.write(f"{target}: {escaped}\n")


main()
