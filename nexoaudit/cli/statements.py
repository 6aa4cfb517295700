"""What people stated, shown: the list, what is about to end, every signature looked at again."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from nexoaudit import evidence
from nexoaudit.auditor.session import open_session
from nexoaudit.auditor.statements import look_again
from nexoaudit.cli.main import Clock
from nexoaudit.cli.verdicts import clean
from nexoaudit.evidence.people import ends_ms, how_it_stands
from nexoaudit.model.state import State
from nexoaudit.model.statement import Attestation, Waiver, counts
from nexoaudit.policy.load import Loaded
from nexoaudit.state.file import NAME, read_state
from nexoaudit.wording.en_statements import CONDITIONS
from nexoaudit.wording.values import write_moment, write_span

DUE_MS = 14 * 86_400_000
"""How long before its end a statement is told of by `due`."""


class Line(NamedTuple):
    """One statement as a list shows it."""

    id: str
    about: str
    by: str
    stated_ms: int
    until_ms: int
    how: str


def show_list(console: Console, loaded: Loaded, clock: Clock) -> int:
    """Print every attestation that was not taken back."""
    state = _state(loaded)
    now_ms = evidence.millis(clock())
    print_lines(console, state, [_line(state, item, now_ms) for item in state.attestations])
    return 0


def show_due(console: Console, loaded: Loaded, clock: Clock) -> int:
    """Print what ends within 14 days or has ended; 1 if anything does, and nothing else if not."""
    state = _state(loaded)
    now_ms = evidence.millis(clock())
    lines = [_line(state, item, now_ms) for item in state.attestations if counts(item)]
    lines += [waiver_line(item, now_ms) for item in state.waivers if counts(item)]
    due = [line for line in lines if 0 < line.until_ms <= now_ms + DUE_MS]
    zone = ZoneInfo(state.policy.site.timezone)
    for line in sorted(due, key=lambda line: line.until_ms):
        left = line.until_ms - now_ms
        when = f"ends in {write_span(left)}" if left > 0 else f"ended {write_span(-left)} ago"
        said = f"{line.id}  {line.about}: {when}, {write_moment(line.until_ms, zone)}"
        console.print(clean(f"{said}; stated by {line.by}"), markup=False, soft_wrap=True)
    return 1 if due else 0


def show_verified(console: Console, loaded: Loaded, clock: Clock) -> int:
    """Look at every signature in the ledger again; 2 if one does not count that should."""
    asked = loaded.policy.site.signers
    bad = total = 0
    with open_session(loaded, clock) as session:
        zone = ZoneInfo(loaded.policy.site.timezone)
        for said, check in look_again(session):
            total += 1
            word = "not signed"
            if check is not None:
                signer, detail = check["signer"], check["detail"]
                good = check["outcome"] == "valid"
                word = f"signed by {signer}" if good else f"{check['outcome'].upper()}: {detail}"
                bad += not good
            elif said.signature:
                word = "signed; the policy has no list of signers to look it up in"
            else:
                bad += bool(asked)
            moment = write_moment(said.stated_ms, zone)
            line = f"{said.id}  {moment}  {said.about or '?'}: {word}"
            console.print(clean(line), markup=False, soft_wrap=True)
    console.print(f"{total} statements, {bad} that do not count")
    return 2 if bad else 0


SHOWN: Mapping[str, Callable[[Console, Loaded, Clock], int]] = {
    "list": show_list,
    "due": show_due,
    "verify": show_verified,
}
"""What `nexoaudit attest` shows, by the name of the subcommand."""


def questions(language: str) -> Mapping[str, str]:
    """Return the questions of the report's checklists that a person may answer, by their id."""
    from nexoaudit.wording.catalogue import report_labels
    from nexoaudit_reports.view.checklists import person_items

    labels = report_labels(language)
    return {item: labels[f"checklist.{item}"] for item in person_items()}


def show_questions(console: Console, loaded: Loaded) -> int:
    """Print the questions that `attest review` answers."""
    for item, text in questions(loaded.policy.site.language).items():
        console.print(f"{item:<28} {text}", markup=False)
    return 0


def waiver_line(waiver: Waiver, now_ms: int) -> Line:
    """Return a waiver as a list shows it."""
    about = " ".join(word for word in (waiver.component, waiver.control, waiver.subject) if word)
    how = waiver.standing
    if counts(waiver):
        how = "current" if now_ms < waiver.until_ms else "expired"
    said = f"waiver of {about} ({', '.join(waiver.reasons)}), {waiver.owner}: {waiver.reason}"
    return Line(waiver.id, said, waiver.by, waiver.stated_ms, waiver.until_ms, how)


def print_lines(console: Console, state: State, lines: list[Line]) -> None:
    """Print statements as a table."""
    zone = ZoneInfo(state.policy.site.timezone)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "what", "by", "stated", "until", "stands"):
        table.add_column(column, overflow="fold", no_wrap=column == "id")
    for line in lines:
        row = (line.id, line.about, line.by or "?", write_moment(line.stated_ms, zone))
        until = write_moment(line.until_ms, zone) if line.until_ms else ""
        table.add_row(*(clean(cell) for cell in (*row, until, CONDITIONS[line.how])))
    console.print(table)


def _state(loaded: Loaded) -> State:
    return read_state(Path(loaded.policy.site.state_dir) / NAME)


def _line(state: State, said: Attestation, now_ms: int) -> Line:
    how = how_it_stands(state, said, now_ms)
    about = " ".join(_about(said))
    return Line(said.id, about, said.by, said.stated_ms, ends_ms(state, said), how)


def _about(said: Attestation) -> Iterator[str]:
    yield said.about or "unreadable"
    yield from (word for word in (said.item, said.location) if word)
    if said.medium is not None:
        medium = said.medium
        yield f"{medium.barcode} ({medium.place or '?'}),"
        yield f"{medium.intact} of {medium.points} points read back"
