"""What can be wrong with an SSH host, each told by its reason and by one sentence."""

import os
import shutil
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sshd import REMOTE, new_key

from nexoaudit.errors import LocationError
from nexoaudit.locations.ssh import SshTransport

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GREETING = "cat >/dev/null; echo 'nexoaudit-remote 1'; "
TOP = "open\\000d 1 1.1234 1.1234 755 27 1 \\000"
ENTRY = "f 5 1700000000.1234567890 1700000000.1234567890 644 27 99 {}\\000"


@pytest.fixture
def reach(sshd):
    """Return what makes a transport to a host, and end them all."""
    opened = []

    def make(host, access="command", path="", deadline_s=20.0):
        opened.append(
            SshTransport(sshd.location(host, path, access), deadline_s=deadline_s),
        )
        return opened[-1]

    yield make
    for transport in opened:
        transport.close()


def refusal(transport, call=lambda transport: list(transport.listing())):
    """Return the error of a call: its reason and its sentence."""
    with pytest.raises(LocationError) as error:
        call(transport)
    assert "\n" not in str(error.value)
    return error.value.reason, str(error.value)


def test_a_host_key_that_changed_is_told_loudly(sshd, reach):
    sshd.add("changed", "internal-sftp -R", " HostKeyAlias changed")
    sshd.trust("changed", key="backup.key", port=22)
    reason, told = refusal(reach("changed", "sftp"))
    assert reason == "location.host_key"
    assert "is not the one that known_hosts has" in told
    assert sshd.fingerprint in told
    assert str(sshd.here / "known_hosts") in told


def test_a_host_key_that_nobody_ever_saw_is_another_matter(sshd, reach):
    sshd.add("unknown", "internal-sftp -R", " HostKeyAlias never-seen")
    before = (sshd.here / "known_hosts").read_bytes()
    reason, told = refusal(reach("unknown", "sftp"))
    assert reason == "location.host_key"
    assert told.startswith("no key of unknown is known")
    assert (sshd.here / "known_hosts").read_bytes() == before


@pytest.mark.parametrize("checking", ["no", "accept-new", "ask"])
def test_no_configuration_makes_us_accept_an_unknown_key(sshd, reach, checking):
    name = f"{checking}-unknown"
    settings = f" HostKeyAlias never-seen\n StrictHostKeyChecking {checking}"
    sshd.add(name, "internal-sftp -R", settings)
    assert refusal(reach(name, "sftp"))[0] == "location.host_key"


def test_a_key_that_the_host_does_not_know_is_refused(sshd, reach):
    sshd.add("stranger", "internal-sftp -R")
    new_key(sshd.here / "stranger.key")
    assert refusal(reach("stranger", "sftp"))[0] == "location.refused"


def test_a_private_key_that_everybody_may_read_is_told_of(sshd, reach):
    sshd.add("careless", "internal-sftp -R")
    (sshd.here / "careless.key").chmod(0o644)
    reason, told = refusal(reach("careless", "sftp"))
    assert reason == "location.refused"
    assert "0600" in told


def test_a_host_that_is_away_is_unreachable(sshd, reach):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        sshd.add("away", more=f" Port {closed.getsockname()[1]}")
        assert refusal(reach("away"))[0] == "location.unreachable"


def test_a_name_that_nobody_knows_is_unreachable(sshd, reach):
    sshd.add("nowhere", more=" HostName nowhere.invalid")
    reason, told = refusal(reach("nowhere"))
    assert reason == "location.unreachable"
    assert "nowhere was not found" in told


def test_a_broken_configuration_says_which_line(sshd, reach):
    sshd.add("broken")
    config = sshd.here / "broken_config"
    config.write_text("Host broken\n Prot 22\n")
    location = sshd.location("broken")
    location = location._replace(host=location.host._replace(config_file=str(config)))
    reason, told = refusal(SshTransport(location, deadline_s=20))
    assert reason == "location.unreachable"
    assert "prot" in told.lower()


def test_a_host_that_accepts_and_is_silent_times_out(sshd, reach):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sshd.add("silent", more=f" Port {silent.getsockname()[1]}")
        assert refusal(reach("silent", deadline_s=1.2))[0] == "location.timeout"


def test_a_peer_that_is_no_ssh_server_is_told_of(sshd, reach):
    sshd.add("nonsense", more=" ProxyCommand yes 'HTTP/1.1 400 Bad Request'")
    assert refusal(reach("nonsense", deadline_s=5))[0] in {
        "location.unreachable",
        "location.timeout",
    }


@pytest.mark.parametrize("access", ["command", "sftp"])
def test_a_directory_that_is_not_there_is_missing(sshd, reach, access):
    host = "backup" if access == "command" else "backup-sftp"
    reason, told = refusal(reach(host, access, f"{sshd.root}/nowhere"))
    assert reason == "location.missing"
    assert f"{sshd.root}/nowhere" in told


def test_another_directory_than_the_served_one_is_forbidden(sshd, reach):
    for path in ("/etc", f"{sshd.root}/..", "/"):
        assert refusal(reach("backup", path=path))[0] == "location.forbidden"


@pytest.mark.parametrize("script", ["", "echo 'no such thing' >&2; exit 1"])
def test_a_host_without_the_forced_command_is_told_of(sshd, reach, script):
    reason, told = refusal(reach(sshd.play(script) if script else "backup-shell"))
    assert reason == "location.unreadable"
    assert "authorized_keys" in told


@pytest.mark.parametrize("access", ["command", "sftp"])
def test_a_login_shell_that_prints_is_told_of(sshd, reach, access):
    server = "/usr/lib/openssh/sftp-server -R" if access == "sftp" else f"sh {REMOTE} {sshd.root}"
    name = sshd.play(f"echo 'Welcome to us!'\nexec {server}\n")
    reason, told = refusal(reach(name, access))
    assert reason == "location.unreadable"
    assert ".bashrc" in told
    assert "Welcome to us!" in told


def test_a_forced_command_of_another_release_is_told_of(sshd, reach):
    reason, told = refusal(reach(sshd.play("echo nexoaudit-remote 2")))
    assert reason == "location.unreadable"
    assert "version 2" in told


def test_a_host_without_sftp_says_so(sshd, reach):
    (sshd.here / "bare_config").write_text(
        (sshd.here / "sshd_config").read_text().replace("Subsystem sftp internal-sftp\n", "")
    )
    proxy = f" ProxyCommand /usr/sbin/sshd -i -f {sshd.here}/bare_config\n HostKeyAlias piped"
    sshd.add("bare", more=proxy)
    reason, told = refusal(reach("bare", "sftp"))
    assert reason == "location.refused"
    assert "allows no sftp" in told


def test_the_key_of_the_forced_command_is_not_for_sftp(reach):
    reason, told = refusal(reach("backup", "sftp"))
    assert reason == "location.unreadable"
    assert "set access to `command`" in told


def test_a_key_that_allows_something_else_is_not_for_sftp(sshd, reach):
    assert refusal(reach(sshd.play("exit 0"), "sftp"))[0] == "location.refused"


@pytest.mark.parametrize("tool", ["find", "sha256sum"])
def test_a_host_without_the_tools_of_gnu_says_which(sshd, reach, tmp_path, tool):
    remote = tmp_path / "remote"
    remote.write_text(REMOTE.read_text().replace("PATH=/usr/local", f"PATH={tmp_path}:/usr/local"))
    (tmp_path / tool).write_text("#!/bin/sh\necho BusyBox >&2\nexit 1\n")
    (tmp_path / tool).chmod(0o755)
    transport = reach(sshd.play(f"exec sh {remote} {sshd.root}"))
    call = (
        (lambda it: list(it.listing())) if tool == "find" else (lambda it: list(it.stored(["a"])))
    )
    reason, told = refusal(transport, call)
    assert reason == "location.unreadable"
    assert f"{tool} of GNU" in told


@pytest.fixture
def closed(sshd):
    """Return a served directory of which a part is closed to whoever serves it, and his prefix."""
    top = Path(tempfile.mkdtemp(dir="/tmp"))
    top.chmod(0o755)
    (top / "open").mkdir()
    (top / "open" / "file").write_bytes(b"1")
    (top / "closed").mkdir()
    (top / "secret").write_bytes(b"2")
    (top / "remote").write_bytes(REMOTE.read_bytes())
    (top / "closed").chmod(0o700 if os.geteuid() == 0 else 0)
    (top / "secret").chmod(0o600 if os.geteuid() == 0 else 0)
    other = "setpriv --reuid=65534 --regid=65534 --clear-groups " if os.geteuid() == 0 else ""
    yield top, other
    (top / "closed").chmod(0o700)
    shutil.rmtree(top)


@pytest.mark.parametrize("access", ["command", "sftp"])
def test_half_a_listing_is_none(sshd, reach, closed, access):
    top, other = closed
    sftp, remote = "/usr/lib/openssh/sftp-server -R", f"sh {top}/remote {top}"
    sshd.add(f"half-{access}", other + (sftp if access == "sftp" else remote))
    transport = reach(f"half-{access}", access, str(top))
    reason, told = refusal(transport)
    assert reason == "location.unreadable"
    assert "closed" in told
    with pytest.raises(LocationError) as error, transport.read("secret"):
        pass
    assert error.value.reason == "location.forbidden"
    with transport.read("open/file") as file:
        assert file.read() == b"1"
    if access == "command":
        told = {stored.path: stored.outcome for stored in transport.stored(["secret", "open/file"])}
        assert told == {"secret": "refused", "open/file": "told"}
    (top / "closed").chmod(0o755)
    paths = {"open/file", "secret", "remote"}
    assert {found.path for found in transport.listing()} == paths


def test_a_connection_that_breaks_in_the_middle_of_a_listing_makes_no_listing(sshd, reach):
    begun = f"{GREETING} printf '{TOP}{ENTRY.format('a')}'; sleep 9"
    transport = reach(sshd.play(begun))
    listing = transport.listing()
    assert next(listing).path == "a"
    sshd.cut()
    assert refusal(transport, lambda _: next(listing))[0] == "location.cut"


def test_a_connection_that_breaks_in_the_middle_of_a_file_breaks_the_read(sshd, reach):
    with (sshd.root / "broken").open("wb") as file:
        file.truncate(30_000_000)
    for host, access in (("backup", "command"), ("backup-sftp", "sftp")):
        transport = reach(host, access)
        with transport.read("broken") as file:
            assert file.read(100) == bytes(100)
            sshd.cut()
            assert refusal(transport, lambda _, file=file: file.read())[0] == "location.cut"
        with transport.read("broken", 0, 100) as file:  # and afterwards it connects again
            assert file.read() == bytes(100)
    (sshd.root / "broken").unlink()


def test_a_connection_that_breaks_between_digests_keeps_those_that_came(sshd, reach):
    record = "size 1 ./a\\000" + "0" * 64 + "  ./a\\000"
    transport = reach(sshd.play(f"{GREETING} printf '{record}'; sleep 9"))
    told = transport.stored(["a", "b"])
    assert next(told).checksums[0].value == "0" * 64
    sshd.cut()
    assert refusal(transport, lambda _: next(told))[0] == "location.cut"


@pytest.mark.parametrize(
    "script",
    [
        "exec sleep 5",
        f"{GREETING} exec sleep 5",
        f"{GREETING} exec yes >&2",
        f"{GREETING} printf 'open\\000'; exec sleep 5",
    ],
)
def test_a_host_that_hangs_takes_no_longer_than_it_may(sshd, reach, script):
    name = sshd.play(script)
    assert refusal(reach(name, deadline_s=0.8))[0] == "location.timeout"


@pytest.mark.parametrize(
    "script",
    [
        "exec yes",
        "exec cat /dev/zero",
        "tr '\\000' x </dev/zero",
        f"{GREETING} exec yes",
        f"{GREETING} exec cat /dev/zero",
        f"{GREETING} printf 'open\\000../x\\000'",
        f"{GREETING} printf '{TOP}{ENTRY.format('../x')}'",
        f"{GREETING} printf '{TOP}{ENTRY.format('/x')}'",
        f"{GREETING} printf 'open\\000{ENTRY.format('x')}'",
        f"{GREETING} printf '{TOP}{ENTRY.format('x')}cut'",
        f"{GREETING} printf ''",
        "exec cat /dev/urandom",
    ],
)
def test_a_host_that_answers_nonsense_is_not_believed(sshd, reach, script):
    name = sshd.play(script)
    assert refusal(reach(name))[0] == "location.unreadable"


@pytest.mark.parametrize(
    "record",
    ["size 5 ./b", "0" * 64 + "  ./a", "gone ./b", "size 5 ./a\\000" + "g" * 64 + "  ./a"],
)
def test_digests_that_nobody_asked_for_are_not_believed(sshd, reach, record):
    name = sshd.play(f"{GREETING} printf '{record}\\000'")
    reason, _ = refusal(reach(name), lambda transport: list(transport.stored(["a"])))
    assert reason == "location.unreadable"


def test_a_file_without_an_answer_is_a_failure_of_that_file(sshd, reach):
    (told,) = reach(sshd.play(GREETING)).stored(["a"])
    assert (told.path, told.outcome) == ("a", "failed")


@pytest.mark.parametrize("count", ["-5", "many", "9" * 40])
def test_lengths_that_are_none_are_not_believed(sshd, reach, count):
    name = sshd.play(f"{GREETING} echo '{count}'; echo data")
    with pytest.raises(LocationError) as error, reach(name).read("a"):
        pass
    assert error.value.reason == "location.unreadable"


def test_a_file_that_shrinks_while_it_is_read_is_told_of(sshd, reach):
    name = sshd.play(f"{GREETING} echo 10; printf 12345")
    with reach(name).read("a") as file:
        assert refusal(None, lambda _: file.read())[0] == "location.cut"


def test_a_file_that_vanishes_between_listing_and_reading_is_gone(sshd, reach):
    (sshd.root / "brief").write_bytes(b"1")
    for host, access in (("backup", "command"), ("backup-sftp", "sftp")):
        transport = reach(host, access)
        assert "brief" in {found.path for found in transport.listing()}
        (sshd.root / "brief").unlink()
        assert [stored.outcome for stored in transport.stored(["brief"])] == ["gone"]
        (sshd.root / "brief").write_bytes(b"1")
    (sshd.root / "brief").unlink()


@pytest.mark.parametrize(
    "answer",
    [
        "\\000\\000\\000\\005\\002\\000\\000\\000\\002",  # an old version
        "\\000\\000\\000\\005\\002\\000\\000\\000\\003",  # and then the end
        "\\000\\000\\000\\005\\002\\000\\000\\000\\003\\377\\377\\377\\377",
        "\\000\\000\\000\\005\\002\\000\\000\\000\\003\\000\\000\\000\\005\\145\\377\\377\\377\\377",
        "\\000\\000\\000\\000",
    ],
)
def test_a_server_that_does_not_speak_sftp_is_not_believed(sshd, reach, answer):
    name = sshd.play(f"printf '{answer}'; exec sleep 0.3")
    assert refusal(reach(name, "sftp"))[0] in {"location.unreadable", "location.cut"}
