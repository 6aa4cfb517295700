"""How a restored system is asked whether it works."""

from typing import NamedTuple


class Reconcile(NamedTuple):
    """Files that rows of the database name: each must come back with it."""

    sql: str
    """One SELECT of one column: paths below a directory of the application."""
    below: str = ""
    """That directory, below the top of the files; empty: the top itself."""


class Drilling(NamedTuple):
    """How a restored system is asked whether it works."""

    health: tuple[str, ...] = ()
    """The command and its arguments; empty: nobody asks."""
    plant: str = ""
    """A statement that puts `:nonce` where the application shows it."""
    reconcile: tuple[Reconcile, ...] = ()
    deadline_s: int = 300
    """How long the command may take."""
    web_user: str = "www-data"
    """Whom the web server runs as."""
