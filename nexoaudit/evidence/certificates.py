"""Certificates in use, to and from the ledger."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Entry
from nexoaudit.model.certificate import Certificates
from nexoaudit.state.certificates import decode_certificates

_SUBJECT = "certificates:"


def certificates_draft(found: Certificates) -> Draft:
    """Return the record of the certificates that are in use."""
    files = [file._asdict() for file in found.files]
    return Draft("live", _SUBJECT + found.component, {"component": found.component, "files": files})


def recall_certificates(live: Mapping[str, Entry]) -> dict[str, Certificates]:
    """Return by component the certificates in use, from the newest live facts by subject."""
    return decode_certificates(
        entry.facts for subject, entry in live.items() if subject.startswith(_SUBJECT)
    )
