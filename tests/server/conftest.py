import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nexoaudit.sandbox.server import Server, server

DOCUMENT = Path(__file__).parents[2] / "docs" / "live.md"
GUIDE = (
    "CREATE USER guide@localhost IDENTIFIED BY 'g'",
    "GRANT SELECT, LOCK TABLES, SHOW VIEW ON shop.* TO guide@localhost",
)
SITE = (
    "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "CREATE DATABASE other",
    "CREATE TABLE shop.users (id INT PRIMARY KEY)",
    "CREATE TABLE shop.cart (id INT) ENGINE=MyISAM",
    "CREATE TABLE other.notes (id INT)",
    "CREATE SEQUENCE shop.numbers",
    "CREATE VIEW shop.everybody AS SELECT * FROM shop.users",
    "CREATE TRIGGER shop.watch BEFORE INSERT ON shop.users FOR EACH ROW SET @a = 1",
    "CREATE PROCEDURE shop.tidy() SELECT 1",
    "CREATE FUNCTION shop.tax() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DO SELECT 1",
)


def documented_grant() -> list[str]:
    """Return the statements of the first block of SQL in docs/live.md."""
    block = re.search(r"```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert block is not None
    return [line for line in block[1].split(";\n") if line.strip()]


class Site:
    """A live server with a site on it, its administrator, and files for passwords."""

    def __init__(self, running: Server, directory: Path) -> None:
        self.running = running
        self.directory = directory
        self.socket = str(running.socket)

    def run(self, *statements: str) -> None:
        with self.running.connect(timeout_s=30) as admin, admin.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def password_file(self, password: str, mode: int = 0o600) -> str:
        path = self.directory / f"{password}.password"
        path.write_text(f"{password}\n")
        path.chmod(mode)
        return str(path)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    options = [
        "--log-bin=mysql-bin",
        "--server-id=7",
        "--binlog-format=ROW",
        "--expire-logs-days=7",
    ]
    with server(options=options) as running:
        site = Site(running, tmp_path_factory.mktemp("live"))
        site.run(*SITE, *GUIDE, *documented_grant())
        site.run("CREATE USER blind@localhost IDENTIFIED BY 'b'")
        yield site
