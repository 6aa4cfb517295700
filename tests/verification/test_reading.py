import gzip
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification

Check = Callable[..., Verification]
Seal = Callable[..., Path]

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()


@pytest.mark.parametrize("make", ["fifo", "directory", "symlink", "socket", "device"])
def test_only_regular_files_are_read(tmp_path: Path, dump: Path, make: str, check: Check) -> None:
    path = tmp_path / "odd"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "directory":
        path.mkdir()
    elif make == "symlink":
        path.symlink_to(dump)
    elif make == "device":
        path = Path("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    found = check(path, sidecar=None)
    assert found.problems == ("file.not_regular",)
    assert (found.sha256, found.assurance) == ("", Assurance.PRESENT)


def test_a_file_that_is_not_there(tmp_path: Path, dump: Path, check: Check) -> None:
    for path in (tmp_path / "gone", dump / "below"):
        found = check(path, sidecar=None)
        assert (found.problems, found.assurance) == (("file.vanished",), Assurance.CLAIMED)


@pytest.fixture
def ordinary() -> Iterator[Path]:
    """Give a directory and, to root too, the rights of an ordinary user."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        if root:
            os.chown(directory, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(directory)
        finally:
            if root:
                os.seteuid(0)


def test_a_file_that_may_not_be_read(ordinary: Path, check: Check, sealed: Seal) -> None:
    dump = sealed(ordinary / "db.sql.gz", gzip.compress(SHOP))
    assert check(dump).problems == ()
    Path(f"{dump}.sha256").chmod(0)
    found = check(dump)
    assert (found.problems, found.recorded) == (("sidecar.unreadable",), "self")
    dump.chmod(0)
    found = check(dump)
    assert (found.problems, found.sha256) == (("file.unreadable",), "")
    assert (found.size, found.assurance) == (dump.stat().st_size, Assurance.PRESENT)


def test_a_medium_that_fails(tmp_path: Path, check: Check) -> None:
    # The kernel's own file that may be opened and never read.
    found = check(Path("/proc/self/mem"), sidecar=None, expects_sidecar=False)
    assert found.problems == ("file.read_error",)
    assert found.detail


def interfere(path: Path, how: str) -> Callable[[int], None]:
    def act(_: int) -> None:
        if how == "grow":
            with path.open("ab") as file:
                file.write(b"x")
        elif how == "replace":
            other = path.with_name("other")
            other.write_bytes(path.read_bytes())
            other.rename(path)
        elif how == "touch":
            os.utime(path, ns=(0, 1_000_000_000))
        elif how == "remove":
            path.unlink(missing_ok=True)

    return act


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("grow", "file.changed"),
        ("replace", "file.changed"),
        ("touch", "file.changed"),
        ("remove", "file.vanished"),
        ("nothing", ""),
    ],
)
def test_a_file_that_changes_under_the_reader(
    dump: Path, how: str, problem: str, check: Check
) -> None:
    steps = iter([interfere(dump, how)])

    def once(size: int) -> None:
        next(steps, lambda _: None)(size)

    found = check(dump, progress=once)
    assert found.problems == ((problem,) if problem else ())
    assert bool(found.sha256) == (how == "nothing")


def test_an_interrupt_passes_and_leaves_nothing_open(dump: Path, check: Check) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(KeyboardInterrupt):
        check(dump, progress=interrupt)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert {path.name for path in dump.parent.iterdir()} == {dump.name, dump.name + ".sha256"}
