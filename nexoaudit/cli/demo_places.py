"""The demonstration's copies elsewhere: configured, in escrow, and served again later."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from rich.console import Console

from nexoaudit.auditor.session import open_session
from nexoaudit.auditor.statements import Pen, record
from nexoaudit.cli.init import write_config
from nexoaudit.errors import DemoError
from nexoaudit.evidence import millis
from nexoaudit.policy.load import load
from nexoaudit_demo.elsewhere import CLOUD, Elsewhere
from nexoaudit_demo.site import Plan

CONFIG = "nexoaudit.toml"
_FOR_MS = 90 * 86_400_000


@contextmanager
def elsewhere(plan: Plan, console: Console) -> Iterator[Callable[[], None]]:
    """Give a function that copies the backups of a built site elsewhere, and says what it left out.

    The bucket is there until the context ends, and is already starting while the site is built.
    """
    places = Elsewhere(plan.root)
    with places.filling() as fill:

        def copy() -> None:
            with console.status("Off-site copies: a bucket, a second host"):
                left_out = fill(Path(str(files("nexoaudit.locations") / "nexoaudit-remote")))
                configure(plan)
            for sentence in left_out:
                console.print(sentence, soft_wrap=True)

        yield copy


def configure(plan: Plan) -> None:
    """Write the places that were filled into the site's configuration.

    Somebody says that the passphrase is kept elsewhere, too.
    """
    places, config = Elsewhere(plan.root), plan.root / CONFIG
    text = config.read_text(encoding="utf-8")
    write_config(places.configured(text), config, force=True)
    if places.has_bucket:
        with open_session(load(config), lambda: plan.now) as session:
            until_ms = millis(plan.now) + _FOR_MS
            words = {"about": "escrow", "location": CLOUD, "until_ms": until_ms}
            record(session, Pen("nexoaudit demo"), {**words, "note": "an envelope in a safe"})


def serve(console: Console, directory: Path) -> None:
    """Run the bucket of a demonstration until somebody interrupts; raise DemoError without one."""
    places = Elsewhere(directory)
    if not places.has_bucket:
        raise DemoError(f"{directory} has no bucket: build a demonstration where SeaweedFS is")
    if places.store.is_served:
        raise DemoError(f"the bucket of {directory} is served already, in another terminal")
    with suppress(KeyboardInterrupt), places.store.starting() as ready:
        with console.status("Starting the bucket"):
            ready()
        console.print(
            "The bucket is there until Ctrl-C; in another terminal:"
            f" {sys.argv[0]} audit --config {directory / CONFIG}",
            soft_wrap=True,
        )
        signal.pause()
