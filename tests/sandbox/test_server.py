import os
import pwd
import shutil
import stat
from pathlib import Path

import pytest

from nexoaudit import process
from nexoaudit.errors import SandboxError, ToolError
from nexoaudit.sandbox import template
from nexoaudit.sandbox.confinement import Accounts, confine
from nexoaudit.sandbox.query import QueryError, ask
from nexoaudit.sandbox.replay import OPTIONS, begin_log
from nexoaudit.sandbox.server import Server, server

pytestmark = pytest.mark.mariadb


def pid_of(running: Server) -> int:
    return int((running.directory / "pid").read_text())


def variable(running: Server, name: str) -> str:
    with running.connect() as session:
        return str(ask(session, "SHOW GLOBAL VARIABLES LIKE %s", name)[0][1])


def test_it_answers_and_leaves_nothing(short: Path) -> None:
    with server(parent=short) as running:
        with running.connect() as session:
            assert ask(session, "SELECT 1 + 1") == [(2,)]
        pid = pid_of(running)
        assert list(short.iterdir())
    assert list(short.iterdir()) == []
    assert not Path(f"/proc/{pid}").exists()


def test_an_error_inside_leaves_nothing_either(short: Path) -> None:
    with pytest.raises(KeyboardInterrupt), server(parent=short):
        raise KeyboardInterrupt
    assert list(short.iterdir()) == []


def test_it_keeps_to_itself(short: Path) -> None:
    with server(parent=short) as running:
        assert variable(running, "skip_networking") == "ON"
        assert variable(running, "log_bin") == "OFF"
        assert variable(running, "event_scheduler") == "OFF"
        assert variable(running, "local_infile") == "OFF"
        assert variable(running, "secure_file_priv") == f"{running.directory}/empty/"
        assert variable(running, "plugin_dir") == f"{running.directory}/none/"
        status = Path(f"/proc/{pid_of(running)}/status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert os.getpriority(os.PRIO_PROCESS, pid_of(running)) == 19


def test_its_files_are_private_and_its_user_owns_nothing_else(short: Path) -> None:
    with server(parent=short) as running:
        found = running.directory.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert Path(f"/proc/{pid_of(running)}").stat().st_uid == found.st_uid
        if os.geteuid() != 0:
            assert found.st_uid == os.geteuid()
            return
        assert found.st_uid not in {0, pwd.getpwnam("nobody").pw_uid}
        names = [entry.pw_name for entry in pwd.getpwall() if entry.pw_uid == found.st_uid]
        assert names in ([], ["nexoaudit"])


def test_options_come_last(short: Path) -> None:
    options = ["--log-bin=mysql-bin", "--binlog-format=ROW", "--server-id=7"]
    with server(options=options, parent=short) as running:
        assert variable(running, "log_bin") == "ON"
        assert variable(running, "binlog_format") == "ROW"
        assert (running.data / "mysql-bin.000001").exists()


def test_a_server_to_keep_is_durable_and_not_slowed_down(short: Path) -> None:
    with server(throwaway=False, parent=short) as running:
        assert variable(running, "innodb_flush_log_at_trx_commit") == "1"
        assert variable(running, "innodb_doublewrite") == "ON"
        assert os.getpriority(os.PRIO_PROCESS, pid_of(running)) == os.getpriority(0, 0)


def test_two_at_once_are_apart(short: Path) -> None:
    with server(parent=short) as one, server(parent=short) as two:
        with one.connect() as session:
            ask(session, "CREATE DATABASE only_here")
        with two.connect() as session:
            assert ("only_here",) not in ask(session, "SHOW DATABASES")


def test_a_missing_server_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.shutil, "which", lambda *_, **__: None)
    with (
        pytest.raises(ToolError, match=r"apt-get install mariadb-server-core mariadb-client`$"),
        server(),
    ):
        pass


def test_a_server_that_cannot_start_says_why(short: Path) -> None:
    with (
        pytest.raises(SandboxError, match=r"did not start: .*unknown option '--no-such-option'"),
        server(options=["--no-such-option"], parent=short),
    ):
        pass
    assert list(short.iterdir()) == []


def test_a_path_too_long_for_a_socket_says_so(short: Path) -> None:
    parent = short / ("x" * 90)
    parent.mkdir()
    with pytest.raises(SandboxError, match="too long for a socket"), server(parent=parent):
        pass


def test_a_directory_that_is_not_there_says_so(short: Path) -> None:
    with (
        pytest.raises(SandboxError, match="no private directory could be made"),
        server(parent=short / "absent"),
    ):
        pass


@pytest.mark.root
@pytest.mark.root
def test_a_directory_that_its_user_may_not_enter_says_so(short: Path) -> None:
    short.chmod(0o700)
    with pytest.raises(SandboxError, match=f"may not enter {short}"), server(parent=short):
        pass


def test_the_template_is_made_once(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(parent=short):
        pass
    find = shutil.which("false")
    assert find is not None
    monkeypatch.setattr(template, "_make", None)
    with server(parent=short) as running, running.connect() as session:
        assert ask(session, "SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 INTO OUTFILE '{elsewhere}/out'",
        "SET GLOBAL general_log_file = '{elsewhere}/log'",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE d.t",
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE d.t",
        "INSTALL SONAME 'ha_federatedx'",
        "CHANGE MASTER TO MASTER_HOST = '192.0.2.1'",
        "START SLAVE",
        "SET GLOBAL event_scheduler = ON",
        "SHUTDOWN",
        "FLUSH PRIVILEGES",
        "GRANT ALL ON *.* TO restorer@localhost",
        "CALL d.as_root()",
    ],
)
def test_a_confined_account_cannot_reach_out(confined: Server, statement: str) -> None:
    with confined.connect() as session:
        ask(session, "CREATE DATABASE IF NOT EXISTS d")
        ask(session, "CREATE TABLE IF NOT EXISTS d.t (a TEXT)")
        ask(
            session,
            "CREATE OR REPLACE DEFINER = root@localhost PROCEDURE d.as_root()"
            " SET GLOBAL general_log = ON",
        )
        with pytest.raises(QueryError):
            ask(session, statement.format(elsewhere=confined.directory))
        assert ask(session, "SELECT LOAD_FILE('/etc/passwd')") == [(None,)]


def test_a_data_directory_elsewhere_is_not_used(confined: Server, short: Path) -> None:
    short.chmod(0o777)
    with confined.connect() as session:
        ask(session, "CREATE DATABASE IF NOT EXISTS d")
        for engine in ("InnoDB", "MyISAM", "Aria"):
            ask(
                session, f"CREATE TABLE d.{engine} (a INT) ENGINE={engine} DATA DIRECTORY='{short}'"
            )
    assert list(short.iterdir()) == []


def test_definers_can_be_admitted(short: Path) -> None:
    with server(parent=short) as running:
        confined, admin = confine(running)
        with admin, confined.connect() as session:
            ask(session, "CREATE DATABASE d")
            ask(session, "CREATE DEFINER = 'it''s'@`%` VIEW d.v AS SELECT 1 AS one")
            with pytest.raises(QueryError, match="does not exist") as refused:
                ask(session, "SELECT * FROM d.v")
            assert refused.value.number == 1449
            accounts = Accounts(admin)
            assert accounts.admit("it's", "%")
            assert not accounts.admit("it's", "%")
            assert ask(session, "SELECT * FROM d.v") == [(1,)]


OWN_ACCOUNT = (
    "CREATE USER evil@localhost",
    """UPDATE mysql.global_priv SET priv = '{"access": 18446744073709551615}'""",
    "ALTER USER restorer@localhost IDENTIFIED BY ''",
    "GRANT ALL ON *.* TO restorer@localhost",
    "DELETE FROM mysql.db",
    "CREATE FUNCTION f RETURNS INT SONAME 'rows'",
    "RENAME TABLE d.db TO mysql.db2",
)


@pytest.mark.parametrize("user", ["restorer", "app"])
def test_no_account_gets_more_than_it_was_given(short: Path, user: str) -> None:
    """An ALTER USER would read privileges anew from a row that the dump may have written."""
    with server(options=OPTIONS, parent=short) as running:
        confined, admin = confine(running)
        with admin:
            assert Accounts(admin).admit("app", "localhost")
            with confined._replace(user=user).connect() as session:
                ask(session, "CREATE DATABASE d")
                ask(session, "CREATE TABLE d.db (a INT)")
                for statement in OWN_ACCOUNT:
                    with pytest.raises(QueryError) as caught:
                        ask(session, statement)
                    assert caught.value.number in {1044, 1045, 1142, 1227}, statement
                begin_log(admin, "restorer")
            with confined.connect() as session, pytest.raises(QueryError, match="SUPER"):
                ask(session, "SET GLOBAL general_log = ON")
