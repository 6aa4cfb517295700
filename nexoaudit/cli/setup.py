"""What every command starts with: its configuration."""

import argparse
import os
from pathlib import Path

from nexoaudit.policy.load import Loaded, load

DEFAULT_CONFIG = Path("/etc/nexoaudit/nexoaudit.toml")
ENVIRONMENT = "NEXOAUDIT_CONFIG"


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config` to a command."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help=f"the configuration (default: ${ENVIRONMENT}, then {DEFAULT_CONFIG})",
    )


def load_config(arguments: argparse.Namespace) -> Loaded:
    """Return the configuration a command was given; raise ConfigError with every problem in it."""
    chosen: Path | None = arguments.config
    return load((chosen or Path(os.environ.get(ENVIRONMENT) or DEFAULT_CONFIG)).absolute())
