"""`nexoaudit attest`: what only a person can state, signed, and for as long as it holds."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from nexoaudit.auditor.media import Spoken, medium_words
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.auditor.statements import Recorded, record, revoke
from nexoaudit.cli import statements
from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import add_config, load_config
from nexoaudit.cli.signing import add_signing, moment_ms, pen_of, valid_until
from nexoaudit.cli.verdicts import clean
from nexoaudit.errors import ConfigError
from nexoaudit.evidence import millis
from nexoaudit.model.statement import HOLDING, LEAVING
from nexoaudit.policy.load import Loaded
from nexoaudit.wording.values import write_moment

EXAMPLES = """\
  sha256sum /mnt/tape/* > written.sha256
  nexoaudit attest medium --location tape --barcode NX0042L8 --event written \\
      --manifest written.sha256 --written 2026-11-01 --place "bank vault 2" --sign ~/.ssh/id_ed25519
      these recovery points are on that tape; only claimed until the tape is read back
  nexoaudit attest medium --location tape --barcode NX0042L8 --event verified \\
      --read-test read.sha256
      what was read back: copies whose digest nexoaudit knows are intact for as long as this holds
  nexoaudit attest escrow --location cloud --valid-for 90d --note "sealed envelope, notary"
      the passphrase of the copies there is kept outside the protected server
  nexoaudit attest review --item monthly.plan --valid-for 30d
      answer a question of the report's checklists; without --item: the questions
  nexoaudit attest list
  nexoaudit attest due           # what ends within 14 days: exit code 1, for cron to mail
  nexoaudit attest verify        # look at every signature in the ledger again
  nexoaudit attest revoke 3f9a1c20b7de --reason "wrong tape"
"""
_VALID_FOR = "40d"
_ABOUTS = ("medium", "escrow", "review", "content", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `attest` and their options."""
    actions = parser.add_subparsers(dest="action", metavar="WHAT", required=True)
    _add_medium(_add(actions, "medium", "what lies on a tape, a disk in a safe, in another store"))
    escrow = _add(actions, "escrow", "that a passphrase is kept outside the protected server")
    escrow.add_argument("--location", metavar="ID", required=True, help="whose copies it opens")
    review = _add(actions, "review", "the answer to a question of the report's checklists")
    review.add_argument("--item", metavar="LIST.ITEM", help="none: show the questions")
    for spoken in (escrow, review):
        spoken.add_argument("--valid-for", metavar="TIME", default="90d", help="default: 90d")
        spoken.add_argument("--note", metavar="TEXT", default="", help="what to know about it")
    taken = _add(actions, "revoke", "take a statement back")
    taken.add_argument("id", metavar="ID", help="its id, or how that begins")
    taken.add_argument("--reason", metavar="TEXT", required=True, help="why")
    for name, summary in _SHOWN.items():
        add_config(actions.add_parser(name, help=summary, description=summary, allow_abbrev=False))


_SHOWN = {
    "list": "what is stated, by whom and until when",
    "due": "what ends within 14 days; exit code 1 if anything does",
    "verify": "look at every signature in the ledger again",
}


def _add(actions: Any, name: str, summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=summary, description=f"State {summary}.", allow_abbrev=False
    )
    add_config(parser)
    add_signing(parser)
    return parser


def _add_medium(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--location", metavar="ID", required=True, help="a location of kind attested")
    add("--barcode", "--name", metavar="NAME", required=True, help="what is written on the medium")
    add("--event", required=True, choices=(*HOLDING, *LEAVING), help="what happened to it")
    add("--place", metavar="TEXT", default="", help="where it is kept, such as 'bank vault 2'")
    add("--written", metavar="DATE", help="when it was written")
    add("--manifest", metavar="FILE", type=Path, help="what is on it, as sha256sum lists it")
    add("--point", metavar="COMPONENT@TIME", action="append", help="or a recovery point on it")
    add("--read-test", metavar="FILE", type=Path, help="what was read back, as sha256sum lists it")
    add("--read-at", metavar="DATE", help="when that was (default: now)")
    add("--valid-for", metavar="TIME", default=_VALID_FOR, help=f"default: {_VALID_FOR}")
    add("--supersedes", metavar="ID", default="", help="the statement that this one corrects")
    add("--note", metavar="TEXT", default="", help="what to know about it")


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Record a statement, or show what is stated; return the exit code."""
    loaded = load_config(arguments)
    console = Console(highlight=False)
    if arguments.action in statements.SHOWN:
        return statements.SHOWN[arguments.action](console, loaded, clock)
    if arguments.action == "review" and arguments.item is None:
        return statements.show_questions(console, loaded)
    with open_session(loaded, clock) as session:
        if arguments.action == "revoke":
            pen = pen_of(arguments)
            gone = revoke(session, pen, arguments.id, arguments.reason, *_ABOUTS)
            session.publish()
            console.print(f"taken back: {gone.id}, {clean(_about(gone.words))}", markup=False)
            return 0
        words = _WORDS[arguments.action](session, arguments, clock)
        done = record(session, pen_of(arguments), words)
        session.publish()
    _print(console, loaded, words, done)
    return 0


def _medium(session: Session, arguments: argparse.Namespace, clock: Clock) -> dict[str, Any]:
    zone = ZoneInfo(session.policy.site.timezone)
    spoken = Spoken(
        location=arguments.location,
        barcode=arguments.barcode,
        event=arguments.event,
        until_ms=valid_until(arguments.valid_for, clock),
        place=arguments.place,
        written_ms=moment_ms(arguments.written, zone, "--written"),
        manifest=arguments.manifest,
        points=tuple(_point(text) for text in arguments.point or ()),
        read_test=arguments.read_test,
        read_ms=moment_ms(arguments.read_at, zone, "--read-at") or millis(clock()),
        supersedes=arguments.supersedes,
        note=arguments.note,
    )
    return medium_words(session, spoken)


def _point(text: str) -> tuple[str, str]:
    component, at, time = text.partition("@")
    if not (component and at and time):
        raise ConfigError((f"--point {text!r} is not COMPONENT@TIME: database@2026-11-01",))
    return component, time


def _escrow(session: Session, arguments: argparse.Namespace, clock: Clock) -> dict[str, Any]:
    known = [item.id for item in session.policy.locations]
    if arguments.location not in known:
        said = f"there is no location {arguments.location!r}; known: {', '.join(known)}"
        raise ConfigError((said,))
    return {
        "about": "escrow",
        "location": arguments.location,
        "until_ms": valid_until(arguments.valid_for, clock),
        "note": arguments.note,
    }


def _review(session: Session, arguments: argparse.Namespace, clock: Clock) -> dict[str, Any]:
    known = statements.questions(session.policy.site.language)
    if arguments.item not in known:
        said = f"there is no question {arguments.item!r} for a person; there are: "
        raise ConfigError((said + ", ".join(known),))
    return {
        "about": "review",
        "item": arguments.item,
        "until_ms": valid_until(arguments.valid_for, clock),
        "note": arguments.note,
    }


_WORDS: Mapping[str, Callable[[Session, argparse.Namespace, Clock], dict[str, Any]]] = {
    "medium": _medium,
    "escrow": _escrow,
    "review": _review,
}


def _print(console: Console, loaded: Loaded, words: Mapping[str, Any], done: Recorded) -> None:
    zone = ZoneInfo(loaded.policy.site.timezone)
    signed = f", signed by {done.by}" if done.by else ", not signed"
    gone = words["about"] == "medium" and words["medium"]["event"] in LEAVING
    until = "" if gone else f", valid until {write_moment(words['until_ms'], zone)}"
    line = f"recorded {done.id}: {_about(words)}{until}{signed}"
    console.print(clean(line), markup=False, soft_wrap=True)
    if words.get("unknown"):
        line = (
            f"{words['unknown']} files of it were never read by nexoaudit and do not count,"
            f" first {words['first_unknown']}"
        )
        console.print(clean(line), markup=False, soft_wrap=True)


def _about(words: Mapping[str, Any]) -> str:
    """Return what a statement is about, in a few words."""
    about = str(words.get("about", ""))
    if about == "medium":
        medium, read = words["medium"], words["read_test"]
        back = ""
        if read:
            back = f", {len(read['digests'])} read back and known"
            back += f", {read['wrong']} WITH OTHER BYTES" if read.get("wrong") else ""
        return (
            f"medium {medium['barcode']} {medium['event']} at {words['location']},"
            f" {len(words['holds'])} recovery points{back}"
        )
    name = words.get("location") or words.get("item") or words.get("component") or ""
    return f"{about} {name}".strip()
