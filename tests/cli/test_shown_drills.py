"""How the result of a drill is printed."""

import io
from zoneinfo import ZoneInfo

from rich.console import Console

from nexoaudit.cli.drill import show
from nexoaudit.model.drill import Drill


def shown(result: Drill) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    show(console, result, "en", ZoneInfo("UTC"))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_detail_stands_below_the_problem_that_it_belongs_to():
    found = Drill(
        "config",
        "config",
        0,
        0,
        "fail",
        "drill.path_missing",
        "lib/config.php",
        problems=("drill.open_secret", "drill.path_missing", "drill.not_compared"),
    )
    assert shown(found)[-4:] == [
        "   restored as the backup has them, everybody could read these secrets",
        "   expected paths are missing",
        "      lib/config.php",
        "   the live files could not be compared with the backup",
    ]


def test_what_restored_nothing_has_no_recovery_point():
    found = Drill("database", "database", 0, 0, "fail", "drill.no_copy", location="offsite")
    lines = shown(found)
    assert lines[0] == "✖ failed  database drill of database from offsite"
    assert not any("recovery point" in line for line in lines)


def test_demands_that_hold_can_be_told_from_those_that_were_made():
    found = Drill("database", "database", 0, 0, "pass", measures=(("asserts", 2), ("held", 1)))
    told = [line.split("  ")[0].strip() for line in shown(found)[-2:]]
    assert told == [line for line in told if "demands of the owner" in line]
    assert len(set(told)) == 2
