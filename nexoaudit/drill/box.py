"""The private server of one drill: confined, watched, and no longer at work than it may be."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nexoaudit.drill.record import Record, StoppedError
from nexoaudit.errors import SandboxError
from nexoaudit.sandbox import space
from nexoaudit.sandbox.confinement import Accounts, confine
from nexoaudit.sandbox.server import Server, Session, server
from nexoaudit.sandbox.watch import Limits, Watch, watched

LIMITS = Limits()
"""What the server may take of the host, beside the time."""

LEAST_DEADLINE_S = 3600.0
MOST_RTOS = 3
"""A restore that takes longer than so many RTOs, and the above in seconds, is stopped."""

_GRACE_S = 60.0


def deadline_of(rto_s: int) -> float:
    """Return after how many seconds a drill is stopped of what must be back in `rto_s` seconds."""
    return max(LEAST_DEADLINE_S, MOST_RTOS * rto_s)


class Box:
    """A server that untrusted SQL may be given to, and the record of the drill that does so."""

    def __init__(
        self, record: Record, confined: Server, admin: Session, watch: Watch, deadline_s: float
    ) -> None:
        self.record = record
        self.server = confined
        """As the dump may use it."""
        self.admin = admin
        """Alone has every privilege: for statements of our own."""
        self.accounts = Accounts(admin)
        """Makes the accounts that a dump's definers need."""
        self._watch = watch
        self._deadline_s = deadline_s

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Do a step, and put its failure down to the dump when that broke its own sandbox."""
        with self.record.step(name):
            try:
                yield
            except SandboxError:
                self.look()
                self.accounts.check()
                raise
            self.look()

    def connect(self, *, several: bool = False) -> Session:
        """Return a connection that waits as long as the drill may last; see `Server.connect`."""
        return self.server.connect(timeout_s=self._deadline_s + _GRACE_S, several=several)

    def look(self) -> None:
        """Raise why the server was killed, if it was: a SandboxError."""
        self._watch.check()

    @property
    def left_s(self) -> float:
        """Seconds that are left; 1 at least."""
        return max(1.0, self._deadline_s - self.record.elapsed_s)

    def keep_on(self, fed: int) -> None:
        """Say that the server was given `fed` bytes of SQL so far; stop when time is over.

        StoppedError then; the record says why.
        """
        self._watch.fed = fed
        if self.record.elapsed_s > self._deadline_s:
            said = f"stopped after {round(self.record.elapsed_s)} seconds"
            self.record.problem("drill.rto_exceeded", said)
            raise StoppedError


@contextmanager
def boxed(
    record: Record,
    *,
    need: Callable[[], int],
    deadline_s: float,
    parent: Path | None = None,
    options: Sequence[str] = (),
) -> Iterator[Box]:
    """Start a server for a drill, as its step `sandbox`, and end it with everything it held.

    `need` tells how many bytes of disk the drill takes; `deadline_s` how long it may last, from the
    beginning of its record. The server lies below `parent` (default: the system's directory for
    temporary files); `options` are more of its own. Raise StoppedError when it cannot be started;
    the record says why.
    """
    with ExitStack() as stack:
        with record.step("sandbox"):
            space.require(parent or Path(tempfile.gettempdir()), need())
            private = stack.enter_context(server(parent=parent, options=options))
            confined, admin = confine(private)
            stack.callback(admin.close)
            limits = LIMITS._replace(seconds=deadline_s - record.elapsed_s)
            watch = stack.enter_context(watched(confined, limits))
            box = Box(record, confined, admin, watch, deadline_s)
        yield box
