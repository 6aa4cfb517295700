import os
import tomllib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.errors import LocationError
from nexoaudit.inventory.scan import scan
from nexoaudit.model.moments import millis
from nexoaudit.policy.found import Starter
from nexoaudit.policy.infer import inferred_schedule
from nexoaudit.policy.load import load
from nexoaudit.policy.starter import starter_toml

ZONE = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)


@pytest.fixture
def guide(tmp_path):
    """The names of a guide site, a week of each."""
    for day in range(7):
        moment = NOW.replace(hour=1, minute=15) - timedelta(days=day)
        for name in (
            f"database/shop_db_{moment:%Y%m%d_%H%M}07.sql.gz",
            f"files/shop_files_{moment:%Y%m%d_%H%M%S}.tar.gz",
            f"config/config_{moment:%Y%m%d_%H%M%S}.tar.gz",
            f"binlog/mysql-bin.00000{day}",
            f"incremental/current/uploads/invoice_{moment:%Y%m%d}.tar.gz",
        ):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            if "binlog" not in name:
                (tmp_path / (name + ".sha256")).write_bytes(b"x")
    (tmp_path / "binlog/mysql-bin.index").write_bytes(b"x")
    return tmp_path


def test_the_guides_components_are_recognised_by_name(guide):
    found = {group.kind: group for group in scan(guide, ZONE).groups}
    assert set(found) == {"database", "uploads", "config", "binlog"}
    assert found["database"].pattern == "database/shop_db_{time:%Y%m%d_%H%M%S}.sql.gz"
    assert found["binlog"].pattern == "binlog/mysql-bin.{number}"
    assert (found["database"].files, found["database"].sidecars) == (7, 7)
    assert scan(guide, ZONE).others == (("binlog", 1),)
    assert [g.pattern for g in scan(guide, ZONE).groups if g.pattern.endswith("/")] == [
        "incremental/*/"
    ]


def starter(root, **changes):
    found = scan(root, ZONE)
    base = Starter("shop", "Europe/Madrid", root / "state", root, found.groups, found.others, NOW)
    return base._replace(**changes)


def test_what_is_written_is_a_valid_configuration(guide, tmp_path):
    path = guide / "site.toml"
    path.write_text(starter_toml(starter(guide)))
    policy = load(path).policy
    database = policy.component("database")
    assert database.schedule == "15 1 * * *"  # from the names, not the guide's 02:00
    assert database.since_ms == millis(datetime(2026, 11, 14, tzinfo=ZONE))
    assert database.series[0].keep_s == 30 * 86400
    assert policy.component("binlog").schedule == "0 * * * *"
    assert database.window == ""  # the guide's window is not this site's
    assert policy.component("system").parts == ("database", "uploads", "config")
    assert [c.id for c in policy.components if not c.configured] == ["code", "logs"]
    assert {s.id: (s.rpo_s // 3600, s.rto_s // 3600) for s in policy.scenarios} == {
        "data-corruption": (24, 2),
        "server-failure": (24, 4),
        "site-disaster": (24, 8),
    }


def test_an_empty_directory_gives_a_configuration_in_which_nothing_is_configured(tmp_path):
    (tmp_path / "state.toml").write_text("")
    text = starter_toml(starter(tmp_path))
    path = tmp_path / "site.toml"
    path.write_text(text)
    assert not any(component.configured for component in load(path).policy.components)
    assert "Nothing that looks like it was found" in text


def test_names_that_toml_must_escape_survive(guide):
    odd = starter(guide, name='a "quoted" \\ café\x7f\n')
    assert tomllib.loads(starter_toml(odd))["site"]["name"] == odd.name


def test_a_directory_that_does_not_exist_is_one_sentence(tmp_path):
    with pytest.raises(LocationError, match="is not a directory"):
        scan(tmp_path / "none", ZONE)


@pytest.mark.parametrize(
    ("step", "count", "expected"),
    [(1, 10, "15 1 * * *"), (7, 10, "15 1 * * 5"), (1, 2, ""), (3, 10, "")],
)
def test_a_schedule_is_inferred_only_where_it_is_plain(step, count, expected):
    times = [NOW.replace(hour=1, minute=15) - timedelta(days=step * n) for n in range(count)]
    assert inferred_schedule(tuple(reversed(times))) == expected


def test_scattered_times_are_no_schedule():
    times = tuple(datetime(2026, 11, day, day, day, tzinfo=UTC) for day in range(1, 20))
    assert inferred_schedule(times) == ""


def test_a_date_without_a_clock_takes_its_time_from_the_file(tmp_path):
    for day in range(8):
        moment = NOW.replace(hour=1, minute=12 + day % 4) - timedelta(days=day)
        path = tmp_path / f"shop-{moment:%Y-%m-%d}.sql.gz"
        path.write_bytes(b"x")
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    empty = tmp_path / "shop-2026-10-01.sql.gz"
    empty.touch()
    stray = tmp_path / "old/copy-2026-11-12.sql.gz"
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    path = tmp_path / "site.toml"
    path.write_text(starter_toml(starter(tmp_path)))
    database = load(path).policy.component("database")
    assert database.schedule == "10 1 * * *"
    assert len(database.series) == 1
    assert not database.series[0].sidecar
    assert database.since_ms == millis(datetime(2026, 11, 13, tzinfo=ZONE))
    assert "Left out as a stray" in path.read_text()


def test_two_databases_are_two_components(tmp_path):
    for name, hour in (("shop", 1), ("blog", 3)):
        for day in range(5):
            moment = NOW.replace(hour=hour, minute=15) - timedelta(days=day)
            (tmp_path / f"{name}_{moment:%Y%m%d_%H%M%S}.sql.gz").write_bytes(b"x")
    path = tmp_path / "site.toml"
    path.write_text(starter_toml(starter(tmp_path)))
    found = {c.id: c for c in load(path).policy.components if c.kind == "database"}
    assert {c.schedule for c in found.values()} == {"15 1 * * *", "15 3 * * *"}
    assert set(found) == {"database", "database-2"}
