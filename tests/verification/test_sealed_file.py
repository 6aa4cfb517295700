"""Encrypted copies in a directory: `verify` and `verify_many`; and plain ones from elsewhere."""

import io
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from gnupg import Gnupg
from sealed import ABOUT, NOW, PLAIN, POINT, SHOP, flip, sha256
from told import told

from nexoaudit.errors import LocationError
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About
from nexoaudit.verification.many import Task, verify_many
from nexoaudit.verification.plain import verify_plain

Check = Callable[..., Verification]
Seal = Callable[..., Path]


@pytest.fixture
def copy(gpg: Gnupg, clean: Path, sealed: Seal) -> Path:
    return sealed(clean / "db.sql.gz.gpg", gpg.seal(PLAIN))


def test_with_its_sidecar_and_its_passphrase(copy: Path, check: Check, gpg: Gnupg) -> None:
    found = check(copy, passphrase_file=gpg.passphrase_file)
    assert (found.problems, found.assurance) == ((), Assurance.READABLE)
    assert (found.recorded, found.proof, found.sealed) == ("sidecar", "decrypted", "AES256 MDC")
    assert (found.sha256, found.sealed_sha256) == (sha256(PLAIN), sha256(copy.read_bytes()))
    assert found.mtime_ms == copy.stat().st_mtime_ns // 1_000_000
    assert (found.prints, found.sample) == (None, "")
    printed = check(copy, passphrase_file=gpg.passphrase_file, prints=True).prints
    assert printed is not None
    assert printed.sha256 == sha256(copy.read_bytes())


def test_a_sidecar_proves_the_bytes_without_a_passphrase(copy: Path, check: Check) -> None:
    found = check(copy)
    assert (found.problems, found.recorded) == (("sealed.no_key",), "sidecar")
    assert (found.assurance, found.sha256) == (Assurance.INTACT, "")
    alone = check(copy, sidecar=None, expects_sidecar=False)
    assert (alone.problems, alone.recorded) == (("sealed.no_key",), "")
    assert alone.assurance == Assurance.PRESENT


def test_without_a_sidecar_the_content_is_the_record(copy: Path, check: Check, gpg: Gnupg) -> None:
    def read(**changes: object) -> Verification:
        secret = {"passphrase_file": gpg.passphrase_file}
        return check(copy, sidecar=None, expects_sidecar=False, **{**secret, **changes})

    first = read()
    assert (first.problems, first.recorded) == ((), "self")
    assert first.sample
    assert read(earlier=first.sha256) == first
    assert read(earlier=first.sealed_sha256) == first
    other = read(earlier="0" * 64)
    assert (other.problems, other.earlier) == (("file.rotted",), "0" * 64)
    assert other.assurance == Assurance.PRESENT
    closed = read(earlier=first.sha256, passphrase_file=None)
    assert (closed.problems, closed.earlier) == (("sealed.no_key",), first.sha256)


def test_damage_and_the_sidecar_that_tells_of_it(copy: Path, check: Check, gpg: Gnupg) -> None:
    copy.write_bytes(flip(copy.read_bytes(), -5))
    found = check(copy, passphrase_file=gpg.passphrase_file)
    assert found.problems == ("sealed.altered", "sidecar.mismatch")
    assert (found.recorded, found.assurance) == ("", Assurance.PRESENT)
    assert check(copy).problems == ("sealed.no_key", "sidecar.mismatch")


def test_its_name_alone_makes_nothing_encrypted(
    clean: Path, check: Check, sealed: Seal, gpg: Gnupg
) -> None:
    for name in ("a.gz.gpg", "a.gz.PGP", "a.gz.asc"):
        found = check(sealed(clean / name, PLAIN), passphrase_file=gpg.passphrase_file)
        assert found.problems == ("sealed.not_openpgp",)
        assert (found.recorded, found.assurance) == ("sidecar", Assurance.READABLE)
    # Nobody said that this one is encrypted: it is only something that cannot be read.
    assert check(sealed(clean / "a.sql", gpg.seal(PLAIN))).problems == ("stream.unsupported",)


def test_what_cannot_be_opened_or_is_gone(clean: Path, check: Check) -> None:
    assert check(clean / "no.gpg").problems == ("file.vanished",)
    (clean / "link.gpg").symlink_to(clean / "no.gpg")
    assert check(clean / "link.gpg").problems == ("file.not_regular",)


def test_a_file_that_grows_while_it_is_read(copy: Path, check: Check, gpg: Gnupg) -> None:
    def grow(_size: int) -> None:
        with copy.open("ab") as file:
            file.write(bytes(100_000))

    found = check(copy, passphrase_file=gpg.passphrase_file, progress=grow)
    assert found.problems == ("file.changed",)


@pytest.mark.parametrize("workers", [1, 2])
def test_many_at_once(copy: Path, gpg: Gnupg, workers: int) -> None:
    class Watcher:
        advanced = 0

        def begin(self, number: int) -> None:
            pass

        def advance(self, size: int) -> None:
            self.advanced += size

    watcher = Watcher()
    tasks = [
        Task(
            number,
            copy,
            About("database", POINT, "name", ZoneInfo("UTC"), NOW),
            Path(f"{copy}.sha256"),
            True,
            prints=True,
            passphrase_file=gpg.passphrase_file,
        )
        for number in range(3)
    ]
    done = list(verify_many(tasks, workers=workers, watcher=watcher))
    assert [found.problems for _, found in done] == [()] * 3
    assert {found.prints.sha256 for _, found in done if found.prints} == {sha256(copy.read_bytes())}
    assert watcher.advanced == 3 * copy.stat().st_size


def test_a_plain_copy_from_elsewhere() -> None:
    def fetch(data: bytes, **changes: object) -> Verification:
        arguments = {"size": len(data), **ABOUT, "expected_sha256": sha256(PLAIN), **changes}
        about, rest = told(**arguments)
        return verify_plain(io.BytesIO(data), about, **rest)

    found = fetch(PLAIN)
    assert (found.problems, found.assurance, found.proof) == ((), Assurance.READABLE, "read")
    assert (found.sha256, found.raw_size) == (sha256(PLAIN), len(SHOP))
    assert found.prints is not None
    assert found.prints.sha256 == found.sha256
    alone = fetch(PLAIN, expected_sha256="")
    assert (found.recorded, alone.recorded) == ("copy", "self")
    assert alone._replace(recorded="copy") == found
    other = fetch(PLAIN[:-9])
    assert other.problems == ("stream.truncated", "copy.differs")
    assert (other.assurance, other.recorded) == (Assurance.PRESENT, "")
    cut = fetch(PLAIN[:-9], expected_sha256=sha256(PLAIN[:-9]))
    assert (cut.problems, cut.assurance) == (("stream.truncated",), Assurance.INTACT)
    assert fetch(PLAIN, size=5).problems == ("file.changed",)


def test_a_connection_that_breaks_is_not_a_fault_of_the_copy() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise LocationError("location.cut", "lost")
            return super().read(size)

    about, rest = told(size=1 << 20, **ABOUT)
    with pytest.raises(LocationError):
        verify_plain(Broken(bytes(1 << 20)), about, **rest)
