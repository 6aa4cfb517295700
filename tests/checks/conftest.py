"""Sites for the checks, and two ways to run one: in this process, and as the real command."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.state.file import write_state


class Said(NamedTuple):
    """What a check said."""

    code: int
    text: str
    errors: str = ""

    @property
    def line(self) -> str:
        """The only line."""
        assert self.text.endswith("\n")
        assert self.text.count("\n") == 1, self.text
        return self.text[:-1]


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def check(build, state_file, capfd) -> Callable[..., Said]:
    """Run a check on a state at NOW, or without one."""

    def run(name: str, state: State | None, *argv: str, now=build.NOW) -> Said:
        arguments = list(argv)
        if state is not None:
            write_state(state_file, state)
            arguments += ["-s", str(state_file)]
        code = import_module(f"nexoaudit_checks.{name}").main(arguments, now)
        output = capfd.readouterr()
        return Said(code, output.out, output.err)

    return run


def script(name: str) -> str:
    path = Path(sys.executable).with_name(f"check_backup_{name}")
    assert path.exists(), f"install the project to have {path}"
    return str(path)


def command(name: str, *argv: str, timeout: float = 30, **options) -> Said:
    """Run the installed command."""
    done = subprocess.run(
        [script(name), *argv], capture_output=True, timeout=timeout, check=False, **options
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(name="command")
def _command() -> Callable[..., Said]:
    return command


@pytest.fixture(name="script")
def _script() -> Callable[[str], str]:
    return script


@pytest.fixture
def site(build) -> Callable[..., State]:
    """Return a function that gives a healthy site of several databases."""

    def make(*names: str, **components: Component) -> State:
        chosen = [components.get(name, build.database(id=name)) for name in names]
        copies = [
            copy._replace(component=component.id, path=f"{component.id}/{copy.path}")
            for component in chosen
            if component.series
            for place in ("local", "offsite")
            for copy in build.dumps(place)
        ]
        histories = {(part.id, "full"): build.history() for part in chosen if part.series}
        slots = {name: build.daily(2, 0) for name in names}
        state = build.state(copies, slots=slots, histories=histories)
        return state._replace(policy=state.policy._replace(components=tuple(chosen)))

    return make


@pytest.fixture
def without(build) -> Callable[..., State]:
    """Return a function that takes some of a site's copies away."""

    def take(state: State, unwanted: Callable[..., bool]) -> State:
        kept = {
            key: tuple(copy for copy in held if not unwanted(copy))
            for key, held in state.copies.items()
        }
        return state._replace(copies=kept)

    return take


@pytest.fixture
def spoiled() -> Callable[..., State]:
    """Return a function that changes some of a site's copies."""

    def spoil(state: State, chosen: Callable[..., bool], **changes: object) -> State:
        copies = {
            key: tuple(copy._replace(**changes) if chosen(copy) else copy for copy in held)
            for key, held in state.copies.items()
        }
        return state._replace(copies=copies)

    return spoil


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """The environment that NRPE gives a plugin."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    kept = {name: os.environ[name] for name in ("COVERAGE_PROCESS_START",) if name in os.environ}
    return {"PATH": path, **kept}


@pytest.fixture
def live_state(build, site, state_file):
    """A healthy site as of the real clock."""
    now_ms = int(time.time() * 1000)
    shift = now_ms - build.now_ms

    def moved(moments):
        return tuple(moment + shift for moment in moments)

    state = site("database")
    good = Drill("database", "database", now_ms, 60_000, "pass")
    whole = Drill("system", "", now_ms, 60_000, "pass")
    policy = state.policy._replace(scenarios=())
    state = state._replace(drills=(good, whole), policy=policy)
    copies = {
        key: tuple(
            copy._replace(
                time_ms=copy.time_ms + shift,
                mtime_ms=copy.mtime_ms + shift,
                seen_ms=copy.seen_ms + shift,
            )
            for copy in held
        )
        for key, held in state.copies.items()
    }
    state = state._replace(
        copies=copies,
        slots={name: moved(slots) for name, slots in state.slots.items()},
        transfers={name: moved(slots) for name, slots in state.transfers.items()},
        heartbeat_ms=now_ms,
    )
    write_state(state_file, state)
    return state_file


@pytest.fixture(scope="session")
def run_age() -> str:
    return "from nexoaudit_checks.age import main; main()"


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a few lines of Python with the arguments of a check."""

    def run(code: str, *argv: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", code, *argv], capture_output=True, timeout=30, check=False
        )

    return run
