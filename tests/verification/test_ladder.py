import random
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storelike import ALGORITHMS, MIB, composite, full, stored

from nexoaudit.model.prints import PartSums, Prints
from nexoaudit.model.stored import Checksum, Stored
from nexoaudit.verification.ladder import Proof, prove
from nexoaudit.verification.parts import Again
from nexoaudit.verification.prints import Printer

LONG = random.Random(21).randbytes(21 * MIB + 77)
SHORT = LONG[:3000]
EXACT = LONG[: 16 * MIB]
GRADES = {"sha256": "sha256", "md5": "md5", "crc32": "crc", "crc32c": "crc", "crc64nvme": "crc"}
COMPOSITES = ("sha256", "md5", "crc32", "crc32c")


@cache
def prints(data: bytes) -> Prints:
    printer = Printer()
    printer.update(data)
    return printer.prints()


@cache
def flipped(data: bytes) -> bytes:
    middle = len(data) * 2 // 3
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


@cache
def beginning(size: int) -> bytes:
    return LONG[:size]


@cache
def again(data: bytes) -> Again:
    @cache
    def read(sizes: Sequence[int]) -> PartSums:
        printer = Printer(sizes)
        printer.update(data)
        return printer.sums()

    return read


def never(sizes: Sequence[int]) -> PartSums:
    raise AssertionError(f"nobody needs to read parts of {sizes}")


def told(data: bytes, algorithm: str, part: int = 0, scope: str = "") -> Checksum:
    value = composite(data, algorithm, part) if part else full(data, algorithm)
    return Checksum(algorithm, value, scope or ("composite" if part else "full"))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("scope", ["full", "unsaid"])
@pytest.mark.parametrize("data", [b"", SHORT, LONG], ids=len)
def test_full_checksums(algorithm: str, scope: str, data: bytes) -> None:
    said = stored(data, told(data, algorithm, scope=scope))
    assert prove(said, prints(data), never) == Proof(GRADES[algorithm], f"{algorithm} full")
    if data:
        other = stored(flipped(data), told(flipped(data), algorithm, scope=scope))
        assert prove(other, prints(data)).grade == "mismatch"


@pytest.mark.parametrize("algorithm", COMPOSITES)
@pytest.mark.parametrize("scope", ["composite", "unsaid"])
@pytest.mark.parametrize("data", [LONG, EXACT], ids=len)
def test_composites_of_recorded_parts(algorithm: str, scope: str, data: bytes) -> None:
    part = 8 * MIB
    said = stored(data, told(data, algorithm, part, scope), part=part)
    count = -(-len(data) // part)
    expected = Proof(GRADES[algorithm], f"{algorithm} composite {count}x8MiB")
    assert prove(said, prints(data), never) == expected
    bad = stored(flipped(data), told(flipped(data), algorithm, part, scope), part=part)
    assert prove(bad, prints(data)) == Proof("mismatch", expected.how)


@pytest.mark.parametrize("algorithm", COMPOSITES)
def test_an_upload_of_one_part(algorithm: str) -> None:
    said = stored(SHORT, told(SHORT, algorithm, 8 * MIB), part=8 * MIB)
    assert prove(said, prints(SHORT), never).grade == GRADES[algorithm]
    other = stored(flipped(SHORT), told(flipped(SHORT), algorithm, 8 * MIB))
    assert prove(other, prints(SHORT)).grade == "mismatch"


@pytest.mark.parametrize("algorithm", ["crc32", "crc32c"])
def test_larger_parts_are_combined_without_a_read(algorithm: str) -> None:
    said = stored(LONG, told(LONG, algorithm, 16 * MIB), part=16 * MIB)
    assert prove(said, prints(LONG), never) == Proof("crc", f"{algorithm} composite 2x16MiB")
    other = stored(flipped(LONG), told(flipped(LONG), algorithm, 16 * MIB), part=16 * MIB)
    assert prove(other, prints(LONG), never).grade == "mismatch"


@pytest.mark.parametrize("algorithm", ["crc32", "crc32c"])
def test_uneven_parts_are_combined(algorithm: str) -> None:
    digest = ALGORITHMS[algorithm]
    pieces = LONG[: 16 * MIB], LONG[16 * MIB :]
    value = digest(b"".join(map(digest, pieces))).hex()
    said = stored(LONG, Checksum(algorithm, value, "composite"))
    said = said._replace(part_sizes=tuple(map(len, pieces)), parts=2)
    assert prove(said, prints(LONG), never).grade == "crc"


@pytest.mark.parametrize("algorithm", COMPOSITES)
def test_odd_parts_need_a_read(algorithm: str) -> None:
    part = 7_340_000
    said = stored(LONG, told(LONG, algorithm, part), part=part)
    assert prove(said, prints(LONG)) == Proof("size", "size")
    expected = Proof(GRADES[algorithm], f"{algorithm} composite 4x7340000")
    assert prove(said, prints(LONG), again(LONG)) == expected
    other = stored(flipped(LONG), told(flipped(LONG), algorithm, part), part=part)
    assert prove(other, prints(LONG), again(LONG)).grade == "mismatch"


def test_a_file_that_was_replaced_meanwhile_proves_nothing() -> None:
    said = stored(flipped(LONG), told(flipped(LONG), "md5", 5 * MIB), part=5 * MIB)
    assert prove(said, prints(LONG), again(flipped(LONG))).grade == "size"
    assert prove(said, prints(LONG), lambda sizes: PartSums()).grade == "size"


@pytest.mark.parametrize(("part", "grade"), [(8, "md5"), (5, "md5"), (15, "md5"), (9, "size")])
def test_part_sizes_that_are_not_told_are_guessed(part: int, grade: str) -> None:
    said = stored(LONG, told(LONG, "md5", part * MIB), part=part * MIB, sizes_told=False)
    proof = prove(said, prints(LONG), again(LONG))
    assert proof.grade == grade
    assert proof.how.endswith("guessed") == (grade != "size")
    other = stored(
        flipped(LONG), told(flipped(LONG), "md5", part * MIB), part=part * MIB, sizes_told=False
    )
    assert prove(other, prints(LONG), again(LONG)) == Proof("size", "size")


def test_a_recorded_guess_costs_no_read() -> None:
    said = stored(LONG, told(LONG, "md5", 8 * MIB), part=8 * MIB, sizes_told=False)
    assert prove(said, prints(LONG), never) == Proof("md5", "md5 composite 3x8MiB guessed")


def test_another_size_is_a_mismatch() -> None:
    said = stored(SHORT + b"!", told(SHORT, "sha256"))
    assert prove(said, prints(SHORT)) == Proof("mismatch", "size")


def test_the_strongest_is_what_counts() -> None:
    names = list(ALGORITHMS)
    said = stored(SHORT, *(told(SHORT, name) for name in reversed(names)))
    assert prove(said, prints(SHORT)) == Proof("sha256", "sha256 full")
    assert prove(said._replace(checksums=said.checksums[:-1]), prints(SHORT)).grade == "md5"


def test_a_store_that_contradicts_itself() -> None:
    said = stored(SHORT, told(SHORT, "sha256"), told(flipped(SHORT), "md5"))
    assert prove(said, prints(SHORT)) == Proof("mismatch", "contradiction sha256 full, md5 full")
    said = stored(SHORT, told(flipped(SHORT), "sha256"), told(SHORT, "md5"))
    assert prove(said, prints(SHORT)) == Proof("mismatch", "contradiction md5 full, sha256 full")


def test_an_etag_is_no_md5_under_a_key_of_the_store() -> None:
    said = stored(SHORT, told(flipped(SHORT), "md5"), told(SHORT, "crc32"))
    assert prove(said._replace(encryption="AES256"), prints(SHORT)).grade == "mismatch"
    assert prove(said._replace(encryption="aws:kms"), prints(SHORT)).grade == "crc"


@pytest.mark.parametrize(
    "strange",
    [
        Checksum("sha512", "ab" * 64),
        Checksum("xxhash128", "ab" * 16),
        Checksum("md5", "ab" * 15),
        Checksum("md5", "not hexadecimal"),
        Checksum("sha256", ""),
        Checksum("crc64nvme", "ab" * 8, "composite"),
    ],
    ids=str,
)
def test_what_is_not_known_here_is_ignored(strange: Checksum) -> None:
    assert prove(stored(LONG, strange, part=8 * MIB), prints(LONG)) == Proof("size", "size")
    with_one = stored(LONG, strange, told(LONG, "crc32"), part=8 * MIB)
    assert prove(with_one, prints(LONG)) == Proof("crc", "crc32 full")


def test_prints_of_a_machine_without_awscrt() -> None:
    poor = prints(LONG)._replace(crc32c="", crc64nvme="", part_crc32c="")
    said = stored(LONG, told(LONG, "crc32c"), told(LONG, "crc64nvme"))
    assert prove(said, poor) == Proof("size", "size")
    unsaid = stored(LONG, told(flipped(LONG), "crc32c", 8 * MIB, "unsaid"), part=8 * MIB)
    assert prove(unsaid, poor).grade == "size"


@pytest.mark.parametrize("sizes", [(1, 2), (-5, 21 * MIB + 82), (0, 21 * MIB + 77)])
def test_part_sizes_that_cannot_be_are_not_believed(sizes: tuple[int, ...]) -> None:
    said = stored(LONG, told(flipped(LONG), "md5", 8 * MIB))._replace(part_sizes=sizes, parts=2)
    assert prove(said, prints(LONG), again(LONG)) == Proof("size", "size")


def test_what_was_not_told_is_not_compared() -> None:
    with pytest.raises(ValueError, match="refused"):
        prove(Stored("x", outcome="refused"), prints(b""))


CLAIMS = st.lists(
    st.tuples(st.sampled_from(list(ALGORITHMS)), st.booleans(), st.booleans()), max_size=4
)
"""Algorithm, whether it is composite, whether its scope is said."""


@settings(max_examples=150)
@given(
    size=st.sampled_from((1, 3000, 8 * MIB, 8 * MIB + 1, 16 * MIB, len(LONG))),
    part=st.sampled_from((5 * MIB, 7_340_000, 8 * MIB, 16 * MIB)),
    claims=CLAIMS,
    sizes_told=st.booleans(),
    local=st.booleans(),
)
def test_right_bytes_are_never_wrong_and_wrong_ones_never_right(
    size: int, part: int, claims: list[tuple[str, bool, bool]], sizes_told: bool, local: bool
) -> None:
    data = beginning(size)

    def says(content: bytes) -> Stored:
        sums = (
            told(
                content,
                name,
                part if in_parts and name in COMPOSITES else 0,
                "" if said else "unsaid",
            )
            for name, in_parts, said in claims
        )
        return stored(content, *sums, part=part, sizes_told=sizes_told)

    read = again(data) if local else None
    good = prove(says(data), prints(data), read)
    bad = prove(says(flipped(data)), prints(data), read)
    assert good.grade != "mismatch"
    assert bad.grade in {"mismatch", "size"}
    if sizes_told and all(said for _, _, said in claims):
        assert (good.grade == "size") == (bad.grade == "size")
