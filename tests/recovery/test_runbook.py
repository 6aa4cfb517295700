"""The runbook as text, and run: on a real server and in real directories, all of it comes back."""

import gzip
import http.server
import os
import re
import shutil
import subprocess
import tarfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymysql.err import IntegrityError
from small_site import NOW

from nexoaudit import process
from nexoaudit.cli.main import main
from nexoaudit.runbook.book import write
from nexoaudit.runbook.quoting import comment, word
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import server

pytestmark = pytest.mark.mariadb

BINLOG = """
[component.binlog]
kind = "binlog"
schedule = "0 * * * *"
[[component.binlog.series]]
pattern = "binlog/mysql-bin.{number}"
keep = "7d"
locations = ["local", "offsite"]
sidecar = false
"""
CONFIG = """
[component.config]
kind = "config"
schedule = "on-change"
[[component.config.series]]
pattern = "config_{time:%Y%m%d_%H%M%S}.tar.gz"
keep = "365d"
locations = ["local", "offsite"]
"""
SHOP = (
    "CREATE DATABASE shop",
    "USE shop",
    "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)) CHARSET utf8mb4",
    "CREATE TABLE `it's ``odd``; -- $(x)` (id INT PRIMARY KEY, userid INT,"
    " FOREIGN KEY (userid) REFERENCES users (id)) CHARSET utf8mb4",
    "CREATE TABLE emptied (id INT)",
    "INSERT INTO users SELECT seq, CONCAT('Ñandú 😀 ', seq) FROM seq_1_to_90",
    "INSERT INTO `it's ``odd``; -- $(x)` SELECT seq, seq FROM seq_1_to_30",
    "CREATE VIEW named AS SELECT id, name FROM users",
    "CREATE VIEW `odd 'view'` AS SELECT * FROM named",
    "CREATE TRIGGER stamp BEFORE INSERT ON users FOR EACH ROW SET NEW.name = TRIM(NEW.name)",
    "CREATE PROCEDURE tidy() BEGIN DELETE FROM users WHERE id < 0; SELECT 'a;\n'; END",
    "CREATE SEQUENCE numbers START WITH 7",
    "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO CALL tidy()",
)
NEVER = "2030-01-01 00:00:00"
SYSTEMCTL = '#!/bin/sh\nprintf "%s\\n" "$*" >> "$LOG"\n'


class Box:
    """Where a runbook is run: a server, directories, and a systemctl that only takes notes."""

    def __init__(self, root: Path, running) -> None:
        self.root, self.running = root, running
        root.mkdir()
        self.log = root / "systemctl.log"
        (root / "bin").mkdir()
        (root / "bin/systemctl").write_text(SYSTEMCTL)
        (root / "bin/systemctl").chmod(0o755)
        (root / "home").mkdir()
        (root / "home/.my.cnf").write_text(f"[client]\nuser=root\nsocket={running.socket}\n")
        self.application = root / "www/the 'site'"
        self.application.mkdir(parents=True, mode=0o755)
        self.machine = root / "machine"
        self.machine.mkdir()

    def run(self, text: str, **more: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "HOME": str(self.root / "home"),
            "LOG": str(self.log),
            "WORK": str(self.root / "work"),
            "APPLICATION": str(self.application),
            "ROOT": str(self.machine),
            "NEW_ADDRESS": "127.0.0.1",
            "LC_ALL": "C.UTF-8",
            **more,
        }
        script = self.root / "runbook.sh"
        script.write_text(text)
        return subprocess.run(
            ["bash", script], env=env, capture_output=True, text=True, timeout=120, check=False
        )

    def ask(self, query: str):
        with self.running.connect() as session:
            return [row[0] for row in ask(session, query)]

    def do(self, *statements: str) -> None:
        with self.running.connect() as session, session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    @property
    def said(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def box(tmp_path):
    options = ["--log-bin=mysql-bin", "--server-id=7", "--binlog-format=ROW"]
    with server(options=options) as running:
        yield Box(tmp_path / "box", running)


@pytest.fixture
def health():
    """A web server that answers as long as it is asked for the site's own name."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            good = self.headers["Host"].startswith("shop.example:")
            self.send_response(200 if good else 503)
            self.end_headers()

        def log_message(self, *_):
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://shop.example:{httpd.server_port}/health"
        httpd.shutdown()


def dump_of(box, *options):
    argv = [process.find("mariadb-dump", "mariadb-client"), "--no-defaults", "--user=root"]
    argv += [f"--socket={box.running.socket}", "--single-transaction", "--routines", "--events"]
    result = process.run([*argv, "--triggers", *options, "shop"], deadline_s=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


def make_live(site, box):
    """Make the shop, today's dump of it, what happened since, and the logs of that."""
    site.config.write_text(site.config.read_text() + BINLOG)
    box.do(*SHOP)
    dump = dump_of(box, "--master-data=2")
    box.do("INSERT INTO shop.users VALUES (91, ' Later ')", "DELETE FROM shop.users WHERE id = 90")
    box.do("FLUSH BINARY LOGS", "INSERT INTO shop.users VALUES (92, 'Last')", "FLUSH BINARY LOGS")
    made = datetime.now(UTC)
    site.now = made + timedelta(minutes=15)
    for place in ("local", "offsite"):
        path = site.root / place / f"db_{made - timedelta(minutes=1):%Y%m%d_%H%M%S}.sql.gz"
        path.write_bytes(gzip.compress(dump, mtime=0))
        site.sidecar(path)
        copy_logs(site, box, place)


def copy_logs(site, box, place):
    """Copy the logs that are closed, as the hourly job does."""
    folder = site.root / place / "binlog"
    folder.mkdir(exist_ok=True)
    for log in sorted(box.running.data.glob("mysql-bin.0*"))[:-1]:
        shutil.copyfile(log, folder / log.name)


def write_config(site):
    site.config.write_text(site.config.read_text() + CONFIG)
    tree = site.root / "tree"
    for name in ("etc/php/php.ini", "etc/app.key", "etc/cron.d/sync"):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"of {name}\n")
        path.chmod(0o600 if name.endswith("key") else 0o644)
    for place in ("local", "offsite"):
        path = site.root / place / f"config_{NOW.replace(hour=3):%Y%m%d_%H%M%S}.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for name in ("etc/php/php.ini", "etc/app.key", "etc/cron.d/sync"):
                tar.add(tree / name, name)
        site.date(path, NOW.replace(hour=3))
        site.sidecar(path)


def book(site, name):
    with site.session() as session:
        state = session.publish()
    scenario = {item.id: item for item in state.policy.scenarios}[name]
    return write(state, scenario, site.now, ZoneInfo("UTC"))


def burn(site):
    """Take away what the disaster destroys."""
    for name in ("local", "offsite"):
        (site.root / name).rename(site.root / f"{name}-burnt")


def assert_whole(box):
    """Assert that everything of the database is as it was after its last transaction."""
    users = box.ask("SELECT CONCAT(id, ' ', name) FROM shop.users WHERE id > 88 ORDER BY id")
    assert users == ["89 Ñandú 😀 89", "91 Later", "92 Last"]
    assert box.ask("SELECT COUNT(*) FROM shop.`it's ``odd``; -- $(x)`") == [30]
    assert box.ask("SELECT COUNT(*) FROM shop.`odd 'view'`") == [91]
    assert box.ask("SELECT COUNT(*) FROM shop.emptied") == [0]
    assert box.ask("SELECT shop.one()") == [1]
    assert box.ask("SELECT NEXTVAL(shop.numbers)") == [7]
    for kind, column in (("triggers", "trigger"), ("events", "event"), ("routines", "routine")):
        found = box.ask(
            f"SELECT {column}_name FROM information_schema.{kind}"
            f" WHERE {column}_schema = 'shop' ORDER BY 1"
        )
        assert found == {"triggers": ["stamp"], "events": ["nightly"]}.get(kind, ["one", "tidy"])
    with pytest.raises(IntegrityError, match="foreign key"):
        box.do("INSERT INTO shop.`it's ``odd``; -- $(x)` VALUES (1000, 1000)")
    assert box.ask("SHOW DATABASES LIKE 'shop_restored'") == []


def assert_files(box):
    """Assert that the files of the newest archive are there, as they were."""
    www = box.application
    assert (www / "uploads/a.bin").read_bytes() == bytes(range(256)) * 40
    assert (www / "uploads/it's $(odd) ñ.txt").read_text() == "odd\n"
    assert (www / "lib/config.php").read_text() == "<?php $day = 0;\n"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (www / "uploads").iterdir()}
    assert (modes["a.bin"], modes["it's $(odd) ñ.txt"]) == (0o640, 0o600)


def test_damaged_data_comes_back_to_the_moment_before(hit, box, health):
    make_live(hit, box)
    stop = box.ask("SELECT NOW() + INTERVAL 1 SECOND")[0]
    while box.ask("SELECT NOW()")[0] <= stop:
        time.sleep(0.1)
    box.do("DELETE FROM shop.`it's ``odd``; -- $(x)`", "DELETE FROM shop.users")
    box.do("DROP VIEW shop.named", "FLUSH BINARY LOGS")
    for place in ("local", "offsite"):
        copy_logs(hit, box, place)
    (box.application / "uploads").mkdir()
    (box.application / "uploads/a.bin").write_bytes(b"encrypted by somebody")
    (box.application / "uploads/new.txt").write_text("of today")
    box.application.chmod(0o751)
    hit.audit()
    text = book(hit, "data-corruption")
    done = box.run(text, HEALTH_URL=health)
    assert done.returncode
    assert "STOP: set it to the moment just before the damage" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop\\_%'") == []
    assert not box.log.exists()
    done = box.run(text, HEALTH_URL=health, STOP=str(stop))
    assert "Could not resolve host" in done.stderr  # it asks where the users do
    assert_whole(box)
    assert box.ask("SELECT COUNT(*) FROM shop_before.users") == [0]
    assert_files(box)
    assert (box.application / "uploads/new.txt").read_text() == "of today"
    assert box.application.stat().st_mode & 0o777 == 0o751
    kept = box.application.with_name(box.application.name + ".before")
    assert (kept / "uploads/a.bin").read_bytes() == b"encrypted by somebody"
    assert box.said == ["stop cron.service", "stop apache2", "start apache2"]


def test_a_site_that_is_gone_comes_back_on_a_new_server_from_the_bucket(hit, box, health):
    write_config(hit)
    make_live(hit, box)
    hit.with_bucket()
    for log in sorted((hit.root / "local/binlog").iterdir()):
        hit.s3.put(hit.bucket, f"binlog/{log.name}.gpg", hit.gpg.seal(log.read_bytes()))
    hit.audit()
    text = book(hit, "site-disaster")
    burn(hit)
    with server() as fresh:
        new = Box(hit.root / "new", fresh)
        shutil.rmtree(new.application)
        done = new.run(text, HEALTH_URL=health)
        assert (done.returncode, done.stderr) == (0, "")
        assert_whole(new)
        assert_files(new)
        etc = new.machine / "etc"
        assert (etc / "app.key").read_text() == "of etc/app.key\n"
        assert (etc / "app.key").stat().st_mode & 0o777 == 0o600
        assert not (etc / "cron.d/sync").exists()  # a job that would empty the other side
        assert (new.root / "work.jobs/etc/cron.d/sync").read_text() == "of etc/cron.d/sync\n"
        assert not (new.root / "work").exists()
        assert new.said == ["stop cron.service", "stop apache2", "start apache2"]


def test_a_second_host_gives_what_it_has(hit, box, health):
    write_config(hit)
    make_live(hit, box)
    hit.with_vault("backup-shell")
    hit.replace('host = "backup-shell"', 'host = "backup-shell"\naccess = "sftp"')
    hit.audit()
    text = book(hit, "site-disaster")
    assert "scp -s" in text
    burn(hit)
    with server() as fresh:
        new = Box(hit.root / "new", fresh)
        done = new.run(text, HEALTH_URL=health)
        assert (done.returncode, done.stderr) == (0, "")
        assert_whole(new)
        assert_files(new)


def test_nothing_is_overwritten_by_what_is_not_what_was_recorded(hit, box, health):
    make_live(hit, box)
    hit.audit()
    text = book(hit, "data-corruption")
    path = sorted((hit.root / "local").glob("files_*.tar.gz"))[-1]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = box.run(text, HEALTH_URL=health, STOP=NEVER)
    assert done.returncode == 1
    assert "is not what was recorded of it" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop\\_%'") == []
    assert list(box.application.iterdir()) == []


def test_rows_that_did_not_come_back_stop_it_before_the_swap(hit, box, health):
    make_live(hit, box)
    hit.audit()
    text = book(hit, "data-corruption")
    assert "rows '`shop_restored`.`users`' 90" in text
    text = text.replace("rows '`shop_restored`.`users`' 90", "rows '`shop_restored`.`users`' 91")
    done = box.run(text, HEALTH_URL=health, STOP=NEVER)
    assert "STOP: `shop_restored`.`users` has 90 rows, not 91" in done.stderr
    assert box.ask("SELECT COUNT(*) FROM shop.users") == [91]


def test_an_account_that_is_missing_stops_it_before_the_swap(hit, box, health):
    make_live(hit, box)
    hit.audit()
    text = book(hit, "data-corruption").replace("| mariadb --d", "| named | mariadb --d")
    named = "named() { sed '/TRIGGER/s/`root`@`localhost`/`gone`@`%`/'; }\n"
    done = box.run(named + text, HEALTH_URL=health, STOP=NEVER)
    assert "STOP: create these accounts first" in done.stderr
    assert "gone@%" in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop_before'") == []


def test_an_archive_with_a_directory_on_top_lands_where_it_belongs(hit, box, health):
    make_live(hit, box)
    for place in ("local", "offsite"):
        hit.archive(0, place, top="the old 'site'/")
    hit.audit()
    done = box.run(book(hit, "data-corruption"), HEALTH_URL=health, STOP=NEVER)
    assert "Could not resolve host" in done.stderr
    assert_files(box)
    assert {path.name for path in box.application.iterdir()} == {"uploads", "lib"}


def test_names_of_any_kind_are_data_and_no_commands(hit, box, health):
    make_live(hit, box)
    odd = hit.root / "lo'cal $(touch pwned); `touch pwned` ñ"
    (hit.root / "local").rename(odd)
    hit.replace(f'path = "{hit.root}/local"', f'path = "{odd}"')
    hit.audit()
    done = box.run(book(hit, "data-corruption"), HEALTH_URL=health, STOP=NEVER)
    assert "Could not resolve host" in done.stderr
    assert_whole(box)
    assert not list(hit.root.rglob("pwned"))


def test_a_dump_without_a_position_says_that_nothing_leads_on(hit):
    hit.config.write_text(hit.config.read_text() + BINLOG)
    hit.audit()
    text = book(hit, "data-corruption")
    assert "Nothing can be replayed" in text
    assert "--master-data=2" in text


def test_it_says_what_is_missing_and_what_nobody_vouches_for(hit):
    hit.state_escrow = lambda: None
    hit.with_bucket()
    hit.audit()
    assert "NOBODY VOUCHES" in book(hit, "site-disaster")
    for path in hit.dumps:
        hit.remove(f"{path.name}.gpg")
    hit.audit()
    text = book(hit, "site-disaster")
    assert "MISSING, with no copy outside what is lost: database" in text


def test_measured_times_are_in_it_and_none_are_made_up(hit):
    hit.audit()
    assert "NEVER TRIED with success" in book(hit, "data-corruption")
    hit.play("data-corruption")
    text = book(hit, "data-corruption")
    assert "NEVER TRIED" not in text
    assert "measured; declared: decision 10m" in text


def test_the_order_is_that_of_a_recovery(hit, box):
    write_config(hit)
    make_live(hit, box)
    hit.with_bucket()
    hit.audit()
    text = book(hit, "site-disaster")
    assert ", uploads 2026-11-20 02:30, database " in text
    assert max(map(len, text.splitlines())) < 300
    titles = [line.strip("# -") for line in text.splitlines() if re.match(r"# \d+\. ", line)]
    assert [title.partition(". ")[2] for title in titles] == [
        "Names and tools",
        "Stop every job and transfer, before anything else",
        "A new server",
        "Fetch and verify config",
        "Fetch and verify uploads",
        "Fetch and verify database",
        "Configuration (config)",
        "Accounts and grants",
        "Database database: load it under a new name",
        "Files of uploads: unpack them beside",
        "Database database: in the place of the old one",
        "Database database: what happened after the dump",
        "Files of uploads: over what is there",
        "Start, and ask the new place itself whether it is well",
        "DNS",
        "Jobs and transfers, last",
        "Tidy up",
    ]
    assert "chmod" not in text


def test_the_command_needs_nothing_but_a_copy_of_the_state(hit, tmp_path, capsys, monkeypatch):
    hit.audit()
    copy = tmp_path / "usb-state.json"
    shutil.copyfile(hit.root / "state/state.json", copy)
    shutil.rmtree(hit.root / "state")
    hit.config.unlink()
    monkeypatch.setattr("socket.socket", None)
    assert main(["runbook", "--state", str(copy)], lambda: hit.now) == 0
    said = capsys.readouterr().out
    assert "RUNBOOK: data-corruption" in said
    assert "RUNBOOK: site-disaster" in said
    out = tmp_path / "book.txt"
    argv = ["runbook", "--state", str(copy), "data-corruption", "--output", str(out)]
    assert main(argv, lambda: hit.now) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text() in said
    assert main(["runbook", "--state", str(copy), "flood"], lambda: hit.now) == 2
    assert "there is no scenario 'flood'" in capsys.readouterr().err


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_any_text_is_one_word_of_bash(text):
    done = subprocess.run(
        ["bash", "-c", f"printf %s. -- {word(text)}"], capture_output=True, check=True
    )
    assert done.stdout == b"--." + text.encode() + b"."


@given(st.text(min_size=1))
def test_a_comment_stays_one(text):
    assert all(line.startswith("#") and line.isprintable() for line in comment(text))
