"""The checksums of the points as they were made: recorded ones, or taken now from what is there."""

from functools import partial
from pathlib import Path

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.evidence.references import Reference
from nexoaudit.ledger import Draft
from nexoaudit.locations.directory import locate
from nexoaudit.model.prints import Prints
from nexoaudit.verification.parts import Again
from nexoaudit.verification.prints import prints_of, reread


class Originals:
    """Finds the checksums of bytes that were read here."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._taken: list[Draft] = []

    def prints(self, sha256: str, reference: Reference | None) -> Prints | None:
        """Return the checksums of the bytes of that digest; None: there are none, nor a file.

        Where they were not recorded, they are taken from the file that `reference` names.
        """
        ledger = self._session.ledger
        found = evidence.recall_prints(ledger, ledger.size, [sha256]).get(sha256)
        if found is not None:
            return found
        path = self._path(reference)
        made = None if path is None else prints_of(path)
        if made is None or made.sha256 != sha256:
            return None  # it changed since it was read: its own verification says so
        self._taken.append(evidence.prints_draft(made))
        return made

    def rereader(self, reference: Reference | None) -> Again | None:
        """Return a function that reads the original again, cut into parts of given sizes."""
        path = self._path(reference)
        return None if path is None else partial(reread, path)

    def taken(self) -> list[Draft]:
        """Return the checksums that were taken since the last call, to be recorded."""
        taken, self._taken = self._taken, []
        return taken

    def _path(self, reference: Reference | None) -> Path | None:
        if reference is None or not reference.present:
            return None
        root = Path(self._session.policy.location(reference.location).path)
        return locate(root, reference.path)
