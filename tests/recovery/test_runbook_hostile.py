"""A runbook that is written from hostile backups: whoever runs it runs nothing that is theirs."""

import gzip
import os

import pytest
from recovering import book

pytestmark = pytest.mark.mariadb

HEAD = "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n"
END = "-- Dump completed on 2026-11-20  2:00:05\n"
TABLE = """CREATE TABLE `{0}` (\n  `id` int\n) ENGINE=InnoDB;
CREATE TRIGGER `{0}` BEFORE INSERT ON `{0}` FOR EACH ROW SET NEW.id = 1;
INSERT INTO `{0}` VALUES (1),(2);
"""
ORDER = "touch $HOME/OWNED"
NAMES = {
    "an-option": rf"-e\! {ORDER} #",
    "a-line": f"a\n{ORDER}\n#",
    "a-quote": f"a'`; {ORDER} #",
    "a-command": f"$({ORDER})",
    "plain": "shop",
}


TABLES = ("users", f"x\n\\! {ORDER}\n#", f"y\n$({ORDER})", rf"-e\! {ORDER}")


def lay(site, name, more=""):
    """Let every dump of the site be one of a database and tables with such names."""
    sql = HEAD + "USE `{}`;\n".format(name.replace("`", "``"))
    sql += "".join(TABLE.format(table) for table in TABLES)
    sql += f"CREATE VIEW `-e v` AS SELECT 1;\n{more}{END}"
    for path in site.root.glob("*/db_*.gz"):
        dated = path.stat().st_mtime
        path.write_bytes(gzip.compress(sql.encode(), mtime=0))
        os.utime(path, (dated, dated))
        site.sidecar(path)
    site.audit()
    return book(site, "data-corruption")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_in_a_dump_reach_no_shell(alone, box, health, name):
    text = lay(alone, name)
    assert all(line.replace("\t", "").isprintable() for line in text.split("\n"))
    done = box.run(text, HEALTH_URL=health)
    assert not (box.root / "home/OWNED").exists()
    if "\n" not in name:  # it stops at a USE of two lines
        assert "Could not resolve host" in done.stderr, done.stderr
        for table in ("users", *TABLES):
            quoted = ".".join("`" + part.replace("`", "``") + "`" for part in (name, table))
            assert box.ask(f"SELECT COUNT(*) FROM {quoted}") == [2]


@pytest.mark.parametrize("order", [rf"\! {ORDER}", f"system {ORDER}", r"\. /etc/passwd"])
def test_orders_in_a_dump_stop_it(alone, box, health, order):
    done = box.run(lay(alone, "shop", f"{order}\n"), HEALTH_URL=health)
    assert not (box.root / "home/OWNED").exists()
    assert done.returncode
    assert "Could not resolve host" not in done.stderr
    assert box.ask("SHOW DATABASES LIKE 'shop'") == []
