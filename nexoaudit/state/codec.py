"""The state as a JSON value and back."""

from typing import Any

from nexoaudit.model.binlog import LogFile, Position
from nexoaudit.model.fit import Fit
from nexoaudit.model.job import Job
from nexoaudit.model.loss import Loss
from nexoaudit.model.state import Change, State
from nexoaudit.state.certificates import decode_certificates
from nexoaudit.state.contents import decode_histories, encode_histories
from nexoaudit.state.disks import decode_disk, encode_disk
from nexoaudit.state.drills import decode_drill, encode_drill
from nexoaudit.state.holdings import decode_copies, decode_held, encode_held
from nexoaudit.state.jobs import decode_timetable, encode_timetable
from nexoaudit.state.plain import plain
from nexoaudit.state.policies import decode_policy, encode_policy
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
        "copies": encode_held(state.copies, 3),
        "histories": encode_histories(state.histories),
        "certificates": [plain(item) for item in state.certificates.values()],
        "logs": encode_held(state.logs, 0),
        "positions": encode_held(state.positions, 0),
        "slots": {name: list(slots) for name, slots in state.slots.items()},
        "transfers": {name: list(slots) for name, slots in state.transfers.items()},
        "windows": {name: list(edges) for name, edges in state.windows.items()},
        "turned_back": [list(jump) for jump in state.turned_back],
        "sweeps": {name: encode_sweep(sweep) for name, sweep in state.sweeps.items()},
        "failures": {name: encode_sweep(sweep) for name, sweep in state.failures.items()},
        "drills": [encode_drill(drill) for drill in state.drills],
        "changes": {name: plain(change) for name, change in state.changes.items()},
        "jobs": {name: plain(job) for name, job in state.jobs.items()},
        "residues": list(state.residues),
        "disks": {name: encode_disk(disk) for name, disk in state.disks.items()},
        "timetable": encode_timetable(state.timetable),
        "servers": {name: encode_server(item) for name, item in state.servers.items()},
        "runlogs": {path: encode_log(log) for path, log in state.runlogs.items()},
        "losses": encode_held({key: (loss,) for key, loss in state.losses.items()}, 0),
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
        copies=decode_copies(data["copies"]),
        slots={name: tuple(slots) for name, slots in data["slots"].items()},
        transfers={name: tuple(slots) for name, slots in data["transfers"].items()},
        histories=decode_histories(data["histories"]),
        certificates=decode_certificates(data["certificates"]),
        logs=decode_held(data["logs"], LogFile._make),
        positions=decode_held(data["positions"], Position._make),
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
        losses={key: rows[0] for key, rows in decode_held(data["losses"], Loss._make).items()},
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


def _text(value: Any) -> str:
    """Return a text as it is: a number in its place would be opened as a descriptor."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
