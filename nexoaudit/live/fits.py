"""Which version of the schema the deployed code has, and which the live database; read only."""

import re
from pathlib import Path
from typing import NamedTuple

from nexoaudit.live.login import DeniedError, LookError, session
from nexoaudit.live.textfile import read_text
from nexoaudit.model.fit import Fit, Versions
from nexoaudit.model.moments import file_ms
from nexoaudit.model.policy import Login

LONGEST = 200
"""Letters of a version."""


class Code(NamedTuple):
    """What the deployed code says of its version."""

    version: str
    """Empty: it could not be read."""
    changed_ms: int
    """When the file that says so last changed, by content or by place."""
    detail: str = ""
    """Why it could not be read."""


def observe_fit(component: str, versions: Versions, login: Login | None) -> Fit:
    """Return both versions; one that cannot be read is empty, and the reason is told."""
    code = read_code(versions)
    schema, detail = _ask(versions, login)
    return Fit(component, code.version, schema, "; ".join(filter(None, (code.detail, detail))))


def read_code(versions: Versions) -> Code:
    """Return what the deployed file says."""
    path = Path(versions.file)
    try:
        file = read_text(path)
        if file is None:
            return Code("", 0, f"{path} is gone, or no regular file")
        status = path.stat()
    except OSError as error:
        return Code("", 0, f"{path}: {error.strerror}")
    changed_ms = file_ms(max(status.st_mtime_ns, status.st_ctime_ns))
    match = re.search(versions.pattern, file.text, re.MULTILINE)
    version = (match[1] or "").strip() if match else ""
    if not version or len(version) > LONGEST:
        return Code("", changed_ms, f"{path} has no version where the pattern looks for it")
    return Code(version, changed_ms)


def _ask(versions: Versions, login: Login | None) -> tuple[str, str]:
    """Return what the live database says, or why it says nothing."""
    if login is None:
        return "", f"there is no [component.{versions.component}.live] to ask the database through"
    try:
        with session(login) as opened:
            value = opened.value(versions.sql)
    except (LookError, DeniedError) as error:
        return "", f"{login.place}: {error}"
    text = str(value).strip() if value is not None else ""
    if not text or len(text) > LONGEST:
        return "", f"{login.place}: the query answers with no version"
    return text, ""
