"""What a real server says to the documented login, to a lesser one, and to none."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from nexoaudit.live.server import observe_server
from nexoaudit.model.grant import Grant
from nexoaudit.model.policy import Login
from nexoaudit.model.server import OBJECTS, Logging, Schema

SHOP = Schema(
    name="shop",
    charset="utf8mb4",
    collation="utf8mb4_unicode_ci",
    engines=(("cart", "MyISAM"), ("users", "InnoDB")),
    views=("everybody",),
    triggers=("watch",),
    routines=("tax", "tidy"),
    events=("nightly",),
    sequences=("numbers",),
)


@pytest.fixture
def look(live, build):
    def look(user="nexoaudit", password="STRONG_PASSWORD", **changes):
        login = Login(user, live.socket, password_file=live.password_file(password))
        return observe_server("database", login._replace(**changes), build.NOW)

    return look


def test_the_documented_login_sees_every_name_and_no_row(live, look):
    seen = look(backup_user="guide@localhost")
    assert (seen.failed_ms, seen.detail, seen.hidden) == (0, "", ())
    assert seen.engine == "MariaDB"
    assert seen.databases == ("other", "shop")
    assert seen.schema("shop") == SHOP
    assert seen.schema("other").tables == ("notes",)
    assert {"guide@localhost", "nexoaudit@localhost"} <= set(seen.accounts)
    assert not any("mariadb.sys" in account for account in seen.accounts)
    assert seen.logging == Logging(True, "ROW", "FULL", 7 * 86400, 7, (), ())


def test_the_documented_login_may_read_no_table_of_the_site(live):
    import pymysql

    session = pymysql.connect(
        unix_socket=live.socket, user="nexoaudit", password="STRONG_PASSWORD", ssl_disabled=True
    )
    with session, session.cursor() as cursor, pytest.raises(pymysql.Error, match="SELECT command"):
        cursor.execute("SELECT * FROM shop.users")


def test_the_guides_backup_user_as_the_server_lists_it(look):
    assert look(backup_user="guide@localhost").grants == (
        Grant((), "*", "*"),
        Grant(("LOCK TABLES", "SELECT", "SHOW VIEW"), "shop", "*"),
    )
    assert look(backup_user="nobody@localhost").grants == ()


def test_no_hash_of_a_password_is_kept(look):
    seen = repr(look(backup_user="guide@localhost"))
    assert "IDENTIFIED" not in seen
    assert re.search(r"\*[0-9A-F]{40}", seen) is None


def test_what_a_login_with_too_little_may_not_see_is_unknown(look):
    seen = look("guide", "g", backup_user="nexoaudit@localhost")
    shop = seen.schema("shop")
    assert seen.databases is None
    assert seen.accounts is None
    assert seen.grants is None
    assert seen.logging.only is None
    assert (shop.tables, shop.views) == (("cart", "users"), ("everybody",))
    assert (shop.triggers, shop.routines, shop.events) == (None, None, None)
    assert set(seen.hidden) == {
        "databases", "accounts", "grants", "logging", "triggers", "routines", "events"
    }  # fmt: skip


def test_a_login_with_nothing_sees_nothing_and_says_so(look):
    seen = look("blind", "b")
    assert seen.schemas == ()
    assert seen.databases is None
    assert {"databases", "accounts", "logging"} <= set(seen.hidden)


def test_a_database_that_is_only_listed_has_unknown_objects(live, look):
    live.run(
        "CREATE USER lister@localhost IDENTIFIED BY 'l'",
        "GRANT SHOW DATABASES ON *.* TO lister@localhost",
    )
    seen = look("lister", "l")
    assert seen.databases == ("other", "shop")
    assert all(seen.schema("shop").names(kind) is None for kind in OBJECTS)
    assert not seen.schema("shop").is_empty


def test_rights_through_a_default_role_count(live, look):
    live.run(
        "CREATE ROLE dumper",
        "GRANT TRIGGER, EVENT ON shop.* TO dumper",
        "CREATE USER roled@localhost IDENTIFIED BY 'r'",
        "GRANT dumper TO roled@localhost",
    )
    assert look(backup_user="roled@localhost").grants == (Grant((), "*", "*"),)
    live.run("SET DEFAULT ROLE dumper FOR roled@localhost")
    role = Grant(("EVENT", "TRIGGER"), "shop", "*", role="dumper")
    assert role in look(backup_user="roled@localhost").grants


def test_an_empty_database_is_known_to_be_empty(live, look):
    live.run("CREATE DATABASE hollow")
    assert look().schema("hollow").is_empty
    assert not look().schema("shop").is_empty
    live.run("DROP DATABASE hollow")


def test_the_session_is_read_only(live):
    from nexoaudit.live.login import LookError, session

    login = Login("root", live.socket)
    with session(login) as opened, pytest.raises(LookError, match="READ ONLY"):
        opened.ask("INSERT INTO shop.users VALUES (1)")


@pytest.mark.parametrize(
    ("user", "password", "reason"),
    [("nexoaudit", "wrong", "server.refused"), ("stranger", "x", "server.refused")],
)
def test_a_refused_login(look, user, password, reason):
    seen = look(user, password)
    assert (seen.failed_ms > 0, seen.reason) == (True, reason)
    assert "Access denied" in seen.detail
    assert "STRONG" not in seen.detail


def test_a_server_that_is_not_there(look, tmp_path):
    seen = look(socket=str(tmp_path / "nothing.sock"))
    assert (seen.reason, seen.databases, seen.logging) == ("server.away", None, None)


def test_a_host_where_nobody_listens(look):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    seen = look(socket="", host="127.0.0.1", port=port)
    assert seen.reason == "server.away"


def test_a_server_that_does_not_answer(look, monkeypatch):
    monkeypatch.setattr("nexoaudit.live.login.ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        seen = look(socket="", host="127.0.0.1", port=mute.getsockname()[1])
    assert seen.reason == "server.timeout"


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example.com ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x01\x00\x00\x00\xff",
        b"\x09\x00\x00\x00\x0aten.11\0\1",
        b"\x05\x00\x00\x00\x0a\xc2\xff11",
        b"",
    ],
)
def test_something_else_than_a_database_server(look, monkeypatch, said):
    monkeypatch.setattr("nexoaudit.live.login.ANSWER_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:

        def answer():
            caller, _ = listening.accept()
            with caller:
                caller.sendall(said)

        answered = pool.submit(answer)
        seen = look(socket="", host="127.0.0.1", port=listening.getsockname()[1])
        answered.result()
    assert seen.failed_ms > 0
    assert seen.reason in {"server.away", "server.failed", "server.timeout"}
    assert seen.detail


def test_a_password_may_hold_any_letter(live, look):
    live.run("CREATE USER sepp@localhost IDENTIFIED BY 'pässwörd€'")
    assert look("sepp", "pässwörd€").failed_ms == 0


def test_answers_that_never_end(look, monkeypatch):
    monkeypatch.setattr("nexoaudit.live.login.ALL_S", 0.0)
    assert look().reason == "server.timeout"


def test_a_password_file_that_others_may_read_is_refused(live, look):
    path = live.password_file("open", 0o640)
    seen = look(password_file=path)
    assert seen.reason == "server.secret"
    assert f"chmod 600 {path}" in seen.detail
    assert look(password_file=f"{path}.none").reason == "server.secret"
