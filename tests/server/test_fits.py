"""Deployed code against a real database: one question, asked through the read-only login."""

import json
import re
import shutil
from datetime import timedelta

import pytest

from nexoaudit.cli.main import main
from nexoaudit.live import login
from nexoaudit.live.fits import observe_fit
from nexoaudit.model.fit import Versions
from nexoaudit.model.policy import Login
from nexoaudit_checks import content

SQL = "SELECT value FROM app.config WHERE name = 'version'"
GRANT = "GRANT SELECT (name, value) ON app.config TO 'nexoaudit'@'localhost'"
CONFIG = """
[component.database.live]
socket = "{socket}"
user = "nexoaudit"
password_file = "{password_file}"

[component.code]
kind = "code"
schedule = "on-change"
grace = "1h"
repository = "{root}/site.git"
deployed = "{root}/site"
[component.code.schema]
component = "database"
sql = "{sql}"
file = "{root}/version.php"
pattern = '^\\$version\\s*=\\s*([0-9.]+);'
"""


@pytest.fixture
def app(live):
    """A database of the application, of which the login may read one table."""
    live.run(
        "CREATE DATABASE app",
        "CREATE TABLE app.config (name VARCHAR(40), value VARCHAR(300), hash TEXT)",
        "INSERT INTO app.config VALUES ('version', '2.1.0', 'x'), ('twice', '1', 'x'),"
        " ('twice', '2', 'x'), ('null', NULL, 'x'), ('empty', ' ', 'x'),"
        " ('long', REPEAT('1', 201), 'x')",
        GRANT,
    )
    yield live
    live.run("REVOKE SELECT (name, value) ON app.config FROM 'nexoaudit'@'localhost'")
    live.run("DROP DATABASE app")


@pytest.fixture
def fit(app, tmp_path):
    file = tmp_path / "version.php"

    def look(sql=SQL, text="<?php\n$version = 2.1.0;\n", known=True):
        if text is not None:
            file.write_text(text)
        versions = Versions("database", sql, str(file), r"^\$version\s*=\s*([0-9.]+);")
        password = app.password_file("STRONG_PASSWORD")
        own = Login("nexoaudit", app.socket, password_file=password)
        return observe_fit("code", versions, own if known else None)

    return look


def test_both_versions_are_seen(fit):
    found = fit()
    assert (found.code, found.schema, found.detail) == ("2.1.0", "2.1.0", "")


@pytest.mark.parametrize("name", ["twice", "null", "empty", "long", "nothing"])
def test_an_answer_that_is_no_version_is_told_as_such(fit, name):
    found = fit(SQL.replace("version", name))
    assert (found.code, found.schema) == ("2.1.0", "")
    assert found.detail.endswith("the query answers with no version")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT hash FROM app.config", "SELECT command denied"),
        ("SELECT id FROM shop.users", "SELECT command denied"),
        ("SELECT value FROM app.configuration", "denied|doesn't exist"),
        ("SELECT value, name FROM app.config LIMIT 1", "answers with no version"),
        ("SELECT no FROM", "error in your SQL syntax"),
    ],
)
def test_a_question_that_is_not_answered_is_told_as_such(fit, sql, said):
    found = fit(sql)
    assert found.schema == ""
    assert re.search(said, found.detail), found.detail


def test_a_question_without_end_is_given_up(fit, monkeypatch):
    monkeypatch.setattr(login, "_SETTINGS", login._SETTINGS.replace("time = 9,", "time = 0.2,"))
    many = ", ".join(f"app.config t{number}" for number in range(20))
    found = fit(f"SELECT COUNT(*) FROM {many}")
    assert found.schema == ""
    assert "max_statement_time exceeded" in found.detail


def test_the_login_cannot_write_even_where_it_was_given_the_right(app, fit):
    app.run("GRANT INSERT ON app.config TO 'nexoaudit'@'localhost'")
    try:
        found = fit("INSERT INTO app.config (name) VALUES ('x')")
    finally:
        app.run("REVOKE INSERT ON app.config FROM 'nexoaudit'@'localhost'")
    assert "READ ONLY transaction" in found.detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is gone, or no regular file"),
        ("<?php\n", "has no version where the pattern looks for it"),
        ("$version = " + "1" * 300 + ";", "has no version where the pattern looks for it"),
    ],
)
def test_code_that_gives_no_version_is_told_as_such(fit, text, said):
    found = fit(text=text)
    assert (found.code, found.schema) == ("", "2.1.0")
    assert found.detail.endswith(said)


def test_without_a_login_nothing_is_guessed(fit):
    found = fit(known=False)
    assert found.detail == "there is no [component.database.live] to ask the database through"


class Site:
    """A site whose code and database are audited every hour."""

    def __init__(self, app, site, capfd):
        self.app, self.site, self.capfd = app, site, capfd
        password = app.password_file("STRONG_PASSWORD")
        self.password = password
        text = CONFIG.format(socket=app.socket, password_file=password, root=site.root, sql=SQL)
        site.config.write_text(site.config.read_text() + text)

    def deploy(self, version):
        (self.site.root / "version.php").write_text(f"<?php\n$version = {version};\n")

    def upgrade(self, version):
        self.app.run(f"UPDATE app.config SET value = '{version}' WHERE name = 'version'")

    def after(self, **hours):
        self.site.now += timedelta(**hours)
        self.site.audit()
        config = str(self.site.config)
        main(["status", "--json", "--config", config], clock=lambda: self.site.now)
        verdicts = json.loads(self.capfd.readouterr().out)["verdicts"]
        (found,) = [v for v in verdicts if v["component"] == "code" and v["control"] == "content"]
        return found["status"], found["reason"]


@pytest.fixture
def served(app, site, capfd):
    return Site(app, site, capfd)


def test_an_upgrade_that_was_forgotten_is_told_of_and_one_that_was_run_is_not(served):
    served.deploy("2.1.0")
    assert served.after() == ("pass", "content.schema_fits")
    served.deploy("2.2.0")
    assert served.after(minutes=30) == ("pass", "content.schema_settling")
    assert served.after(hours=2) == ("warn", "content.schema_older")
    assert served.after(hours=26) == ("fail", "content.schema_older")
    state = str(served.site.root / "state/state.json")
    assert content.main(["--state", state, "--component", "code"], now=served.site.now) == 2
    said = served.capfd.readouterr().out
    assert "the deployed code is of version 2.2.0, the database still of 2.1.0, since" in said
    served.upgrade("2.2.0")
    assert served.after(hours=1) == ("pass", "content.schema_fits")
    served.deploy("2.1.0")
    served.after(hours=1)
    assert served.after(hours=3) == ("warn", "content.schema_newer")


def test_a_server_that_is_away_for_a_while_renews_no_grace(served):
    served.deploy("2.2.0")
    served.after()
    shutil.move(served.password, f"{served.password}.away")
    assert served.after(hours=2) == ("unverified", "content.schema_unknown")
    shutil.move(f"{served.password}.away", served.password)
    assert served.after(hours=2) == ("warn", "content.schema_older")
