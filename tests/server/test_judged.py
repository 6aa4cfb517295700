"""A real server, a real site: what the login sees, judged through the check."""

import json

import pytest

from nexoaudit.cli.main import main

LOGIN = """
[component.database.live]
socket = "{socket}"
user = "nexoaudit"
password_file = "{password_file}"
backup_user = "guide@localhost"
"""


@pytest.fixture
def said(live, site, capsys):
    path = live.password_file("STRONG_PASSWORD")
    text = LOGIN.format(socket=live.socket, password_file=path)
    site.config.write_text(site.config.read_text() + text)

    def run():
        site.audit()
        main(["status", "--json", "--config", str(site.config)], clock=lambda: site.now)
        verdicts = json.loads(capsys.readouterr().out)["verdicts"]
        return {v["reason"]: v for v in verdicts if v["control"] == "server"}

    return run


def test_the_guides_own_site_has_these_faults(live, said):
    found = said()
    assert set(found) == {
        "server.accounts_unsaved",
        "server.defaults_unsaved",
        "server.engines",
        "server.grants_few",
        "server.uncovered",
    }
    assert "shop.cart (MyISAM)" in found["server.engines"]["sentence"]
    assert found["server.uncovered"]["sentence"] == "1 databases are in no backup: other"
    mend = found["server.grants_few"]["sentence"].partition("Mend: ")[2]
    assert mend == (
        "GRANT TRIGGER, EVENT ON `shop`.* TO 'guide'@'localhost';"
        " GRANT SELECT ON `mysql`.`proc` TO 'guide'@'localhost';"
    )


def test_the_mending_grant_mends(live, said):
    mend = said()["server.grants_few"]["sentence"].partition("Mend: ")[2]
    statements = [part for part in mend.split(";") if part.strip()]
    live.run(*statements)
    try:
        assert "server.grants_few" not in said()
    finally:
        live.run(
            "REVOKE TRIGGER, EVENT ON shop.* FROM guide@localhost",
            "REVOKE SELECT ON mysql.proc FROM guide@localhost",
        )
