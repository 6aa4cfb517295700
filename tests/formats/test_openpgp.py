import gzip
import io
import random
from collections.abc import Callable

import pytest
from gnupg import Gnupg
from hypothesis import given
from hypothesis import strategies as st
from pgp_made import old, packet, partial, passphrase_key, public_key

from nexoaudit.formats.openpgp import (
    HEAD,
    Framing,
    Reader,
    framing_problems,
    read_framing,
    sealed_text,
    walk,
)

Mutated = Callable[..., st.SearchStrategy[bytes]]
NOISE = random.Random(4).randbytes(300_000)
MDC = b"\1" + NOISE[:5000]
SAMPLES = {
    "mdc": passphrase_key() + packet(18, MDC),
    "pieces": passphrase_key() + partial(18, MDC, 9),
    "endless": passphrase_key() + old(9, NOISE[:400]),
    "recipient": public_key() + public_key() + packet(18, MDC),
    "both": public_key() + passphrase_key(wrapped=True) + packet(18, MDC),
    "ocb": passphrase_key(5) + packet(20, bytes([1, 9, 2, 16]) + NOISE[:400]),
    "v6": passphrase_key(6) + packet(18, bytes([2, 9, 3, 16]) + NOISE[:400]),
    "marked": packet(10, b"PGP") + packet(21, b"p" * 30) + passphrase_key() + packet(18, MDC),
}
TEXTS = {
    "mdc": "AES256 MDC",
    "pieces": "AES256 MDC",
    "endless": "AES256 none",
    "recipient": "unknown MDC",
    "both": "unknown MDC",
    "ocb": "AES256 AEAD OCB",
    "v6": "AES256 AEAD GCM",
    "marked": "AES256 MDC",
}


def walked(data: bytes) -> Framing:
    return walk(io.BytesIO(data), len(data))


def headed(data: bytes) -> Framing:
    return read_framing(data[:HEAD], len(data))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_encryption(name: str) -> None:
    found = walked(SAMPLES[name])
    assert sealed_text(found) == TEXTS[name]
    assert framing_problems(found) == (("sealed.no_integrity",) if name == "endless" else ())
    assert headed(SAMPLES[name]) == found
    assert found.cut is (None if name == "endless" else False)


@pytest.mark.parametrize(
    ("options", "text", "problems"),
    [
        ((), "AES256 MDC", ()),
        (("--armor",), "AES256 MDC", ()),
        (("-z0",), "AES256 MDC", ()),
        (("--rfc2440", "--disable-mdc"), "AES256 none", ("sealed.no_integrity",)),
        (("--cipher-algo", "CAST5"), "CAST5 MDC", ("sealed.weak",)),
        (("--cipher-algo", "AES128"), "AES128 MDC", ("sealed.weak",)),
        (("--cipher-algo", "TWOFISH"), "TWOFISH MDC", ("sealed.weak",)),
    ],
)
@pytest.mark.parametrize("size", [0, 400, 300_000])
def test_what_gpg_makes(
    gpg: Gnupg, options: tuple[str, ...], text: str, problems: tuple[str, ...], size: int
) -> None:
    data = gpg.seal(NOISE[:size], *options)
    found = walked(data)
    assert (sealed_text(found), framing_problems(found)) == (text, problems)
    assert (found.symmetric, found.recipients) == (1, 0)
    assert found.cut is False
    assert found.armored == ("--armor" in options)
    head = headed(data)
    assert head._replace(cut=found.cut) == found
    assert head.cut is (False if len(data) <= HEAD else None)


def test_a_file_of_known_length_needs_no_walk(gpg: Gnupg, tmp_path) -> None:
    (tmp_path / "plain").write_bytes(NOISE)
    sealed = tmp_path / "plain.gpg"
    gpg.seal(b"", "-z0", "--output", str(sealed), "--", str(tmp_path / "plain"))
    data = sealed.read_bytes()
    assert read_framing(data[:100], len(data)).cut is False
    assert read_framing(data[:100], len(data) - 1).cut is True
    assert read_framing(data[:100], len(data) + 1).trailing


def test_to_recipients(gpg: Gnupg) -> None:
    found = walked(gpg.run("--encrypt", "--recipient", gpg.key, data=NOISE))
    assert (sealed_text(found), found.recipients, found.symmetric) == ("unknown MDC", 1, 0)
    assert framing_problems(found) == ()
    both = ("--passphrase-file", str(gpg.passphrase_file), "--symmetric", "--encrypt")
    found = walked(gpg.run(*both, "--recipient", gpg.key, data=NOISE))
    assert (sealed_text(found), found.recipients, found.symmetric) == ("unknown MDC", 1, 1)


@pytest.mark.parametrize(
    "way",
    [
        "--sign",
        "--store",
        "--store -z0",
        "--clear-sign",
        "--sign --armor",
        "--detach-sign",
        "--export",
    ],
)
def test_openpgp_without_encryption(gpg: Gnupg, way: str) -> None:
    assert gpg.key
    found = walked(gpg.run(*way.split(), data=b"" if "--export" in way else NOISE[:999]))
    assert found.openpgp
    assert found.notes
    assert sealed_text(found) == ""
    assert framing_problems(found) == ("sealed.not_encrypted",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        gzip.compress(b"SELECT 1;"),
        b"-- MariaDB dump",
        bytes(600),
        b"\x89PNG\r\n\x1a\n" * 99,
        b"\xff\xd8\xff\xe0" + bytes(300),
        NOISE,
        b"\x8c\x0d",
        packet(18, MDC),
        packet(3, b"\x09" * 20),
    ],
    ids=lambda data: data[:8].hex() or "empty",
)
def test_what_is_no_openpgp(data: bytes) -> None:
    for found in (walked(data), headed(data)):
        assert framing_problems(found) == ("sealed.not_openpgp",)
        assert not found.encrypted


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "endless"])
def test_a_cut_is_seen_wherever_it_is(name: str) -> None:
    whole = SAMPLES[name]
    first = next(at for at in range(1, 200) if walked(whole[:at]).openpgp)
    assert first <= 60
    for at in (*range(first, 260), *range(260, len(whole), 97), len(whole) - 1):
        found = walked(whole[:at])
        assert found.cut is True, at
        assert "sealed.cut" in framing_problems(found)
        assert headed(whole[:at]) == found


def test_a_cut_of_armor_is_seen_in_its_middle_and_at_its_end(gpg: Gnupg) -> None:
    text = gpg.seal(NOISE[:3000], "--armor")
    assert walked(text).cut is False
    assert walked(text.rstrip()).cut is False
    assert walked(text.replace(b"\n", b"\r\n")).cut is False
    for lost in (2, 30, 40, 700, 3000):
        assert walked(text[:-lost]).cut is True, lost
    assert walked(text + b"and more").trailing
    assert framing_problems(walked(text[:900] + b"!" + text[901:])) == ("sealed.cut",)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "endless"])
def test_what_follows_is_seen(name: str) -> None:
    for more in (b"x", SAMPLES[name], bytes(100)):
        found = walked(SAMPLES[name] + more)
        assert (found.cut, found.trailing) == (False, True)
        assert framing_problems(found) == ("stream.trailing_garbage",)


def test_a_weak_wrap_is_weak_and_a_strong_one_hides_the_cipher() -> None:
    for cipher, text in ((3, "CAST5 MDC"), (9, "unknown MDC"), (0, "cipher 0 MDC")):
        found = walked(passphrase_key(cipher=cipher, wrapped=True) + packet(18, MDC))
        assert sealed_text(found) == text
        assert framing_problems(found) == (() if cipher == 9 else ("sealed.weak",))
    two = passphrase_key() + passphrase_key(cipher=3) + passphrase_key()
    assert sealed_text(walked(two + packet(18, MDC))) == "CAST5 MDC"


def test_more_keys_than_the_beginning_holds_are_undecided() -> None:
    data = public_key() * 700 + packet(18, MDC)
    assert framing_problems(headed(data)) == ("stream.unsupported",)
    assert framing_problems(walked(data)) == ()
    assert not walked(public_key() * 2000 + packet(18, MDC)).encrypted


def test_data_behind_a_key_that_is_not_encrypted() -> None:
    for body in (packet(11, b"b\0" + bytes(4) + b"plain"), packet(8, b"\1zzz"), b"garbage"):
        found = walked(passphrase_key() + body)
        assert framing_problems(found) == ("sealed.not_encrypted",)
        assert sealed_text(found) == ""


@given(data=st.data())
def test_damaged_samples_in_any_pieces(data: st.DataObject, mutated: Mutated) -> None:
    damaged = data.draw(mutated(*SAMPLES.values(), ARMORED))
    step = data.draw(st.sampled_from((1, 7, 100, 1 << 16)))
    reader = Reader()
    for at in range(0, len(damaged), step):
        reader.feed(damaged[at : at + step])
    found = reader.finish()
    assert found == walked(damaged)
    if found.encrypted:
        assert found.openpgp
        assert found.recipients + found.symmetric
    size = data.draw(st.sampled_from((0, 1, 60, len(damaged), 1 << 40)))
    read_framing(damaged, size)


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    assert framing_problems(walked(data)) != ()
    read_framing(data, 1 << 30)


ARMORED = b"-----BEGIN PGP MESSAGE-----\n\njA0ECQMI\n=AAAA\n-----END PGP MESSAGE-----\n"


def test_pieces_that_cost_time_are_not_walked() -> None:
    tiny = b"\xe0x" * 200_000
    found = walked(passphrase_key() + partial(18, MDC, 9)[: 512 + 2] + tiny)
    assert (found.encrypted, found.cut) == (True, None)
    assert found.notes == ("it is cut into too many pieces to be walked",)


def test_a_line_of_armor_without_end_is_not_held() -> None:
    text = b"-----BEGIN PGP MESSAGE-----\n\n" + b"A" * 300_000
    found = walked(text)
    assert (found.armored, found.notes) == (True, ("its armor is damaged",))
    assert framing_problems(found) == ("sealed.not_encrypted",)
