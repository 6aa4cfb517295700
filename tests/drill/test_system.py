"""The test restore of a whole system: each fault beside the healthy one."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tarred import Entry, tar
from whole_site import CONFIG, DUMP, FILES, NAMED, WholeSite

from nexoaudit.drill.system import Plan
from nexoaudit.model.drill import Drill
from nexoaudit.model.drilling import Reconcile
from nexoaudit.sandbox import cell, memory

pytestmark = pytest.mark.mariadb

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TRUE = ("/bin/true",)


Restore = Callable[[Plan], Drill]


def steps(drill: Drill) -> dict[str, str]:
    return {step.name: step.outcome for step in drill.steps}


def test_a_system_comes_back_and_serves(whole_site: WholeSite, restore_system: Restore) -> None:
    result = restore_system(whole_site.plan(whole_site.php()))
    assert (result.outcome, result.problems, result.detail) == ("pass", (), "")
    assert set(steps(result).values()) == {"pass"}
    assert list(steps(result)) == [
        "sandbox", "restore", "count", "check", "sandbox.files",
        "read.config", "restore.config", "check.config",
        "read.files", "restore.files", "check.files",
        "unsaved", "reconcile", "plant", "serve",
    ]  # fmt: skip
    assert result.measure("serving") == 1
    assert result.measure("health_ms") > 0
    assert (result.measure("reconciled"), result.measure("tables")) == (2, 2)
    assert (result.measure("files"), result.measure("files.restored_files")) == (6, 3)
    assert [(one.part, one.path) for one in result.used] == [
        ("database", "d.sql.gz"),
        ("config", "c.tar.gz"),
        ("files", "f.tar.gz"),
    ]
    assert all(len(one.sha256) == 64 for one in result.used)


@pytest.mark.parametrize(
    ("script", "deadline_s", "reason", "detail"),
    [
        ("echo welcome", 60, "drill.not_served", "8 bytes were answered"),
        ("echo 'Fatal error: password=geheim' >&2; exit 3", 60, "drill.health_failed", "exit code"),
        ("sleep 600 & setsid sleep 600", 1, "drill.health_hangs", "stopped after 1 seconds"),
        ("exit 125", 60, "drill.health_failed", "exit code 125"),
        ("yes 'all is well' | head -c 200000000", 60, "drill.not_served", ""),
    ],
)
def test_an_application_that_does_not_answer_fails(
    whole_site: WholeSite,
    restore_system: Restore,
    script: str,
    deadline_s: int,
    reason: str,
    detail: str,
) -> None:
    result = restore_system(whole_site.plan(whole_site.shell(script), deadline_s=deadline_s))
    assert (result.outcome, result.problems) == ("fail", (reason,))
    assert result.detail.startswith(detail)
    assert "geheim" not in result.detail
    assert (steps(result)["serve"], result.measure("serving")) == ("fail", 0)


def test_a_command_that_is_not_there_fails_with_its_name(
    whole_site: WholeSite, restore_system: Restore
) -> None:
    result = restore_system(whole_site.plan(("/no/such/program",)))
    assert (result.outcome, result.problems) == ("fail", ("drill.health_failed",))
    assert "/no/such/program" in result.detail
    assert steps(result)["serve"] == "fail"


def test_without_a_command_the_rest_counts(whole_site: WholeSite, restore_system: Restore) -> None:
    result = restore_system(whole_site.plan(reconcile=()))
    assert (result.outcome, result.reason) == ("pass", "drill.no_reconcile")
    assert set(result.problems) == {"drill.no_reconcile", "drill.no_health"}
    assert steps(result)["serve"] == steps(result)["reconcile"] == "unverified"
    assert (result.measure("serving"), len(result.used)) == (0, 3)


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        ("UPDATE config SET valu = :nonce", "Unknown column 'valu'"),
        ("UPDATE config SET value = :nonce WHERE name = 'gone'", "the statement changed no row"),
    ],
)
def test_a_nonce_that_cannot_be_planted_is_unverified(
    whole_site: WholeSite, restore_system: Restore, plant: str, said: str
) -> None:
    result = restore_system(whole_site.plan(TRUE, plant=plant))
    assert (result.outcome, result.reason) == ("unverified", "drill.not_planted")
    assert result.detail.startswith(said)
    assert "serve" not in steps(result)


def test_a_file_that_a_row_names_must_come_back(
    whole_site: WholeSite, restore_system: Restore
) -> None:
    rows = DUMP.replace("(NULL,0)", "('2026/late.pdf',1),('../api/index.php',1),('2026',1)")
    whole_site.put("d.sql.gz", gzip.compress(rows.encode()))
    result = restore_system(whole_site.plan())
    assert (result.outcome, result.reason) == ("fail", "drill.file_missing")
    assert result.detail == "2026/late.pdf, ../api/index.php, 2026"
    assert result.measure("reconciled") == 2


@pytest.mark.parametrize("asked", ["nothing", "path, size"])
def test_a_question_that_cannot_be_asked_is_unverified(
    whole_site: WholeSite, restore_system: Restore, asked: str
) -> None:
    question = Reconcile(f"SELECT {asked} FROM attachments")
    result = restore_system(whole_site.plan(reconcile=(question, NAMED)))
    assert (result.outcome, result.reason) == ("unverified", "drill.not_asked")
    assert result.measure("reconciled") == 2


@pytest.mark.parametrize(
    ("left", "saved", "said"),
    [
        ((), (), "accounts and grants, the default character set of the database, the config"),
        (CONFIG[:1], (), "accounts and grants"),
        (CONFIG[:1], ("accounts",), ""),
        (CONFIG[1:], (), "the default character set of the database, the configuration of"),
    ],
)
def test_what_is_in_no_backup_is_named(
    whole_site: WholeSite,
    restore_system: Restore,
    left: tuple[Entry, ...],
    saved: tuple[str, ...],
    said: str,
) -> None:
    whole_site.put("c.tar.gz", gzip.compress(tar([Entry("etc/site/else", b"x"), *left])))
    result = restore_system(whole_site.plan()._replace(saved=frozenset(saved)))
    assert result.outcome == ("fail" if said else "pass")
    assert ("drill.unsaved" in result.problems) == bool(said)
    assert result.detail.startswith(said)


@pytest.mark.parametrize("unread", ["c.tar.gz", "d.sql.gz"])
def test_of_what_could_not_be_read_nobody_says_what_is_not_in_it(
    whole_site: WholeSite, restore_system: Restore, unread: str
) -> None:
    plan = whole_site.plan()
    (whole_site.root / unread).unlink()
    result = restore_system(plan._replace(saved=frozenset()))
    assert "drill.unsaved" not in result.problems
    assert "drill.no_access" in result.problems
    assert result.outcome == "unverified"


def test_a_dump_that_makes_its_database_says_its_character_set(
    whole_site: WholeSite, restore_system: Restore
) -> None:
    made = DUMP.replace(
        "CREATE TABLE `config`",
        "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\nUSE `shop`;\n"
        "CREATE TABLE `config`",
        1,
    )
    whole_site.put("d.sql.gz", gzip.compress(made.encode()))
    whole_site.put("c.tar.gz", gzip.compress(tar([Entry("my.cnf", b"[mysqld]\n"), CONFIG[1]])))
    assert "drill.unsaved" not in restore_system(whole_site.plan()).problems


def test_a_part_without_a_backup_fails(whole_site: WholeSite, restore_system: Restore) -> None:
    plan = whole_site.plan(TRUE)
    without = plan._replace(parts=plan.parts[:2])
    result = restore_system(without)
    assert (result.outcome, result.reason, result.detail) == ("fail", "drill.part_missing", "files")
    result = restore_system(plan._replace(parts=plan.parts[1:]))
    assert (result.outcome, result.detail) == ("fail", "database")
    assert "check.files" in steps(result)
    result = restore_system(plan._replace(parts=(), left_out=("shop-2",)))
    assert result.detail == "database, config, files"
    assert "drill.part_left_out" in result.problems


def test_a_broken_part_fails_and_the_others_are_restored(
    whole_site: WholeSite, restore_system: Restore
) -> None:
    whole_site.put("d.sql.gz", gzip.compress(DUMP.replace("INSERT", "INSERTED").encode()))
    whole_site.put("f.tar.gz", gzip.compress(tar(FILES))[:-20])
    result = restore_system(whole_site.plan(TRUE))
    assert result.outcome == "fail"
    assert {"drill.load_failed", "drill.unreadable"} <= set(result.problems)
    assert steps(result)["read.files"] == "fail"
    assert steps(result)["check.config"] == "pass"
    assert "serve" not in steps(result)


def test_what_cannot_be_run_here_is_unverified(
    whole_site: WholeSite, restore_system: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise cell.IsolationError("namespaces of its own are refused: Operation not permitted")

    monkeypatch.setattr(cell, "run", refused)
    result = restore_system(whole_site.plan(TRUE))
    assert (result.outcome, result.reason) == ("unverified", "drill.no_isolation")
    monkeypatch.setattr(memory, "NEEDED", 1 << 60)
    monkeypatch.setattr(memory.require, "__defaults__", (1 << 60,))
    result = restore_system(whole_site.plan(TRUE))
    assert (result.outcome, result.reason) == ("unverified", "drill.no_memory")
