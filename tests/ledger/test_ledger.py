import hashlib
import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.errors import LedgerError
from nexoaudit.formats.merkle import merkle_root
from nexoaudit.ledger import Draft, Ledger


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite", version="1.2.3")
    yield ledger
    ledger.close()


def drafts(n):
    return [Draft("job", f"job{i % 3}", {"number": i}) for i in range(n)]


def test_what_is_appended_is_read_back_in_order(ledger):
    assert ledger.append(drafts(4), ts_ms=10) == 4
    assert ledger.append(drafts(2), ts_ms=20) == 6
    found = list(ledger.between(0, 100, size=6, kinds=("job",)))
    assert [entry.idx for entry in found] == list(range(6))
    assert [entry.ts for entry in found] == [10] * 4 + [20] * 2
    assert found[3].facts == {"number": 3}


def test_bodies_are_canonical_json_and_leaves_are_their_hashes(ledger):
    ledger.append([Draft("job", "ñ", {"b": 1, "a": [True, None, "é"]})], ts_ms=5)
    ((body, leaf),) = sqlite3.connect(ledger.path).execute("SELECT body, leaf FROM entry")
    assert (
        body
        == json.dumps(
            json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )
    assert leaf == hashlib.sha256(b"\0" + body).digest()
    assert json.loads(body)["collector"] == {"name": "nexoaudit", "version": "1.2.3"}


def test_a_demonstration_says_so_in_every_entry(tmp_path):
    ledger = Ledger(tmp_path / "l.sqlite", version="1", demonstration=True)
    ledger.append(drafts(2), ts_ms=1)
    for (body,) in sqlite3.connect(ledger.path).execute("SELECT body FROM entry"):
        assert json.loads(body)["demonstration"] is True
    ledger.close()


def test_the_latest_of_each_kind_and_subject_as_of_any_size(ledger):
    ledger.append(drafts(7), ts_ms=1)
    assert [entry.idx for entry in ledger.latest(("job",), size=7)] == [4, 5, 6]
    assert [entry.idx for entry in ledger.latest(("job",), size=4)] == [1, 2, 3]


def test_nothing_can_be_changed_deleted_or_slipped_in(ledger):
    ledger.append(drafts(3), ts_ms=1)
    db = sqlite3.connect(ledger.path)
    for statement in (
        "UPDATE entry SET ts = 0",
        "DELETE FROM entry WHERE idx = 2",
        "INSERT INTO entry VALUES (9, 1, 'job', 's', x'00', x'00')",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()


def test_a_bad_draft_leaves_nothing_behind(ledger):
    for bad in (
        Draft("nonsense", "x", {}),
        Draft("job", "x", {"big": 2**60}),
        Draft("job", "x", {"float": object()}),
    ):
        with pytest.raises(LedgerError, match="nothing was written"):
            ledger.append([*drafts(2), bad], ts_ms=1)
    assert ledger.size == 0
    assert ledger.append(drafts(1), ts_ms=1) == 1


def test_names_that_are_not_utf8_can_be_recorded(ledger):
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    ledger.append([Draft("copy.gone", name, {"path": name})], ts_ms=1)
    (entry,) = ledger.latest(("copy.gone",), size=1)
    assert entry.subject == entry.facts["path"] == "caf\\xe9"


def test_the_file_is_the_auditors_alone(ledger):
    ledger.append(drafts(1), ts_ms=1)
    assert ledger.path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_ledger_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.write_text("this is not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger(path, version="1")


def test_the_root_follows_rfc_9162():
    def root(leaves):
        if not leaves:
            return hashlib.sha256(b"").digest()
        if len(leaves) == 1:
            return leaves[0]
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        left, right = root(leaves[:split]), root(leaves[split:])
        return hashlib.sha256(b"\x01" + left + right).digest()

    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(70)]
    for size in range(70):
        assert merkle_root(leaves[:size]) == root(leaves[:size])


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40))
def test_any_other_leaf_gives_another_root(leaves):
    changed = [*leaves[:-1], bytes(32 * [leaves[-1][0] ^ 1])]
    assert merkle_root(leaves) != merkle_root(changed)
