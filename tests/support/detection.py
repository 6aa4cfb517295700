"""What the layers say of a site: how it is expected, judged, and written into the matrix."""

from pathlib import Path
from typing import NamedTuple

from nexoaudit.assess import STANDING
from nexoaudit_demo import cloudtwins, guide
from nexoaudit_demo.faults import FAULTS
from nexoaudit_demo.twins import TWINS

OK, WARN, FAIL, UNKNOWN = 0, 1, 2, 3
WORDS = ("ok", "warning", "critical", "unknown")
STATUS = {WARN: "warn", FAIL: "fail", UNKNOWN: "unverified"}
POLLED_WITH = {"jobs": "schedule", "logs": "schedule", "server": "content"}
"""Controls that a check of another name polls."""
MISSED: dict[str, str] = {}
"""Faults that no layer finds yet, and why."""
_GROUPS = {
    "only the newest copy is restored": "D3c R1 R1b R3 R3a R3b F6",
    "what lies beside a copy": "D5a D6a D6b R2b",
    "how old the newest copy is": "D13a R1a",
    "how long copies are kept": "B5b R2 R2a",
    "each archive is whole by itself": "F1c",
    "who may read a copy": "F9 F9a",
    "what lies about": "F13 F14a",
    "one of the same copies that lies here is restored": (
        "O1 O2 O2a O1c O2c O2v O4 O4a O4b O4c O5 O6 O6a O6b O7 O9 O9a O9b O10 O11c O11v"
    ),
    "jobs, and what they say": "O11 R4 R4a R6 R6a R6b R6c R6d R7 R7a R7b R7c R7d R7e",
    "the auditor": "A3",
}
APART = {fault: reason for reason, faults in _GROUPS.items() for fault in faults.split()}
"""Faults that are no subject of a test restore, and what they are a subject of."""
USUAL = {"tree": {"drill.web_unreadable"}, "system": {"drill.part_left_out", "drill.no_health"}}
"""What drills note of the healthy site, too."""
NOT_SHUT_IN = "unverified drill.no_isolation"
"""What the drill of a system says where the kernel lets nobody be shut in."""


class Row(NamedTuple):
    """What each check must answer, what the verification pass records, what the drills say."""

    age: int = OK
    checksum: int = OK
    copies: int = OK
    offsite: int = OK
    retention: int = OK
    schedule: int = OK
    content: int = OK
    binlog: int = OK
    restore: int = OK
    storage: int = OK
    auditor: int = OK
    problem: str = ""
    """A problem recorded of a damaged copy."""
    drill: str = "pass"
    """Outcome of a test restore of the newest dump."""
    files: str = "pass"
    """Outcome of a test restore of the newest archive of files."""
    config: str = "pass"
    """Outcome of a test restore of the newest archive of the configuration."""
    tree: str = "pass"
    """Outcome of a test restore of the newest incremental generation."""
    moment: str = "pass"
    """Outcome of a test restore to a moment, where one is run."""
    system: str = "pass"
    """Outcome of a test restore of the whole system, where one is run."""
    noted: str = ""
    """What a test restore that passed noted."""


CHECKS = Row._fields[: Row._fields.index("problem")]

ROTTEN = Row(checksum=FAIL, copies=FAIL, drill="fail")
"""The local copy rotted; its off-site twin is sound."""
LATE = Row(age=WARN, checksum=FAIL, offsite=FAIL, drill="fail")
"""The newest dump was never a good one; the one before it is."""
CHANGED = Row(content=FAIL)
"""What was made is whole, and not what it should be."""


class Answer(NamedTuple):
    """What a check said."""

    code: int
    line: str


class Seen(NamedTuple):
    """What each layer made of one site."""

    problems: dict[str, tuple[str, ...]]
    """By copy, what the verification pass recorded."""
    answers: dict[str, Answer]
    drills: dict[str, str]
    """By kind of drill: how the test restore of the newest copy ended, and with which reason."""
    exceptions: frozenset[tuple[str, str]]
    """Control and status of what the month's report lists as an exception."""
    guide: dict[str, guide.Said]
    harm: tuple[str, ...]
    """What the guide's test restore did beside."""


def assert_found(fault: str, expected: Row, seen: Seen) -> None:
    """Assert that each layer says of a fault what it must, and the report what the checks say."""
    lines = "\n".join(answer.line for answer in seen.answers.values() if answer.code)
    assert codes(seen) == {name: getattr(expected, name) for name in CHECKS}, lines
    for answer in seen.answers.values():
        assert WORDS[answer.code].upper() in answer.line
    recorded = {problem for problems in seen.problems.values() for problem in problems}
    assert expected.problem in recorded | {""}
    assert (expected == Row()) == (fault in MISSED)
    outcomes = {kind: said.split()[0] for kind, said in seen.drills.items()}
    wanted = {
        "database": expected.drill,
        "files": expected.files,
        "config": expected.config,
        "tree": expected.tree,
        "point-in-time": expected.moment,
        "system": expected.system,
    }
    assert outcomes == {kind: wanted[kind] for kind in outcomes}, seen.drills
    assert {kind for kind, outcome in wanted.items() if outcome != "pass"} <= outcomes.keys()
    assert " ".join(sorted(set(noted(seen).values()))) == expected.noted, seen.drills
    assert bool(told(seen)) != (fault in APART), seen.drills
    alarms = {(name, STATUS[code]) for name, code in codes(seen).items() if code}
    alarms |= {
        ("recovery" if kind == "system" else "restore", outcome)
        for kind, outcome in outcomes.items()
        if outcome != "pass"
    }
    alarms = worst_of(alarms)
    named = {(POLLED_WITH.get(name, name), status) for name, status in seen.exceptions}
    if fault == "A3":  # the report is of two days later, when what is missing is known
        assert {name for name, _ in alarms} <= {name for name, _ in named}
    else:
        assert alarms == worst_of(named), (alarms, named)


def assert_green(seen: Seen) -> None:
    """Assert that no layer has anything to say."""
    lines = "\n".join(answer.line for answer in seen.answers.values() if answer.code)
    assert codes(seen) == dict.fromkeys(CHECKS, OK), lines
    not_passed = {said for said in seen.drills.values() if said.split()[0] != "pass"}
    assert not_passed <= {NOT_SHUT_IN}, seen.drills
    assert seen.exceptions == frozenset(), seen.exceptions


def publish(document: Path, heading: str, text: str, *, write: bool) -> None:
    """Assert that a section of a document is `text`; with `write`, make it so before."""
    before, found, rest = document.read_text().partition(f"## {heading}\n")
    assert found, f"{document.name} has no section {heading!r}"
    section, mark, after = rest.partition("\n## ")
    if write:
        section = f"\n{text}"
        document.write_text(f"{before}{found}{section}{mark}{after}")
    assert section.strip("\n") == text.strip("\n")


def codes(seen):
    return {name: answer.code for name, answer in seen.answers.items()}


def noted(seen):
    """Return by kind what the drills that passed noted, but for what they always do."""
    found = {
        kind: said.removeprefix("pass ")
        for kind, said in seen.drills.items()
        if said.startswith("pass ")
    }
    return {kind: code for kind, code in found.items() if code not in USUAL.get(kind, ())}


def told(seen):
    """Return what the drills say of a site, each with its kind."""
    notes = noted(seen)
    return [
        f"{kind}: {f'notes {notes[kind]}' if kind in notes else said}"
        for kind, said in seen.drills.items()
        if kind in notes or not said.startswith("pass")
    ]


def worst_of(exceptions):
    """Return each control that is polled with the loudest of its statuses, as its check says."""
    order = ("warn", "unverified", "fail")
    asked = [item for item in exceptions if item[0] not in STANDING]
    return set(dict(sorted(asked, key=lambda item: order.index(item[1]))).items())


COLUMNS = (
    "id",
    "fault",
    "poll checks",
    "verification pass",
    "drill",
    "report",
    "twin",
    "guide: verify",
    "guide: monitor",
    "guide: test restore",
)
MISS = "not seen here"


def table(expected, see):
    """Return the matrix of some faults, with what `see` saw of each."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for fault in expected:
        twins = {**TWINS, **cloudtwins.TWINS}
        twin = ", ".join(name for name, item in twins.items() if fault in item.of.split())
        lines.append(line(fault, FAULTS[fault], see(fault), twin=twin or "healthy site"))
    missed = [
        f"* {fault}, {FAULTS[fault]}: {MISSED[fault]}" for fault in expected if fault in MISSED
    ]
    if missed:
        lines += ["", "No layer finds yet:", "", *missed]
    return "\n".join(lines) + "\n"


def twin_table(see):
    """Return what the guide's scripts say of the twins, and of the healthy site."""
    lines = ["All checks answer `ok (0)`, all restores pass, the report has no exception.", ""]
    lines += ["| twin | what it is | guide: verify | guide: monitor | guide: test restore |"]
    lines += ["|---|---|---|---|---|"]
    for name, text in (("", "the healthy site"), *((n, item.text) for n, item in TWINS.items())):
        lines.append(f"| {name} | {text} | {' | '.join(guide_cells(see(name)))} |")
    return "\n".join(lines) + "\n"


def line(fault, text, seen, *, twin):
    found = fault and MISS
    checks = [f"{n} {WORDS[c]} ({c})" for n, c in codes(seen).items() if c]
    problems = sorted({f"`{code}`" for codes in seen.problems.values() for code in codes})
    drilled = ", ".join(told(seen)) or f"not its subject: {APART[fault]}"
    report = [f"{control} {status}" for control, status in sorted(worst_of(seen.exceptions))]
    cells = [", ".join(cell) or found for cell in (checks, problems, [drilled], report)]
    return f"| {' | '.join([fault, text, *cells, twin, *guide_cells(seen)])} |"


def guide_cells(seen):
    """Return the claims of the guide's three scripts, as they ended."""
    for script in (guide.VERIFY, guide.MONITOR, guide.RESTORE):
        said = seen.guide[script]
        words = ["complains"] if said.complaints else []
        if said.mailed:
            words.append("mails")
        words += [word for word in ("passed", "successfully") if said.claim.endswith(word)]
        if script == guide.RESTORE:
            words += seen.harm
        yield f"{', '.join(words) or 'silent'} ({said.code})"
