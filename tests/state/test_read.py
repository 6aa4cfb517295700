"""What the auditor publishes is what the checks read."""

import json

import pytest

from nexoaudit.errors import StateError
from nexoaudit.model.disk import Disk, Place, Raid
from nexoaudit.model.drill import Drill, Step
from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.model.job import Job
from nexoaudit.model.policy import Component, Expect
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import Change
from nexoaudit.state.disks import decode_disk, encode_disk
from nexoaudit.state.file import read_state, state_path, write_state
from nexoaudit.state.read import chosen_path


@pytest.fixture
def full(build):
    """A state in which nothing is empty."""
    copies = [*build.dumps("local"), build.dump(0, "offsite", problems=("sidecar.mismatch",))]
    copies[0] = copies[0]._replace(path="odd \udcff|\n.sql.gz")
    state = build.state(copies)
    expect = Expect(("users",), (("users", 5),), ("lib/config.php",), ("cache/",))
    other = Component("uploads", "uploads", "30 2 * * *", expect=expect, parts=("database",))
    measures = (
        ("dump_bytes", Size(5)),
        ("last_ms", Moment(7)),
        ("rows", 9),
        ("wait_span", Span(3)),
    )
    return state._replace(
        policy=state.policy._replace(components=(*state.policy.components, other)),
        failures={"offsite": Sweep("offsite", 5, "failed", "location.missing", "gone")},
        drills=(
            Drill(
                "database",
                "database",
                1,
                2,
                "pass",
                steps=(Step("restore", 4),),
                measures=measures,
                problems=("drill.no_trailer",),
            ),
        ),
        changes={"config": Change("config", 1, 2)},
        disks={"local": lying_on_disks()},
        jobs={"audit": Job("audit", 1, 2, "pass")},
    )


def lying_on_disks():
    raid = Raid("md0", "raid1", ("sda1", "sdb1"), 1, "recover")
    data = (Place("database", "/var/lib/mysql", ("sdc",), ""), Place("uploads", "/x", (), "nfs"))
    return Disk(
        "local",
        5,
        "complete",
        disks=("sda", "sdb"),
        raids=(raid,),
        data=data,
        leftovers=("files/x",),
        growth=8,
    )


def types(value):
    if isinstance(value, tuple):
        return (type(value), *map(types, value))
    return type(value)


def test_everything_survives(full, tmp_path):
    path = tmp_path / "state.json"
    write_state(path, full)
    found = read_state(path)
    assert found == full
    assert types(found.drills) == types(full.drills)
    assert types(found.disks["local"]) == types(full.disks["local"])
    assert {type(copy.problems) for held in found.copies.values() for copy in held} == {tuple}
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("row", [[], [1], "text", None, 5, list(range(14))])
def test_a_row_of_another_shape_is_refused(full, tmp_path, row):
    path = tmp_path / "state.json"
    write_state(path, full)
    data = json.loads(path.read_text())
    data["copies"]["database"]["full"]["local"] = [row]
    path.write_text(json.dumps(data))
    with pytest.raises(StateError, match="was not written by this version of nexoaudit"):
        read_state(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "0.5"])
def test_only_whole_numbers_are_read(full, tmp_path, number):
    path = tmp_path / "state.json"
    write_state(path, full)
    heartbeat = f'"heartbeat_ms":{full.heartbeat_ms}'
    text = path.read_text()
    assert heartbeat in text
    path.write_text(text.replace(heartbeat, f'"heartbeat_ms":{number}'))
    with pytest.raises(StateError, match="is not a state file"):
        read_state(path)


def test_which_file_is_read(monkeypatch):
    monkeypatch.delenv("NEXOAUDIT_STATE", raising=False)
    assert chosen_path() == "/var/lib/nexoaudit/state.json"
    monkeypatch.setenv("NEXOAUDIT_STATE", "/elsewhere/state.json")
    assert str(state_path()) == "/elsewhere/state.json"
    assert chosen_path("/given") == "/given"


def test_a_disk_is_recorded_as_json_gives_it_back(full):
    disk = full.disks["local"]
    recorded = encode_disk(disk)
    assert json.loads(json.dumps(recorded)) == recorded
    assert decode_disk(recorded) == disk
