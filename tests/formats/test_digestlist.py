import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.digestlist import MAX_SIZE, read_digests

DIGEST = "ab" * 32


def test_a_list_of_sha256sum_is_read_in_order(tmp_path):
    path = tmp_path / "list"
    path.write_bytes(
        f"{DIGEST}  /mnt/a b.gz\r\n\n{'CD' * 32} *b\n\\{DIGEST}  c\\nd\n".encode() + b"\n"
    )
    found = [(entry.digest, entry.name) for entry in read_digests(path)]
    assert found == [(DIGEST, "/mnt/a b.gz"), ("cd" * 32, "b"), (DIGEST, "c\nd")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "lists nothing"),
        (b"\n\n", "lists nothing"),
        (f"{DIGEST}  a\n{DIGEST[:-1]}  b\n".encode(), ":2 is no line of sha256sum"),
        (f"{DIGEST}  a\nsha256sum: b: Input/output error\n".encode(), ":2 is no line of sha256sum"),
        (b"a" * (MAX_SIZE + 1), "is larger than 32 MiB"),
    ],
)
def test_half_a_list_does_not_pass_for_a_whole_one(tmp_path, data, said):
    path = tmp_path / "list"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=said):
        read_digests(path)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_list_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    try:
        entries = read_digests(path)
    except ValueError:
        return
    assert entries
    assert all(len(entry.digest) == len(hashlib.sha256().hexdigest()) for entry in entries)
