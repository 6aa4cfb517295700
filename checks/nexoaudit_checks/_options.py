"""The options of a check; whatever is wrong with them is a `UsageError`, never an exit."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from nexoaudit import __version__
from nexoaudit.policy.units import parse_duration
from nexoaudit_checks._spec import Check, Threshold

DEFAULT_TIMEOUT_S = 8
"""Below the 10 seconds that check_nrpe waits."""
_LONGEST_S = 86400


class UsageError(Exception):
    """The command line makes no sense; the text says why."""


class Shown(Exception):  # noqa: N818 - asked for, not an error
    """The help or the version, as the text to print."""


class Options(NamedTuple):
    """What the command line asks for."""

    state: str | None = None
    chosen: tuple[str, ...] = ()
    """Ids of the components, or locations, to judge; empty: all."""
    path: str | None = None
    timezone: str | None = None
    """Zone of the times in the names that `path` matches; None: the machine's own."""
    warn: int | None = None
    """In milliseconds for an age, else a count."""
    fail: int | None = None
    timeout_s: int = DEFAULT_TIMEOUT_S
    verbose: int = 0


def parse(check: Check, argv: Sequence[str] | None) -> Options:
    """Return the options in `argv`, the process's own if None; raise UsageError or Shown."""
    found = vars(_parser(check).parse_args(argv))
    path = found.get("path")
    if path is not None:
        for name in ("state", "component"):
            if found[name]:
                raise UsageError(f"--path and --{name} exclude each other")
    if found.get("timezone") is not None and path is None:
        raise UsageError("--timezone is for --path")
    mode = check.path_mode
    threshold = mode.threshold if mode is not None and path is not None else check.threshold
    warn, fail = _thresholds(threshold, found["warning"], found["critical"])
    return Options(
        found["state"],
        tuple(dict.fromkeys(found.get(check.scope) or ())),
        path,
        found.get("timezone"),
        warn,
        fail,
        found["timeout"],
        found["verbose"],
    )


class _Parser(argparse.ArgumentParser):
    """Raises what argparse would print, and never exits."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

    def print_help(self, file: object = None) -> NoReturn:  # noqa: ARG002
        raise Shown(self.format_help())


class _Version(argparse.Action):
    """`-V`."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise Shown(f"{parser.prog} {__version__}\n")


def _parser(check: Check) -> _Parser:
    limit = "DURATION" if check.threshold.kind == "age" else "COUNT"
    mode = check.path_mode
    parser = _Parser(
        prog=check.program, description=check.purpose, allow_abbrev=False, add_help=False
    )
    add = parser.add_argument
    add("-s", "--state", metavar="FILE", help="state file of the auditor")
    if check.scope:
        add(f"--{check.scope}", action="append", metavar="ID", help="only this one; repeatable")
    if mode is not None:
        add("--path", metavar="GLOB", help="look at these files, without state or configuration")
    if mode is not None and mode.threshold.kind == "age":
        add("--timezone", metavar="ZONE", help="zone of the times in the names of these files")
    add("-w", "--warning", metavar=limit, help=f"warning when {_meaning(check)}")
    add("-c", "--critical", metavar=limit, help="critical when it is so")
    add(
        "-t",
        "--timeout",
        type=_timeout,
        default=DEFAULT_TIMEOUT_S,
        metavar="SECONDS",
        help=f"answer within this time (default {DEFAULT_TIMEOUT_S})",
    )
    add("-v", "--verbose", action="count", default=0, help="one line more for each finding")
    add("-V", "--version", action=_Version, nargs=0, help="print the version and exit with 3")
    add("-h", "--help", action="help", help="print this text and exit with 3")
    return parser


def _meaning(check: Check) -> str:
    text = check.threshold.about + _defaults(check.threshold)
    if check.path_mode is not None and check.path_mode.threshold != check.threshold:
        path = check.path_mode.threshold
        text += f"; with --path: {path.about}{_defaults(path)}"
    return text


def _defaults(threshold: Threshold) -> str:
    if not threshold.warn:
        return ""
    return f" (default -w {threshold.warn} -c {threshold.fail})"


def _timeout(text: str) -> int:
    seconds = int(text) if text.isascii() and text.isdigit() else _duration(text)
    if not 1 <= seconds <= _LONGEST_S:
        raise argparse.ArgumentTypeError(f"not between 1 s and 1 day: {text}")
    return seconds


def _thresholds(
    threshold: Threshold, warning: str | None, critical: str | None
) -> tuple[int | None, int | None]:
    """Return both limits, and insist that a warning comes no later than a failure."""
    read = _milliseconds if threshold.kind == "age" else _count
    texts = (warning or threshold.warn, critical or threshold.fail)
    if "" in (warning, critical):
        raise UsageError("a limit is empty")
    try:
        warn, fail = (read(text) if text else None for text in texts)
    except argparse.ArgumentTypeError as error:
        raise UsageError(str(error)) from error
    if threshold.kind == "least" and 0 in (warn, fail):
        raise UsageError("0 is always enough: a limit starts at 1")
    if warn is not None and fail is not None:
        late = fail > warn if threshold.kind == "least" else warn > fail
        if late:
            raise UsageError(f"-w {texts[0]} would never come before -c {texts[1]}")
    return warn, fail


def _milliseconds(text: str) -> int:
    return _duration(text) * 1000


def _duration(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not {error}") from error


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)
