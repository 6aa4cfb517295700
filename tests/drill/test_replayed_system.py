"""A system whose database is newer than its files: binary logs are replayed after the dump."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from logged import Live, live, logs_in, position_of
from tarred import Entry, tar
from whole_site import WholeSite

from nexoaudit.drill.onward import Onward
from nexoaudit.drill.system import drill_system
from nexoaudit.model.drill import Drill

pytestmark = pytest.mark.mariadb

TABLES = (
    "CREATE TABLE shop.config (name VARCHAR(20) PRIMARY KEY, value TEXT) DEFAULT CHARSET=utf8mb4",
    "INSERT INTO shop.config VALUES ('motd','welcome'), ('rate','100%')",
    "CREATE TABLE shop.attachments (path VARCHAR(90), size INT) DEFAULT CHARSET=utf8mb4",
    "INSERT INTO shop.attachments VALUES ('2026/a.pdf', 1), ('b ñ.pdf', 1), ('gone.pdf', 1)",
)
SINCE = (
    "DELETE FROM shop.attachments WHERE path = 'gone.pdf'",
    "INSERT INTO shop.attachments VALUES ('of today.pdf', 1)",
)
PHP = """<?php
$db = new PDO(
    'mysql:unix_socket=' . getenv('NEXOAUDIT_SOCKET') . ';dbname=' . getenv('NEXOAUDIT_DATABASE'),
    getenv('NEXOAUDIT_USER')
);
$new = $db->query("SELECT COUNT(*) FROM attachments WHERE path = 'of today.pdf'")->fetchColumn();
echo $new, $db->query("SELECT value FROM config WHERE name = 'motd'")->fetchColumn();
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path, Live]:
    """A dump, and the logs of what happened after it."""
    with live() as site:
        site.run(*TABLES)
        dump = site.dump("--master-data=2", "shop")
        for statement in SINCE:
            site.run(statement)
            site.flush()
        site.run("INSERT INTO shop.hits VALUES (9, 9)")
        return dump, site.copy_logs(tmp_path_factory.mktemp("logs") / "binlog"), site


Restore = Callable[..., Drill]


@pytest.fixture
def restore(short: Path, made: tuple[bytes, Path, Live]) -> Restore:
    """Return a function that drills the system, some logs left out."""
    dump, folder, site = made
    backups = short / "backups"
    backups.mkdir()
    (short / "room").mkdir()
    whole = WholeSite(backups)
    whole.put("d.sql.gz", gzip.compress(dump, 1))

    def drill(without: str = "none", *, damaged: bool = False, files: bool = True) -> Drill:
        if not files:
            entries = (Entry("site/api/index.php", b"<?php"), Entry("site/uploads/x", b"x"))
            whole.put("f.tar.gz", gzip.compress(tar(entries), 1))
        place = whole.location._replace(path=str(folder))
        logs = tuple(log for log in logs_in(folder) if not log.name.endswith(without))
        plan = whole.plan(whole.php(PHP))
        onward = Onward(place, logs, position_of(dump), damaged=damaged)
        parts = (plan.parts[0]._replace(onward=onward), *plan.parts[1:])
        now = site.moment + timedelta(hours=1)
        result = drill_system(plan._replace(parts=parts), now=now, parent=short / "room")
        assert list((short / "room").iterdir()) == []
        return result

    return drill


def test_the_application_is_asked_on_what_was_replayed(restore: Restore) -> None:
    result = restore()
    assert (result.outcome, result.reason) == ("pass", "drill.file_since")
    assert result.detail == "of today.pdf"
    assert [step.name for step in result.steps][:6] == [
        "sandbox", "logs", "restore", "replay", "compare", "count",
    ]  # fmt: skip
    assert result.measure("serving") == 1
    assert (result.measure("reconciled"), result.measure("files_since")) == (2, 1)
    assert result.measure("transactions") == 3


def test_before_damage_it_stops(restore: Restore) -> None:
    result = restore(damaged=True)
    assert (result.outcome, result.measure("transactions")) == ("pass", 2)
    assert result.measure("serving") == 1


def test_a_file_that_is_named_before_and_after_must_be_there(restore: Restore) -> None:
    result = restore(files=False)
    assert (result.outcome, result.reason) == ("fail", "drill.file_missing")
    assert "of today.pdf" not in result.detail
    assert "gone.pdf" not in result.detail


def test_a_log_that_is_missing_fails_the_system(restore: Restore) -> None:
    result = restore("000002")
    assert (result.outcome, result.reason) == ("fail", "drill.log_missing")
    assert result.measure("serving") == 0
