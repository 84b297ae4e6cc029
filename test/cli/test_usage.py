"""Words, options, languages, help: what the command table promises."""

import os
import re
import subprocess

from harness import GOLDEN

COMMANDS = ["init", "serve", "account add", "account grant", "account list", "account disable", "account enable", "import",
            "channel add", "channel list", "channel test", "channel disable", "channel enable", "outbox list", "outbox retry",
            "report", "demo", "verify", "head", "rebuild", "backup", "restore", "version", "help"]  # fmt: skip


def test_golden_help(box):
    text = ""
    for lang in ("en", "zh"):
        for words in [["--help"], ["account", "--help"], ["channel", "--help"], ["outbox", "--help"]] + [c.split() + ["--help"] for c in COMMANDS]:
            r = box.ok(*words, "--lang", lang) if words[0] != "--help" else box.ok("--lang", lang, "--help")
            assert not r.err
            text += f"=== {' '.join(words)} ({lang})\n{r.out}\n"
    path = os.path.join(GOLDEN, "cli-help.txt")
    if os.environ.get("LIANFANG_UPDATE_GOLDEN"):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    with open(path, encoding="utf-8") as f:
        assert f.read() == text, "help changed: look at it, then run test/cli/run.py BINARY --update golden"


def test_help_command_says_the_same(box):
    for c in COMMANDS:
        assert box.ok("help", *c.split()).out == box.ok(*c.split(), "--help").out
    assert box.ok("help").out == box.ok("--help").out
    assert box.ok("help", "account").out == box.ok("account", "--help").out
    box.fails("help", "nonsense", code=2, says='no command "nonsense"')


def test_help_fits_a_terminal(box):
    for lang in ("en", "zh"):
        for c in COMMANDS:
            for line in box.ok(*c.split(), "--help", "--lang", lang).out.splitlines():
                width = sum(2 if ord(ch) > 0x2FFF else 1 for ch in line)
                assert width <= 102, (width, line)


def test_wrong_usage_is_2_and_one_line(box):
    for words, says in [
        ([], "Name a command"),
        (["nonsense"], 'no command "nonsense"'),
        (["accoun"], 'no command "accoun"'),
        (["account"], "one of: add, grant, list, disable, enable"),
        (["account", "nonsense"], "one of: add"),
        (["init", "--nonsense"], "no option --nonsense"),
        (["verify", "-x"], "no option -x"),
        (["verify", "--json=yes"], "takes no value"),
        (["verify", "--db"], "--db needs STORE"),
        (["verify", "--db", "--json"], "--db needs STORE"),
        (["verify", "--db", "a", "--db", "b"], "given twice"),
        (["verify", "word"], "One word too many: word"),
        (["backup"], "it takes FILE"),
        (["import", "households"], "it takes KIND FILE"),
        (["init"], "--county CODE is missing"),
        (["init", "--county", "610927"], "--divisions FILE is missing"),
        (["version", "--db", "x"], "no option --db"),
        (["--lang", "fr", "version"], "zh or en"),
        (["version", "--lang"], "--lang needs"),
        (["account", "add", "a", "--role", "nobody", "--place", "610927", "--password-file", "-"], 'no role "nobody"'),
        (["account", "add", "a", "--role", "grid", "--place", "61x", "--password-file", "-"], "--place"),
        (["account", "add", "a", "--role", "grid", "--place", "61", "--password-file", "-", "--person", "x"], "--person"),
        (["account", "grant", "a", "--role", "grid", "--place", "61", "--until", "tomorrow"], "--until"),
        (["init", "--county", "61092", "--divisions", "f"], "--county"),
        (["init", "--county", "00", "--divisions", "f"], "--county"),
        (["init", "--county", "610927", "--divisions", "f", "--from", "2020-02-30"], "--from"),
        (["init", "--county", "610927", "--divisions", "f", "--kind", "war"], 'no kind "war"'),
        (["serve", "--tls-cert", "f"], "go together"),
    ]:
        r = box.fails(*words, code=2, says=says, stdin="")
        assert not r.out and "--help" in r.err, (words, r)
    assert box.files() == []


def test_language(box):
    zh = "没有命令"
    assert zh in box.run("x", LANG="zh_CN.UTF-8").err
    assert zh in box.run("x", LANG="en_US.UTF-8", LC_ALL="zh_CN.UTF-8").err
    assert zh not in box.run("x", LANG="zh_CN.UTF-8", LC_ALL="C").err
    assert zh in box.run("x", "--lang", "zh").err
    assert zh in box.run("--lang=zh", "x").err
    assert zh not in box.run("x", "--lang=en", LANG="zh_CN.UTF-8").err
    r = box.run("verify", "--db", "none.db", LANG="zh_CN.UTF-8")
    assert r.code == 1 and "没有数据库 none.db" in r.err, r


def test_version(box):
    assert re.fullmatch(r"lianfang \d+\.\d+\.\d+\n", box.ok("version").out)
    assert box.ok("--version").out == box.ok("version").out


def test_manual_names_everything(box):
    page = box.ok("help", "--man").out.replace("\\-", "-")
    assert page.startswith(".TH LIANFANG 1")
    for c in COMMANDS:
        assert f'.SS "{c}' in page, c
        for option in re.findall(r"^  (--[a-z-]+)", box.ok(*c.split(), "--help").out, re.M):
            assert f".B {option}" in page or option == "--help", (c, option)


def test_output_that_cannot_be_written(box):
    with open("/dev/full", "w", encoding="utf-8") as full:
        r = subprocess.run([box.binary, "--help"], stdout=full, stderr=subprocess.PIPE, env=box.env(), check=False)
    assert r.returncode == 1 and b"could not be written" in r.stderr


def test_control_characters_do_not_reach_the_terminal(box):
    r = box.fails("verify", "--db", "a\x1b[31mb\nc.db")
    assert "\x1b" not in r.err
