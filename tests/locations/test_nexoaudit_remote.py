"""The forced command itself, run by the shells that a host may have."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sshd import REMOTE

from nexoaudit.cli.remote import EXAMPLES

SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"]]


@pytest.fixture(params=[shell for shell in SHELLS if shutil.which(shell[0])], ids=lambda it: it[0])
def ask(request, tmp_path):
    """Return what asks it for something, and gives its exit code and what it said."""
    root = tmp_path / "root"
    (root / "below").mkdir(parents=True)
    (root / "file").write_bytes(b"0123456789")
    (root / "below" / "file").write_bytes(b"abc")
    (root / "link").symlink_to("file")
    (root / "out").symlink_to(tmp_path)
    (tmp_path / "secret").write_bytes(b"secret")

    def run(verb, told=b"", directory=root, words=(root,)):
        done = subprocess.run(
            [*request.param, REMOTE, *words],
            env={"SSH_ORIGINAL_COMMAND": verb, "HOME": "/", "PATH": os.environ["PATH"]},
            input=os.fsencode(directory) + b"\n" + told,
            capture_output=True,
            check=False,
        )
        greeting, _, said = done.stdout.partition(b"\n")
        assert greeting == b"nexoaudit-remote 1"
        return done.returncode, said

    run.root = root
    return run


@pytest.mark.parametrize(
    "verb",
    ["", "id", "list; id", "list id", " list", "list\nid", "$(id)", "`id`", "-c id", "digest read"],
)
def test_anything_else_is_refused(ask, verb):
    assert ask(verb) == (126, b"")


def test_it_serves_nothing_without_a_directory(ask):
    assert ask("list", words=()) == (66, b"")


@pytest.mark.parametrize("verb", ["list", "digest", "read", "identity"])
def test_no_other_directory_is_served(ask, verb):
    for directory in (
        "/",
        "/etc",
        f"{ask.root}/..",
        f"{ask.root}/out",
        f"{ask.root}x",
        "below",
        ".",
    ):
        code, said = ask(verb, b"0 10\nsecret", directory)
        assert (code in {66, 126}, said) == (True, b"")


def test_a_link_to_the_directory_is_followed_by_name_only(ask, tmp_path):
    (tmp_path / "served").symlink_to(ask.root)
    code, said = ask("list", directory=tmp_path / "served", words=(tmp_path / "served",))
    assert (code, said.count(b"\0f ")) == (0, 2)


@pytest.mark.parametrize(
    "name",
    [
        b"../secret",
        b"below/../../secret",
        b"out/secret",
        b"/etc/passwd",
        b"link",
        b"./file",
        b"below//file",
        b".",
        b"..",
        b"",
    ],
)
def test_no_name_leads_out(ask, name):
    code, said = ask("read", b"0 10\n" + name)
    assert (code in {65, 126}, said) == (True, b"")
    code, said = ask("digest", name + b"\0")
    assert code == 0
    assert re.fullmatch(rb"(link|gone) \./.*\0", said)


@pytest.mark.parametrize(
    ("part", "data"),
    [
        (b"0 10", b"10\n0123456789"),
        (b"3 4", b"4\n3456"),
        (b"9 100", b"1\n9"),
        (b"10 1", b"0\n"),
        (b"0 0", b"0\n"),
        (b"999999999999999999 1", b"0\n"),
    ],
)
def test_exactly_the_bytes_asked_for_are_read(ask, part, data):
    assert ask("read", part + b"\nfile\0") == (0, data)


@pytest.mark.parametrize("part", [b"", b"0", b"-1 5", b"0 x", b"1 2 3", b"9999999999999999999 1"])
def test_parts_that_are_none_are_refused(ask, part):
    assert ask("read", part + b"\nfile\0") == (126, b"")


def test_its_environment_cannot_lead_it_astray(ask, tmp_path, monkeypatch):
    """A user who may set variables gains nothing: they hold neither programs nor directories."""
    (tmp_path / "find").write_text("#!/bin/sh\necho astray\n")
    (tmp_path / "find").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert b"astray" not in ask("list")[1]


def test_it_says_which_machine_it_is(ask):
    code, said = ask("identity")
    lines = said.decode().splitlines()
    assert (code, lines[-1]) == (0, "end")
    assert f"device {ask.root.stat().st_dev}" in lines
    assert "address 127.0.0.1" in lines or "address ::1" in lines or not shutil.which("ip")


def test_the_documented_line_installs_it_on_a_host(sshd, tmp_path):
    """The line is that of the help and of docs/offsite.md; only names differ."""
    line = "install -D -m 755 /dev/stdin {}/nexoaudit-remote"
    document = Path(__file__).parents[2] / "docs" / "offsite.md"
    assert line.format("/usr/local/lib/nexoaudit") in document.read_text()
    assert line.format("/usr/local/lib/nexoaudit") in EXAMPLES
    there = tmp_path / "lib"
    argv = ["ssh", "-F", sshd.config, "-o", "BatchMode=yes", "backup-shell", line.format(there)]
    printed = subprocess.run(
        [sys.executable, "-m", "nexoaudit.cli.main", "remote"], check=True, capture_output=True
    )
    subprocess.run(argv, check=True, input=printed.stdout)
    assert (there / "nexoaudit-remote").read_bytes() == REMOTE.read_bytes()
    assert os.access(there / "nexoaudit-remote", os.X_OK)
