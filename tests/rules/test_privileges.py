"""What the backup user lacks, and the statements that give it that."""

import pytest

from nexoaudit.live.grants import parse_grants
from nexoaudit.model.server import Schema, Server
from nexoaudit.rules.privileges import excess, lacking, mending

NOTHING = Schema("my_shop", "utf8mb4", "x", engines=(("users", "InnoDB"), ("cart", "InnoDB")),
                 views=(), triggers=(), routines=(), events=(), sequences=())  # fmt: skip
WHOLE = NOTHING._replace(
    views=("v",), triggers=("t",), routines=("r",), events=("e",), sequences=("s",)
)


def mend(lines, schema, engine="MariaDB", version="10.11.19-MariaDB"):
    grants = parse_grants([f"GRANT {line} TO `b`@`%`" for line in lines])
    server = Server("database", engine=engine, version=version, grants=grants)
    return mending("b@%", lacking(server, [schema], position=False))


@pytest.mark.parametrize(
    ("lines", "schema", "mended"),
    [
        (["SELECT ON `my_shop`.*"], NOTHING, ""),
        (["SELECT ON *.*"], NOTHING, ""),
        (["SELECT, SHOW VIEW, TRIGGER, EVENT ON *.*"], WHOLE, ""),
        (["ALL PRIVILEGES ON *.*"], WHOLE, ""),
        # On each of the objects, instead of the database.
        (["SELECT ON `my_shop`.`users`", "SELECT ON `my_shop`.`cart`"], NOTHING, ""),
        (
            ["SELECT ON `my_shop`.`users`"],
            NOTHING,
            "GRANT SELECT ON `my\\_shop`.* TO 'b'@'%';",
        ),
        # To the pattern that is there: the server would forget it for a more specific one.
        (
            ["SELECT ON `my_shop`.*", "SELECT ON `mysql`.`proc`"],
            WHOLE,
            "GRANT SHOW VIEW, TRIGGER, EVENT ON `my_shop`.* TO 'b'@'%';",
        ),
        (
            ["SELECT, SHOW VIEW ON `my%`.*", "SELECT ON `mysql`.`proc`"],
            WHOLE,
            "GRANT TRIGGER, EVENT ON `my%`.* TO 'b'@'%';",
        ),
        # MariaDB 11.3
        (["SELECT, SHOW VIEW, TRIGGER, EVENT, SHOW CREATE ROUTINE ON `my_shop`.*"], WHOLE, ""),
    ],
)
def test_the_statements_that_mend(lines, schema, mended):
    assert mend(lines, schema) == mended


@pytest.mark.parametrize(
    ("version", "mended"),
    [
        ("5.7.44", "GRANT SELECT ON `mysql`.`proc` TO 'b'@'%';"),
        ("8.0.11", "GRANT SELECT ON *.* TO 'b'@'%';"),
        ("8.0.36", "GRANT SHOW_ROUTINE ON *.* TO 'b'@'%';"),
        ("8.4.3", "GRANT SHOW_ROUTINE ON *.* TO 'b'@'%';"),
    ],
)
def test_mysql_shows_routines_by_other_privileges(version, mended):
    lines = ["SELECT, SHOW VIEW, TRIGGER, EVENT ON `my_shop`.*"]
    assert mend(lines, WHOLE, "MySQL", version) == mended
    assert mend([*lines, mended[6:].partition(" TO ")[0]], WHOLE, "MySQL", version) == ""


def test_copying_binary_logs_is_no_excess():
    grants = parse_grants(
        [
            "GRANT RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `b`@`%`",
            "GRANT SELECT, INSERT ON `shop`.* TO `b`@`%` WITH GRANT OPTION",
        ]
    )
    assert excess(grants) == ("GRANT OPTION ON shop.*", "INSERT ON shop.*")
