"""Nothing stays behind: no process, no directory, whatever ended us."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from nexoaudit.locations.ssh import SshTransport

_USE = """\
import os, sys, threading, time
from nexoaudit.locations.ssh import SshTransport
from nexoaudit.model.location import Host, Location
host, config, path, access = sys.argv[1:]
location = Location("offsite", path=path, kind="ssh", host=Host(host, config, access))
transport = SshTransport(location, deadline_s=60)
listing = transport.listing()
next(listing)
file = transport.read("big").__enter__()
print("open", flush=True)
time.sleep(60)
"""


@pytest.fixture
def runtime(monkeypatch):
    """Return the directory in which sockets are made: short, private and empty."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(made))
    yield made
    shutil.rmtree(made)


@pytest.fixture(params=["command", "sftp"])
def location(request, sshd):
    for name in ("big", "other"):
        with (sshd.root / name).open("wb") as file:
            file.truncate(1 << 24)
    host = "backup" if request.param == "command" else "backup-sftp"
    yield sshd.location(host, access=request.param)
    for name in ("big", "other"):
        (sshd.root / name).unlink()


def traces(runtime: Path) -> list[str]:
    """Return what is in the directory, and the processes that name it."""
    found = [str(path) for path in runtime.iterdir()]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes()
        except OSError:
            continue
        if os.fsencode(runtime) in words:
            found.append(words.decode(errors="replace"))
    return found


def test_closing_ends_everything(runtime, location):
    transport = SshTransport(location, deadline_s=30)
    listing = transport.listing()
    next(listing)
    with transport.read("big") as file:
        assert file.read(1) == b"\0"
        assert len(traces(runtime)) > 2
    transport.close()
    listing.close()
    assert traces(runtime) == []


def test_a_login_that_fails_leaves_nothing(runtime, sshd):
    sshd.add("leaving", "internal-sftp -R", " HostKeyAlias never-seen")
    transport = SshTransport(sshd.location("leaving"), deadline_s=30)
    with pytest.raises(Exception, match="no key of leaving"):
        next(transport.listing())
    assert traces(runtime) == []


def test_a_transport_that_was_never_used_is_closed_like_others(runtime, location):
    SshTransport(location, deadline_s=30).close()
    assert traces(runtime) == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_we_are_killed_and_nothing_stays(runtime, location, end):
    host = location.host
    words = [host.host, host.config_file, location.path, host.access]
    using = subprocess.Popen([sys.executable, "-c", _USE, *words], stdout=subprocess.PIPE)
    assert using.stdout is not None
    assert using.stdout.readline() == b"open\n"
    assert len(traces(runtime)) > 2
    using.send_signal(end)
    using.wait()
    using.stdout.close()
    for _ in range(200):
        if not traces(runtime):
            break
        time.sleep(0.05)
    assert traces(runtime) == []
