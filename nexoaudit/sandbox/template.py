"""An empty data directory, made once in a process and written out for every server."""

import os
import zlib
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import SandboxError, ToolError
from nexoaudit.process import Account
from nexoaudit.sandbox import private

PACKAGES = "mariadb-server-core mariadb-client"
"""The Debian packages that have all programs of the sandbox."""

_DEADLINE_S = 120.0
_Template = tuple[tuple[str, bytes | None], ...]
_made: dict[tuple[str, int], _Template] = {}
"""Templates by program and by the age of the server's binary: an upgraded server gets its own."""


def write(data: Path, account: Account | None, parent: Path | None = None) -> None:
    """Fill the new directory `data` with an empty database cluster that belongs to `account`.

    The first call of a process makes it with mariadb-install-db; later ones take milliseconds.
    Raise SandboxError when that fails, ToolError when the program is missing.
    """
    program = process.find("mariadb-install-db", PACKAGES)
    key = (program, Path(process.find("mariadbd", PACKAGES)).stat().st_mtime_ns)
    try:
        if key not in _made:
            _made[key] = _make(program, account, parent)
        data.mkdir(mode=0o700)
        give(data, account)
        for name, content in _made[key]:
            path = data / name
            if content is None:
                path.mkdir(mode=0o700)
            else:
                path.write_bytes(zlib.decompress(content))
            give(path, account)
    except OSError as error:
        raise SandboxError(f"{data} could not be written: {error.strerror}") from error


def _make(program: str, account: Account | None, parent: Path | None) -> _Template:
    """Return the relative path and the compressed content of each file; None for a directory."""
    with private.directory(account, parent) as room:
        data = room / "data"
        try:
            result = process.run(
                process.guarded(
                    [
                        program,
                        "--no-defaults",
                        f"--datadir={data}",
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db",
                        "--innodb-log-file-size=8M",
                    ],
                    account,
                ),
                deadline_s=_DEADLINE_S,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TMPDIR": str(room)},
                cwd=room,
            )
        except ToolError as error:
            raise SandboxError(str(error)) from error
        if result.returncode != 0:
            raise SandboxError(
                "mariadb-install-db failed: " + _last_line(result.stdout + result.stderr)
            )
        return tuple(
            (
                str(path.relative_to(data)),
                None if path.is_dir() else zlib.compress(path.read_bytes(), 1),
            )
            for path in sorted(data.rglob("*"))
        )


def give(path: Path, account: Account | None) -> None:
    """Make `path` belong to `account` (None: to us, as it does already)."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").split("\n")
    errors = [line for line in lines if "ERROR" in line or "rror:" in line]
    return (errors or [line for line in lines if line.strip()] or ["no message"])[-1].strip()
