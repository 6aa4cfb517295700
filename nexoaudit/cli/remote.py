"""`nexoaudit remote`: the forced command that an SSH host runs for us, to be installed there."""

import argparse
import sys
from importlib import resources

from nexoaudit.cli.main import Clock

EXAMPLES = """\
  nexoaudit remote | ssh root@backup.example.com \\
      'install -D -m 755 /dev/stdin /usr/local/lib/nexoaudit/nexoaudit-remote'
      install it on a host; docs/offsite.md has the line for authorized_keys
  nexoaudit remote | less
      read it first: it is a short script of sh that only reads
"""


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: `remote` has no options."""


def run(_arguments: argparse.Namespace, _clock: Clock) -> int:
    """Print the script and return 0."""
    script = resources.files("nexoaudit.locations").joinpath("nexoaudit-remote")
    sys.stdout.write(script.read_text(encoding="utf-8"))
    return 0
