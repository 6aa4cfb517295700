"""One run of the auditor: its lock, its ledger, its clock, and the state it publishes."""

import fcntl
import grp
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from nexoaudit import __version__, evidence
from nexoaudit.errors import BusyError, LedgerError, StateError
from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.policy import Policy
from nexoaudit.model.state import State
from nexoaudit.policy.load import Loaded
from nexoaudit.sandbox import private
from nexoaudit.state.file import NAME, read_state, write_state

_BEAT_MS = 60_000

Clock = Callable[[], datetime]
"""Returns an aware moment. The command line's is the machine's; a demonstration brings its own."""


class Session:
    """The auditor at work: what it reads from and writes to."""

    def __init__(self, loaded: Loaded, ledger: Ledger, clock: Clock) -> None:
        self.loaded = loaded
        self.ledger = ledger
        self.clock = clock
        self._published: State | None = None

    @property
    def policy(self) -> Policy:
        """The configuration in force."""
        return self.loaded.policy

    @property
    def directory(self) -> Path:
        """The auditor's own directory."""
        return Path(self.policy.site.state_dir)

    def append(self, drafts: Iterable[Draft]) -> int:
        """Append observations made now and return the ledger's size."""
        return self.ledger.append(drafts, ts_ms=evidence.millis(self.clock()))

    def record_policy(self) -> None:
        """Append the configuration when it is not the one recorded last."""
        draft = evidence.policy_draft(self.policy, str(self.loaded.path), self.loaded.sha256)
        last = next(self.ledger.latest(("policy",), size=self.ledger.size), None)
        if last is None or last.facts["config_sha256"] != self.loaded.sha256:
            self.append([draft])

    def recall(self) -> State:
        """Return the state that the whole ledger amounts to now."""
        return evidence.recall(self.ledger, self.ledger.size, self.clock(), __version__)

    def publish(self) -> State:
        """Replace `state.json` by the current state, readable by the monitoring group.

        Nothing is done when this session has published the same evidence already.
        """
        if self._published is None or self._published.ledger_size != self.ledger.size:
            self._published = self._write(self.recall())
        return self._published

    def beat(self) -> None:
        """Show that long work is alive: renew the heartbeat, at most once a minute.

        Call it as often as there is progress; work that hangs does not beat.
        """
        now_ms = evidence.millis(self.clock())
        if self._published is None:
            self.publish()
        elif now_ms - self._published.heartbeat_ms >= _BEAT_MS:
            state = self._published
            if state.ledger_size != self.ledger.size:
                state = self.recall()
            self._published = self._write(state._replace(heartbeat_ms=now_ms))

    def _write(self, state: State) -> State:
        write_state(self.directory / NAME, state, _group_id(self.policy.site.monitoring_group))
        return state


@contextmanager
def open_session(loaded: Loaded, clock: Clock) -> Iterator[Session]:
    """Hold the auditor's lock and its ledger; make its directory if need be.

    Raise BusyError when another run holds the lock, LedgerError when nothing can be written.
    """
    site = loaded.policy.site
    directory = Path(site.state_dir)
    try:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        gid = _group_id(site.monitoring_group)
        if gid is not None and directory.stat().st_uid == os.geteuid():
            os.chown(directory, -1, gid)
        lock = os.fdopen(os.open(directory / "lock", os.O_WRONLY | os.O_CREAT, 0o600), "w")
    except OSError as error:
        raise LedgerError(
            f"{directory} cannot be written ({error.strerror}): run as the user who owns it, "
            "or set state_dir"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"another run of nexoaudit is at work in {directory}") from error
        private.sweep()  # what a killed run restored must not lie about until the next drill
        ledger = Ledger(
            directory / "ledger.sqlite", version=__version__, demonstration=site.demonstration
        )
        try:
            session = Session(loaded, ledger, clock)
            _refuse_another(ledger, directory / NAME)
            session.record_policy()
            yield session
        finally:
            ledger.close()


def _refuse_another(ledger: Ledger, published: Path) -> None:
    """Raise LedgerError when the ledger is not the one, grown or not, that was published last."""
    try:
        state = read_state(published)
    except StateError:
        return  # none yet, or one of another version: there is nothing to compare with
    size = ledger.size
    if size < state.ledger_size or ledger.root(state.ledger_size) != state.ledger_root:
        raise LedgerError(
            f"{ledger.path} is not the ledger that {published} was made from ({size} entries,"
            f" published {state.ledger_size}): put the right one back, or remove {published.name}"
            " to begin anew"
        )


def _group_id(name: str) -> int | None:
    """Return the id of the monitoring group; None when it is unset, unknown or not ours to give."""
    if not name:
        return None
    try:
        gid = grp.getgrnam(name).gr_gid
    except KeyError:
        return None
    return gid if os.geteuid() == 0 or gid in os.getgroups() else None
