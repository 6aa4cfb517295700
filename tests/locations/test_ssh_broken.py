"""A host that breaks off, hangs, or says what cannot be."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from ssh_said import ENTRY, GREETING, TOP, refusal
from sshd import REMOTE

from nexoaudit.errors import LocationError


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
