"""`nexoaudit`: the commands, their help, and the one place where errors become words."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from nexoaudit import __version__
from nexoaudit.errors import ConfigError, NexoError

Clock = Callable[[], datetime]

COMMANDS = {
    "init": "look at existing backups and write a commented configuration",
    "audit": "list every location, verify what is new, record it",
    "status": "show the verdicts as a table",
    "accept": "confirm by name what the newest backups hold",
    "attest": "state what only a person can: media in a vault, a passphrase in escrow, reviews",
    "waive": "answer for a deviation until a given day",
    "drill": "restore the newest backups in a sandbox, and time it",
    "runbook": "write the commands that recover each scenario now; nothing is run",
    "run": "do whatever is due; called from cron every 5 minutes",
    "remote": "print the forced command for an SSH host",
    "report": "make the report of a month as a PDF, and mail it",
    "demo": "build a demonstration site with real backups",
}
"""Each is a module of this package with `add_arguments`, `run` and an `EXAMPLES` text."""

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

_EPILOG = """\
first steps:
  nexoaudit init --scan /var/backups/site --output /etc/nexoaudit/nexoaudit.toml
  nexoaudit audit
  nexoaudit status

exit codes: 0 all is well, 1 warning, 2 failed or an error, 3 could not be established
(as the Nagios plugins have them); 130 interrupted.
"""


def main(argv: Sequence[str] | None = None, clock: Clock = lambda: datetime.now(UTC)) -> int:
    """Run one command and return its exit code; `clock` is the machine's own by default."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(next((word for word in words if word in COMMANDS), None))
    arguments = parser.parse_args(words)
    if arguments.command is None:
        parser.print_help()
        return EXIT_ERROR
    command = import_module(f"nexoaudit.cli.{arguments.command}")
    # An end that is asked for is an interruption: the sandbox is cleared, what was read is kept.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another alphabet is no error
    try:
        return _run(command, arguments, clock)
    except ConfigError as error:
        for problem in error.problems:
            _complain(problem)
    except NexoError as error:
        _complain(str(error))
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _complain(f"{name}{error.strerror or error}")
    except KeyboardInterrupt:
        print("\nnexoaudit: interrupted; what was done so far is kept", file=sys.stderr)
        return EXIT_INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return EXIT_ERROR


def _run(command: Any, arguments: argparse.Namespace, clock: Clock) -> int:
    code = int(command.run(arguments, clock))
    sys.stdout.flush()  # a full disk behind it must be an error of ours, not of the interpreter's
    return code


def _complain(message: str) -> None:
    print(f"nexoaudit: {message}", file=sys.stderr)


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """Return the parser; only the chosen command is imported, so that help comes at once."""
    parser = argparse.ArgumentParser(
        prog="nexoaudit",
        description="Audits the backups of a LAMP site. It reads; it never makes, changes or "
        "deletes a backup.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"nexoaudit {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if name == chosen:
            module = import_module(f"nexoaudit.cli.{name}")
            command.epilog = f"examples:\n{module.EXAMPLES}"
            module.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
