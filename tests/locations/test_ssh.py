"""What lies on an SSH host: over a real sshd, by the forced command and by sftp."""

import hashlib
import os
import shutil
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexoaudit.errors import LocationError
from nexoaudit.locations.directory import list_directory, read_path
from nexoaudit.locations.ssh import SshTransport
from nexoaudit.model.stored import Checksum, Stored

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WAYS = [("backup", "command"), ("backup-piped", "command"), ("backup-sftp", "sftp")]
BIG = 700_000
NAMES = (
    b"database/db_20261122_020000.sql.gz",
    b"a line\nfeed",
    b"'quotes\" $(id) `id` ; id",
    b"-rf",
    b" space ",
    b"back\\slash \\x41",
    b"\xff\xfe no UTF-8.gz",
    "año/ñandú.tar".encode(),
    b"deep/" * 30 + b"file",
)


def content(name: bytes) -> bytes:
    return hashlib.sha512(name).digest() * 3


@pytest.fixture(scope="module", autouse=True)
def files(sshd):
    """Put files with hard names where the server shows them, and links that lead out of there."""
    for name in NAMES:
        path = Path(os.fsdecode(os.fsencode(sshd.root) + b"/" + name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(name))
    (sshd.root / "big").write_bytes(os.urandom(BIG))
    (sshd.root / "empty").write_bytes(b"")
    os.utime(sshd.root / "empty", ns=(0, 1_600_000_000_987_654_321))
    (sshd.root / "etc").symlink_to("/etc")
    (sshd.root / "outside").symlink_to("/etc/passwd")
    (sshd.root / "inside").symlink_to("big")
    os.mkfifo(sshd.root / "pipe")
    yield
    shutil.rmtree(sshd.root)
    sshd.root.mkdir()


@pytest.fixture(scope="module", params=WAYS, ids=[host for host, _ in WAYS])
def transport(sshd, request):
    host, access = request.param
    opened = SshTransport(sshd.location(host, access=access), deadline_s=30)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def commanded(sshd):
    opened = SshTransport(sshd.location(), deadline_s=30)
    yield opened
    opened.close()


def test_a_listing_is_that_of_the_directory_itself(sshd, transport):
    here = {found.path: found for found in list_directory(sshd.root)}
    there = {found.path: found for found in transport.listing()}
    assert there.keys() == here.keys()
    assert len(there) == len(NAMES) + 2
    for path, found in there.items():
        if found.inode:
            assert found == here[path]
        else:  # sftp tells whole seconds, and neither inodes nor times of change
            assert (found.size, found.mode) == (here[path].size, here[path].mode)
            assert found.mtime_ms == here[path].mtime_ms // 1000 * 1000


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_mode_counts_for_everybody_only_where_all_directories_let_them_in(
    tmp_path, sshd, transport, mode
):
    inner = sshd.root / "database"
    inner.chmod(mode)
    try:
        here = {found.path: found.mode for found in list_directory(sshd.root)}
        there = {found.path: found.mode for found in transport.listing()}
    finally:
        inner.chmod(0o755)
    assert there == here


def test_everybody_may_read_what_lies_in_the_open(sshd, tmp_path_factory):
    folder = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"open-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        (folder / "file").write_bytes(b"1")
        (folder / "file").chmod(0o644)
        sshd.add("open", "internal-sftp -R")
        there = SshTransport(sshd.location("open", str(folder), "sftp"), deadline_s=30)
        assert [found.mode for found in there.listing()] == [0o644]
        there.close()
    finally:
        shutil.rmtree(folder)


def test_the_forced_command_makes_digests_there(sshd, commanded):
    paths = [found.path for found in commanded.listing()]
    told = {stored.path: stored for stored in commanded.stored(paths)}
    assert told.keys() == set(paths)
    for path, stored in told.items():
        data = (sshd.root / read_path(path)).read_bytes()
        sha256 = Checksum("sha256", hashlib.sha256(data).hexdigest())
        assert stored == Stored(path, size=len(data), checksums=(sha256,))


def test_one_file_that_is_gone_or_leads_elsewhere_is_an_outcome(commanded):
    asked = [
        "nothing",
        "big",
        "outside",
        "inside",
        "etc/passwd",
        "../x",
        "/etc/passwd",
        "pipe",
        ".",
    ]
    told = {stored.path: stored for stored in commanded.stored(asked)}
    outcomes = {path: stored.outcome for path, stored in told.items()}
    assert outcomes.pop("big") == "told"
    assert outcomes == {
        "nothing": "gone",
        "pipe": "gone",
        **dict.fromkeys(("outside", "inside", "etc/passwd", "../x", "/etc/passwd", "."), "refused"),
    }
    assert not any(stored.checksums for path, stored in told.items() if path != "big")


def test_thousands_of_names_are_asked_for_while_answers_come(commanded):
    asked = [f"{number:0200}" for number in range(2000)]  # more than pipes hold
    told = list(commanded.stored(iter(["big", *asked, "big"])))
    assert len(told) == 2002
    assert sum(stored.outcome == "gone" for stored in told) == 2000


def test_sftp_tells_sizes_only(sshd):
    transport = SshTransport(sshd.location("backup-sftp", access="sftp"), deadline_s=30)
    told = list(transport.stored([*["big"] * 200, "nothing", "pipe"]))
    transport.close()
    assert told[:200] == [Stored("big", size=BIG)] * 200
    assert [stored.outcome for stored in told[200:]] == ["gone", "gone"]


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, None), (0, 0), (0, 10), (65_535, 2), (BIG - 1, None), (BIG - 1, 50), (BIG, 1), (9**12, 1)],
)
def test_any_part_of_a_file_is_read(sshd, transport, start, length):
    data = (sshd.root / "big").read_bytes()
    wanted = data[start:] if length is None else data[start : start + length]
    with transport.read("big", start, length) as part:
        assert part.read() == wanted


def test_files_with_hard_names_are_read(transport):
    paths = {found.path for found in transport.listing()} - {"big", "empty"}
    for path in paths:
        with transport.read(path) as file:
            assert file.read() == content(read_path(path).encode("utf-8", "surrogateescape"))
    with transport.read("empty") as file:
        assert file.read() == b""


def test_a_read_is_left_before_its_end_and_others_go_on(sshd, transport):
    data = (sshd.root / "big").read_bytes()
    listing = transport.listing()
    first = next(listing)
    with transport.read("big") as file:
        assert file.read(3) == data[:3]
    with transport.read("big") as one, transport.read("big", 5) as other:
        assert (one.read(100_000), other.read()) == (data[:100_000], data[5:])
    assert {first, *listing} == set(transport.listing())


@pytest.mark.parametrize("path", ["nothing", "database/nothing"])
def test_a_file_that_is_not_there_cannot_be_read(transport, path):
    with (
        pytest.raises(LocationError, match="nothing") as error,
        transport.read(path),
    ):
        pass
    assert error.value.reason == "location.missing"


@pytest.mark.parametrize("path", ["etc/passwd", "outside", "inside", "../host_key", "/etc/passwd"])
def test_nothing_outside_of_the_directory_is_read(commanded, path):
    with pytest.raises(LocationError) as error, commanded.read(path):
        pass
    assert error.value.reason == "location.forbidden"


def test_a_host_is_told_from_all_others(sshd, commanded):
    store = commanded.store(NOW)
    assert (store.location, store.observed_ms) == ("offsite", 1_795_435_200_000)
    assert (store.outcome, store.lax) == ("complete", ())
    (machine,) = [token for token in store.identity if token.startswith("machine:")]
    assert set(store.identity) == {
        machine,
        f"device:{machine.removeprefix('machine:')}/{sshd.root.stat().st_dev}",
        f"hostkey:{sshd.fingerprint}",
    }


def test_sftp_tells_its_key_and_where_it_was_reached(sshd):
    transport = SshTransport(sshd.location("backup-sftp", access="sftp"), deadline_s=30)
    store = transport.store(NOW)
    transport.close()
    assert store.identity == ("address:127.0.0.1", f"hostkey:{sshd.fingerprint}")


FORGETFUL = " UserKnownHostsFile /dev/null\n GlobalKnownHostsFile {here}/known_hosts"
LAX = (
    " StrictHostKeyChecking no",
    " StrictHostKeyChecking accept-new",
    " NoHostAuthenticationForLocalhost yes",
    FORGETFUL,
)
STRICT = (
    " StrictHostKeyChecking yes",
    " CheckHostIP no",
    f"{FORGETFUL}\n StrictHostKeyChecking yes",
)


@pytest.mark.parametrize(
    ("number", "settings", "lax"),
    [
        *((number, settings, ("hostkey.unchecked",)) for number, settings in enumerate(LAX)),
        *((number, settings, ()) for number, settings in enumerate(STRICT)),
    ],
)
def test_what_makes_the_administrators_own_way_unsafe_is_told(sshd, number, settings, lax):
    name = f"way-{number}-{len(lax)}"
    sshd.add(name, "internal-sftp -R", settings.format(here=sshd.here))
    transport = SshTransport(sshd.location(name, access="sftp"), deadline_s=30)
    assert transport.store(NOW).lax == lax
    transport.close()


def test_a_proxy_that_speaks_of_keys_itself_is_not_taken_for_the_host(sshd):
    noise = "debug1: Server host key: ssh-ed25519 SHA256:AAAA"
    script = sshd.here / "proxy.sh"
    script.write_text(f"echo '{noise}' >&2; exec /usr/sbin/sshd -i -f {sshd.here}/sshd_config\n")
    sshd.add("noisy", "internal-sftp -R", f" ProxyCommand sh {script}\n HostKeyAlias piped")
    transport = SshTransport(sshd.location("noisy", access="sftp"), deadline_s=30)
    assert transport.store(NOW).identity == (f"hostkey:{sshd.fingerprint}",)
    transport.close()


def test_a_directory_below_the_one_that_is_served_is_a_location_too(sshd):
    inner = SshTransport(sshd.location(path=f"{sshd.root}/database"), deadline_s=30)
    (found,) = inner.listing()
    assert found.path == "db_20261122_020000.sql.gz"
    with inner.read(found.path) as file:
        assert file.read() == content(NAMES[0])
    inner.close()


def test_a_connection_dies_with_its_thread_and_is_made_again(transport):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(list(transport.listing())))
    thread.start()
    thread.join()
    while len(seen) < 2:  # what dies at this very moment is told as that, once
        with suppress(LocationError):
            seen.append(list(transport.listing()))
    assert sorted(seen[0]) == sorted(seen[1])
