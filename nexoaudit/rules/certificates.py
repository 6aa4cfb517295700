"""Are the certificates and keys in the newest configuration backup those that are in use?"""

from collections.abc import Iterator

from nexoaudit.model.certificate import Certificates, KeyFile
from nexoaudit.model.manifest import DIGEST, Manifest
from nexoaudit.model.policy import Component
from nexoaudit.rules.finding import Finding, failed, listed, unverified


def saved(
    newest: Manifest, live: Certificates | None, component: Component, now_ms: int
) -> Iterator[Finding]:
    """Find what the web server uses and the archive `newest` does not hold as it is.

    A file that changed since the archive was made has the component's grace to be saved.
    """
    if live is None:
        return
    digests = {str(value) for name, value in newest.facts.items() if name.startswith(DIGEST)}
    unread = [file.path for file in live.files if file.detail]
    lost = [
        file for file in live.files if file.sha256 and file.sha256 not in digests
        and not _young(file, newest, component, now_ms)
    ]  # fmt: skip
    if unread:
        yield unverified("content.certificate_unread", names=listed(unread), count=len(unread))
    other = [file.path for file in lost if _named(newest, file)]
    missing = [file.path for file in lost if not _named(newest, file)]
    if missing and newest.facts.get("undigested"):
        yield unverified("content.certificate_untold", names=listed(missing), count=len(missing))
    elif missing:
        yield failed("content.certificate_missing", names=listed(missing), count=len(missing))
    if other:
        yield failed("content.certificate_other", names=listed(other), count=len(other))


def _young(file: KeyFile, newest: Manifest, component: Component, now_ms: int) -> bool:
    return newest.time_ms < file.mtime_ms and now_ms <= file.mtime_ms + component.grace_s * 1000


def _named(newest: Manifest, file: KeyFile) -> bool:
    """Tell whether the archive holds another file of that path."""
    path = file.path.lstrip("/")
    return any(
        name.startswith(DIGEST) and name.removeprefix(DIGEST).endswith(path)
        for name in newest.facts
    )
