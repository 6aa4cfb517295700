"""State and policy as JSON values and back; copies as rows, for the poll checks' sake."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from nexoaudit.model.assertion import Assertion
from nexoaudit.model.binlog import LogFile, Position
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill, Step, Used
from nexoaudit.model.fact import Fact, Moment, Size, Span
from nexoaudit.model.fit import Fit, Versions
from nexoaudit.model.job import Job
from nexoaudit.model.location import Bucket, Host, Location
from nexoaudit.model.loss import Loss
from nexoaudit.model.policy import (
    RESIDUES,
    Auditor,
    Component,
    Copies,
    Expect,
    Jobs,
    Login,
    Mail,
    Policy,
    Scenario,
    Series,
    Site,
)
from nexoaudit.model.state import Change, Holding, State
from nexoaudit.state.certificates import decode_certificates
from nexoaudit.state.contents import decode_histories, encode_histories
from nexoaudit.state.disks import decode_disk, encode_disk
from nexoaudit.state.drilling import decode_drilling
from nexoaudit.state.jobs import decode_timetable, encode_timetable
from nexoaudit.state.runlogs import decode_log, encode_log
from nexoaudit.state.servers import decode_server, encode_server
from nexoaudit.state.statements import (
    decode_attestation,
    decode_waiver,
    encode_attestation,
    encode_waiver,
)
from nexoaudit.state.stores import decode_store, encode_store
from nexoaudit.state.sweeps import decode_sweep, encode_sweep

FORMAT = 2
"""Version of `state.json`; another one is refused, never guessed at."""

_PROBLEMS = Copy._fields[3:].index("problems")

_Row = TypeVar("_Row", LogFile, Position, Loss)
_UNITS: Mapping[str, type[Moment | Span | Size]] = {
    "moment": Moment,
    "span": Span,
    "size": Size,
}
"""How a measure's unit is written beside its number."""


def encode_policy(policy: Policy) -> dict[str, Any]:
    """Return the policy as a JSON object of the words of the model."""
    return dict(_object(policy))


def decode_policy(data: Mapping[str, Any]) -> Policy:
    """Return the policy of `encode_policy`; raise KeyError or TypeError for anything else."""
    return Policy(
        site=Site(**{**data["site"], "residues": tuple(data["site"].get("residues", RESIDUES))}),
        locations=tuple(_location(item) for item in data["locations"]),
        components=tuple(_component(item) for item in data["components"]),
        scenarios=tuple(
            Scenario(
                **{
                    **item,
                    "destroys": tuple(item["destroys"]),
                    "declared": tuple((name, s) for name, s in item.get("declared", ())),
                }
            )
            for item in data["scenarios"]
        ),
        auditor=Auditor(**data["auditor"]),
        mail=Mail(**{**data["mail"], "recipients": tuple(data["mail"]["recipients"])}),
        jobs=_jobs(data.get("jobs")),
        drill=decode_drilling(data.get("drill", {})),
    )


def encode_state(state: State) -> dict[str, Any]:
    """Return the state as a JSON object."""
    return {
        "format": FORMAT,
        "version": state.version,
        "heartbeat_ms": state.heartbeat_ms,
        "started_ms": state.started_ms,
        "config_path": state.config_path,
        "config_sha256": state.config_sha256,
        "ledger_size": state.ledger_size,
        "ledger_root": state.ledger_root,
        "policy": encode_policy(state.policy),
        "copies": _encode_held(state.copies, 3),
        "histories": encode_histories(state.histories),
        "certificates": [_object(item) for item in state.certificates.values()],
        "logs": _encode_held(state.logs, 0),
        "positions": _encode_held(state.positions, 0),
        "slots": {name: list(slots) for name, slots in state.slots.items()},
        "transfers": {name: list(slots) for name, slots in state.transfers.items()},
        "windows": {name: list(edges) for name, edges in state.windows.items()},
        "turned_back": [list(jump) for jump in state.turned_back],
        "sweeps": {name: encode_sweep(sweep) for name, sweep in state.sweeps.items()},
        "failures": {name: encode_sweep(sweep) for name, sweep in state.failures.items()},
        "drills": [encode_drill(drill) for drill in state.drills],
        "changes": {name: _object(change) for name, change in state.changes.items()},
        "jobs": {name: _object(job) for name, job in state.jobs.items()},
        "residues": list(state.residues),
        "disks": {name: encode_disk(disk) for name, disk in state.disks.items()},
        "timetable": encode_timetable(state.timetable),
        "servers": {name: encode_server(item) for name, item in state.servers.items()},
        "runlogs": {path: encode_log(log) for path, log in state.runlogs.items()},
        "losses": _encode_held({key: (loss,) for key, loss in state.losses.items()}, 0),
        "fits": [list(fit) for fit in state.fits.values()],
        "stores": {name: encode_store(store) for name, store in state.stores.items()},
        "attestations": [encode_attestation(item) for item in state.attestations],
        "waivers": [encode_waiver(item) for item in state.waivers],
    }


def decode_state(data: dict[str, Any]) -> State:
    """Return the state of `encode_state`; raise LookupError, TypeError or ValueError otherwise.

    Takes `data` over: its rows of copies are changed on the way.
    """
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}, this version reads format {FORMAT}")
    return State(
        policy=decode_policy(data["policy"]),
        copies=_decode_copies(data["copies"]),
        slots={name: tuple(slots) for name, slots in data["slots"].items()},
        transfers={name: tuple(slots) for name, slots in data["transfers"].items()},
        histories=decode_histories(data["histories"]),
        certificates=decode_certificates(data["certificates"]),
        logs=_decode_held(data["logs"], LogFile._make),
        positions=_decode_held(data["positions"], Position._make),
        windows={name: tuple(edges) for name, edges in data["windows"].items()},
        turned_back=tuple((moment, length) for moment, length in data["turned_back"]),
        sweeps={name: decode_sweep(item) for name, item in data["sweeps"].items()},
        failures={name: decode_sweep(item) for name, item in data["failures"].items()},
        drills=tuple(decode_drill(item) for item in data["drills"]),
        changes={name: Change(**item) for name, item in data["changes"].items()},
        jobs={name: Job(**item) for name, item in data["jobs"].items()},
        residues=tuple(data["residues"]),
        disks={name: decode_disk(item) for name, item in data["disks"].items()},
        timetable=decode_timetable(data.get("timetable")),
        servers={name: decode_server(item) for name, item in data.get("servers", {}).items()},
        runlogs={path: decode_log(item) for path, item in data.get("runlogs", {}).items()},
        losses={key: rows[0] for key, rows in _decode_held(data["losses"], Loss._make).items()},
        fits={row[0]: Fit._make(row) for row in data.get("fits", ())},
        stores={name: decode_store(item) for name, item in data["stores"].items()},
        attestations=tuple(decode_attestation(item) for item in data.get("attestations", ())),
        waivers=tuple(decode_waiver(item) for item in data.get("waivers", ())),
        started_ms=data["started_ms"],
        heartbeat_ms=data["heartbeat_ms"],
        config_path=_text(data["config_path"]),
        config_sha256=data["config_sha256"],
        ledger_size=data["ledger_size"],
        ledger_root=data["ledger_root"],
        version=data["version"],
    )


def encode_drill(drill: Drill) -> dict[str, Any]:
    """Return a drill as a JSON object."""
    measures = [[name, value, _unit(value)] for name, value in drill.measures]
    return {**_object(drill), "measures": measures}


def decode_drill(data: Mapping[str, Any]) -> Drill:
    """Return the drill of `encode_drill`."""
    return Drill(
        **{
            **data,
            "steps": tuple(Step(**step) for step in data["steps"]),
            "measures": tuple(
                (name, _UNITS[unit](value) if unit else value)
                for name, value, unit in data["measures"]
            ),
            "problems": tuple(data["problems"]),
            "used": tuple(Used(**item) for item in data.get("used", ())),
        }
    )


def _location(data: Mapping[str, Any]) -> Location:
    bucket, host = data.get("bucket"), data.get("host")
    return Location(
        **{
            **data,
            "bucket": None if bucket is None else Bucket(**bucket),
            "host": None if host is None else Host(**host),
        }
    )


def _jobs(data: Mapping[str, Any] | None) -> Jobs | None:
    if data is None:
        return None
    lists = {name: tuple(data[name]) for name in ("cron", "systemd", "scripts", "logs")}
    return Jobs(**lists, root=data["root"])


def _component(data: Mapping[str, Any]) -> Component:
    expect = data["expect"]
    return Component(
        **{
            **data,
            "series": tuple(
                Series(
                    **{
                        **item,
                        "locations": tuple(item["locations"]),
                        "attested": tuple(item.get("attested", ())),
                        "at": tuple((place, text) for place, text in item.get("at", ())),
                    }
                )
                for item in data["series"]
            ),
            "expect": Expect(
                tuple(expect["tables"]),
                tuple((table, rows) for table, rows in expect["min_rows"]),
                tuple(expect["paths"]),
                tuple(expect["forbidden"]),
                tuple(expect.get("keys", ())),
                tuple(expect.get("absent", ())),
            ),
            "copies": Copies(**data["copies"]),
            "watch": tuple(data["watch"]),
            "parts": tuple(data["parts"]),
            "data": tuple(data.get("data", ())),
            "live": _login(data.get("live")),
            "asserts": tuple(Assertion(**item) for item in data.get("asserts", ())),
            "schema": None if (found := data.get("schema")) is None else Versions(**found),
        }
    )


def _login(data: Mapping[str, Any] | None) -> Login | None:
    if data is None:
        return None
    return Login(**{**data, "databases": tuple(data["databases"])})


def _encode_held(held: Mapping[Holding, tuple[Any, ...]], skip: int) -> dict[str, Any]:
    """Return component -> series -> location -> rows of what follows `skip` fields."""
    tree: dict[str, Any] = {}
    for (component, series, location), values in held.items():
        rows = [list(value[skip:]) for value in values]
        tree.setdefault(component, {}).setdefault(series, {})[location] = rows
    return tree


def _decode_copies(tree: Mapping[str, Any]) -> dict[Holding, tuple[Copy, ...]]:
    return {
        (component, series, location): _decode_rows((location, component, series), rows)
        for component, by_series in tree.items()
        for series, by_location in by_series.items()
        for location, rows in by_location.items()
    }


def _decode_rows(key: tuple[str, str, str], rows: list[list[Any]]) -> tuple[Copy, ...]:
    for row in rows:
        row[_PROBLEMS] = tuple(row[_PROBLEMS]) if row[_PROBLEMS] else ()
    make = Copy._make
    return tuple([make((*key, *row)) for row in rows])


def _decode_held(
    tree: Mapping[str, Any], make: Callable[[list[Any]], _Row]
) -> dict[Holding, tuple[_Row, ...]]:
    return {
        (component, series, location): tuple([make(row) for row in rows])
        for component, by_series in tree.items()
        for series, by_location in by_series.items()
        for location, rows in by_location.items()
    }


def _object(value: Any) -> Any:
    """Return a named tuple as an object, a plain tuple as a list, all the way down."""
    if hasattr(value, "_asdict"):
        return {name: _object(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_object(item) for item in value]
    return value


def _text(value: Any) -> str:
    """Return a text as it is: a number in its place would be opened as a descriptor."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _unit(value: Fact) -> str:
    return next((name for name, unit in _UNITS.items() if isinstance(value, unit)), "")
