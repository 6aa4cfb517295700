from collections.abc import Iterator
from pathlib import Path

import pytest

from nexoaudit import evidence
from nexoaudit.ledger import Ledger
from nexoaudit.model.prints import PART_BYTES, Prints
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.verification import Verification
from nexoaudit.verification.prints import Printer

LARGE = bytes(PART_BYTES) + b"x"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite", version="1")
    yield opened
    opened.close()


def printed(data: bytes) -> Prints:
    printer = Printer()
    printer.update(data)
    return printer.prints()


def test_prints_outlive_the_copy(ledger: Ledger) -> None:
    sets = [printed(LARGE), printed(b"small"), printed(b"")]
    size = ledger.append(map(evidence.prints_draft, sets), ts_ms=1)
    asked = [found.sha256 for found in sets] + ["0" * 64]
    assert evidence.recall_prints(ledger, size, asked) == {one.sha256: one for one in sets}
    assert list(evidence.recall_prints(ledger, 1, asked)) == [sets[0].sha256]
    assert evidence.recall_prints(ledger, size, []) == {}


def test_the_newest_record_counts(ledger: Ledger) -> None:
    whole = printed(LARGE)
    poor = whole._replace(crc32c="", part_crc32c="", crc64nvme="")
    size = ledger.append([evidence.prints_draft(poor), evidence.prints_draft(whole)], ts_ms=1)
    assert evidence.recall_prints(ledger, size, [whole.sha256])[whole.sha256] == whole
    assert evidence.recall_prints(ledger, 1, [whole.sha256])[whole.sha256] == poor


def test_the_record_of_a_read_does_not_hold_them(ledger: Ledger) -> None:
    seen = Sighting("local", "db", "full", "a.sql", 1, "name", 5, 1, "1:2", 0o600, finished=True)
    found = Verification("ab", 5, 1, "self", 3, (), prints=printed(b"small"))
    draft = evidence.verified_draft(seen, found)
    assert "prints" not in draft.facts
    ledger.append([draft], ts_ms=1)
