"""The runbook of damaged data, run: what was there comes back, and nothing is lost on the way."""

import shutil
import time
from datetime import timedelta

import pytest
from recovering import NEVER, assert_files, assert_whole, book, closed, live

from nexoaudit.cli.main import main

pytestmark = pytest.mark.mariadb


def test_damaged_data_comes_back_to_the_moment_before(alone, box, health):
    backups = live(box)
    backups.put(alone)
    stop = box.ask("SELECT NOW() + INTERVAL 1 SECOND")[0]
    while box.ask("SELECT NOW()")[0] <= stop:
        time.sleep(0.1)
    box.do("DELETE FROM shop.`it's ``odd``; -- $(x)`", "DELETE FROM shop.users")
    box.do("DROP VIEW shop.named", "FLUSH BINARY LOGS")
    backups._replace(logs=closed(box)).copy(alone, "local")
    (box.application / "uploads").mkdir()
    (box.application / "uploads/a.bin").write_bytes(b"encrypted by somebody")
    (box.application / "uploads/new.txt").write_text("of today")
    box.application.chmod(0o751)
    alone.audit()
    text = book(alone, "data-corruption")
    done = box.run(text, HEALTH_URL=health)
    assert done.returncode
    assert "STOP: set it to the moment just before the damage" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop\\_%'") == []
    assert not box.log.exists()
    done = box.run(text, HEALTH_URL=health, STOP=str(stop))
    assert "Could not resolve host" in done.stderr  # it asks where the users do
    assert_whole(box)
    assert box.ask("SELECT COUNT(*) FROM shop_before.users") == [0]
    assert_files(box)
    assert (box.application / "uploads/new.txt").read_text() == "of today"
    assert box.application.stat().st_mode & 0o777 == 0o751
    kept = box.application.with_name(box.application.name + ".before")
    assert (kept / "uploads/a.bin").read_bytes() == b"encrypted by somebody"
    assert box.said == ["stop cron.service", "stop apache2", "start apache2"]


def test_nothing_is_overwritten_by_what_is_not_what_was_recorded(alone, backups, box, health):
    backups.put(alone)
    alone.audit()
    text = book(alone, "data-corruption")
    path = sorted((alone.root / "local").glob("files_*.tar.gz"))[-1]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = box.run(text, HEALTH_URL=health, STOP=NEVER)
    assert done.returncode == 1
    assert "is not what was recorded of it" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop\\_%'") == []
    assert list(box.application.iterdir()) == []


def test_what_did_not_come_back_stops_it_before_the_swap(alone, box, health):
    live(box).put(alone)
    alone.audit()
    text = book(alone, "data-corruption")
    rows = "rows '`shop_restored`.`users`' 9"
    assert f"{rows}0" in text
    done = box.run(text.replace(f"{rows}0", f"{rows}1"), HEALTH_URL=health, STOP=NEVER)
    assert "STOP: `shop_restored`.`users` has 90 rows, not 91" in done.stderr
    box.do("DROP DATABASE shop_restored")
    # An account that views and triggers need is missing.
    text = text.replace("| fed -- ", "| named | fed -- ")
    named = "named() { sed '/TRIGGER/s/`root`@`localhost`/`gone`@`%`/'; }\n"
    shutil.rmtree(box.root / "work")
    done = box.run(named + text, HEALTH_URL=health, STOP=NEVER)
    assert "STOP: create these accounts first" in done.stderr
    assert "gone@%" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop_before'") == []
    assert box.ask("SELECT COUNT(*) FROM shop.users") == [91]


def test_an_archive_with_a_directory_on_top_lands_where_it_belongs(alone, backups, box, health):
    backups.put(alone)
    for place in ("local", "offsite"):
        alone.archive(0, place, top="the old 'site'/")
    alone.audit()
    done = box.run(book(alone, "data-corruption"), HEALTH_URL=health, STOP=NEVER)
    assert "Could not resolve host" in done.stderr
    assert_files(box)
    assert {path.name for path in box.application.iterdir()} == {"uploads", "lib"}


def test_names_of_any_kind_are_data_and_no_commands(alone, box, health):
    live(box).put(alone)
    odd = alone.root / "lo'cal $(touch pwned); `touch pwned` ñ"
    (alone.root / "local").rename(odd)
    alone.replace(f'path = "{alone.root}/local"', f'path = "{odd}"')
    alone.audit()
    done = box.run(book(alone, "data-corruption"), HEALTH_URL=health, STOP=NEVER)
    assert "Could not resolve host" in done.stderr
    assert_whole(box)
    assert not list(alone.root.rglob("pwned"))


def test_damage_that_the_newest_dump_holds_stops_it(alone, backups, box, health):
    """STOP lies before that dump: an older one has to be taken, and its logs."""
    backups.put(alone)
    alone.audit()
    stop = backups.made - timedelta(hours=2)
    done = box.run(book(alone, "data-corruption"), HEALTH_URL=health, STOP=f"{stop:%F %T}")
    assert "STOP: the newest dump is not older than" in done.stderr
    assert f"nexoaudit runbook data-corruption --before '{stop:%F %T}'" in done.stderr
    assert not box.log.exists()
    out = alone.root / "book.txt"
    argv = ["runbook", "data-corruption", "--before", f"{stop:%F %T}", "--output", str(out)]
    assert main([*argv, "--config", str(alone.config)], lambda: alone.now) == 0
    assert "db_20261120_020000.sql.gz" in out.read_text()
    assert f"db_{backups.made:%Y%m%d}" not in out.read_text()


def test_a_place_in_the_logs_stops_it_as_well(alone, box, health):
    backups = live(box)
    backups.put(alone)
    alone.audit()
    log = max(backups.logs)
    row = box.ask(f"SHOW BINLOG EVENTS IN '{log}'", column=slice(1, 3))
    place = next(at for at, kind in row if kind == "Gtid")
    text = book(alone, "data-corruption")
    for wrong, said in (
        (f"mysql-bin.999999:{place}", "is in none of the logs"),
        ("2026-11-20", "is no moment such as"),
    ):
        done = box.run(text, HEALTH_URL=health, STOP=wrong)
        assert said in done.stderr
        assert not box.log.exists()
    done = box.run(text, HEALTH_URL=health, STOP=f"{log}:{place}")
    assert "Could not resolve host" in done.stderr
    users = box.ask("SELECT id FROM shop.users WHERE id > 88 ORDER BY id")
    assert users == [89, 91]
