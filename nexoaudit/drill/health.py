"""The owner's health command, asked of a restored system: it must show what was planted there."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from nexoaudit.drill.record import Record
from nexoaudit.formats.secrets import redacted
from nexoaudit.model.fact import Span
from nexoaudit.process import Account
from nexoaudit.sandbox import cell
from nexoaudit.sandbox.server import Server

PORT = 8080
"""Of a loopback that nobody else has."""

_PHP_WRITES_TO = ("opcache.lockfile_path", "session.save_path", "sys_temp_dir", "upload_tmp_dir")
_WORDS = 200
_COMPLAINT = re.compile(
    r"error|exception|fail|fatal|warning|refused|denied|not found|no such|could not|cannot",
    re.IGNORECASE,
)


class System(NamedTuple):
    """What was restored, and where it is."""

    server: Server
    database: str
    root: Path
    """Private: everything else lies below it."""
    files: Path
    """The application's own top directory."""
    config: Path
    """What would be `/`: where the configuration was restored."""
    account: Account | None


def furnish(root: Path, account: Account | None) -> None:
    """Make the directories that a health command finds beside what was restored."""
    for name in ("home", "tmp", "php"):
        made(root / name, account)
    settings = root / "php" / "sandbox.ini"
    lines = (f'{key} = "{root / "tmp"}"\n' for key in _PHP_WRITES_TO)
    settings.write_text("".join(lines), encoding="utf-8")
    settings.chmod(0o644)


def made(directory: Path, account: Account | None) -> Path:
    """Return a new directory that is private to `account` (None: to us)."""
    directory.mkdir(mode=0o700)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory


def environment(system: System) -> Mapping[str, str]:
    """Return all that a health command finds in its environment."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": str(system.root / "home"),
        "TMPDIR": str(system.root / "tmp"),
        # PHP keeps a lock and its sessions where it may not write here.
        "PHP_INI_SCAN_DIR": f":{system.root / 'php'}",
        "NEXOAUDIT_SOCKET": str(system.server.socket),
        "NEXOAUDIT_DATABASE": system.database,
        "NEXOAUDIT_USER": system.server.user,
        "NEXOAUDIT_FILES": str(system.files),
        "NEXOAUDIT_CONFIG": str(system.config),
        "NEXOAUDIT_PORT": str(PORT),
    }


def note_health(
    record: Record, system: System, command: tuple[str, ...], nonce: str, deadline_s: int
) -> bool:
    """Run the command; return whether the system serves, and note why it does not.

    Raise IsolationError when it cannot be shut in, ToolError when there are no means to run it.
    """
    said = cell.run(
        command,
        account=system.account,
        rooms=[system.root],
        servers=[system.server.directory],
        env=environment(system),
        deadline_s=deadline_s,
    )
    record.measures["health_ms"] = Span(said.took_ms)
    if said.code is None:
        record.problem("drill.health_hangs", f"stopped after {deadline_s} seconds")
    elif said.code != 0:
        words = _words(said.errors + b"\n" + said.output, nonce)
        record.problem("drill.health_failed", f"exit code {said.code}{words}")
    elif nonce.encode() not in said.output:
        record.problem("drill.not_served", f"{len(said.output)} bytes were answered")
    else:
        return True
    return False


def _words(said: bytes, nonce: str) -> str:
    """Return the first complaint among some lines, without what it should not hold.

    Of anything else nothing: it may be restored data, which is nobody's to record.
    """
    for line in said.decode(errors="replace").splitlines():
        if _COMPLAINT.search(line):
            return f": {redacted(line.replace(nonce, '(nonce)')).strip()[:_WORDS]}"
    return ""
