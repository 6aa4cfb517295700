"""People's statements recorded: signed where the policy asks for it, and looked at again later."""

import os
import pwd
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nexoaudit import evidence, signature
from nexoaudit.auditor.session import Session
from nexoaudit.errors import ConfigError, SignatureError, ToolError
from nexoaudit.evidence.statements import (
    KINDS,
    Head,
    Said,
    all_said,
    check_draft,
    id_of,
    in_force,
    last_check,
    spoken,
    statement_draft,
)
from nexoaudit.ledger import Draft, Entry

NAMELESS = "a statement needs a name and a reason: give --by and --reason"


class Pen(NamedTuple):
    """Who makes a statement, and the key that signs it."""

    by: str = ""
    """A name; of a signed statement the signer's in the list, empty: whom it names for the key."""
    key: Path | None = None


class Recorded(NamedTuple):
    """A statement that is in the ledger now."""

    id: str
    by: str
    signed: bool


def record(session: Session, pen: Pen, words: Mapping[str, Any]) -> Recorded:
    """Record a statement, signed if there is a key.

    Raise ConfigError when nobody gives it, SignatureError when the policy has a list of signers
    and none of them signed it; nothing is recorded then.
    """
    text = _text(session, pen, words)
    return _append(session, [(text, *_signed(session, pen, text))])[0]


def record_all(session: Session, pen: Pen, statements: list[Mapping[str, Any]]) -> list[Recorded]:
    """Record several statements at once, all or none; as `record`."""
    texts = [_text(session, pen, words) for words in statements]
    return _append(session, [(text, *_signed(session, pen, text)) for text in texts])


def revoke(session: Session, pen: Pen, id_: str, reason: str, *abouts: str) -> Said:
    """Take back the statement whose id begins with `id_`, and return it.

    It must be about one of `abouts`, if any are named. Raise ConfigError when there is none such
    in force, or several.
    """
    found = [
        said
        for said in in_force(statements(session))
        if id_ and said.id.startswith(id_) and (not abouts or said.about in abouts)
    ]
    if len(found) != 1:
        many = f"begins with {id_!r}: give more of its digits" if found else f"is {id_!r}"
        raise ConfigError((f"{len(found) or 'no'} statement in force {many}",))
    record(session, pen, {"about": "revocation", "revokes": found[0].id, "reason": reason})
    return found[0]


def statements(session: Session) -> tuple[Said, ...]:
    """Return every statement of the ledger, in the order they were stated in."""
    size = session.ledger.size
    live = {entry.subject: entry for entry in session.ledger.latest(("live",), size=size)}
    return all_said(session.ledger, size, live, session.policy)


def signature_drafts(session: Session, live: Mapping[str, Entry]) -> Iterator[Draft]:
    """Yield a record of each signature that was not looked at with the list of signers as it is.

    `live` are the newest live facts by subject.
    """
    if not session.policy.site.signers:
        return
    for entry in session.ledger.latest(KINDS, size=session.ledger.size):
        armoured = str(entry.facts.get("signature", ""))
        if not armoured:
            continue
        text = str(entry.facts["statement"])
        id_ = id_of(text, armoured)
        known = last_check(live, id_)
        facts = _checked(session, entry, text, armoured, known)
        if facts != known:
            yield check_draft(id_, facts)


def look_again(session: Session) -> Iterator[tuple[Said, Mapping[str, str] | None]]:
    """Yield every statement with a fresh look at its signature; None for one that has none."""
    for said in statements(session):
        if said.signature and session.policy.site.signers:
            yield said, _checked(session, said.entry, said.text, said.signature, None)
        else:
            yield said, None


def _text(session: Session, pen: Pen, words: Mapping[str, Any]) -> str:
    site = session.policy.site
    if site.signers and pen.key is None:
        raise SignatureError(f"only what one of {site.signers} signed counts here: give --sign KEY")
    if not site.signers and not pen.by.strip():
        raise ConfigError((NAMELESS,))
    head = Head(site.name, evidence.millis(session.clock()), pen.by.strip(), _account())
    return spoken(head, words)


def _signed(session: Session, pen: Pen, text: str) -> tuple[str, Mapping[str, str] | None]:
    """Return the signature of a statement, and what a look at it found; empty without a key."""
    site = session.policy.site
    if pen.key is None:
        return "", None
    signers = signature.allowed_signers(Path(site.signers)) if site.signers else None
    data = text.encode("utf-8")
    armoured = signature.sign(pen.key, data)
    if signers is None:
        return armoured, None
    now = session.clock()
    names = (pen.by.strip(),) if pen.by.strip() else signature.principals(signers, armoured, now)
    if not names:
        raise SignatureError(
            f"{signers.path} names nobody for the key {pen.key} now: let the administrator add it"
            " there, or say with --by whom of its patterns you are"
        )
    found = signature.verify(signers, names[0], data, armoured, now)
    if not found.valid:
        raise SignatureError(
            f"{signers.path} does not let {names[0]} sign statements with {pen.key}: {found.detail}"
        )
    return armoured, _facts("valid", names[0], "", signers.sha256)


def _append(
    session: Session, made: list[tuple[str, str, Mapping[str, str] | None]]
) -> list[Recorded]:
    drafts, done = [], []
    for text, armoured, check in made:
        signer = check["signer"] if check is not None else ""
        drafts.append(statement_draft(text, armoured, signer))
        if check is not None:
            drafts.append(check_draft(id_of(text, armoured), check))
        done.append(Recorded(id_of(text, armoured), signer, bool(armoured)))
    session.append(drafts)
    return done


def _checked(
    session: Session, entry: Entry, text: str, armoured: str, known: Mapping[str, Any] | None
) -> Mapping[str, str]:
    """Return what a look at a signature finds; `known` when that was with the same list."""
    signer = str(entry.facts.get("signer", ""))
    at = evidence.moment(entry.ts)
    try:
        signers = signature.allowed_signers(Path(session.policy.site.signers))
        if known is not None and known["signers_sha256"] == signers.sha256:
            return known
        names = (signer,) if signer else signature.principals(signers, armoured, at)
        if not names:
            return _facts("bad", "", "its key is none of an allowed signer", signers.sha256)
        found = signature.verify(signers, names[0], text.encode("utf-8"), armoured, at)
    except (SignatureError, ToolError) as error:
        return _facts("unchecked", signer, str(error), "")
    outcome = "valid" if found.valid else "bad"
    return _facts(outcome, names[0], found.detail, signers.sha256)


def _facts(outcome: str, signer: str, detail: str, digest: str) -> dict[str, str]:
    return {"outcome": outcome, "signer": signer, "detail": detail, "signers_sha256": digest}


def _account() -> str:
    """Return who is at the keyboard: before `sudo`, too."""
    before_sudo = os.environ.get("SUDO_USER", "")
    try:
        return before_sudo or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
