"""The guide's own scripts, run for real against a demonstration site, with the site as their world.

The words of the scripts are ours, what they do and leave undone is the guide's.
"""

import os
import re
import tempfile
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit_demo.places import Places

VERIFY = "guide/nexosupport-verify-backup.sh"
MONITOR = "guide-tests/nexosupport-backup-monitor.sh"
RESTORE = "guide-tests/nexosupport-test-restore.sh"
DUMP = "guide/nexosupport-db-backup.sh"

_DEADLINE_S = 60.0
_ABSOLUTE = re.compile(r"(?<![\w.$}/])/(?=(?:var|etc|tmp|usr/local)/)")
_SPEAKER = re.compile(r"(?:ERROR\b|(?P<name>[a-z0-9]+): (?!Deprecated))")
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Said(NamedTuple):
    """What a script left behind for whoever reads its log."""

    code: int
    """Its exit code."""
    lines: tuple[str, ...]
    """What it printed."""
    complaints: tuple[str, ...]
    """Which programs it started wrote an error, each once, sorted; nobody looks at them."""
    mailed: bool
    """Whether it sent a mail."""

    @property
    def claim(self) -> str:
        """Its last word, or nothing."""
        return self.lines[-1] if self.lines else ""


def run(places: Places, script: str, *, now: datetime, socket: Path | None = None) -> Said:
    """Run one of the scripts, as at `now` (aware), and return what it said.

    Its absolute paths become those below the root of the site; a mail is noted, not sent; the
    database is the one that listens at `socket`, and never the machine's own. Raise ToolError when
    a program is missing, or when the script does not end.
    """
    text = resources.files("nexoaudit_demo").joinpath("scripts", script).read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        own = Path(name)
        mail, sent = own / "mail", own / "sent"
        mail.write_text(f"#!/bin/sh\ncat > {sent}\n")
        mail.chmod(0o755)
        (own / ".my.cnf").write_text(f"[client]\nsocket = {socket or own / 'nobody'}\n")
        (own / "script").write_text(moved(text, places.root))
        (places.root / "tmp").mkdir(exist_ok=True)
        result = process.run(
            [
                *_powers(),
                *(process.find("faketime", "faketime"), "-f", f"@{now:%Y-%m-%d %H:%M:%S}"),
                *("bash", str(own / "script")),
            ],
            deadline_s=_DEADLINE_S,
            cwd=places.root,
            env={
                "PATH": f"{own}:{_PATH}",
                "LC_ALL": "C.UTF-8",
                "TZ": str(now.tzinfo),
                "HOME": str(own),
                "NO_FAKE_STAT": "1",  # the times of files are real
            },
        )
        mailed = sent.exists()
    return Said(
        result.returncode,
        tuple(result.stdout.decode(errors="replace").splitlines()),
        _complaints(result.stderr.decode(errors="replace")),
        mailed,
    )


def moved(text: str, root: Path) -> str:
    """Return a script whose absolute paths lie below `root`."""
    return _ABSOLUTE.sub(f"{root}/", text)


def _powers() -> list[str]:
    """Return what keeps a script that root runs from making devices: nobody else could."""
    if os.geteuid() != 0:
        return []
    return [process.find("setpriv", "util-linux"), "--bounding-set=-mknod", "--inh-caps=-mknod"]


def _complaints(text: str) -> tuple[str, ...]:
    found = (_SPEAKER.match(line) for line in text.splitlines())
    return tuple(sorted({match["name"] or "mysql" for match in found if match}))
