"""The runbook of damaged data, run: what was there comes back, and nothing is lost on the way."""

import time

import pytest
from recovering import NEVER, assert_files, assert_whole, book, closed, live

pytestmark = pytest.mark.mariadb


def test_damaged_data_comes_back_to_the_moment_before(hit, box, health):
    backups = live(box)
    backups.put(hit)
    stop = box.ask("SELECT NOW() + INTERVAL 1 SECOND")[0]
    while box.ask("SELECT NOW()")[0] <= stop:
        time.sleep(0.1)
    box.do("DELETE FROM shop.`it's ``odd``; -- $(x)`", "DELETE FROM shop.users")
    box.do("DROP VIEW shop.named", "FLUSH BINARY LOGS")
    backups._replace(logs=closed(box)).copy(hit, "local")
    (box.application / "uploads").mkdir()
    (box.application / "uploads/a.bin").write_bytes(b"encrypted by somebody")
    (box.application / "uploads/new.txt").write_text("of today")
    box.application.chmod(0o751)
    hit.audit()
    text = book(hit, "data-corruption")
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


def test_nothing_is_overwritten_by_what_is_not_what_was_recorded(hit, box, health):
    live(box).put(hit)
    hit.audit()
    text = book(hit, "data-corruption")
    path = sorted((hit.root / "local").glob("files_*.tar.gz"))[-1]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = box.run(text, HEALTH_URL=health, STOP=NEVER)
    assert done.returncode == 1
    assert "is not what was recorded of it" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop\\_%'") == []
    assert list(box.application.iterdir()) == []


def test_rows_that_did_not_come_back_stop_it_before_the_swap(hit, box, health):
    live(box).put(hit)
    hit.audit()
    text = book(hit, "data-corruption")
    assert "rows '`shop_restored`.`users`' 90" in text
    text = text.replace("rows '`shop_restored`.`users`' 90", "rows '`shop_restored`.`users`' 91")
    done = box.run(text, HEALTH_URL=health, STOP=NEVER)
    assert "STOP: `shop_restored`.`users` has 90 rows, not 91" in done.stderr
    assert box.ask("SELECT COUNT(*) FROM shop.users") == [91]


def test_an_account_that_is_missing_stops_it_before_the_swap(hit, box, health):
    live(box).put(hit)
    hit.audit()
    text = book(hit, "data-corruption").replace("| mariadb --d", "| named | mariadb --d")
    named = "named() { sed '/TRIGGER/s/`root`@`localhost`/`gone`@`%`/'; }\n"
    done = box.run(named + text, HEALTH_URL=health, STOP=NEVER)
    assert "STOP: create these accounts first" in done.stderr
    assert "gone@%" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop_before'") == []


def test_an_archive_with_a_directory_on_top_lands_where_it_belongs(hit, box, health):
    live(box).put(hit)
    for place in ("local", "offsite"):
        hit.archive(0, place, top="the old 'site'/")
    hit.audit()
    done = box.run(book(hit, "data-corruption"), HEALTH_URL=health, STOP=NEVER)
    assert "Could not resolve host" in done.stderr
    assert_files(box)
    assert {path.name for path in box.application.iterdir()} == {"uploads", "lib"}


def test_names_of_any_kind_are_data_and_no_commands(hit, box, health):
    live(box).put(hit)
    odd = hit.root / "lo'cal $(touch pwned); `touch pwned` ñ"
    (hit.root / "local").rename(odd)
    hit.replace(f'path = "{hit.root}/local"', f'path = "{odd}"')
    hit.audit()
    done = box.run(book(hit, "data-corruption"), HEALTH_URL=health, STOP=NEVER)
    assert "Could not resolve host" in done.stderr
    assert_whole(box)
    assert not list(hit.root.rglob("pwned"))
