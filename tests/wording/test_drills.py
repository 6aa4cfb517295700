"""What keeps a drill from its end: the sentence says what to do."""

import pytest

from nexoaudit.drill.record import UNVERIFIED
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import drill_problem

WITHOUT_REMEDY = {
    "drill.cross_database",
    "drill.logs_encrypted",
    "drill.no_boundary",
    "drill.not_fast",
    "drill.not_replayable",
    "drill.several_databases",
    "drill.sparse",
    "drill.unsupported",
    "drill.version_unread",
}
"""Nothing that can be done here: the backup, or the logs, cannot be drilled in this way."""


@pytest.mark.parametrize("reason", sorted(UNVERIFIED))
def test_what_says_nothing_of_the_backup_says_what_to_do(reason: str) -> None:
    sentence = drill_problem(reason, catalogue("en"))
    what, _, to_do = sentence.partition(": ")
    assert what != reason
    assert bool(to_do) != (reason in WITHOUT_REMEDY), sentence
