"""Damaged ledgers and odd observations: an answer or one sentence, never a crash."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.errors import LedgerError
from nexoaudit.ledger import Draft, Ledger

MORE = settings(max_examples=max(100, settings().max_examples))
_TEXT = st.text(st.characters(), max_size=12)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT | st.floats() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "ledger.sqlite"
    ledger = Ledger(path, version="1")
    drafts = [Draft("job", f"job{n % 5}", {"number": n, "text": "x" * n}) for n in range(80)]
    ledger.append(drafts, ts_ms=1_700_000_000_000)
    ledger.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "ledger.sqlite"


@MORE
@given(data=st.data())
def test_a_damaged_file_is_one_sentence(sample, place, mutated, data):
    for beside in place.parent.iterdir():
        beside.unlink(missing_ok=True)
    place.write_bytes(data.draw(mutated(sample)))
    try:
        ledger = Ledger(place, version="1")
    except LedgerError:
        return
    try:
        size = ledger.size
        ledger.root(size)
        for entry in ledger.latest(("job",), size=size):
            assert isinstance(entry.facts, dict)
        ledger.append([Draft("job", "audit", {"n": 1})], ts_ms=2)
    except LedgerError:
        pass
    finally:
        ledger.close()


def test_odd_observations_are_recorded_as_json_or_refused(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite", version="1")

    @MORE
    @given(facts=st.dictionaries(_TEXT, _VALUES, max_size=4), subject=_TEXT)
    def recorded(facts, subject):
        before = ledger.size
        try:
            ledger.append([Draft("job", subject, facts)], ts_ms=5)
        except LedgerError:
            assert ledger.size == before
            return
        entry = ledger.entry(before)
        assert json.loads(json.dumps(entry.facts)) == entry.facts

    recorded()
    ledger.close()
