import bz2
import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from gnupg import PASSPHRASE, Gnupg, secret
from pgp_made import ocb, packet, passphrase_key
from sealed import COMPLETED, NOISE, PLAIN, POINT, SHOP, flip, sha256

from nexoaudit.model.copy import Assurance
from nexoaudit.model.moments import millis
from nexoaudit.model.verdict import Status
from nexoaudit.model.verification import Verification
from nexoaudit.rules.problems import severity

Opens = Callable[..., Verification]


@pytest.mark.parametrize(
    "options", [(), ("--armor",), ("-z0",), ("--compress-algo", "bzip2")], ids=str
)
def test_a_sound_copy_is_verified_to_the_last_byte_of_its_content(
    gpg: Gnupg, opens: Opens, options: tuple[str, ...]
) -> None:
    data = gpg.seal(PLAIN, *options)
    steps: list[int] = []
    found = opens(data, expected_sha256=sha256(PLAIN), progress=steps.append)
    assert found.problems == ()
    assert found.assurance == Assurance.READABLE
    assert (found.proof, found.sealed, found.recorded) == ("decrypted", "AES256 MDC", "copy")
    assert (found.sha256, found.sealed_sha256) == (sha256(PLAIN), sha256(data))
    assert (found.size, found.raw_size, sum(steps)) == (len(data), len(SHOP), len(data))
    assert found.content_ms == millis(COMPLETED)
    assert dict(found.manifest)["rows.users"] == 3
    assert found.prints is not None
    assert found.prints.sha256 == sha256(data)
    assert found.prints.md5 == hashlib.md5(data).hexdigest()


def test_authenticated_encryption(opens: Opens) -> None:
    found = opens(ocb(PLAIN, PASSPHRASE))
    assert (found.problems, found.sealed) == ((), "AES256 AEAD OCB")
    assert (found.proof, found.assurance) == ("decrypted", Assurance.READABLE)


@pytest.mark.parametrize("lost", [1, 19, 22, 40, 500, 100_000, 2_000_000])
def test_cut_short(gpg: Gnupg, opens: Opens, lost: int) -> None:
    for whole in (gpg.seal(NOISE), ocb(NOISE, PASSPHRASE)):
        found = opens(whole[:-lost])
        assert found.problems == ("sealed.cut",)
        assert (found.sha256, found.proof, found.assurance) == ("", "read", Assurance.PRESENT)
        assert found.sealed_sha256 == sha256(whole[:-lost])
        assert found.manifest == ()


@pytest.mark.parametrize("left", [4, 10, 20, 30])
def test_cut_in_its_first_bytes(gpg: Gnupg, opens: Opens, left: int) -> None:
    found = opens(gpg.seal(PLAIN)[:left])
    assert found.problems in {("sealed.cut",), ("sealed.not_openpgp", "stream.unsupported")}
    assert found.assurance == Assurance.PRESENT


@pytest.mark.parametrize("at", [500_000, -1, -10, -23, -500, -5000])
def test_one_bit_flipped(gpg: Gnupg, opens: Opens, at: int) -> None:
    for whole in (gpg.seal(NOISE), ocb(NOISE, PASSPHRASE)):
        found = opens(flip(whole, at), expected_sha256=sha256(NOISE))
        assert set(found.problems) & {"sealed.altered", "sealed.cut"}
        assert (found.sha256, found.proof, found.assurance) == ("", "read", Assurance.PRESENT)
        assert (found.raw_size, found.manifest, found.recorded) == (0, (), "")


def test_no_bit_at_all_may_flip(gpg: Gnupg, opens: Opens) -> None:
    whole = gpg.seal(PLAIN)
    chance = random.Random(31)
    for at in (*range(14), *(chance.randrange(len(whole)) for _ in range(25))):
        found = opens(flip(whole, at))
        # The count of key derivations may come out the same; nothing else may.
        assert found.problems, at
        assert found.proof == "read"
        assert Status.FAIL in {severity(problem) for problem in found.problems}, found


def test_another_passphrase(gpg: Gnupg, opens: Opens, tmp_path: Path) -> None:
    wrong = secret(tmp_path / "wrong", "battery horse")
    for data in (gpg.seal(PLAIN), ocb(PLAIN, PASSPHRASE)):
        found = opens(data, passphrase_file=wrong)
        assert found.problems == ("sealed.key",)
        assert (found.sha256, found.sealed_sha256) == ("", sha256(data))
        assert found.prints is not None


def test_spaces_belong_to_a_passphrase_and_further_lines_do_not(
    gpg: Gnupg, opens: Opens, tmp_path: Path
) -> None:
    for line, problems in ((PASSPHRASE + "\nmore", ()), (PASSPHRASE + " ", ("sealed.key",))):
        file = secret(tmp_path / "lines", line)
        assert opens(gpg.seal(PLAIN), passphrase_file=file).problems == problems


def test_a_passphrase_that_others_may_read_or_that_is_none_is_not_used(
    gpg: Gnupg, opens: Opens, tmp_path: Path
) -> None:
    open_to_all = secret(tmp_path / "open", PASSPHRASE)
    open_to_all.chmod(0o644)
    empty = secret(tmp_path / "empty", "")
    for file in (open_to_all, empty, tmp_path / "missing", tmp_path):
        found = opens(gpg.seal(PLAIN), passphrase_file=file)
        assert found.problems == ("sealed.no_key",)
        assert str(file) in found.detail


def test_without_a_passphrase_only_the_framing_is_known(gpg: Gnupg, opens: Opens) -> None:
    data = gpg.seal(PLAIN)
    found = opens(data, passphrase_file=None)
    assert found.problems == ("sealed.no_key",)
    assert severity("sealed.no_key") is Status.UNVERIFIED
    assert (found.sealed, found.assurance) == ("AES256 MDC", Assurance.PRESENT)
    assert (found.sha256, found.sealed_sha256) == ("", sha256(data))
    for damaged, problem in (
        (data[:-3], "sealed.cut"),
        (gpg.seal(PLAIN, cipher="CAST5"), "sealed.weak"),
    ):
        found = opens(damaged, passphrase_file=None)
        assert found.problems == (problem, "sealed.no_key")


def test_another_content(gpg: Gnupg, opens: Opens) -> None:
    data = gpg.seal(PLAIN)
    found = opens(data, expected_sha256=sha256(SHOP))
    assert found.problems == ("copy.differs",)
    assert (found.assurance, found.recorded) == (Assurance.PRESENT, "")
    assert (found.sha256, found.proof) == (sha256(PLAIN), "decrypted")


def test_content_that_was_bad_before_it_was_encrypted(gpg: Gnupg, opens: Opens) -> None:
    cut = gpg.seal(PLAIN[:-9])
    found = opens(cut)
    assert (found.problems, found.assurance) == (("stream.truncated",), Assurance.PRESENT)
    found = opens(cut, expected_sha256=sha256(PLAIN[:-9]))
    assert (found.problems, found.assurance) == (("stream.truncated",), Assurance.INTACT)
    assert opens(gpg.seal(b"")).problems == ("stream.empty",)
    late = opens(gpg.seal(PLAIN), point_ms=POINT + 3_600_000)
    assert late.problems == ("time.content_before_name",)


def test_weak_and_unprotected(gpg: Gnupg, opens: Opens) -> None:
    found = opens(gpg.seal(PLAIN, cipher="CAST5"))
    assert (found.problems, found.sealed) == (("sealed.weak",), "CAST5 MDC")
    assert (found.proof, found.assurance) == ("decrypted", Assurance.READABLE)
    found = opens(gpg.seal(PLAIN, "--rfc2440", "--disable-mdc"))
    assert (found.problems, found.sealed) == (("sealed.no_integrity",), "AES256 none")
    assert (found.proof, found.sha256) == ("read", "")


def test_to_a_recipient(gpg: Gnupg, opens: Opens) -> None:
    found = opens(gpg.run("--encrypt", "--recipient", gpg.key, data=PLAIN))
    assert (found.problems, found.sealed) == (("sealed.no_key",), "unknown MDC")
    both = ("--passphrase-file", str(gpg.passphrase_file), "--symmetric", "--encrypt")
    found = opens(gpg.run(*both, "--recipient", gpg.key, data=PLAIN))
    assert (found.problems, found.sealed) == ((), "AES256 MDC")


@pytest.mark.parametrize(
    "way", ["--sign", "--store", "--store -z0", "--clear-sign", "--sign --armor", "--export"]
)
def test_not_encrypted(gpg: Gnupg, opens: Opens, way: str) -> None:
    assert gpg.key
    data = gpg.run(*way.split(), data=b"" if way == "--export" else PLAIN)
    found = opens(data, expected_sha256=sha256(PLAIN))
    assert found.problems == ("sealed.not_encrypted",)
    assert (found.sealed, found.sealed_sha256, found.assurance) == ("", "", Assurance.PRESENT)
    assert found.sha256 == sha256(data)


def test_a_plain_file_with_that_name_is_verified_as_it_is(opens: Opens) -> None:
    for data in (PLAIN, bz2.compress(SHOP), SHOP):
        found = opens(data, expected_sha256=sha256(data))
        assert found.problems == ("sealed.not_openpgp",)
        assert (found.sha256, found.sealed_sha256) == (sha256(data), "")
        assert (found.proof, found.raw_size) == ("read", len(SHOP))
    assert opens(b"").problems == ("sealed.not_openpgp", "stream.empty")


def test_something_behind_the_end(gpg: Gnupg, opens: Opens) -> None:
    whole = gpg.seal(PLAIN)
    for more in (b"garbage", whole, PLAIN):
        found = opens(whole + more)
        assert found.problems == ("stream.trailing_garbage", "sealed.altered")
        assert found.sha256 == ""


def test_packets_that_no_gpg_opens(opens: Opens) -> None:
    noise = random.Random(1).randbytes(600)
    of_2024 = passphrase_key(6) + packet(18, bytes([2, 9, 2, 16]) + noise)
    found = opens(of_2024)
    assert (found.problems, found.sealed) == (("stream.unsupported",), "AES256 AEAD OCB")
    forged = passphrase_key() + packet(18, b"\1" + noise)
    assert opens(forged).problems == ("sealed.key",)
    hidden = passphrase_key() + packet(11, b"b\0" + bytes(4) + PLAIN[:100])
    assert opens(hidden).problems == ("sealed.not_encrypted",)


def test_two_messages_inside(gpg: Gnupg, opens: Opens) -> None:
    inner = gpg.seal(gpg.seal(PLAIN))
    found = opens(inner)
    assert found.problems == ("stream.unsupported",)  # the content is OpenPGP once more
