"""The grants that MariaDB and MySQL list, and what they amount to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.live.grants import UnknownGrantError, default_role, parse_grants, roles_of
from nexoaudit.live.sight import Sight
from nexoaudit.model.grant import Grant, holds

ACCOUNT = "`b`@`localhost`"


@pytest.mark.parametrize(
    ("line", "grant"),
    [
        # MariaDB
        (
            f"GRANT USAGE ON *.* TO {ACCOUNT} IDENTIFIED BY PASSWORD '*B69027D44F6E5EDC07F1AEAD'",
            Grant((), "*", "*"),
        ),
        (
            f"GRANT SELECT, LOCK TABLES, SHOW VIEW ON `shop`.* TO {ACCOUNT}",
            Grant(("LOCK TABLES", "SELECT", "SHOW VIEW"), "shop", "*"),
        ),
        (
            f"GRANT ALL PRIVILEGES ON *.* TO {ACCOUNT} IDENTIFIED VIA x WITH GRANT OPTION",
            Grant(("ALL PRIVILEGES", "GRANT OPTION"), "*", "*"),
        ),
        (
            f"GRANT SELECT ON `sh\\_op%`.* TO {ACCOUNT} WITH GRANT OPTION",
            Grant(("GRANT OPTION", "SELECT"), "sh\\_op%", "*"),
        ),
        (
            f"GRANT SELECT (`id`, `a) ON b`), INSERT (`id`) ON `shop`.`users` TO {ACCOUNT}",
            Grant(("INSERT", "SELECT"), "shop", "users", "columns"),
        ),
        (
            f"GRANT EXECUTE ON PROCEDURE `shop`.`tidy` TO {ACCOUNT}",
            Grant(("EXECUTE",), "shop", "tidy", "routine"),
        ),
        (
            f"GRANT BINLOG MONITOR, SHOW CREATE ROUTINE ON *.* TO {ACCOUNT} REQUIRE SSL"
            " WITH MAX_USER_CONNECTIONS 2",
            Grant(("BINLOG MONITOR", "SHOW CREATE ROUTINE"), "*", "*"),
        ),
        (
            "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
            Grant(("PROXY",), "*", "*", "proxy"),
        ),
        ("GRANT SELECT ON `a``b`.* TO `x`", Grant(("SELECT",), "a`b", "*")),
        # MySQL 5.7
        (
            "GRANT SELECT, PROCESS ON *.* TO 'b'@'localhost'",
            Grant(("PROCESS", "SELECT"), "*", "*"),
        ),
        # MySQL 8
        (
            "GRANT BACKUP_ADMIN,SHOW_ROUTINE ON *.* TO `b`@`%`",
            Grant(("BACKUP_ADMIN", "SHOW_ROUTINE"), "*", "*"),
        ),
        (
            "REVOKE SELECT ON `mysql`.* FROM `b`@`localhost`",
            Grant(("SELECT",), "mysql", "*", revoked=True),
        ),
    ],
)
def test_a_line_as_the_servers_write_it(line, grant):
    assert parse_grants([line]) == (grant,)


def test_roles_are_told_from_privileges():
    lines = ["GRANT `dumper` TO `b`@`localhost`", "SET DEFAULT ROLE `dumper` FOR `b`@`localhost`"]
    assert parse_grants(lines) == ()
    assert roles_of(lines) == ("`dumper`",)
    assert default_role(lines) == "`dumper`"
    several = ["GRANT `r1`@`%`,`r2`@`%` TO `b`@`localhost` WITH ADMIN OPTION"]
    assert roles_of(several) == ("`r1`@`%`", "`r2`@`%`")
    assert default_role(several) == ""


def test_a_line_that_is_not_understood_is_not_passed_over():
    with pytest.raises(UnknownGrantError, match="line 1 of its grants"):
        parse_grants(["GRANT SOMETHING NEW WITHIN REASON TO `b`@`localhost` AS 'secret'"])


@given(st.text())
def test_any_text_is_a_grant_or_refused(text):
    try:
        parse_grants([text])
    except UnknownGrantError as error:
        assert str(error) == "line 1 of its grants is not understood"  # noqa: PT017


def select(database, name="*", **more):
    return Grant(("SELECT",), database, name, **more)


@pytest.mark.parametrize(
    ("grants", "asked", "held"),
    [
        ([select("*")], ("shop", "*"), True),
        ([select("*")], ("*", "*"), True),
        ([select("shop")], ("*", "*"), False),
        ([select("shop")], ("shop", "*"), True),
        ([select("shop")], ("shop", "users"), True),
        ([select("shop", "users")], ("shop", "users"), True),
        ([select("shop", "users")], ("shop", "*"), False),
        ([select("shop", "users", kind="columns")], ("shop", "users"), False),
        ([select("s_op")], ("shop", "*"), True),
        ([select("s\\_op")], ("shop", "*"), False),
        ([select("s\\_op")], ("s_op", "*"), True),
        ([select("sh%")], ("shop", "*"), True),
        ([select("sh%")], ("cash", "*"), False),
        ([Grant(("ALL PRIVILEGES",), "shop", "*")], ("shop", "*"), True),
        # The server applies the more specific pattern alone.
        ([select("sh%"), Grant(("TRIGGER",), "shop", "*")], ("shop", "*"), False),
        ([select("sh%"), Grant(("TRIGGER",), "s%", "*")], ("shop", "*"), True),
        ([select("shop", role="r"), Grant(("TRIGGER",), "shop", "*")], ("shop", "*"), True),
        ([select("*"), select("shop", revoked=True)], ("shop", "*"), False),
        ([select("*"), select("shop", revoked=True)], ("other", "*"), True),
    ],
)
def test_what_grants_amount_to(grants, asked, held):
    assert holds(grants, "SELECT", *asked) is held


@pytest.mark.parametrize(
    ("line", "engine", "seen"),
    [
        ("GRANT TRIGGER ON *.* TO `n`", "MariaDB", {"tables", "views", "sequences", "triggers"}),
        ("GRANT EVENT ON `shop`.* TO `n`", "MariaDB", {"events"}),
        ("GRANT SELECT ON `mysql`.`proc` TO `n`", "MariaDB", {"routines"}),
        ("GRANT SELECT ON `mysql`.* TO `n`", "MySQL", set()),
        ("GRANT SHOW_ROUTINE ON *.* TO `n`", "MySQL", {"routines"}),
        ("GRANT SELECT ON *.* TO `n`", "MySQL", {"tables", "views", "sequences", "routines"}),
        ("GRANT SELECT ON `shop`.`users` TO `n`", "MariaDB", set()),
        ("GRANT USAGE ON *.* TO `n`", "MariaDB", set()),
    ],
)
def test_what_a_login_sees(line, engine, seen):
    sight = Sight(parse_grants([line]), engine)
    kinds = ("tables", "views", "triggers", "routines", "events", "sequences")
    assert {kind for kind in kinds if sight.sees(kind, "shop")} == seen


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("GRANT SHOW DATABASES ON *.* TO `n`", True),
        ("GRANT EVENT ON *.* TO `n`", True),
        ("GRANT PROCESS ON *.* TO `n`", False),
        ("GRANT SELECT ON `shop`.* TO `n`", False),
    ],
)
def test_whether_every_database_is_listed(line, whole):
    assert Sight(parse_grants([line]), "MariaDB").sees_databases is whole
