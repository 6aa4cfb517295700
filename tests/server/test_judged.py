"""A real server, a real site: what the login sees, judged through the check."""

import json

import pytest

from nexoaudit import process
from nexoaudit.cli.main import main
from nexoaudit.formats.scanner import scan
from nexoaudit_checks import content

LOGIN = """
[component.database.live]
socket = "{socket}"
user = "nexoaudit"
password_file = "{password_file}"
backup_user = "guide@localhost"
"""


COUNTS = {
    "events": 1, "placeholders": 0, "routines": 2, "sequences": 1, "tables": 2, "triggers": 1,
    "views": 1,
}  # fmt: skip


def test_what_is_the_servers_own_harms_nobody(live):
    program = process.find("mariadb-dump", "mariadb-client")
    argv = [program, "--no-defaults", f"--socket={live.socket}", "--user=root"]
    for options in (["--all-databases"], ["mysql"], ["--databases", "shop", "mysql", "sys"]):
        dump = scan([process.run([*argv, *options], deadline_s=60).stdout])
        assert set(dump.unprotected) <= {"cart (MyISAM)"}
        assert not any("mariadb.sys" in definer for definer in dump.definers)
        assert ("cart (MyISAM)" in dump.unprotected) is (options != ["mysql"])


def dumped(live, *more):
    """Dump the site as the guide's own job does, and return the anatomy of the dump."""
    program = process.find("mariadb-dump", "mariadb-client")
    options = ("--single-transaction", "--quick", "--lock-tables=false")
    objects = ("--routines", "--triggers", "--events")
    argv = [program, "--no-defaults", f"--socket={live.socket}", "--user=guide", "--password=g"]
    result = process.run([*argv, *options, *objects, *more, "shop"], deadline_s=60)
    return scan([result.stdout])


@pytest.fixture
def said(live, site, capfd):
    path = live.password_file("STRONG_PASSWORD")
    text = LOGIN.format(socket=live.socket, password_file=path)
    site.config.write_text(site.config.read_text() + text)

    def run():
        site.audit()
        main(["status", "--json", "--config", str(site.config)], clock=lambda: site.now)
        verdicts = json.loads(capfd.readouterr().out)["verdicts"]
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
    assert not dumped(live).trailer
    mend = said()["server.grants_few"]["sentence"].partition("Mend: ")[2]
    statements = [part for part in mend.split(";") if part.strip()]
    live.run(*statements)
    try:
        assert "server.grants_few" not in said()
        assert dict(dumped(live).counts) == COUNTS
        placed = dumped(live, "--master-data=2")  # asks for nothing more
        assert dict(placed.counts) == COUNTS
        assert placed.position
    finally:
        live.run(
            "REVOKE TRIGGER, EVENT ON shop.* FROM guide@localhost",
            "REVOKE SELECT ON mysql.proc FROM guide@localhost",
        )


def test_the_check_tells_of_the_server(live, said, site, capfd):
    said()
    argv = ["--state", str(site.root / "state" / "state.json")]
    assert content.main(argv, now=site.now) == 2
    said_first, _, measures = capfd.readouterr().out.partition(" | ")
    assert said_first == (
        "BACKUP CONTENT CRITICAL - database: guide@localhost cannot dump all: it lacks EVENT ON"
        " `shop`.*, SELECT ON `mysql`.`proc`, TRIGGER ON `shop`.*. Mend: GRANT TRIGGER, EVENT ON"
        " `shop`.* TO 'guide'@'localhost'; GRANT SELECT ON `mysql`.`proc` TO"
        " 'guide'@'localhost';, and 4 more"
    )
    assert "problems=1" in measures
